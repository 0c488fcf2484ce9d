"""An AWS account of any size, the same one each time: scale 1 makes about 250 resources over all that we read.

Half of everything is as it should be.  Made through the ordinary SDK, against a loopback server only.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3

REGION = "us-east-1"
_PASSWORD = "Corr3ct-Horse-Battery"  # of users and databases that exist in memory only
_ASSUMED_BY = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


class Estate:
    """The account under construction."""

    def __init__(self, endpoint: str, scale: int = 1, seed: int = 1) -> None:
        """Everything goes to `endpoint`, a loopback address."""
        self._endpoint = endpoint
        self._scale = scale
        self._dice = random.Random(seed)
        self._clients: dict[str, Any] = {}
        self._keys: list[str] = []
        self._subnets: list[str] = []
        self.made: Counter[str] = Counter()
        """How many there are of each kind of thing."""

    def build(self) -> int:
        """Make everything; return how many resources that is."""
        self._kms()
        self._iam()
        self._s3()
        self._trails()
        self._logs()
        self._rds()
        self._dynamodb()
        self._ec2()
        self._balancers()
        self._messages()
        self._secrets()
        self._files_and_backups()
        return self.made.total()

    def _of(self, service: str) -> Any:
        """The client of a service, made once."""
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                region_name=REGION,
                endpoint_url=self._endpoint,
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
            )
        return self._clients[service]

    def _each(self, kind: str, number: int, most: int = 1_000_000) -> Iterator[str]:
        """Names for so many things of a kind at scale 1, and for as many more at a larger scale."""
        for place in range(min(number * self._scale, most)):
            self.made[kind] += 1
            yield f"{kind}-{place:05}"

    def _heads(self) -> bool:
        """True half of the time."""
        return self._dice.random() < 0.5

    def _kms(self) -> None:
        kms = self._of("kms")
        for name in self._each("key", 8):
            # The server leaves MultiRegion out of its answers unless it was given, as no real one does.
            answer = kms.create_key(Description=name, MultiRegion=False)
            self._keys.append(answer["KeyMetadata"]["Arn"])
            if self._heads():
                kms.enable_key_rotation(KeyId=self._keys[-1])

    def _iam(self) -> None:
        iam = self._of("iam")
        iam.update_account_password_policy(MinimumPasswordLength=14, PasswordReusePrevention=24)
        everything = _policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
        reading = _policy({"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"})
        groups = list(self._each("group", 3))
        for name in groups:
            iam.create_group(GroupName=name)
        for name in self._each("policy", 15):
            document = everything if self._dice.random() < 0.1 else reading
            arn = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
            iam.attach_group_policy(GroupName=self._dice.choice(groups), PolicyArn=arn)
        for name in self._each("role", 20):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(_ASSUMED_BY))
            if self._heads():
                iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=reading)
        for name in self._each("user", 20):
            iam.create_user(UserName=name)
            iam.add_user_to_group(GroupName=self._dice.choice(groups), UserName=name)
            if self._heads():
                iam.create_login_profile(UserName=name, Password=_PASSWORD)
            if self._heads():
                iam.create_access_key(UserName=name)
            if self._heads():
                serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)
                iam.enable_mfa_device(
                    UserName=name,
                    SerialNumber=serial["VirtualMFADevice"]["SerialNumber"],
                    AuthenticationCode1="123456",
                    AuthenticationCode2="654321",
                )

    def _s3(self) -> None:
        s3 = self._of("s3")
        flags = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        for name in self._each("bucket", 14):
            s3.create_bucket(Bucket=name)
            if self._heads():
                s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(flags, True))
            if self._heads():
                default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self._dice.choice(self._keys)}
                rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
                s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=rules)
            if self._heads():
                s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
            if self._heads():
                plain = {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
                s3.put_bucket_policy(Bucket=name, Policy=_policy(plain))

    def _trails(self) -> None:
        trails = self._of("cloudtrail")
        for name in self._each("trail", 2, most=5):
            trails.create_trail(
                Name=name,
                S3BucketName="bucket-00000",
                IsMultiRegionTrail=self._heads(),
                EnableLogFileValidation=self._heads(),
            )
            trails.start_logging(Name=name)
        self._of("guardduty").create_detector(Enable=True)
        self.made["detector"] += 1

    def _logs(self) -> None:
        logs = self._of("logs")
        for name in self._each("log-group", 20):
            key = {"kmsKeyId": self._dice.choice(self._keys)} if self._heads() else {}
            logs.create_log_group(logGroupName=name, **key)
            if self._heads():
                logs.put_retention_policy(logGroupName=name, retentionInDays=self._dice.choice((7, 365, 400)))

    def _rds(self) -> None:
        rds = self._of("rds")
        for name in self._each("database", 10):
            encrypted = self._heads()
            rds.create_db_instance(
                DBInstanceIdentifier=name,
                Engine="postgres",
                DBInstanceClass="db.t3.medium",
                AllocatedStorage=20,
                MasterUsername="app",
                MasterUserPassword=_PASSWORD,
                StorageEncrypted=encrypted,
                BackupRetentionPeriod=self._dice.choice((0, 7, 30)),
                MultiAZ=self._heads(),
                DeletionProtection=self._heads(),
                **({"KmsKeyId": self._dice.choice(self._keys)} if encrypted else {}),
            )
            rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=f"snapshot-{name}")
            self.made["database-snapshot"] += 1
        group = {"DBClusterParameterGroupName": "clusters"}
        rds.create_db_cluster_parameter_group(
            **group, DBParameterGroupFamily="aurora-postgresql14", Description="clusters"
        )
        for name in self._each("cluster", 3):
            rds.create_db_cluster(
                DBClusterIdentifier=name,
                Engine="aurora-postgresql",
                **group,
                MasterUsername="app",
                MasterUserPassword=_PASSWORD,
                StorageEncrypted=self._heads(),
            )

    def _dynamodb(self) -> None:
        for name in self._each("table", 12):
            self._of("dynamodb").create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            )

    def _ec2(self) -> None:
        ec2 = self._of("ec2")
        vpcs = [ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for _ in self._each("vpc", 3)]
        for part in (0, 1):
            zone = f"{REGION}{'ab'[part]}"
            subnet = ec2.create_subnet(VpcId=vpcs[0], CidrBlock=f"10.0.{part}.0/24", AvailabilityZone=zone)
            self._subnets.append(subnet["Subnet"]["SubnetId"])
        for name in self._each("volume", 25):
            volume = ec2.create_volume(Size=20, AvailabilityZone=f"{REGION}a", Encrypted=self._heads())
            ec2.create_snapshot(VolumeId=volume["VolumeId"], Description=name)
            self.made["volume-snapshot"] += 1

    def _balancers(self) -> None:
        elb = self._of("elbv2")
        answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
        for name in self._each("balancer", 5):
            made = elb.create_load_balancer(Name=name, Subnets=self._subnets, Scheme="internet-facing")
            arn = made["LoadBalancers"][0]["LoadBalancerArn"]
            elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[answer])
            self.made["listener"] += 1

    def _messages(self) -> None:
        for name in self._each("topic", 10):
            key = {"KmsMasterKeyId": self._dice.choice(self._keys)} if self._heads() else {}
            self._of("sns").create_topic(Name=name, Attributes=key)
        for name in self._each("queue", 10):
            managed = {"SqsManagedSseEnabled": str(self._heads()).lower()}
            self._of("sqs").create_queue(QueueName=name, Attributes=managed)

    def _secrets(self) -> None:
        for name in self._each("secret", 10):
            self._of("secretsmanager").create_secret(Name=name, SecretString=_PASSWORD)

    def _files_and_backups(self) -> None:
        for name in self._each("file-system", 6):
            self._of("efs").create_file_system(CreationToken=name, Encrypted=self._heads())
        backup = self._of("backup")
        for name in self._each("vault", 3):
            backup.create_backup_vault(BackupVaultName=name)
            rule = {
                "RuleName": "nightly",
                "TargetBackupVaultName": name,
                "ScheduleExpression": "cron(0 5 * * ? *)",
                "Lifecycle": {"DeleteAfterDays": self._dice.choice((7, 35))},
            }
            backup.create_backup_plan(BackupPlan={"BackupPlanName": f"plan-{name}", "Rules": [rule]})
            self.made["backup-plan"] += 1


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
