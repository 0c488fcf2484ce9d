"""Recovery Services vaults: their protection, their policies, what they back up, and what was restored from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from collectors.api import Body, Collector, Document, Then
from collectors.azure.backup_services import (
    PROVIDERS_KEY,
    Source,
    backed_up,
    contents,
    is_over,
    locked,
    security,
    status,
    vault_of,
)
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.resources import is_on, name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.azure.vault_keys import without_version
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.recovery import BackupPlan, BackupVault, ProtectedResource, RecoveryPoint, RestoreJob

TYPE = "Microsoft.RecoveryServices/vaults"
VERSION = "2024-04-01"

VAULT = of_subscription("azure.recovery.vault", TYPE, VERSION, volatile=("etag",))
POLICY = of_resource(
    "azure.recovery.policy",
    f"{TYPE}/backupPolicies",
    VERSION,
    below="backupPolicies",
    items="value",
    within=VAULT,
)
ITEM = of_resource(
    "azure.recovery.protected_item",
    f"{TYPE}/backupProtectedItems",
    VERSION,
    below="backupProtectedItems",
    items="value",
    within=VAULT,
    # Every backup moves them.
    volatile=(
        "properties.extendedInfo",
        "properties.healthDetails",
        "properties.healthStatus",
        "properties.kpisHealths",
        "properties.lastBackupErrorDetail",
        "properties.lastBackupStatus",
        "properties.lastBackupTime",
        "properties.lastRecoveryPoint",
        "properties.protectionStatus",
    ),
)
RESTORE = of_resource(
    "azure.recovery.restore_job",
    f"{TYPE}/backupJobs",
    VERSION,
    below="backupJobs?$filter=operation%20eq%20%27Restore%27",
    items="value",
    within=VAULT,
    volatile=("properties.duration",),  # it grows while the job runs
)
BUILT_IN = ("DefaultPolicy", "EnhancedPolicy", "HourlyLogBackup")
"""Policies that each vault is made with.  One that protects nothing is nobody's plan."""
SOFT_DELETE_DAYS = 14
"""Days for which deleted backups are kept where none are told: Azure Backup, soft delete."""
DAYS = {"days": 1, "weeks": 7, "months": 30, "years": 365}
MACHINE, SHARE = "azureiaasvm", "azurestorage"


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every vault, and all that is in it."""
    for vault in azure.listing(VAULT):
        uid = uid_of(vault)
        yield azure.document(VAULT, uid, vault)
        for kind in (POLICY, ITEM, RESTORE):
            yield Then(contents, (kind, uid), f"{uid}/{kind.operation}")


def shape(docs: Documents) -> Iterator[Fact]:
    """One backup vault each, with its plans, the resources in it, the newest backup of each, and the restores."""
    vaults = {vault.uid: vault for vault in docs.of(VAULT)}
    for vault in vaults.values():
        yield _vault(docs, vault)
    for policy in docs.of(POLICY):
        if docs.field(POLICY, policy, is_ours) is not False:
            yield _plan(docs, policy, vaults[vault_of(policy.uid)])
    yield from _protected(docs, vaults)
    for job in docs.of(RESTORE):
        if docs.field(RESTORE, job, is_restore) is not False:
            yield _restore(docs, job, vaults[vault_of(job.uid)])


def _vault(docs: Documents, vault: Document) -> BackupVault:
    return BackupVault(
        resource=docs.resource("backup_vault", vault.uid, name_of(vault.body), place_of(vault.body)),
        documents=docs.about(vault.uid),
        encryption_key=docs.field(VAULT, vault, key),
        locked=docs.field(VAULT, vault, locked),
        deleted_kept_days=docs.field(VAULT, vault, deleted_kept_days),
    )


def key(body: Body) -> str:
    """The key of a vault, the customer's or Azure's."""
    named = (properties(body).get("encryption") or {}).get("keyVaultProperties")
    return without_version(named["keyUri"]) if named else PROVIDERS_KEY


def deleted_kept_days(body: Body) -> int:
    """Days for which a deleted backup can be brought back; 0 when it is gone at once."""
    settings = security(body)["softDeleteSettings"]
    state = str(settings["softDeleteState"]).lower()
    if state != "alwayson" and not is_on(state):
        return 0
    return int(settings.get("softDeleteRetentionPeriodInDays") or SOFT_DELETE_DAYS)


def copies_elsewhere(body: Body) -> bool:
    """The vault keeps a copy of all that is in it in another region."""
    return str(properties(body)["redundancySettings"]["standardTierStorageRedundancy"]).lower() == "georedundant"


def is_ours(body: Body) -> bool:
    """It protects something, or somebody made it."""
    return name_of(body) not in BUILT_IN or int(properties(body)["protectedItemsCount"]) > 0


def _plan(docs: Documents, policy: Document, vault: Document) -> BackupPlan:
    name = f"{name_of(vault.body)}/{name_of(policy.body)}"
    return BackupPlan(
        resource=docs.resource("backup_plan", policy.uid, name, place_of(vault.body)),
        documents=docs.about(policy.uid, vault),
        rules=docs.field(POLICY, policy, lambda body: len(parts(body))),
        selections=docs.field(POLICY, policy, lambda body: int(properties(body)["protectedItemsCount"])),
        shortest_retention_days=docs.field(POLICY, policy, shortest_retention),
        copies_elsewhere=docs.field(VAULT, vault, copies_elsewhere),
    )


def parts(body: Body) -> list[Body]:
    """Each schedule of a policy with its retention: databases have one for each kind of backup."""
    said = properties(body)
    return list(said.get("subProtectionPolicy") or [said])


def shortest_retention(body: Body) -> int:
    """Days after which some schedule is the first to delete.  Raises ValueError where none says."""
    found = []
    for part in parts(body):
        kept = part.get("retentionPolicy") or {}
        schedules = [kept, *(kept.get(f"{each}Schedule") or {} for each in ("daily", "weekly", "monthly", "yearly"))]
        spans = [each["retentionDuration"] for each in schedules if each.get("retentionDuration")]
        found += [int(each["count"]) * DAYS[str(each["durationType"]).lower()] for each in spans]
    return min(found)


def _protected(docs: Documents, vaults: dict[str, Document]) -> Iterator[Fact]:
    by_source: dict[str, list[Document]] = defaultdict(list)
    for item in docs.of(ITEM):
        by_source[source(item)].append(item)
    for uid, items in by_source.items():
        place = place_of(vaults[vault_of(items[0].uid)].body)
        name = str(items[0].body.get("properties", {}).get("friendlyName") or uid.rpartition("/")[2])
        newest = _newest([docs.field(ITEM, item, last_backup) for item in items])
        documents = docs.about("", *items)
        yield from backed_up(docs, Source(uid, name, place), documents, newest)


def source(item: Document) -> str:
    """What an item is a backup of, by its own id; things inside a machine have none but that of the item."""
    said = item.body.get("properties", {})
    id_ = str(said.get("sourceResourceId") or "").lower()
    management = str(said.get("backupManagementType") or "").lower()
    if id_ and management == MACHINE:
        return id_
    if id_ and management == SHARE:
        return f"{id_}/fileservices/default/shares/{said.get('friendlyName')}".lower()
    return item.uid


def last_backup(body: Body) -> datetime | None:
    """When the newest completed backup was made; None while the first one is still to come.

    Raises KeyError where an item whose last backup failed does not tell of an earlier one.
    """
    said = properties(body)
    if said.get("lastRecoveryPoint"):
        return when(said["lastRecoveryPoint"])
    if said.get("lastBackupStatus") in {"Completed", "Healthy"}:
        return when(said["lastBackupTime"])
    if said["protectionState"] == "IRPending":
        return None
    raise KeyError("lastRecoveryPoint")


def _newest(found: list[datetime | None | Unread]) -> datetime | None | Unread:
    unread = next((each for each in found if isinstance(each, Unread)), None)
    return unread or max((each for each in found if isinstance(each, datetime)), default=None)


def is_restore(body: Body) -> bool:
    """The job brings something back."""
    return str(properties(body)["operation"]).lower() == "restore"


def _restore(docs: Documents, job: Document, vault: Document) -> RestoreJob:
    return RestoreJob(
        resource=docs.resource("restore_job", job.uid, name_of(job.body), place_of(vault.body)),
        documents=docs.about(job.uid),
        of=str(job.body.get("properties", {}).get("entityFriendlyName") or "unknown"),
        ended=docs.field(RESTORE, job, lambda body: when(properties(body)["endTime"]) if is_over(body) else None),
        succeeded=docs.field(RESTORE, job, lambda body: status(body) in {"completed", "completedwithwarnings"}),
    )


COLLECTOR = Collector(
    id="azure.recovery_vaults",
    title="Recovery Services vaults",
    scope="global",
    kinds=(VAULT, POLICY, ITEM, RESTORE),
    emits={
        BackupVault: VAULT,
        BackupPlan: POLICY,
        ProtectedResource: ITEM,
        RecoveryPoint: ITEM,
        RestoreJob: RESTORE,
    },
    source=f"Azure Recovery Services resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
