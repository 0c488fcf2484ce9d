"""Snapshots of RDS database instances, automatic ones too, and whom they are shared with; not those of others."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Collector, Document, Then
from collectors.aws import rds_snapshot_families
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import Sharing
from collectors.facts.stores import DatabaseSnapshot

SNAPSHOTS = rds_snapshot_families.family("aws.rds.snapshot", "DBSnapshot", flag="Encrypted")


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every snapshot of an instance that this account owns."""
    yield from rds_snapshot_families.fetch(aws, SNAPSHOTS)


def shape(docs: Documents) -> Iterator[Fact]:
    """One database snapshot each, and whom it is shared with."""
    yield from rds_snapshot_families.facts(docs, SNAPSHOTS)


COLLECTOR = Collector(
    id="aws.rds_snapshots",
    title="Snapshots of RDS database instances",
    scope="region",
    kinds=SNAPSHOTS.kinds,
    emits=dict.fromkeys((DatabaseSnapshot, Sharing), SNAPSHOTS.snapshot),
    source="Amazon RDS API 2014-10-31",
    fetch=fetch,
    shape=shape,
)
