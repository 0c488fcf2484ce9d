"""azure.recovery_vaults"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.backup_services import PROVIDERS_KEY
from collectors.azure.recovery_vaults import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.recovery import BackupPlan, BackupVault, ProtectedResource, RecoveryPoint, RestoreJob
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
VM = "/subscriptions/s/resourceGroups/G/providers/Microsoft.Compute/virtualMachines/Web"
STORE = "/subscriptions/s/resourceGroups/G/providers/Microsoft.Storage/storageAccounts/Files"
MADE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def vault(estate: AzureEstate, name: str, **changed: Any) -> str:
    """A vault as the portal makes it."""
    said = {
        "redundancySettings": {"standardTierStorageRedundancy": "LocallyRedundant", "crossRegionRestore": "Disabled"},
        "securitySettings": {
            "softDeleteSettings": {"softDeleteState": "Enabled", "softDeleteRetentionPeriodInDays": 30}
        },
        **changed,
    }
    return estate.put(f"data/Microsoft.RecoveryServices/vaults/{name}", properties=said)


def policy(estate: AzureEstate, id_: str, name: str, items: int = 1, **changed: Any) -> None:
    """A policy for machines that keeps daily backups for 30 days and yearly ones for ten years."""
    kept = {
        "dailySchedule": {"retentionDuration": {"count": 30, "durationType": "Days"}},
        "yearlySchedule": {"retentionDuration": {"count": 10, "durationType": "Years"}},
        "weeklySchedule": None,
    }
    said = {"backupManagementType": "AzureIaasVM", "retentionPolicy": kept, "protectedItemsCount": items, **changed}
    estate.put(f"{id_}/backupPolicies/{name}", properties=said)


def item(estate: AzureEstate, id_: str, name: str, **changed: Any) -> None:
    """A machine with a backup."""
    said = {
        "backupManagementType": "AzureIaasVM",
        "friendlyName": name,
        "sourceResourceId": VM,
        "protectionState": "Protected",
        "lastBackupStatus": "Completed",
        "lastBackupTime": "2026-01-02T03:30:00Z",
        "lastRecoveryPoint": "2026-01-02T03:04:05Z",
        **changed,
    }
    estate.put(f"{id_}/backupProtectedItems/{name}", properties=said)


def job(estate: AzureEstate, id_: str, name: str, status: str, **changed: Any) -> None:
    """A job that restores something."""
    said = {"operation": "Restore", "status": status, "entityFriendlyName": "web", "endTime": "2026-01-02T03:04:05Z"}
    estate.put(f"{id_}/backupJobs/{name}", properties={**said, **changed})


def test_a_subscription_without_vaults_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(BackupVault) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [("azure.recovery.vault", 0)]


@pytest.mark.parametrize(
    ("security", "locked", "days"),
    [
        ({"immutabilitySettings": {"state": "Locked"}}, True, 30),
        ({"immutabilitySettings": {"state": "Unlocked"}}, True, 30),
        ({"immutabilitySettings": {"state": "Disabled"}}, False, 30),
        ({"softDeleteSettings": {"softDeleteState": "AlwaysON", "softDeleteRetentionPeriodInDays": 60}}, False, 60),
        ({"softDeleteSettings": {"softDeleteState": "Enabled"}}, False, 14),
        ({"softDeleteSettings": {"softDeleteState": "Disabled"}}, False, 0),
    ],
)
def test_what_protects_the_backups_in_a_vault(
    read: Read, estate: AzureEstate, security: dict[str, Any], locked: bool, days: int
) -> None:
    """Immutability in both of its states, and the time for which deleted backups are kept."""
    usual = {"softDeleteSettings": {"softDeleteState": "Enabled", "softDeleteRetentionPeriodInDays": 30}}
    vault(estate, "v", securitySettings={**usual, **security})

    found = read(COLLECTOR).fact(BackupVault, "v")

    assert (found.locked, found.deleted_kept_days, found.encryption_key) == (locked, days, PROVIDERS_KEY)


def test_a_vault_that_does_not_tell_its_security_is_unread(read: Read, estate: AzureEstate) -> None:
    """An answer without it is no answer."""
    vault(estate, "v", securitySettings=None, encryption={"keyVaultProperties": {"keyUri": "https://V/keys/B/1"}})

    found = read(COLLECTOR).fact(BackupVault, "v")

    assert isinstance(found.locked, Unread)
    assert isinstance(found.deleted_kept_days, Unread)
    assert found.encryption_key == "https://v/keys/b"


def test_policies_are_plans(read: Read, estate: AzureEstate) -> None:
    """The shortest retention counts; the vault says whether copies are kept elsewhere."""
    id_ = vault(estate, "v", redundancySettings={"standardTierStorageRedundancy": "GeoRedundant"})
    policy(estate, id_, "machines")
    part = {"retentionPolicy": {"retentionDuration": {"count": 2, "durationType": "Weeks"}}}
    policy(estate, id_, "databases", 0, retentionPolicy=None, subProtectionPolicy=[part, part])
    policy(estate, id_, "DefaultPolicy", 0)
    policy(estate, id_, "EnhancedPolicy", 1)

    reading = read(COLLECTOR)

    found = {
        each.resource.name: (each.rules, each.selections, each.shortest_retention_days, each.copies_elsewhere)
        for each in reading.facts(BackupPlan)
    }
    assert found == {
        "v/machines": (1, 1, 30, True),
        "v/databases": (2, 0, 14, True),
        "v/EnhancedPolicy": (1, 1, 30, True),
    }


def test_a_policy_that_does_not_tell_its_retention_is_unread(read: Read, estate: AzureEstate) -> None:
    """No retention found is not for ever."""
    policy(estate, vault(estate, "v"), "odd", retentionPolicy={})

    assert isinstance(read(COLLECTOR).fact(BackupPlan, "v/odd").shortest_retention_days, Unread)


def test_protected_things_go_by_their_own_ids(read: Read, estate: AzureEstate) -> None:
    """A machine by its id, a share by that of the share, a database inside a machine by that of the item."""
    id_ = vault(estate, "v")
    item(estate, id_, "web")
    item(estate, id_, "Docs", backupManagementType="AzureStorage", sourceResourceId=STORE)
    item(estate, id_, "db", backupManagementType="AzureWorkload")

    reading = read(COLLECTOR)

    found = {each.resource.name: each.resource.uid for each in reading.facts(ProtectedResource)}
    assert found == {
        "web": VM.lower(),
        "Docs": f"{STORE}/fileServices/default/shares/Docs".lower(),
        "db": f"{id_}/backupProtectedItems/db".lower(),
    }
    assert {each.last_backup for each in reading.facts(ProtectedResource)} == {MADE}
    point = reading.fact(RecoveryPoint, "web")
    assert (point.of, point.completed, point.created, point.encrypted_at_rest) == (VM.lower(), True, MADE, True)


def test_one_machine_in_two_vaults_is_one_resource(read: Read, estate: AzureEstate) -> None:
    """Its newest backup counts."""
    item(estate, vault(estate, "one"), "web")
    item(estate, vault(estate, "two"), "web", lastRecoveryPoint="2026-02-02T03:04:05Z")

    (found,) = read(COLLECTOR).facts(ProtectedResource)

    assert found.last_backup == MADE.replace(month=2)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"lastRecoveryPoint": None}, datetime(2026, 1, 2, 3, 30, tzinfo=UTC)),
        ({"lastRecoveryPoint": None, "lastBackupStatus": None, "protectionState": "IRPending"}, None),
    ],
)
def test_the_newest_backup_by_other_words(
    read: Read, estate: AzureEstate, changed: dict[str, Any], expected: datetime | None
) -> None:
    """The last job when it went well; none while the first one is to come."""
    item(estate, vault(estate, "v"), "web", **changed)

    reading = read(COLLECTOR)

    assert reading.fact(ProtectedResource, "web").last_backup == expected
    assert len(reading.facts(RecoveryPoint)) == (0 if expected is None else 1)


def test_a_failed_backup_says_nothing_of_earlier_ones(read: Read, estate: AzureEstate) -> None:
    """Whether there is one is then unread, and not none."""
    item(estate, vault(estate, "v"), "web", lastRecoveryPoint=None, lastBackupStatus="Failed")

    assert isinstance(read(COLLECTOR).fact(ProtectedResource, "web").last_backup, Unread)


def test_restores_and_how_they_ended(read: Read, estate: AzureEstate) -> None:
    """Whatever else the list holds is no restore."""
    id_ = vault(estate, "v")
    job(estate, id_, "good", "Completed")
    job(estate, id_, "fair", "CompletedWithWarnings")
    job(estate, id_, "bad", "Failed")
    job(estate, id_, "now", "InProgress", endTime=None)
    job(estate, id_, "other", "Completed", operation="Backup")

    reading = read(COLLECTOR)

    found = {each.resource.name: (each.of, each.ended, each.succeeded) for each in reading.facts(RestoreJob)}
    assert found == {
        "good": ("web", MADE, True),
        "fair": ("web", MADE, True),
        "bad": ("web", MADE, False),
        "now": ("web", None, False),
    }


def test_restores_are_asked_for_and_not_all_jobs(read: Read, estate: AzureEstate) -> None:
    """A vault has a job for each backup of each thing; only restores are of interest."""
    vault(estate, "v")

    (call,) = [each for each in read(COLLECTOR).page.calls if each.operation == "vaults/backupJobs"]

    assert call.complete
    assert "operation%20eq%20%27Restore%27" in next(
        kind.path for kind in COLLECTOR.kinds if kind.name == "azure.recovery.restore_job"
    )


CONTENTS = {
    "backupPolicies": "azure.recovery.policy",
    "backupProtectedItems": "azure.recovery.protected_item",
    "backupJobs": "azure.recovery.restore_job",
}


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
@pytest.mark.parametrize("contents", CONTENTS)
def test_contents_that_cannot_be_listed_are_not_all_known(
    read: Read, estate: AzureEstate, contents: str, kind: str
) -> None:
    """One vault's contents are refused or garbled; what the other one holds is known."""
    for name in ("one", "two"):
        id_ = vault(estate, name)
        policy(estate, id_, "p")
        item(estate, id_, name, sourceResourceId=f"{VM}{name}")
        job(estate, id_, name, "Completed")
    estate.faults.append(Fault(rf"GET /.*/vaults/one/{contents}\?", kind=kind))

    reading = read(COLLECTOR)

    (gap,) = reading.page.gaps
    assert (gap.kind, gap.listing) == (CONTENTS[contents], True)
    assert gap.unread.permission == f"Microsoft.RecoveryServices/vaults/{contents}/read"
    facts = [*reading.facts(BackupPlan), *reading.facts(ProtectedResource), *reading.facts(RestoreJob)]
    assert len(facts) == 5
    assert estate.writes == []


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """The second page of vaults is refused."""
    for name in ("a", "b", "c"):
        vault(estate, name)
    estate.faults.append(Fault(r"GET /.*/Microsoft.RecoveryServices/vaults\?", after=1))

    reading = read(COLLECTOR)

    assert [each.resource.name for each in reading.facts(BackupVault)] == ["a", "b"]
    assert [gap.reason for gap in reading.page.gaps] == [Reason.PARTIAL_LISTING]
