"""On-demand backups of DynamoDB tables, kept by DynamoDB itself.

Those that AWS Backup makes are recovery points of its vaults and are listed there.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact
from collectors.facts.recovery import RecoveryPoint

BACKUP = Kind("aws.dynamodb.backup", "dynamodb", "ListBackups", items="BackupSummaries")


def fetch(aws: Reader) -> Iterator[Document]:
    """Every backup that somebody of this account asked DynamoDB for."""
    for backup in aws.listing(BACKUP, BackupType="USER"):
        yield aws.document(BACKUP, backup["BackupArn"], backup)


def shape(docs: Documents) -> Iterator[Fact]:
    """One recovery point per backup; DynamoDB encrypts every one."""
    for backup in docs.of(BACKUP):
        table, _, _ = backup.uid.partition("/backup/")
        yield RecoveryPoint(
            resource=docs.resource("recovery_point", backup.uid, backup.uid.split(":", 5)[-1], backup.region),
            documents=docs.about(backup.uid),
            of=table,
            completed=docs.field(BACKUP, backup, lambda body: body["BackupStatus"] == "AVAILABLE"),
            created=docs.field(BACKUP, backup, lambda body: when(body["BackupCreationDateTime"])),
            encrypted_at_rest=True,
        )


COLLECTOR = Collector(
    id="aws.dynamodb_backups",
    title="On-demand backups of DynamoDB tables",
    scope="region",
    kinds=(BACKUP,),
    emits={RecoveryPoint: BACKUP},
    source="Amazon DynamoDB API 2012-08-10",
    fetch=fetch,
    shape=shape,
)
