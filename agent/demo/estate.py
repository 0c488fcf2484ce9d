"""A small AWS account with things that are right, things that are wrong and things that cannot be read.

Everything is made through the ordinary SDK, against the loopback server only.
"""

from __future__ import annotations

import json
from typing import Any

REGION = "us-east-1"
DENIED = "kms:GetKeyRotationStatus"
"""The one call of the demo that is refused on purpose, to show what the agent says then."""

_PASSWORD = "Corr3ct-Horse-Battery"  # of a user that exists in memory only


class Estate:
    """The account under construction."""

    def __init__(self, endpoint: str) -> None:
        """Everything goes to `endpoint`, a loopback address."""
        self._endpoint = endpoint
        self.key = ""

    def build(self) -> None:
        """Make everything, in the order in which it needs each other."""
        self._keys()
        self._people()
        self._buckets()
        self._trail_and_logs()
        self._databases()
        self._disks()
        self._network()
        self._channels()

    def client(self, service: str) -> Any:
        """An SDK client with made-up credentials."""
        import boto3  # noqa: PLC0415  # part of the demo extra

        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self._endpoint,
            aws_access_key_id="demo",
            aws_secret_access_key="demo",  # noqa: S106  # moto takes any
        )

    def _keys(self) -> None:
        kms = self.client("kms")
        self.key = kms.create_key(Description="customer data", MultiRegion=False)["KeyMetadata"]["Arn"]
        kms.enable_key_rotation(KeyId=self.key)

    def _people(self) -> None:
        iam = self.client("iam")
        iam.update_account_password_policy(
            MinimumPasswordLength=14,
            PasswordReusePrevention=24,
            RequireSymbols=True,
            RequireNumbers=True,
            RequireUppercaseCharacters=True,
            RequireLowercaseCharacters=True,
        )
        iam.create_group(GroupName="engineers")
        document = _policy({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"})
        read = iam.create_policy(PolicyName="read-objects", PolicyDocument=document)["Policy"]["Arn"]
        iam.attach_group_policy(GroupName="engineers", PolicyArn=read)
        everything = _policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
        iam.put_user_policy(UserName=self._person(iam, "bob", mfa=False), PolicyName="all", PolicyDocument=everything)
        self._person(iam, "alice", mfa=True)
        self._person(iam, "carol", mfa=True)
        iam.create_user(UserName="deploy")
        iam.create_access_key(UserName="deploy")

    @staticmethod
    def _person(iam: Any, name: str, *, mfa: bool) -> str:
        iam.create_user(UserName=name)
        iam.create_login_profile(UserName=name, Password=_PASSWORD)
        iam.add_user_to_group(GroupName="engineers", UserName=name)
        if mfa:
            device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
            codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
            iam.enable_mfa_device(UserName=name, SerialNumber=device["SerialNumber"], **codes)
        return name

    def _buckets(self) -> None:
        s3 = self.client("s3")
        guard = dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
        )
        for name in ("acme-access-logs", "acme-trail-logs", "acme-customer-data", "acme-website"):
            s3.create_bucket(Bucket=name)
            if name != "acme-website":
                s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=guard)
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.key}
        s3.put_bucket_encryption(
            Bucket="acme-customer-data",
            ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
        )
        s3.put_bucket_versioning(Bucket="acme-customer-data", VersioningConfiguration={"Status": "Enabled"})
        opened = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::acme-website/*",
        }
        s3.put_bucket_policy(Bucket="acme-website", Policy=_policy(opened))

    def _trail_and_logs(self) -> None:
        logs = self.client("logs")
        logs.create_log_group(logGroupName="/acme/app", kmsKeyId=self.key)
        logs.put_retention_policy(logGroupName="/acme/app", retentionInDays=400)
        logs.create_log_group(logGroupName="/acme/debug")
        logs.put_retention_policy(logGroupName="/acme/debug", retentionInDays=7)
        trail = self.client("cloudtrail")
        trail.create_trail(
            Name="acme",
            S3BucketName="acme-trail-logs",
            IsMultiRegionTrail=True,
            EnableLogFileValidation=True,
            KmsKeyId=self.key,
        )
        trail.start_logging(Name="acme")
        self.client("guardduty").create_detector(Enable=True)

    def _databases(self) -> None:
        rds = self.client("rds")
        for name, encrypted, days in (("orders", True, 14), ("reports", False, 0)):
            rds.create_db_instance(
                DBInstanceIdentifier=name,
                Engine="postgres",
                DBInstanceClass="db.t3.medium",
                AllocatedStorage=20,
                MasterUsername="app",
                MasterUserPassword=_PASSWORD,
                StorageEncrypted=encrypted,
                BackupRetentionPeriod=days,
                MultiAZ=encrypted,
                PubliclyAccessible=False,
                DeletionProtection=encrypted,
                **({"KmsKeyId": self.key} if encrypted else {}),
            )
        dynamodb = self.client("dynamodb")
        dynamodb.create_table(
            TableName="sessions",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )

    def _disks(self) -> None:
        ec2 = self.client("ec2")
        volume = ec2.create_volume(Size=20, AvailabilityZone=f"{REGION}a", Encrypted=True)
        ec2.create_snapshot(VolumeId=volume["VolumeId"], Description="nightly")
        ec2.create_volume(Size=20, AvailabilityZone=f"{REGION}a", Encrypted=False)

    def _network(self) -> None:
        ec2, balancers = self.client("ec2"), self.client("elbv2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{part}.0/24", AvailabilityZone=f"{REGION}{'ab'[part]}")
            for part in (0, 1)
        ]
        balancer = balancers.create_load_balancer(
            Name="shop",
            Subnets=[subnet["Subnet"]["SubnetId"] for subnet in subnets],
            Scheme="internet-facing",
        )["LoadBalancers"][0]["LoadBalancerArn"]
        answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
        balancers.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[answer])

    def _channels(self) -> None:
        self.client("sns").create_topic(Name="events", Attributes={"KmsMasterKeyId": self.key})
        self.client("sqs").create_queue(QueueName="jobs")


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
