"""gcp.public_addresses, gcp.ssl_certificates, gcp.certificates, gcp.backup_plans, gcp.backup_vaults"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Unread
from collectors.facts.data_access import Certificate
from collectors.facts.network import PublicAddress
from collectors.facts.recovery import BackupCoverage, BackupPlan, BackupVault, ProtectedResource
from collectors.gcp import backup_plans, backup_vaults, certificates, public_addresses, ssl_certificates
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
P = f"projects/{PROJECT}"
BASE = f"compute/compute/v1/{P}/aggregated"
LINK = f"https://www.googleapis.com/compute/v1/{P}"
CERTIFICATES = f"certificatemanager/v1/{P}/locations/-/certificates"
BACKUP = f"backupdr/v1/{P}/locations/-"
LATER = "2027-01-02T03:04:05.000-08:00"


def addresses(estate: GcpEstate, *, kept: Any = (), rules: Any = (), machines: Any = ()) -> None:
    """What may have an address."""
    for collection, items in (("addresses", kept), ("forwardingRules", rules), ("instances", machines)):
        made = [{"selfLink": f"{LINK}/regions/us-east1/{collection}/{each['name']}", **each} for each in items]
        estate.answers[f"{BASE}/{collection}"] = {"items": {"regions/us-east1": {collection: made}} if made else {}}


def machine(name: str, *configs: dict[str, str]) -> dict[str, Any]:
    """A machine with ways to the internet."""
    return {"name": name, "networkInterfaces": [{"name": "nic0", "accessConfigs": list(configs)}]}


def test_every_address_is_told_once(read: Read, estate: GcpEstate) -> None:
    """One that was set aside is not told again for the machine or the rule that has it."""
    rule = {"target": f"{LINK}/global/targetHttpProxies/p", "loadBalancingScheme": "EXTERNAL"}
    addresses(
        estate,
        kept=[
            {"name": "shop", "address": "203.0.113.7", "addressType": "EXTERNAL", "status": "IN_USE"},
            {"name": "idle", "address": "203.0.113.8", "addressType": "EXTERNAL", "status": "RESERVED"},
            {"name": "six", "address": "2001:db8::", "prefixLength": 96, "addressType": "EXTERNAL", "status": "IN_USE"},
            {"name": "inside", "address": "10.0.0.7", "addressType": "INTERNAL", "status": "IN_USE"},
        ],
        rules=[
            {"name": "kept", "IPAddress": "203.0.113.7", **rule},
            {"name": "lent", "IPAddress": "203.0.113.9", **rule},
            {"name": "inner", "IPAddress": "10.0.0.9", "backendService": "x", "loadBalancingScheme": "INTERNAL"},
        ],
        machines=[
            machine("web", {"natIP": "203.0.113.7"}, {"natIP": "203.0.113.10"}),
            machine("off", {}),
            machine("db"),
        ],
    )

    found = {
        each.resource.name: (each.address, each.in_use)
        for each in read(public_addresses.COLLECTOR).facts(PublicAddress)
    }

    assert found == {
        "shop": ("203.0.113.7", True),
        "idle": ("203.0.113.8", False),
        "six": ("2001:db8::/96", True),
        "lent": ("203.0.113.9", True),
        "web": ("203.0.113.10", True),
        "off": (None, True),
    }


@pytest.mark.parametrize("collection", ["addresses", "forwardingRules", "instances"])
def test_addresses_are_known_when_all_three_were_listed(read: Read, estate: GcpEstate, collection: str) -> None:
    """Whichever is refused, some address may be missing."""
    addresses(estate)
    bound = public_addresses.COLLECTOR.emits[PublicAddress]
    assert bound is not None
    assert read(public_addresses.COLLECTOR).documents.complete(bound, "global") is None

    estate.faults.append(Fault(f"aggregated/{collection}"))

    unread = read(public_addresses.COLLECTOR).documents.complete(bound, "global")
    assert unread is not None
    assert unread.permission == f"compute.{collection}.list"


@pytest.mark.parametrize(
    ("said", "enabled", "ends"),
    [
        ({"expireTime": LATER}, True, datetime(2027, 1, 2, 11, 4, 5, tzinfo=UTC)),
        ({"managed": {"status": "PROVISIONING"}}, False, None),
        (
            {"managed": {"status": "RENEWAL_FAILED"}, "expireTime": LATER},
            True,
            datetime(2027, 1, 2, 11, 4, 5, tzinfo=UTC),
        ),
        ({}, True, None),
    ],
)
@pytest.mark.parametrize("module", [ssl_certificates, certificates])
def test_a_certificate_ends_when_it_says(
    read: Read, estate: GcpEstate, module: Any, said: dict[str, Any], enabled: bool, ends: datetime | None
) -> None:
    """One that is still to come has no end, and one that does not tell is unread."""
    if module is certificates:
        words = {**said, "managed": {"state": said["managed"]["status"]}} if "managed" in said else said
        item = {"name": f"{P}/locations/global/certificates/shop", **words}
        estate.answers[CERTIFICATES] = Listed("certificates", [item])
    else:
        item = {"name": "shop", "selfLink": f"{LINK}/global/sslCertificates/shop", **said}
        estate.answers[f"{BASE}/sslCertificates"] = {"items": {"global": {"sslCertificates": [item]}}}

    shop = read(module.COLLECTOR).fact(Certificate, "shop")

    assert shop.enabled is enabled
    assert isinstance(shop.expires, Unread) if ends is None else shop.expires == ends


@pytest.mark.parametrize("module", [ssl_certificates, certificates])
def test_refused_certificates_are_a_population_that_is_not_known(read: Read, estate: GcpEstate, module: Any) -> None:
    """The gap names operation and permission."""
    kind = module.COLLECTOR.kinds[0]
    estate.faults.append(Fault(r"[cC]ertificates"))

    unread = read(module.COLLECTOR).documents.complete(kind, "global")

    assert unread is not None
    assert (unread.operation, unread.permission) == (kind.call, kind.needs)


def plan(estate: GcpEstate, vault_in: str = "us-east1", assigned: int = 1) -> None:
    """A plan of two rules, and what it is assigned to."""
    name = f"{P}/locations/us-east1/backupPlans/daily"
    rules = [{"ruleId": "a", "backupRetentionDays": 30}, {"ruleId": "b", "backupRetentionDays": 7}]
    vault = f"{P}/locations/{vault_in}/backupVaults/v"
    estate.answers[f"{BACKUP}/backupPlans"] = Listed(
        "backupPlans", [{"name": name, "backupRules": rules, "backupVault": vault}]
    )
    found = [
        {"name": f"{P}/locations/us-east1/backupPlanAssociations/{n}", "backupPlan": name} for n in range(assigned)
    ]
    estate.answers[f"{BACKUP}/backupPlanAssociations"] = Listed("backupPlanAssociations", found)


@pytest.mark.parametrize(("vault_in", "elsewhere"), [("us-east1", False), ("us-west1", True)])
def test_a_plan_becomes_a_fact(read: Read, estate: GcpEstate, vault_in: str, elsewhere: bool) -> None:
    """The rule that deletes soonest counts."""
    plan(estate, vault_in, 2)

    daily = read(backup_plans.COLLECTOR).fact(BackupPlan, "daily")

    assert (daily.rules, daily.selections, daily.shortest_retention_days) == (2, 2, 7)
    assert daily.copies_elsewhere is elsewhere


@pytest.mark.parametrize("refused", [True, False])
def test_a_plan_without_resources_is_sure_only_when_all_were_listed(
    read: Read, estate: GcpEstate, refused: bool
) -> None:
    """What nobody could list may be on it."""
    plan(estate, assigned=0)
    if refused:
        estate.faults.append(Fault(r"backupPlanAssociations"))

    selections = read(backup_plans.COLLECTOR).fact(BackupPlan, "daily").selections

    assert isinstance(selections, Unread) if refused else selections == 0


@pytest.mark.parametrize(
    ("plans", "schedules", "fault", "expected"),
    [
        (1, 1, "", 2),
        (0, 1, "", 1),
        (0, 0, "", 0),
        (0, 1, "backupPlans", 1),
        (0, 0, "backupPlans", None),
        (0, 0, "resourcePolicies", None),
    ],
)
def test_plans_and_schedules_are_counted(
    read: Read, estate: GcpEstate, plans: int, schedules: int, fault: str, expected: int | None
) -> None:
    """One in sight is one; none in sight is none only when all were listed."""
    plan(estate)
    if not plans:
        estate.answers[f"{BACKUP}/backupPlans"] = Listed("backupPlans", [])
    link = f"{LINK}/regions/us-east1/resourcePolicies"
    found: list[dict[str, Any]] = [{"selfLink": f"{link}/spread"}]
    found += [{"selfLink": f"{link}/daily", "snapshotSchedulePolicy": {}}] * schedules
    estate.answers[f"{BASE}/resourcePolicies"] = {"items": {"regions/us-east1": {"resourcePolicies": found}}}
    if fault:
        estate.faults.append(Fault(fault))

    (coverage,) = read(backup_plans.COLLECTOR).facts(BackupCoverage)

    assert isinstance(coverage.plans, Unread) if expected is None else coverage.plans == expected


@pytest.mark.parametrize(("kept", "locked"), [("86400s", True), ("0s", False)])
def test_a_vault_keeps_backups_for_a_shortest_time(read: Read, estate: GcpEstate, kept: str, locked: bool) -> None:
    """And its key is Google's unless it is named."""
    name = f"{P}/locations/us-east1/backupVaults/v"
    estate.answers[f"{BACKUP}/backupVaults"] = Listed(
        "backupVaults", [{"name": name, "backupMinimumEnforcedRetentionDuration": kept, "state": "ACTIVE"}]
    )
    estate.answers[f"{BACKUP}/backupVaults/-/dataSources"] = Listed("dataSources", [])

    vault = read(backup_vaults.COLLECTOR).fact(BackupVault, "v")

    assert (vault.locked, vault.encryption_key) == (locked, "Google-managed key")


def test_what_was_backed_up_has_its_own_uid(read: Read, estate: GcpEstate) -> None:
    """So that a machine, or a database, is found by the checks that ask for its backups."""
    base = f"{P}/locations/us-east1/backupVaults/v/dataSources"
    made = {"lastSuccessfulBackupConsistencyTime": "2026-06-01T00:00:00Z"}
    estate.answers[f"{BACKUP}/backupVaults"] = Listed("backupVaults", [])
    estate.answers[f"{BACKUP}/backupVaults/-/dataSources"] = Listed(
        "dataSources",
        [
            {
                "name": f"{base}/a",
                "dataSourceGcpResource": {
                    "gcpResourcename": f"{P}/zones/us-east1-b/instances/web",
                    "type": "compute.googleapis.com/Instance",
                },
                "backupConfigInfo": made,
            },
            {
                "name": f"{base}/b",
                "dataSourceGcpResource": {
                    "gcpResourcename": f"{P}/instances/ledger",
                    "type": "sqladmin.googleapis.com/Instance",
                },
            },
        ],
    )
    estate.answers[f"{BACKUP}/backupVaults/-/dataSources"].items.append({"name": f"{base}/c"})

    found = {each.resource.uid: each.last_backup for each in read(backup_vaults.COLLECTOR).facts(ProtectedResource)}

    assert found == {
        f"//compute.googleapis.com/{P}/zones/us-east1-b/instances/web": datetime(2026, 6, 1, tzinfo=UTC),
        f"//cloudsql.googleapis.com/{P}/instances/ledger": None,
    }


@pytest.mark.parametrize(
    ("fault", "number", "permission"),
    [
        (r"/backupVaults\?", 0, "backupdr.backupVaults.list"),
        (r"dataSources", 1, "backupdr.bvdataSources.list"),
    ],
)
def test_refused_vaults_are_a_population_that_is_not_known(
    read: Read, estate: GcpEstate, fault: str, number: int, permission: str
) -> None:
    """The gap names the permission."""
    estate.answers[f"{BACKUP}/backupVaults"] = Listed("backupVaults", [])
    estate.answers[f"{BACKUP}/backupVaults/-/dataSources"] = Listed("dataSources", [])
    estate.faults.append(Fault(fault))

    unread = read(backup_vaults.COLLECTOR).documents.complete(backup_vaults.COLLECTOR.kinds[number], "global")

    assert unread is not None
    assert unread.permission == permission
