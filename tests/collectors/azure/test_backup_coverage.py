"""azure.backup_coverage"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.backup_coverage import COLLECTOR
from collectors.facts.core import Unread
from collectors.facts.recovery import BackupCoverage
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
OLDER = "data/Microsoft.RecoveryServices/vaults/"
NEWER = "data/Microsoft.DataProtection/backupVaults/"


def older(estate: AzureEstate, vault: str, **policies: int) -> None:
    """A Recovery Services vault, and of each policy how many things it protects."""
    id_ = estate.put(f"{OLDER}{vault}", properties={})
    for name, count in policies.items():
        estate.put(f"{id_}/backupPolicies/{name}", properties={"protectedItemsCount": count})


def test_without_vaults_there_are_no_policies(read: Read, estate: AzureEstate) -> None:
    """Zero is proven by both listings."""
    (found,) = read(COLLECTOR).facts(BackupCoverage)

    assert found.plans == 0


def test_policies_of_both_kinds_of_vaults_count(read: Read, estate: AzureEstate) -> None:
    """But not those that every vault is made with, while nobody uses them."""
    older(estate, "one", DefaultPolicy=0, HourlyLogBackup=2, own=0)
    older(estate, "two", DefaultPolicy=0)
    estate.put(f"{NEWER}three", properties={})
    estate.put(f"{NEWER}three/backupPolicies/DefaultPolicy", properties={})

    (found,) = read(COLLECTOR).facts(BackupCoverage)

    assert found.plans == 3


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
@pytest.mark.parametrize(
    ("match", "permission"),
    [
        (r"RecoveryServices/vaults\?", "Microsoft.RecoveryServices/vaults/read"),
        (r"DataProtection/backupVaults\?", "Microsoft.DataProtection/backupVaults/read"),
        (r"vaults/one/backupPolicies\?", "Microsoft.RecoveryServices/vaults/backupPolicies/read"),
    ],
)
def test_a_count_that_may_lack_something_is_unread(
    read: Read, estate: AzureEstate, match: str, permission: str, kind: str
) -> None:
    """One vault or one list that was not read may hold the only policy."""
    older(estate, "one", own=1)
    older(estate, "two", own=1)
    estate.faults.append(Fault(rf"GET /.*{match}", kind=kind))

    (found,) = read(COLLECTOR).facts(BackupCoverage)

    assert isinstance(found.plans, Unread)
    assert found.plans.permission == permission
    assert estate.writes == []
