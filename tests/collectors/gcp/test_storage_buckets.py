"""gcp.storage_buckets"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import ObjectRights, StoreSafeguards
from collectors.facts.stores import ObjectStore
from collectors.gcp.storage_buckets import COLLECTOR
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LIST = "storage/storage/v1/b"


def bucket(estate: GcpEstate, name: str, *members: str, **changed: Any) -> None:
    """A bucket as the console makes it, with a policy that grants its members to read."""
    body = {
        "kind": "storage#bucket",
        "name": name,
        "location": "EUROPE-WEST1",
        "locationType": "region",
        "iamConfiguration": {
            "publicAccessPrevention": "inherited",
            "uniformBucketLevelAccess": {"enabled": True},
        },
        **changed,
    }
    listed = estate.answers.setdefault(LIST, Listed("items", []))
    listed.items.append(body)
    bindings = [{"role": "roles/storage.objectViewer", "members": list(members)}]
    estate.answers[f"{LIST}/{name}/iam"] = {"kind": "storage#policy", "bindings": bindings}


def test_a_project_without_buckets_is_a_complete_listing(read: Read, estate: GcpEstate) -> None:
    """Empty is proven, not assumed: the answer leaves the list out."""
    estate.answers[LIST] = Listed("items", [])

    reading = read(COLLECTOR)

    assert reading.facts(ObjectStore) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [("gcp.storage.bucket", 0)]


def test_settings_become_facts(read: Read, estate: GcpEstate) -> None:
    """Each setting that a bucket has is read and shaped."""
    bucket(
        estate,
        "ledger",
        "group:auditors@example.com",
        location="EU",
        locationType="multi-region",
        encryption={"defaultKmsKeyName": "projects/p/locations/eu/keyRings/r/cryptoKeys/k"},
        versioning={"enabled": True},
        logging={"logBucket": "logs"},
        retentionPolicy={"retentionPeriod": "31536000", "isLocked": True},
        lifecycle={"rule": [{"action": {"type": "Delete"}, "condition": {"age": 400}}]},
    )

    store = read(COLLECTOR).fact(ObjectStore, "ledger")

    assert (store.resource.uid, store.resource.region) == ("//storage.googleapis.com/ledger", "eu")
    assert store.customer_key == "projects/p/locations/eu/keyRings/r/cryptoKeys/k"
    assert store.versioned is True
    assert store.access_log_to == "logs"
    assert store.public is False
    assert store.public_access_blocked is False
    assert store.object_lock_days == 365
    assert store.expires_objects is True
    assert store.replicated_to == ("eu",)


@pytest.mark.parametrize("member", ["allUsers", "allAuthenticatedUsers"])
@pytest.mark.parametrize(("prevention", "public"), [("inherited", True), ("enforced", False)])
def test_a_bucket_for_everybody_is_public_unless_that_is_prevented(
    read: Read, estate: GcpEstate, member: str, prevention: str, public: bool
) -> None:
    """What a binding grants, the bucket's own guard takes back."""
    bucket(estate, "open", member, iamConfiguration={"publicAccessPrevention": prevention})

    store = read(COLLECTOR).fact(ObjectStore, "open")

    assert store.public is public
    assert store.public_access_blocked is not public


def test_a_lock_that_can_be_taken_off_is_none(read: Read, estate: GcpEstate) -> None:
    """Only a locked retention policy counts."""
    bucket(estate, "loose", retentionPolicy={"retentionPeriod": "864000"})

    assert read(COLLECTOR).fact(ObjectStore, "loose").object_lock_days is None


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_what_cannot_be_read_is_unread_for_exactly_that_bucket(read: Read, estate: GcpEstate, kind: str) -> None:
    """One bucket's policy is refused or garbled; the other one's is known."""
    bucket(estate, "one", "allUsers")
    bucket(estate, "two", "allUsers")
    estate.faults.append(Fault(r"/b/one/iam\?", kind=kind))

    reading = read(COLLECTOR)

    public = reading.fact(ObjectStore, "one").public
    assert isinstance(public, Unread)
    assert (public.operation, public.permission) == ("storage:buckets.getIamPolicy", "storage.buckets.getIamPolicy")
    assert reading.fact(ObjectStore, "two").public is True
    assert {gap.uid for gap in reading.page.gaps} == {"//storage.googleapis.com/one"}


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: GcpEstate) -> None:
    """The second page is refused: what the first one held is kept, and the population is not known."""
    for name in ("a", "b", "c"):
        bucket(estate, name)
    estate.faults.append(Fault(r"/storage/v1/b\?.*pageToken"))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(ObjectStore)] == ["a", "b"]
    (gap,) = [gap for gap in reading.page.gaps if gap.listing]
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "gcp.storage.bucket")
    assert reading.page.listings == []
    assert estate.writes == []


def test_a_service_that_is_not_enabled_is_not_empty(read: Read, estate: GcpEstate) -> None:
    """Buckets outlive the enablement of their API, so nothing is proven."""
    estate.disabled.add("storage")

    (gap,) = read(COLLECTOR).page.gaps

    assert (gap.reason, gap.error) == (Reason.SERVICE_UNSUPPORTED, "SERVICE_DISABLED")


@pytest.mark.parametrize(("seconds", "days"), [("604800", 7), ("0", 0)])
@pytest.mark.parametrize("uniform", [True, False])
def test_safeguards_and_rights_become_facts(
    read: Read, estate: GcpEstate, seconds: str, days: int, uniform: bool
) -> None:
    """How long what was deleted can be brought back, and whether objects have access lists of their own."""
    access = {"publicAccessPrevention": "inherited", "uniformBucketLevelAccess": {"enabled": uniform}}
    bucket(estate, "ledger", softDeletePolicy={"retentionDurationSeconds": seconds}, iamConfiguration=access)

    reading = read(COLLECTOR)

    assert reading.fact(StoreSafeguards, "ledger").deleted_stores_kept_days == days
    assert reading.fact(StoreSafeguards, "ledger").encrypted_twice is None
    assert reading.fact(ObjectRights, "ledger").single_policy is uniform


def test_a_bucket_that_does_not_tell_of_soft_delete_is_unread(read: Read, estate: GcpEstate) -> None:
    """Nothing said is neither a week nor nothing."""
    bucket(estate, "old")

    assert isinstance(read(COLLECTOR).fact(StoreSafeguards, "old").deleted_stores_kept_days, Unread)
