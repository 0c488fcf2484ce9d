"""Audit trails beside the object stores that they deliver to."""

from __future__ import annotations

from collections.abc import Iterator

from checks.api import Facts
from collectors.facts.core import Reason, Unread
from collectors.facts.monitoring import AuditTrail
from collectors.facts.stores import ObjectStore

NO_STORE = "trail delivers to no object store"
ELSEWHERE = {
    "azure": ("Microsoft.Storage:storageAccounts", "Microsoft.Storage/storageAccounts/read"),
    "gcp": ("storage:buckets.list", "storage.buckets.list"),
}
"""Operation and permission that would read a store that is elsewhere, on clouds where one reads all of its settings."""


def trails_with_stores(
    facts: Facts, operation: str, permission: str
) -> Iterator[tuple[AuditTrail, ObjectStore | None | Unread]]:
    """Every trail with its store, or None when it has none.

    `operation` and `permission` are what would read a store that is elsewhere, on AWS.  A store that a complete
    listing of this account lacks belongs to an account that this run does not read.
    """
    stores = {store.resource.uid: store for store in facts.of(ObjectStore)}
    for trail in facts.of(AuditTrail):
        if trail.store is None or isinstance(trail.store, Unread):
            yield trail, trail.store
            continue
        reads = ELSEWHERE.get(trail.resource.cloud, (operation, permission))
        elsewhere = Unread(Reason.ACCOUNT_NOT_ONBOARDED, *reads, f"{trail.store} is not in this account")
        yield trail, stores.get(trail.store) or facts.unlisted(ObjectStore) or elsewhere
