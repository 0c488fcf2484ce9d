"""Audit trails beside the object stores that they deliver to."""

from __future__ import annotations

from collections.abc import Iterator

from checks.api import Facts
from collectors.facts.core import Reason, Unread
from collectors.facts.monitoring import AuditTrail
from collectors.facts.stores import ObjectStore


def trails_with_stores(
    facts: Facts, operation: str, permission: str
) -> Iterator[tuple[AuditTrail, ObjectStore | Unread]]:
    """Every trail with its store; `operation` and `permission` are what would read a store that is elsewhere.

    A store that a complete listing of this account lacks belongs to an account that this run does not read.
    """
    stores = {store.resource.uid: store for store in facts.of(ObjectStore)}
    for trail in facts.of(AuditTrail):
        elsewhere = Unread(Reason.ACCOUNT_NOT_ONBOARDED, operation, permission, f"{trail.store} is not in this account")
        yield trail, stores.get(trail.store) or facts.unlisted(ObjectStore) or elsewhere
