"""gcp.compute_disks, gcp.compute_images, gcp.snapshot_schedules"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Unread
from collectors.facts.data_access import Sharing
from collectors.facts.recovery import BackupPlan
from collectors.facts.stores import Disk, DiskSnapshot
from collectors.gcp import compute_disks, compute_images, snapshot_schedules
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
BASE = f"compute/compute/v1/projects/{PROJECT}"
LINK = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}"
DISKS, SNAPSHOTS = f"{BASE}/aggregated/disks", f"{BASE}/global/snapshots"
IMAGES, POLICIES = f"{BASE}/global/images", f"{BASE}/aggregated/resourcePolicies"


def disks(estate: GcpEstate, *bodies: dict[str, Any]) -> None:
    """These disks in one zone."""
    estate.answers[DISKS] = {"items": {"zones/us-east1-b": {"disks": list(bodies)}}}
    estate.answers.setdefault(SNAPSHOTS, Listed("items", []))


def disk(name: str = "data", number: str = "17", **said: Any) -> dict[str, Any]:
    """A disk that nothing uses."""
    return {"name": name, "id": number, "status": "READY", "selfLink": f"{LINK}/zones/us-east1-b/disks/{name}", **said}


def snapshot(name: str, made: str, of: str = "17", status: str = "READY") -> dict[str, Any]:
    """A snapshot of the disk with an id."""
    link = f"{LINK}/global/snapshots/{name}"
    return {"name": name, "selfLink": link, "creationTimestamp": made, "sourceDiskId": of, "status": status}


@pytest.mark.parametrize("collector", [compute_disks.COLLECTOR, compute_images.COLLECTOR, snapshot_schedules.COLLECTOR])
def test_compute_engine_that_is_off_has_nothing(read: Read, estate: GcpEstate, collector: Collector) -> None:
    """Google turns it off only where nothing is left in it."""
    estate.disabled.add("compute")

    reading = read(collector)

    assert reading.page.gaps == []
    assert all(reading.facts(type_) == [] for type_ in collector.emits)
    assert reading.documents.complete(collector.kinds[0], "global") is None


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ({"diskEncryptionKey": {"kmsKeyName": "projects/p/locations/l/keyRings/r/cryptoKeys/k"}}, "projects/p/"),
        ({"diskEncryptionKey": {"sha256": "abc="}}, "supplied:abc="),
        ({}, None),
    ],
)
def test_a_disk_names_its_key(read: Read, estate: GcpEstate, key: dict[str, Any], expected: str | None) -> None:
    """One in Cloud KMS, one that the company hands over, or Google's own."""
    disks(estate, disk(**key))

    found = read(compute_disks.COLLECTOR).fact(Disk, "data").customer_key

    assert found is None if expected is None else str(found).startswith(expected)


def test_a_disk_knows_its_machine_and_its_newest_snapshot(read: Read, estate: GcpEstate) -> None:
    """A snapshot that is not ready does not count, nor one of an earlier disk of the same name."""
    disks(estate, disk(users=[f"{LINK}/zones/us-east1-b/instances/web"]), disk("idle", "18"))
    estate.answers[SNAPSHOTS] = Listed(
        "items",
        [
            snapshot("a", "2026-05-01T02:21:01.334-07:00"),
            snapshot("b", "2026-06-01T00:00:00.000-07:00"),
            snapshot("c", "2026-06-05T00:00:00.000-07:00", status="CREATING"),
            snapshot("d", "2026-06-07T00:00:00.000-07:00", of="16"),
        ],
    )

    reading = read(compute_disks.COLLECTOR)
    data, idle = reading.fact(Disk, "data"), reading.fact(Disk, "idle")

    assert data.machine == f"//compute.googleapis.com/projects/{PROJECT}/zones/us-east1-b/instances/web"
    assert data.newest_snapshot == datetime(2026, 6, 1, 7, tzinfo=UTC)
    assert (idle.attached, idle.newest_snapshot, idle.machine) == (False, None, None)
    assert len(reading.facts(DiskSnapshot)) == 4


def test_refused_snapshots_are_unread_and_not_missing(read: Read, estate: GcpEstate) -> None:
    """No snapshot in sight is none only when all were listed."""
    disks(estate, disk())
    estate.faults.append(Fault(r"/global/snapshots"))

    unread = read(compute_disks.COLLECTOR).fact(Disk, "data").newest_snapshot

    assert isinstance(unread, Unread)
    assert (unread.operation, unread.permission) == ("compute:snapshots.list", "compute.snapshots.list")


@pytest.mark.parametrize(("member", "open_"), [("allAuthenticatedUsers", True), ("group:dev@example.com", False)])
def test_an_image_tells_whether_everybody_may_use_it(read: Read, estate: GcpEstate, member: str, open_: bool) -> None:
    """By its policy."""
    estate.answers[IMAGES] = Listed("items", [{"name": "golden", "selfLink": f"{LINK}/global/images/golden"}])
    estate.answers[f"{IMAGES}/golden/getIamPolicy"] = {
        "bindings": [{"role": "roles/compute.imageUser", "members": [member]}]
    }

    assert read(compute_images.COLLECTOR).fact(Sharing, "golden").everybody is open_


def test_a_refused_policy_leaves_its_image_unread(read: Read, estate: GcpEstate) -> None:
    """Nobody can tell who may use it."""
    estate.answers[IMAGES] = Listed("items", [{"name": "golden", "selfLink": f"{LINK}/global/images/golden"}])
    estate.faults.append(Fault(r"golden/getIamPolicy"))

    unread = read(compute_images.COLLECTOR).fact(Sharing, "golden").everybody

    assert isinstance(unread, Unread)
    assert unread.permission == "compute.images.getIamPolicy"


def schedule(estate: GcpEstate, said: dict[str, Any]) -> None:
    """One schedule in a region, beside a policy of another kind."""
    link = f"{LINK}/regions/us-east1/resourcePolicies"
    estate.answers[POLICIES] = {
        "items": {
            "regions/us-east1": {
                "resourcePolicies": [
                    {
                        "name": "daily",
                        "selfLink": f"{link}/daily",
                        "region": f"{LINK}/regions/us-east1",
                        "snapshotSchedulePolicy": {"schedule": {"dailySchedule": {"daysInCycle": 1}}, **said},
                    },
                    {"name": "spread", "selfLink": f"{link}/spread", "groupPlacementPolicy": {}},
                ]
            }
        }
    }


@pytest.mark.parametrize(
    ("said", "days", "elsewhere"),
    [
        ({}, None, True),
        ({"retentionPolicy": {"maxRetentionDays": 8}}, 8, True),
        ({"snapshotProperties": {"storageLocations": ["us-east1"]}}, None, False),
        ({"snapshotProperties": {"storageLocations": ["eu"]}}, None, True),
    ],
)
def test_a_schedule_is_a_plan(
    read: Read, estate: GcpEstate, said: dict[str, Any], days: int | None, elsewhere: bool
) -> None:
    """A policy of another kind in the same listing is none."""
    schedule(estate, said)
    disks(estate, disk(resourcePolicies=[f"{LINK}/regions/us-east1/resourcePolicies/daily"]))

    (plan,) = read(snapshot_schedules.COLLECTOR).facts(BackupPlan)

    assert (plan.resource.name, plan.rules, plan.selections) == ("daily", 1, 1)
    assert (plan.shortest_retention_days, plan.copies_elsewhere) == (days, elsewhere)


@pytest.mark.parametrize("refused", [True, False])
def test_a_schedule_without_disks_is_sure_only_when_all_were_listed(
    read: Read, estate: GcpEstate, refused: bool
) -> None:
    """Disks that nobody could list may be on it."""
    schedule(estate, {})
    disks(estate, disk())
    if refused:
        estate.faults.append(Fault(r"aggregated/disks"))

    selections = read(snapshot_schedules.COLLECTOR).fact(BackupPlan, "daily").selections

    assert isinstance(selections, Unread) if refused else selections == 0
