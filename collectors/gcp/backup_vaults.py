"""Vaults of the Backup and DR service: whether backups can be deleted, what was backed up, and when last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from collectors.api import Body, Collector, Document
from collectors.documents import Documents, when
from collectors.facts.core import Fact
from collectors.facts.recovery import BackupVault, ProtectedResource
from collectors.gcp.kinds import rest
from collectors.gcp.names import GOOGLES_KEY, full_name, last, place_of, seconds
from collectors.gcp.session import Reader

VAULT = rest(
    "gcp.backupdr.vault",
    "backupdr",
    "projects.locations.backupVaults.list",
    "/v1/projects/{project}/locations/-/backupVaults?pageSize=1000",
    permission="backupdr.backupVaults.list",
    items="backupVaults",
    omits_empty=True,
    volatile=("backupCount", "etag", "totalStoredBytes", "updateTime"),
)
SOURCE = rest(
    "gcp.backupdr.source",
    "backupdr",
    "projects.locations.backupVaults.dataSources.list",
    "/v1/projects/{project}/locations/-/backupVaults/-/dataSources?pageSize=1000",
    permission="backupdr.bvdataSources.list",
    items="dataSources",
    omits_empty=True,
    volatile=("backupConfigInfo", "backupCount", "etag", "totalStoredBytes", "updateTime"),
)


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every vault, and every resource that has backups in one."""
    for kind in (VAULT, SOURCE):
        for item in gcp.listing(kind):
            yield gcp.document(kind, full_name("backupdr", item["name"]), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per vault, and one per resource of Google's that was backed up."""
    for vault in docs.of(VAULT):
        name = str(vault.body["name"])
        yield BackupVault(
            resource=docs.resource("backup_vault", vault.uid, last(name), place_of(name)),
            documents=docs.about(vault.uid),
            encryption_key=docs.field(VAULT, vault, key_of),
            locked=docs.field(VAULT, vault, is_locked),
        )
    seen = set()
    for source in docs.of(SOURCE):
        backed_up = docs.field(SOURCE, source, of_google)
        if isinstance(backed_up, str) and backed_up not in seen:
            seen.add(backed_up)
            yield ProtectedResource(
                resource=docs.resource("protected_resource", backed_up, last(backed_up), place_of(backed_up)),
                documents=docs.about(source.uid),
                last_backup=docs.field(SOURCE, source, last_backup),
            )


def key_of(body: Body) -> str:
    """The customer's key; left out, Google encrypts with a key of its own."""
    return str((body.get("encryptionConfig") or {}).get("kmsKeyName") or GOOGLES_KEY)


def is_locked(body: Body) -> bool:
    """Nobody deletes a backup before a shortest time is over.

    Until the vault itself is locked, that time can be made shorter, but only for backups that are yet to come.
    """
    return seconds(str(body["backupMinimumEnforcedRetentionDuration"])) > 0


def of_google(body: Body) -> str | None:
    """The full name of what was backed up; None where that is no resource of Google's."""
    said = body.get("dataSourceGcpResource")
    if not said:
        return None
    name, type_ = str(said["gcpResourcename"]), str(said.get("type", ""))
    service = type_.partition(".")[0] if ".googleapis.com" in type_ else "compute"
    return name if name.startswith("//") else full_name({"sqladmin": "cloudsql"}.get(service, service), name)


def last_backup(body: Body) -> datetime | None:
    """When the newest backup that went well was made; None when none did."""
    told = (body.get("backupConfigInfo") or {}).get("lastSuccessfulBackupConsistencyTime")
    return when(told) if told else None


COLLECTOR = Collector(
    id="gcp.backup_vaults",
    title="Vaults of Backup and DR",
    scope="global",
    kinds=(VAULT, SOURCE),
    emits={BackupVault: VAULT, ProtectedResource: SOURCE},
    source="Backup and DR Service API v1",
    fetch=fetch,
    shape=shape,
)
