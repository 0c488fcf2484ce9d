"""Backup vaults of Azure's newer backup service: their protection, policies, instances and jobs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

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
from collectors.azure.durations import days
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.resources import is_on, name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.azure.vault_keys import without_version
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.recovery import BackupPlan, BackupVault, ProtectedResource, RecoveryPoint, RestoreJob

TYPE = "Microsoft.DataProtection/backupVaults"
VERSION = "2024-04-01"

VAULT = of_subscription(
    "azure.backup.vault",
    TYPE,
    VERSION,
    volatile=("eTag", "properties.bcdrSecurityLevel", "properties.secureScore"),  # Azure's own opinions
)
POLICY = of_resource(
    "azure.backup.policy", f"{TYPE}/backupPolicies", VERSION, below="backupPolicies", items="value", within=VAULT
)
INSTANCE = of_resource(
    "azure.backup.instance",
    f"{TYPE}/backupInstances",
    VERSION,
    below="backupInstances",
    items="value",
    within=VAULT,
    volatile=("properties.currentProtectionState", "properties.protectionStatus"),
)
JOB = of_resource("azure.backup.job", f"{TYPE}/backupJobs", VERSION, below="backupJobs", items="value", within=VAULT)
NEWEST = of_resource(
    "azure.backup.newest_backup", f"{TYPE}/backupJobs", VERSION, below="backupJobs", within=VAULT, volatile=("*",)
)
"""Of the same listing: the newest job that made a backup of one thing.  It is another one every day."""
DONE = ("completed", "completedwithwarnings", "succeeded")
WITHOUT_JOBS = "microsoft.storage/storageaccounts/blobservices"
"""What is backed up without pause, so that no job ever tells a time."""


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every vault, and all that is in it."""
    for vault in azure.listing(VAULT):
        uid = uid_of(vault)
        yield azure.document(VAULT, uid, vault)
        for kind in (POLICY, INSTANCE):
            yield Then(contents, (kind, uid), f"{uid}/{kind.operation}")
        yield Then(jobs, (uid,), f"{uid}/{JOB.operation}")


def jobs(azure: Reader, vault: str) -> Iterator[Document]:
    """Every job of one vault that restored something, and of those that made backups the newest of each thing."""
    newest: dict[str, dict[str, Any]] = {}
    for job in azure.listing(JOB, within=vault, id=vault):
        said = properties(job)
        category = str(said["operationCategory"]).lower()
        thing = str(said["dataSourceId"]).lower()
        if category == "restore":
            yield azure.document(JOB, uid_of(job), job)
        elif category == "backup" and status(job) in DONE:
            newest[thing] = max(newest.get(thing, job), job, key=lambda body: str(properties(body)["startTime"]))
    for thing, job in newest.items():
        yield azure.document(NEWEST, thing, job)


def shape(docs: Documents) -> Iterator[Fact]:
    """One backup vault each, with its plans, the resources in it, the newest backup of each, and the restores."""
    vaults = {vault.uid: vault for vault in docs.of(VAULT)}
    for vault in vaults.values():
        yield BackupVault(
            resource=docs.resource("backup_vault", vault.uid, name_of(vault.body), place_of(vault.body)),
            documents=docs.about(vault.uid),
            encryption_key=docs.field(VAULT, vault, key),
            locked=docs.field(VAULT, vault, locked),
            deleted_kept_days=docs.field(VAULT, vault, deleted_kept_days),
        )
    for policy in docs.of(POLICY):
        yield _plan(docs, policy, vaults[vault_of(policy.uid)])
    for instance in docs.of(INSTANCE):
        yield from _protected(docs, instance, vaults[vault_of(instance.uid)])
    for job in docs.of(JOB):
        yield RestoreJob(
            resource=docs.resource("restore_job", job.uid, name_of(job.body), place_of(vaults[vault_of(job.uid)].body)),
            documents=docs.about(job.uid),
            of=str(job.body.get("properties", {}).get("backupInstanceFriendlyName") or "unknown"),
            ended=docs.field(JOB, job, lambda body: when(properties(body)["endTime"]) if has_ended(body) else None),
            succeeded=docs.field(JOB, job, lambda body: status(body) in DONE),
        )


def has_ended(body: Body) -> bool:
    """The job is over, well or badly."""
    return is_over(body) and status(body) != "started"


def key(body: Body) -> str:
    """The key of a vault, the customer's or Azure's."""
    settings = security(body).get("encryptionSettings") or {"state": "Disabled"}
    return without_version(settings["keyVaultProperties"]["keyUri"]) if is_on(settings["state"]) else PROVIDERS_KEY


def deleted_kept_days(body: Body) -> int:
    """Days for which a deleted backup can be brought back; 0 when it is gone at once."""
    settings = security(body)["softDeleteSettings"]
    state = str(settings["state"]).lower()
    return int(settings["retentionDurationInDays"]) if state == "alwayson" or is_on(state) else 0


def copies_elsewhere(body: Body) -> bool:
    """The vault keeps a copy of all that is in it in another region."""
    return any(str(each["type"]).lower() == "georedundant" for each in properties(body)["storageSettings"])


def _plan(docs: Documents, policy: Document, vault: Document) -> BackupPlan:
    unlisted = docs.complete(INSTANCE, "global")
    uses = [docs.field(INSTANCE, each, policy_of) for each in docs.of(INSTANCE)]
    unread = next((each for each in uses if isinstance(each, Unread)), unlisted)
    return BackupPlan(
        resource=docs.resource(
            "backup_plan", policy.uid, f"{name_of(vault.body)}/{name_of(policy.body)}", place_of(vault.body)
        ),
        documents=docs.about(policy.uid, vault),
        rules=docs.field(POLICY, policy, lambda body: len(rules_in(body, "AzureBackupRule"))),
        selections=unread or uses.count(policy.uid),
        shortest_retention_days=docs.field(POLICY, policy, shortest_retention),
        copies_elsewhere=docs.field(VAULT, vault, copies_elsewhere),
    )


def rules_in(body: Body, type_: str) -> list[Body]:
    """The rules of one type in a policy."""
    return [each for each in properties(body)["policyRules"] if each["objectType"] == type_]


def shortest_retention(body: Body) -> int:
    """Days after which some rule is the first to delete.  Raises ValueError where none says."""
    rules = rules_in(body, "AzureRetentionRule")
    return min(days(step["deleteAfter"]["duration"]) for rule in rules for step in rule["lifecycles"])


def policy_of(body: Body) -> str:
    """The policy that an instance follows."""
    return str(properties(body)["policyInfo"]["policyId"]).lower()


def _protected(docs: Documents, instance: Document, vault: Document) -> Iterator[Fact]:
    source = docs.field(INSTANCE, instance, lambda body: str(properties(body)["dataSourceInfo"]["resourceID"]).lower())
    uid = instance.uid if isinstance(source, Unread) else source
    name, place = name_of(instance.body), place_of(vault.body)
    newest = source if isinstance(source, Unread) else _newest(docs, source)
    if newest is None and docs.field(INSTANCE, instance, is_continuous) is True:
        return
    documents = docs.about(instance.uid, *(each for each in docs.of(NEWEST) if each.uid == uid))
    yield from backed_up(docs, Source(uid, name, place), documents, newest)


def _newest(docs: Documents, source: str) -> datetime | None | Unread:
    """When the newest completed backup was begun; a list of jobs that was cut off may have hidden a newer one."""
    unlisted = docs.complete(JOB, "global")
    if unlisted is not None:
        return unlisted
    found = next((each for each in docs.of(NEWEST) if each.uid == source), None)
    return None if found is None else docs.field(NEWEST, found, lambda body: when(properties(body)["startTime"]))


def is_continuous(body: Body) -> bool:
    """Its backups are made without jobs."""
    return str(properties(body)["dataSourceInfo"]["datasourceType"]).lower() == WITHOUT_JOBS


COLLECTOR = Collector(
    id="azure.backup_vaults",
    title="Backup vaults",
    scope="global",
    kinds=(VAULT, POLICY, INSTANCE, JOB, NEWEST),
    emits={
        BackupVault: VAULT,
        BackupPlan: POLICY,
        ProtectedResource: INSTANCE,
        RecoveryPoint: INSTANCE,
        RestoreJob: JOB,
    },
    source=f"Azure Data Protection resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
