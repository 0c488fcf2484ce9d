"""aws.rds_snapshots"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.rds_snapshot_families import taken
from collectors.aws.rds_snapshots import COLLECTOR, SNAPSHOTS
from collectors.documents import Documents
from collectors.facts.core import Unread
from collectors.facts.data_access import Sharing
from collectors.facts.stores import DatabaseSnapshot
from collectors.provenance import Identity
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"


def create(rds: Any, name: str, *, encrypted: bool) -> None:
    """An instance and one snapshot of it."""
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        DBInstanceClass="db.t3.medium",
        AllocatedStorage=20,
        MasterUsername="app",
        MasterUserPassword="not-a-secret-1",
        StorageEncrypted=encrypted,
    )
    rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=f"{name}-copy")


def test_snapshots_keep_the_encryption_of_their_source(read: Read, client: Client) -> None:
    """Manual and automatic ones are read, encrypted and not, with the time at which each was taken."""
    before = datetime.now(UTC).replace(microsecond=0)
    rds = client("rds")
    create(rds, "safe", encrypted=True)
    create(rds, "bare", encrypted=False)

    reading = read(COLLECTOR)
    safe = reading.fact(DatabaseSnapshot, "safe-copy")
    automatic = [fact for fact in reading.facts(DatabaseSnapshot) if fact.resource.name.startswith("rds:bare")]

    assert safe.encrypted_at_rest is True
    assert isinstance(safe.created, datetime)
    assert before <= safe.created <= datetime.now(UTC)
    assert reading.fact(DatabaseSnapshot, "bare-copy").encrypted_at_rest is False
    assert [fact.encrypted_at_rest for fact in automatic] == [False]


def test_no_snapshots_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    documents = read(COLLECTOR).documents

    assert list(COLLECTOR.shape(documents)) == []
    assert documents.complete(SNAPSHOTS.snapshot, REGION) is None


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, faults: Faults, fault: str) -> None:
    """No snapshot is known, and that is said."""
    getattr(faults, fault).add("rds:DescribeDBSnapshots")

    unlisted = read(COLLECTOR).documents.complete(SNAPSHOTS.snapshot, REGION)

    assert unlisted is not None
    assert unlisted.operation == "rds:DescribeDBSnapshots"


def test_every_field_that_aws_left_out_is_unread() -> None:
    """A bare answer proves neither encryption nor time."""
    bare = Document(SNAPSHOTS.snapshot.name, "arn:aws:rds:us-east-1:1:snapshot:s", REGION, {})
    documents = Documents(COLLECTOR, Identity("aws", "1", "me", "aws"), (REGION,), [bare])

    fact, sharing = COLLECTOR.shape(documents)

    assert isinstance(fact, DatabaseSnapshot)
    assert isinstance(sharing, Sharing)
    assert isinstance(sharing.everybody, Unread)
    assert isinstance(fact.encrypted_at_rest, Unread)
    assert isinstance(fact.created, Unread)


def test_a_snapshot_under_way_has_no_time() -> None:
    """AWS gives the time of finished ones, in UTC."""
    assert taken({"Status": "creating"}) is None
    assert taken({"Status": "available", "SnapshotCreateTime": "2026-03-14T12:00:00+00:00"}) == datetime(
        2026, 3, 14, 12, tzinfo=UTC
    )


def test_whom_snapshots_are_shared_with(read: Read, client: Client, faults: Faults) -> None:
    """Manual ones are asked one by one; automatic ones cannot be shared, and nothing is asked about them."""
    rds = client("rds")
    create(rds, "open", encrypted=False)
    create(rds, "kept", encrypted=False)
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="open-copy", AttributeName="restore", ValuesToAdd=["all"])
    rds.modify_db_snapshot_attribute(
        DBSnapshotIdentifier="kept-copy", AttributeName="restore", ValuesToAdd=["210987654321"]
    )

    reading = read(COLLECTOR)
    found = {fact.resource.name.partition("-20")[0]: fact.everybody for fact in reading.facts(Sharing)}

    assert found == {"open-copy": True, "kept-copy": False, "rds:open": False, "rds:kept": False}
    assert sum(call.operation == "DescribeDBSnapshotAttributes" for call in reading.page.calls) == 2

    faults.deny.add("rds:DescribeDBSnapshotAttributes")
    denied = read(COLLECTOR).fact(Sharing, "open-copy").everybody

    assert isinstance(denied, Unread)
    assert denied.permission == "rds:DescribeDBSnapshotAttributes"
