"""azure.backup_vaults"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.backup_services import PROVIDERS_KEY
from collectors.azure.backup_vaults import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.recovery import BackupPlan, BackupVault, ProtectedResource, RecoveryPoint, RestoreJob
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
DISK = "/subscriptions/s/resourceGroups/G/providers/Microsoft.Compute/disks/Data"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices"


def vault(estate: AzureEstate, name: str, **changed: Any) -> str:
    """A vault as the portal makes it."""
    security = {"softDeleteSettings": {"state": "On", "retentionDurationInDays": 14.0}}
    said = {
        "storageSettings": [{"datastoreType": "VaultStore", "type": "LocallyRedundant"}],
        "securitySettings": security,
        **changed,
    }
    return estate.put(f"data/Microsoft.DataProtection/backupVaults/{name}", properties=said)


def policy(estate: AzureEstate, id_: str, name: str) -> None:
    """A policy that makes a backup a day, keeps it for a week, and one of them for a year."""
    rules: list[dict[str, Any]] = [{"objectType": "AzureBackupRule", "name": "Daily"}]
    for duration in ("P7D", "P1Y"):
        steps = [{"deleteAfter": {"objectType": "AbsoluteDeleteOption", "duration": duration}}]
        rules.append({"objectType": "AzureRetentionRule", "lifecycles": steps})
    estate.put(f"{id_}/backupPolicies/{name}", properties={"policyRules": rules})


def instance(
    estate: AzureEstate, id_: str, name: str, of: str = DISK, type_: str = "Microsoft.Compute/disks", plan: str = "p"
) -> None:
    """A thing that a vault protects."""
    said = {
        "dataSourceInfo": {"resourceID": of, "datasourceType": type_},
        "policyInfo": {"policyId": f"{id_}/backupPolicies/{plan}"},
    }
    estate.put(f"{id_}/backupInstances/{name}", properties=said)


def job(estate: AzureEstate, id_: str, name: str, day: int, status: str = "Completed", **changed: Any) -> None:
    """A job that makes a backup."""
    said = {
        "operationCategory": "Backup",
        "dataSourceId": DISK.upper(),
        "backupInstanceFriendlyName": "data",
        "status": status,
        "startTime": f"2026-01-{day:02}T01:00:00.1234567Z",
        "endTime": f"2026-01-{day:02}T02:00:00Z",
        **changed,
    }
    estate.put(f"{id_}/backupJobs/{name}", properties=said)


def test_a_subscription_without_vaults_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(BackupVault) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [("azure.backup.vault", 0)]


@pytest.mark.parametrize(
    ("security", "locked", "days", "key"),
    [
        ({}, False, 14, PROVIDERS_KEY),
        ({"immutabilitySettings": {"state": "Locked"}}, True, 14, PROVIDERS_KEY),
        ({"softDeleteSettings": {"state": "AlwaysOn", "retentionDurationInDays": 90}}, False, 90, PROVIDERS_KEY),
        ({"softDeleteSettings": {"state": "Off", "retentionDurationInDays": 14}}, False, 0, PROVIDERS_KEY),
        (
            {"encryptionSettings": {"state": "Enabled", "keyVaultProperties": {"keyUri": "https://V/keys/B/1"}}},
            False,
            14,
            "https://v/keys/b",
        ),
    ],
)
def test_what_protects_the_backups_in_a_vault(
    read: Read, estate: AzureEstate, security: dict[str, Any], locked: bool, days: int, key: str
) -> None:
    """Immutability, the time for which deleted backups are kept, and the key."""
    usual = {"softDeleteSettings": {"state": "On", "retentionDurationInDays": 14}}
    vault(estate, "v", securitySettings={**usual, **security})

    found = read(COLLECTOR).fact(BackupVault, "v")

    assert (found.locked, found.deleted_kept_days, found.encryption_key) == (locked, days, key)


def test_policies_are_plans(read: Read, estate: AzureEstate) -> None:
    """With the number of things that follow each."""
    id_ = vault(estate, "v", storageSettings=[{"datastoreType": "VaultStore", "type": "GeoRedundant"}])
    policy(estate, id_, "p")
    policy(estate, id_, "idle")
    instance(estate, id_, "data")

    reading = read(COLLECTOR)

    used, idle = reading.fact(BackupPlan, "v/p"), reading.fact(BackupPlan, "v/idle")
    assert (used.rules, used.selections, used.shortest_retention_days, used.copies_elsewhere) == (1, 1, 7, True)
    assert idle.selections == 0


def test_the_newest_completed_job_is_the_newest_backup(read: Read, estate: AzureEstate) -> None:
    """Jobs that failed or go on are none, nor are those of other things."""
    id_ = vault(estate, "v")
    instance(estate, id_, "data")
    for name, day, status in (("a", 1, "Completed"), ("b", 3, "Completed"), ("c", 2, "Completed"), ("d", 4, "Failed")):
        job(estate, id_, name, day, status)
    job(estate, id_, "e", 5, dataSourceId="/subscriptions/other")

    reading = read(COLLECTOR)

    found = reading.fact(ProtectedResource, "data")
    assert found.resource.uid == DISK.lower()
    assert found.last_backup == datetime(2026, 1, 3, 1, 0, 0, 123456, tzinfo=UTC)
    point = reading.fact(RecoveryPoint, "data")
    assert (point.of, point.completed, point.encrypted_at_rest) == (DISK.lower(), True, True)


def test_without_a_completed_job_there_is_no_backup(read: Read, estate: AzureEstate) -> None:
    """None, since the list of jobs is complete; blobs are backed up without jobs, and have no time."""
    id_ = vault(estate, "v")
    instance(estate, id_, "data")
    instance(estate, id_, "blobs", "/subscriptions/s/store", BLOBS)

    reading = read(COLLECTOR)

    (found,) = reading.facts(ProtectedResource)
    assert (found.resource.name, found.last_backup) == ("data", None)
    assert reading.facts(RecoveryPoint) == []


def test_restores_and_how_they_ended(read: Read, estate: AzureEstate) -> None:
    """Jobs that bring something back."""
    id_ = vault(estate, "v")
    job(estate, id_, "good", 1, operationCategory="Restore")
    job(estate, id_, "bad", 2, "Failed", operationCategory="Restore")
    job(estate, id_, "now", 3, "Started", operationCategory="Restore", endTime=None)

    reading = read(COLLECTOR)

    found = {each.resource.name: (each.of, each.ended, each.succeeded) for each in reading.facts(RestoreJob)}
    assert found == {
        "good": ("data", datetime(2026, 1, 1, 2, tzinfo=UTC), True),
        "bad": ("data", datetime(2026, 1, 2, 2, tzinfo=UTC), False),
        "now": ("data", None, False),
    }


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_jobs_that_cannot_be_listed_leave_the_newest_backup_unread(read: Read, estate: AzureEstate, kind: str) -> None:
    """A newer one may be among those that were not listed."""
    id_ = vault(estate, "v")
    instance(estate, id_, "data")
    estate.faults.append(Fault(r"GET /.*/backupJobs\?", kind=kind))

    reading = read(COLLECTOR)

    newest = reading.fact(ProtectedResource, "data").last_backup
    assert isinstance(newest, Unread)
    assert newest.permission == "Microsoft.DataProtection/backupVaults/backupJobs/read"
    assert reading.documents.complete(COLLECTOR.kinds[3], "global") is not None


def test_instances_that_cannot_be_listed_leave_plans_with_an_unread_number(read: Read, estate: AzureEstate) -> None:
    """How many things follow a policy is then not known."""
    policy(estate, vault(estate, "v"), "p")
    estate.faults.append(Fault(r"GET /.*/backupInstances\?"))

    found = read(COLLECTOR).fact(BackupPlan, "v/p")

    assert isinstance(found.selections, Unread)
    assert found.selections.permission == "Microsoft.DataProtection/backupVaults/backupInstances/read"
    assert found.shortest_retention_days == 7


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """The second page of vaults is refused."""
    for name in ("a", "b", "c"):
        vault(estate, name)
    estate.faults.append(Fault(r"GET /.*/Microsoft.DataProtection/backupVaults\?", after=1))

    reading = read(COLLECTOR)

    assert [each.resource.name for each in reading.facts(BackupVault)] == ["a", "b"]
    assert [gap.reason for gap in reading.page.gaps] == [Reason.PARTIAL_LISTING]
    assert estate.writes == []
