"""aws.rds_cluster_snapshots"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.rds_cluster_snapshots import COLLECTOR, SNAPSHOTS
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
    """A cluster and one snapshot of it."""
    rds.create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-mysql",
        MasterUsername="app",
        MasterUserPassword="not-a-secret-1",
        StorageEncrypted=encrypted,
    )
    rds.create_db_cluster_snapshot(DBClusterIdentifier=name, DBClusterSnapshotIdentifier=f"{name}-copy")


def test_snapshots_keep_the_encryption_of_their_source(read: Read, client: Client) -> None:
    """Encrypted and not, with the time at which each was taken."""
    rds = client("rds")
    create(rds, "safe", encrypted=True)
    create(rds, "bare", encrypted=False)

    reading = read(COLLECTOR)
    safe = reading.fact(DatabaseSnapshot, "safe-copy")

    assert safe.encrypted_at_rest is True
    assert isinstance(safe.created, datetime)
    assert reading.fact(DatabaseSnapshot, "bare-copy").encrypted_at_rest is False


def test_no_snapshots_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    documents = read(COLLECTOR).documents

    assert list(COLLECTOR.shape(documents)) == []
    assert documents.complete(SNAPSHOTS.snapshot, REGION) is None


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, faults: Faults, fault: str) -> None:
    """No snapshot is known, and that is said."""
    getattr(faults, fault).add("rds:DescribeDBClusterSnapshots")

    unlisted = read(COLLECTOR).documents.complete(SNAPSHOTS.snapshot, REGION)

    assert unlisted is not None
    assert unlisted.operation == "rds:DescribeDBClusterSnapshots"


@pytest.mark.parametrize(
    ("body", "encrypted"),
    [
        ({"StorageEncrypted": False, "StorageEncryptionType": "sse-rds"}, True),
        ({"StorageEncrypted": False, "StorageEncryptionType": "none"}, False),
    ],
)
def test_a_key_that_aws_owns_encrypts_too(body: dict[str, Any], encrypted: bool) -> None:
    """StorageEncrypted is false for it; what AWS left out stays unread."""
    document = Document(SNAPSHOTS.snapshot.name, "arn:aws:rds:us-east-1:1:cluster-snapshot:s", REGION, body)
    documents = Documents(COLLECTOR, Identity("aws", "1", "me", "aws"), (REGION,), [document])

    fact, sharing = COLLECTOR.shape(documents)

    assert isinstance(fact, DatabaseSnapshot)
    assert isinstance(sharing, Sharing)
    assert isinstance(sharing.everybody, Unread)
    assert fact.encrypted_at_rest is encrypted
    assert isinstance(fact.created, Unread)


def test_whom_snapshots_are_shared_with(read: Read, client: Client, faults: Faults) -> None:
    """Everybody, some accounts, or nobody knows."""
    rds = client("rds")
    create(rds, "open", encrypted=False)
    create(rds, "kept", encrypted=False)
    for name, whom in (("open-copy", "all"), ("kept-copy", "210987654321")):
        rds.modify_db_cluster_snapshot_attribute(
            DBClusterSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=[whom]
        )

    reading = read(COLLECTOR)

    assert reading.fact(Sharing, "open-copy").everybody is True
    assert reading.fact(Sharing, "kept-copy").everybody is False

    faults.deny.add("rds:DescribeDBClusterSnapshotAttributes")
    denied = read(COLLECTOR).fact(Sharing, "open-copy").everybody

    assert isinstance(denied, Unread)
    assert denied.permission == "rds:DescribeDBClusterSnapshotAttributes"
