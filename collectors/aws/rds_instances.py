"""RDS database instances: encryption, exposure, backups and logs of each."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.stores import Database

INSTANCE = Kind(
    "aws.rds.instance",
    "rds",
    "DescribeDBInstances",
    items="DBInstances",
    volatile=(
        "DBInstanceStatus",  # "backing-up" once a day
        "LatestRestorableTime",
        "PercentProgress",
        "StatusInfos",
        "StorageOperationPercentProgress",
    ),
)


def fetch(aws: Reader) -> Iterator[Document]:
    """Every instance of the region; Neptune and DocumentDB answer here too."""
    for instance in aws.listing(INSTANCE):
        yield aws.document(INSTANCE, instance["DBInstanceArn"], instance)


def shape(docs: Documents) -> Iterator[Fact]:
    """One database per instance, members of clusters included."""
    for instance in docs.of(INSTANCE):
        yield _database(docs, instance)


def _database(docs: Documents, instance: Document) -> Database:
    def flag(key: str) -> bool | Unread:
        return docs.field(INSTANCE, instance, lambda body: bool(body[key]))

    return Database(
        resource=docs.resource("database", instance.uid, name_in(instance.uid), instance.region),
        documents=docs.about(instance.uid),
        engine=str(instance.body.get("Engine", "unknown")),
        # AWS names the cluster of a member and leaves the key out otherwise.
        clustered="DBClusterIdentifier" in instance.body,
        encrypted_at_rest=docs.field(INSTANCE, instance, encrypted),
        customer_key=docs.field(INSTANCE, instance, named_key),
        public=flag("PubliclyAccessible"),
        backup_days=docs.field(INSTANCE, instance, retention),
        point_in_time=docs.field(INSTANCE, instance, lambda body: retention(body) > 0),
        deletion_protected=flag("DeletionProtection"),
        multi_zone=flag("MultiAZ"),
        exported_logs=docs.field(INSTANCE, instance, exported_logs),
        copies_tags_to_snapshots=flag("CopyTagsToSnapshot"),
    )


def name_in(arn: str) -> str:
    """The identifier at the end of an RDS ARN; that of an automatic snapshot holds a colon itself."""
    return arn.split(":", 6)[-1]


def encrypted(body: Body, flag: str = "StorageEncrypted") -> bool:
    """Encrypted with any key.  For one that AWS owns `flag` is false, and the type says `sse-rds` instead."""
    return bool(body[flag]) or body.get("StorageEncryptionType") == "sse-rds"


def named_key(body: Body) -> str | None:
    """The KMS key in use; None with a key that AWS owns, or none.

    The ARN alone does not tell a customer-managed key from the account's AWS-managed `aws/rds`.
    """
    key = body["KmsKeyId"] if body["StorageEncrypted"] else None
    return key if key is None else str(key)


def retention(body: Body) -> int:
    """Days that automatic backups are kept, 0 when they are off; they are what restores to any moment."""
    return int(body["BackupRetentionPeriod"])


def exported_logs(body: Body) -> tuple[str, ...]:
    """Log types sent to CloudWatch Logs.  AWS leaves the key out when there are none."""
    return tuple(sorted(body.get("EnabledCloudwatchLogsExports", ())))


COLLECTOR = Collector(
    id="aws.rds_instances",
    title="RDS database instances",
    scope="region",
    kinds=(INSTANCE,),
    emits={Database: INSTANCE},
    source="Amazon RDS API 2014-10-31",
    fetch=fetch,
    shape=shape,
)
