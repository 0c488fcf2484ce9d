"""AWS Backup vaults and the recovery points in them."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact
from collectors.facts.recovery import BackupVault, RecoveryPoint

VAULT = Kind(
    "aws.backup.vault",
    "backup",
    "ListBackupVaults",
    items="BackupVaultList",
    volatile=("NumberOfRecoveryPoints",),
)
POINT = Kind(
    "aws.backup.recovery_point",
    "backup",
    "ListRecoveryPointsByBackupVault",
    items="RecoveryPoints",
    volatile=("BackupSizeInBytes", "LastRestoreTime"),
    within=VAULT,
)
USABLE = ("COMPLETED", "AVAILABLE")
"""States of a whole backup; a continuous one is `AVAILABLE`."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every vault of the region, and all that is in it."""
    for vault in aws.listing(VAULT):
        uid = vault["BackupVaultArn"]
        yield aws.document(VAULT, uid, vault)
        yield Then(contents, (uid, vault["BackupVaultName"]), f"{uid}/{POINT.operation}")


def contents(aws: Reader, vault: str, name: str) -> Iterator[Document]:
    """Every recovery point of one vault."""
    for point in aws.listing(POINT, within=vault, BackupVaultName=name):
        yield aws.document(POINT, point["RecoveryPointArn"], point)


def shape(docs: Documents) -> Iterator[Fact]:
    """One backup vault each, and one recovery point per backup."""
    for vault in docs.of(VAULT):
        yield BackupVault(
            resource=docs.resource("backup_vault", vault.uid, vault.uid.rpartition(":")[2], vault.region),
            documents=docs.about(vault.uid),
            encryption_key=docs.field(VAULT, vault, key),
            # In governance mode whoever may delete the lock can still take it away; AWS counts it as locked.
            locked=docs.field(VAULT, vault, lambda body: bool(body["Locked"])),
        )
    for point in docs.of(POINT):
        yield RecoveryPoint(
            resource=docs.resource("recovery_point", point.uid, point.uid.split(":", 5)[-1], point.region),
            documents=docs.about(point.uid),
            of=str(point.body.get("ResourceArn", "unknown")),
            completed=docs.field(POINT, point, lambda body: body["Status"] in USABLE),
            created=docs.field(POINT, point, lambda body: when(body["CreationDate"])),
            encrypted_at_rest=docs.field(POINT, point, lambda body: bool(body["IsEncrypted"])),
        )


def key(body: Body) -> str:
    """The KMS key of a vault, or what AWS calls the key when it owns that itself; no vault is without."""
    return str(body["EncryptionKeyArn"] if "EncryptionKeyArn" in body else body["EncryptionKeyType"])


COLLECTOR = Collector(
    id="aws.backup_vaults",
    title="AWS Backup vaults and their recovery points",
    scope="region",
    kinds=(VAULT, POINT),
    emits={BackupVault: VAULT, RecoveryPoint: POINT},
    source="AWS Backup API 2018-11-15",
    fetch=fetch,
    shape=shape,
)
