"""azure.managed_disks"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.managed_disks import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.stores import Disk, DiskSnapshot
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
VM = "/subscriptions/s/resourceGroups/G/providers/Microsoft.Compute/virtualMachines/Web"
PLATFORM = "EncryptionAtRestWithPlatformKey"


def disk(estate: AzureEstate, name: str, type_: str = PLATFORM, holder: str = "", **encryption: Any) -> str:
    """A managed disk."""
    said = {
        "encryption": {"type": type_, **encryption},
        "creationData": {"createOption": "Empty"},
        "diskState": "Reserved",
    }
    more = {"managedBy": holder} if holder else {}
    return estate.put(f"data/Microsoft.Compute/disks/{name}", properties=said, **more)


def snapshot(estate: AzureEstate, name: str, of: str, made: str, **changed: Any) -> None:
    """A snapshot of a disk."""
    said = {
        "creationData": {"createOption": "Copy", "sourceResourceId": of},
        "encryption": {"type": PLATFORM},
        "provisioningState": "Succeeded",
        "timeCreated": made,
        **changed,
    }
    estate.put(f"data/Microsoft.Compute/snapshots/{name}", properties=said)


def test_a_subscription_without_disks_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert (reading.facts(Disk), reading.facts(DiskSnapshot)) == ([], [])
    assert {listing.items for listing in reading.page.listings} == {0}
    assert len(reading.page.listings) == 3


def test_disks_with_their_keys_and_machines(read: Read, estate: AzureEstate) -> None:
    """The set of a disk names the key; a set of another subscription stands for it."""
    key_url = "https://Keys.vault.azure.net/keys/Disk/0123"
    set_ = estate.put("data/Microsoft.Compute/diskEncryptionSets/set", properties={"activeKey": {"keyUrl": key_url}})
    disk(estate, "own", "EncryptionAtRestWithCustomerKey", VM, diskEncryptionSetId=set_.upper())
    disk(estate, "both", "EncryptionAtRestWithPlatformAndCustomerKeys", diskEncryptionSetId="/subscriptions/Other/Set")
    disk(estate, "plain")

    reading = read(COLLECTOR)

    own, both, plain = (reading.fact(Disk, name) for name in ("own", "both", "plain"))
    assert own.customer_key == "https://keys.vault.azure.net/keys/disk"
    assert (own.encrypted_at_rest, own.attached, own.machine) == (True, True, VM.lower())
    assert both.customer_key == "/subscriptions/other/set"
    assert (plain.encrypted_at_rest, plain.customer_key, plain.attached, plain.machine) == (True, None, False, None)


def test_a_word_that_is_not_documented_is_unread(read: Read, estate: AzureEstate) -> None:
    """Nobody knows whether a new kind of encryption is one, or with whose key."""
    disk(estate, "new", "EncryptionAtRestWithMagic")

    found = read(COLLECTOR).fact(Disk, "new")

    assert isinstance(found.encrypted_at_rest, Unread)
    assert isinstance(found.customer_key, Unread)


def test_the_newest_complete_snapshot_counts(read: Read, estate: AzureEstate) -> None:
    """One under way, one that failed and one of another disk do not."""
    id_ = disk(estate, "d")
    snapshot(estate, "old", id_, "2026-01-01T00:00:00+00:00")
    snapshot(estate, "new", id_.upper(), "2026-02-01T00:00:00.1234567+00:00")
    snapshot(estate, "half", id_, "2026-03-01T00:00:00+00:00", completionPercent=40.0)
    snapshot(estate, "bad", id_, "2026-04-01T00:00:00+00:00", provisioningState="Failed")
    snapshot(estate, "other", "/subscriptions/x", "2026-05-01T00:00:00+00:00")
    snapshot(estate, "import", "", "2026-06-01T00:00:00+00:00", creationData={"createOption": "Import"})

    reading = read(COLLECTOR)

    assert reading.fact(Disk, "d").newest_snapshot == datetime(2026, 2, 1, 0, 0, 0, 123456, tzinfo=UTC)
    assert [each.encrypted_at_rest for each in reading.facts(DiskSnapshot)] == [True] * 6


def test_a_disk_without_a_snapshot_has_none(read: Read, estate: AzureEstate) -> None:
    """None, since the listing of snapshots is complete."""
    disk(estate, "d")

    assert read(COLLECTOR).fact(Disk, "d").newest_snapshot is None


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_snapshots_that_cannot_be_listed_leave_the_newest_one_unread(
    read: Read, estate: AzureEstate, kind: str
) -> None:
    """What is known of the disk itself stays known."""
    disk(estate, "d")
    estate.faults.append(Fault(r"GET /.*/Microsoft.Compute/snapshots\?", kind=kind))

    reading = read(COLLECTOR)

    newest = reading.fact(Disk, "d").newest_snapshot
    assert isinstance(newest, Unread)
    assert (newest.operation, newest.permission) == ("Microsoft.Compute:snapshots", "Microsoft.Compute/snapshots/read")
    assert reading.fact(Disk, "d").encrypted_at_rest is True


def test_sets_that_cannot_be_listed_leave_the_key_unread(read: Read, estate: AzureEstate) -> None:
    """Only of the disk that has one."""
    disk(estate, "own", "EncryptionAtRestWithCustomerKey", diskEncryptionSetId="/subscriptions/x/set")
    disk(estate, "plain")
    estate.faults.append(Fault(r"GET /.*/diskEncryptionSets\?"))

    reading = read(COLLECTOR)

    key = reading.fact(Disk, "own").customer_key
    assert isinstance(key, Unread)
    assert key.permission == "Microsoft.Compute/diskEncryptionSets/read"
    assert reading.fact(Disk, "plain").customer_key is None


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """The second page of disks is refused."""
    for name in ("a", "b", "c"):
        disk(estate, name)
    estate.faults.append(Fault(r"GET /.*/Microsoft.Compute/disks\?", after=1))

    reading = read(COLLECTOR)

    assert [each.resource.name for each in reading.facts(Disk)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.compute.disk")
    assert estate.writes == []
