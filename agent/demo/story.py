"""A made-up company's year in AWS: what goes well, what goes wrong, and when.

Each fact is planted to show one rule of an examination over a period; `agent.demo.year` lets the agent find it.  All
days lie in the year that is played; times are UTC.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agent import clock
from agent.demo.loopback import Faults
from collectors.aws.session import drop_account_label

REGION = "us-east-1"
NAME = "acme"
"""Of the target in the settings."""
MEMBER_ROLE = "ProofkeepRead"
SUBSIDIARY = "acme-labs"
"""The account that joins the organization in November."""

TOLD = frozenset({"AC-02", "AC-04", "AC-05", "AV-05", "EN-01"})
"""The controls of the default library with checks that the company keeps; the year reads what these need."""
OWN_CONTROL = """\
# The same facts as AC-02, promised as detection and repair: only a lapse that lasts too long counts.
[[control]]
id = "AC-90"
title = "A missing second factor is found and restored"
text = "We look every day for people who sign in with a password alone, and restore their second factor within 2 days."
criteria = [
    { id = "CC6.1", strength = "partial", why = "a lapse of the lock is short" },
]
frequency = "daily"
owner = "Head of Security"
kind = "automated"
key = false
severity = "medium"
sla_days = 2
policy = "remediate_within_sla"
risk = "account takeover"
checks = ["identity.user_mfa"]
covers = "all"

# A promise by the hour, which looking once a day cannot keep.
[[control]]
id = "AC-91"
title = "No store is public for an hour"
text = "We look every hour for accounts and object stores that block no public access or let everybody read, and close them within 1 day."
criteria = [
    { id = "CC6.1", strength = "partial", why = "stored objects stay behind the lock" },
]
frequency = "hourly"
owner = "Platform Lead"
kind = "automated"
key = false
severity = "high"
sla_days = 1
policy = "remediate_within_sla"
risk = "unauthorized access"
checks = ["exposure.account_block", "exposure.object_store_block", "exposure.object_store_public"]
covers = "all"
"""  # noqa: E501  # a promise stands in one line
"""In force from the first day."""

STRICTER_KEYS = """\
# From July on keys live 60 days instead of 90.
[[control]]
id = "AC-05"
title = "Long-lived keys are few and young"
text = "We let no access key grow older than 60 days and no user have more than one working key, and replace or remove within 7 days a key that goes beyond that."
criteria = [
    { id = "CC6.1", strength = "direct", why = "a leaked key stops working before long" },
    { id = "CC6.2", strength = "partial", why = "credentials end when their term does" },
]
frequency = "daily"
owner = "Platform Lead"
kind = "automated"
key = true
severity = "high"
sla_days = 7
policy = "remediate_within_sla"
risk = "account takeover"
checks = ["identity.access_key_age", "identity.one_active_key"]
params = { "identity.access_key_age" = { max_age_days = 60 } }
covers = "all"
approved_by = "Head of Security"
"""  # noqa: E501  # a promise stands in one line
"""Replaces the default control on 1 July."""

_PASSWORD = "Corr3ct-Horse-Battery"  # of users that exist in memory only
_CLOSED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
_CODES = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}


FACTS = (
    "10 February and 12 May: carol and bob lose their second factor, for one day and for five",
    "9 to 12 March: the agent is down and misses three slots",
    "1 April: a database without backups is made, and deleted two days later",
    "5 May: a store loses its encryption under the company's key; the exception is approved on 20 May",
    "1 July: access keys may live 60 days instead of 90, and one is replaced too late",
    "2 November: an account joins the organization, and is read from 13 November on",
)
"""What is planted, for people to read."""


@dataclass(frozen=True, slots=True)
class Review:
    """What people did in a quarter for one control, and when."""

    control: str
    slot: str
    at: int
    note: str


@dataclass(frozen=True, slots=True)
class Exemption:
    """The exception that is approved two weeks after the failure was found."""

    control: str
    resource: str
    at: int
    """When it was approved and recorded."""
    since: int
    """The day from which it claims to hold."""
    until: int


class Story:
    """The account under way through its year.  Everything is made through the ordinary SDK, on loopback only."""

    def __init__(self, year: int, endpoint: str, faults: Faults) -> None:
        """Nothing is made yet; `faults` are those of the server at `endpoint`."""
        self.year = year
        self._endpoint = endpoint
        self._faults = faults
        self._clients: dict[str, Any] = {}
        self._devices: dict[str, str] = {}
        self._access_key = ""
        self._data_key = ""

    def moment(self, month: int, day: int, hour: int = 0) -> int:
        """An instant of the year, in microseconds since the epoch."""
        return clock.from_datetime(datetime(self.year, month, day, hour, tzinfo=UTC))

    @property
    def begins(self) -> int:
        """The first instant of the year."""
        return self.moment(1, 1)

    @property
    def ends(self) -> int:
        """The first instant after it."""
        return clock.from_datetime(datetime(self.year + 1, 1, 1, tzinfo=UTC))

    @property
    def installed(self) -> int:
        """Noon of the day before: the company and its agent are ready."""
        return clock.from_datetime(datetime(self.year - 1, 12, 31, 12, tzinfo=UTC))

    @property
    def daily_from(self) -> int:
        """From when on the agent reads once a day instead of once an hour."""
        return self.moment(1, 8)

    @property
    def outage(self) -> tuple[int, int]:
        """The agent is down over three daily slots: [begins, ends)."""
        return self.moment(3, 9, 12), self.moment(3, 12, 12)

    @property
    def stricter(self) -> int:
        """When the company's stricter promise about keys takes effect."""
        return self.moment(7, 1)

    def exemption(self) -> Exemption:
        """An exception for the exchange with a partner: found on 6 May, approved on 20 May."""
        return Exemption(
            "EN-01",
            "arn:aws:s3:::acme-partner-exchange",
            self.moment(5, 20, 10),
            self.moment(5, 6),
            self.moment(8, 1),
        )

    def reviews(self) -> Iterator[Review]:
        """Three access reviews in time and one that is late, and a yearly task that is in time."""
        note = "all rights gone through with their owners"
        for quarter, month, day in ((1, 3, 25), (2, 7, 28), (3, 9, 22), (4, 12, 15)):
            yield Review("AC-10", f"{self.year}-Q{quarter}", self.moment(month, day, 14), note)
        yield Review("GV-01", str(self.year), self.moment(11, 12, 14), "the code of conduct is signed by all")

    def events(self) -> Iterator[tuple[int, Callable[[], None]]]:
        """What happens in the clouds, and when."""
        at = self.moment
        yield at(2, 10, 14), lambda: self._lose("carol")
        yield at(2, 11, 16), lambda: self._restore("carol")
        yield at(5, 12, 9), lambda: self._lose("bob")
        yield at(5, 17, 18), lambda: self._restore("bob")
        yield at(4, 1, 10), lambda: self._database("reports", days=0)
        yield at(4, 3, 15), lambda: self._drop("reports")
        yield at(5, 5, 10), lambda: self._encrypt("acme-partner-exchange", "AES256")
        yield at(7, 9, 11), lambda: self._encrypt("acme-partner-exchange", "aws:kms")
        for month, day in ((1, 31), (4, 20), (7, 12), (9, 5), (10, 30), (12, 24)):
            yield at(month, day, 12), self._rotate
        yield at(11, 2, 15), self._found
        yield at(11, 12, 15), self._faults.closed.clear

    def build(self) -> None:
        """Make the company's account as it stands when the year begins."""
        self._client("organizations").create_organization(FeatureSet="ALL")
        kms = self._client("kms")
        self._data_key = kms.create_key(Description="customer data", MultiRegion=False)["KeyMetadata"]["Arn"]
        kms.enable_key_rotation(KeyId=self._data_key)
        self._govern(self._client, self._client("sts").get_caller_identity()["Account"])
        self._people()
        self._stores()
        self._database("orders", days=14)

    def _client(self, service: str) -> Any:
        """An SDK client with made-up credentials."""
        if service not in self._clients:
            self._clients[service] = self._make(service, "demo", "demo", None)
        return self._clients[service]

    def _make(self, service: str, key: str, secret: str, token: str | None) -> Any:
        import boto3  # noqa: PLC0415  # part of the demo extra

        client = boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self._endpoint,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
        )
        client.meta.events.register("before-sign.s3-control", drop_account_label)
        return client

    @staticmethod
    def _govern(client: Callable[[str], Any], account: str) -> None:
        """What every account of the company has from its first day."""
        client("s3control").put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=_CLOSED)
        client("iam").update_account_password_policy(
            MinimumPasswordLength=14,
            PasswordReusePrevention=24,
            RequireSymbols=True,
            RequireNumbers=True,
            RequireUppercaseCharacters=True,
            RequireLowercaseCharacters=True,
        )
        client("ec2").enable_ebs_encryption_by_default()
        client("guardduty").create_detector(Enable=True)

    def _people(self) -> None:
        iam = self._client("iam")
        iam.create_group(GroupName="engineers")
        statement = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::acme-partner-exchange/*"}
        policy = iam.create_policy(PolicyName="read-objects", PolicyDocument=_policy(statement))["Policy"]["Arn"]
        iam.attach_group_policy(GroupName="engineers", PolicyArn=policy)
        for name in ("alice", "bob", "carol"):
            iam.create_user(UserName=name)
            iam.create_login_profile(UserName=name, Password=_PASSWORD)
            iam.add_user_to_group(GroupName="engineers", UserName=name)
            self._restore(name)
        iam.create_user(UserName="deploy")
        self._access_key = iam.create_access_key(UserName="deploy")["AccessKey"]["AccessKeyId"]

    def _stores(self) -> None:
        s3 = self._client("s3")
        for bucket in ("acme-trail-logs", "acme-partner-exchange"):
            s3.create_bucket(Bucket=bucket)
            s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=_CLOSED)
            self._encrypt(bucket, "aws:kms")
            plaintext = {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
            s3.put_bucket_policy(Bucket=bucket, Policy=_policy(plaintext))
        trail = self._client("cloudtrail")
        trail.create_trail(
            Name="acme",
            S3BucketName="acme-trail-logs",
            IsMultiRegionTrail=True,
            EnableLogFileValidation=True,
            KmsKeyId=self._data_key,
        )
        trail.start_logging(Name="acme")

    def _encrypt(self, bucket: str, algorithm: str) -> None:
        """Give a store its default encryption: under the company's key, or with AES256 under the provider's own."""
        default = {"SSEAlgorithm": algorithm}
        if algorithm == "aws:kms":
            default["KMSMasterKeyID"] = self._data_key
        rules = [{"ApplyServerSideEncryptionByDefault": default}]
        self._client("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})

    def _database(self, name: str, *, days: int) -> None:
        """Make a database that keeps so many days of backups."""
        self._client("rds").create_db_instance(
            DBInstanceIdentifier=name,
            Engine="postgres",
            DBInstanceClass="db.t3.medium",
            AllocatedStorage=20,
            MasterUsername="app",
            MasterUserPassword=_PASSWORD,
            StorageEncrypted=True,
            KmsKeyId=self._data_key,
            BackupRetentionPeriod=days,
            MultiAZ=True,
            PubliclyAccessible=False,
        )

    def _drop(self, name: str) -> None:
        self._client("rds").delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)

    def _restore(self, name: str) -> None:
        """Give a user a second factor."""
        iam = self._client("iam")
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(UserName=name, SerialNumber=device, **_CODES)
        self._devices[name] = device

    def _lose(self, name: str) -> None:
        """Take the second factor away."""
        iam, device = self._client("iam"), self._devices[name]
        iam.deactivate_mfa_device(UserName=name, SerialNumber=device)
        iam.delete_virtual_mfa_device(SerialNumber=device)

    def _rotate(self) -> None:
        """Replace the key of the deployments."""
        iam, old = self._client("iam"), self._access_key
        self._access_key = iam.create_access_key(UserName="deploy")["AccessKey"]["AccessKeyId"]
        iam.delete_access_key(UserName="deploy", AccessKeyId=old)

    def _found(self) -> None:
        """A new account joins the organization; the agent's role in it is forgotten for ten days."""
        made = self._client("organizations").create_account(AccountName=SUBSIDIARY, Email="labs@example.com")
        account = made["CreateAccountStatus"]["AccountId"]
        role = f"arn:aws:iam::{account}:role/Setup"
        given = self._client("sts").assume_role(RoleArn=role, RoleSessionName="setup")["Credentials"]
        secret = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        self._govern(lambda service: self._make(service, *secret), account)
        self._faults.closed.add(f"arn:aws:iam::{account}:role/{MEMBER_ROLE}")


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
