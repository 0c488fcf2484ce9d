"""DynamoDB tables: their key, their protection from deletion and their point-in-time recovery."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.stores import Database

NAME = Kind("aws.dynamodb.table_name", "dynamodb", "ListTables", items="TableNames")
TABLE = Kind(
    "aws.dynamodb.table",
    "dynamodb",
    "DescribeTable",
    volatile=(
        "Table.ItemCount",
        "Table.TableSizeBytes",
        "Table.GlobalSecondaryIndexes.IndexSizeBytes",
        "Table.GlobalSecondaryIndexes.ItemCount",
        "Table.GlobalSecondaryIndexes.ProvisionedThroughput.NumberOfDecreasesToday",
        "Table.LocalSecondaryIndexes.IndexSizeBytes",
        "Table.LocalSecondaryIndexes.ItemCount",
        "Table.ProvisionedThroughput.NumberOfDecreasesToday",
    ),
)
CONTINUOUS = Kind(
    "aws.dynamodb.continuous_backups",
    "dynamodb",
    "DescribeContinuousBackups",
    volatile=(
        "ContinuousBackupsDescription.PointInTimeRecoveryDescription.EarliestRestorableDateTime",
        "ContinuousBackupsDescription.PointInTimeRecoveryDescription.LatestRestorableDateTime",
    ),
)
LONGEST_RECOVERY_DAYS = 35
"""The window of point-in-time recovery, unless the company chose a shorter one."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every table of the region, and two details of each."""
    for item in aws.listing(NAME):
        name = str(item)  # this listing's items are bare strings
        yield aws.document(NAME, aws.arn("dynamodb", f"table/{name}"), {"TableName": name})
        for kind in (TABLE, CONTINUOUS):
            yield Then(detail, (kind, name), f"{name}/{kind.operation}")


def detail(aws: Reader, kind: Kind, name: str) -> Iterator[Document]:
    """One detail of one table."""
    yield from aws.read(kind, aws.arn("dynamodb", f"table/{name}"), TableName=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """One database per table.

    Some answers need no reading, since DynamoDB leaves no choice: every table is encrypted (with a key that
    AWS owns unless another is named), lies in three zones and has no address of its own; it writes no logs,
    and its backups have no tags to copy.
    """
    for listed in docs.of(NAME):
        uid = listed.uid
        yield Database(
            resource=docs.resource("database", uid, uid.partition(":table/")[2], listed.region),
            documents=docs.about(uid),
            engine="dynamodb",
            clustered=False,
            encrypted_at_rest=True,
            customer_key=docs.value(TABLE, uid, named_key),
            public=False,
            backup_days=docs.value(CONTINUOUS, uid, recovery_days),
            point_in_time=docs.value(CONTINUOUS, uid, lambda body: recovery_days(body) > 0),
            deletion_protected=docs.value(TABLE, uid, lambda body: bool(body["Table"]["DeletionProtectionEnabled"])),
            multi_zone=True,
            exported_logs=None,
            copies_tags_to_snapshots=None,
        )


def named_key(body: Body) -> str | None:
    """The KMS key in use; None with the key that AWS owns, of which DescribeTable says nothing.

    The ARN alone does not tell a customer-managed key from the account's AWS-managed `aws/dynamodb`.
    """
    encryption = body["Table"].get("SSEDescription", {"Status": "DISABLED"})
    return None if encryption["Status"] == "DISABLED" else str(encryption["KMSMasterKeyArn"])


def recovery_days(body: Body) -> int:
    """How far back point-in-time recovery reaches, in days; 0 when it is off."""
    recovery = body["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    if recovery["PointInTimeRecoveryStatus"] != "ENABLED":
        return 0
    return int(recovery.get("RecoveryPeriodInDays", LONGEST_RECOVERY_DAYS))


COLLECTOR = Collector(
    id="aws.dynamodb_tables",
    title="DynamoDB tables",
    scope="region",
    kinds=(NAME, TABLE, CONTINUOUS),
    emits={Database: NAME},
    source="Amazon DynamoDB API 2012-08-10",
    fetch=fetch,
    shape=shape,
)
