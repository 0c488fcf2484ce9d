"""The log store of an audit trail is locked against deletion, where there are locks that stand above rights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
)
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import ResourceLock
from collectors.facts.monitoring import AuditTrail

NO_LOCKS = "there are no locks above rights"


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per trail, about the store that it streams to; a lock on anything above the store counts."""
    for trail in facts.of(AuditTrail):
        store = trail.searchable_in
        if not ResourceLock.exists_in(trail.resource.cloud):
            yield not_applicable(trail, f"{trail.resource.cloud}: {NO_LOCKS}")
        elif isinstance(store, Unread):
            yield unknown(trail, store)
        elif store is None:
            yield not_applicable(trail, "trail streams to no log store")
        elif lock := next((lock for lock in facts.of(ResourceLock) if _above(lock.scope, store)), None):
            yield passes(trail, f"{store} is locked by {lock.resource.name}", lock)
        elif unlisted := facts.unlisted(ResourceLock) or _elsewhere(trail, store):
            yield unknown(trail, unlisted)
        else:
            yield fails(trail, f"no lock keeps {store} from deletion")


def _above(scope: str, uid: str) -> bool:
    return uid == scope or uid.startswith(f"{scope}/")


def _elsewhere(trail: AuditTrail, store: str) -> Unread | None:
    """Why nobody can tell about a store in another account, of which the locks are not listed here."""
    if trail.resource.account in store.split("/"):
        return None
    said = f"{store} is not in this account"
    return Unread(Reason.ACCOUNT_NOT_ONBOARDED, "listing of locks", "a target for the account of the store", said)


CHECK = Check(
    id="audit_trail.trail_log_store_locked",
    title="Log stores of audit trails are locked against deletion",
    criteria=(
        Criterion("CC7.2", PARTIAL, "an intruder cannot erase the traces in one step"),
        Criterion("PI1.5", PARTIAL, "what was recorded is not lost by one deletion"),
        Criterion("CC6.1", SUPPORTING, "rights alone do not suffice to delete the record of activity"),
    ),
    severity="medium",
    needs=(AuditTrail, ResourceLock),
    remediation="Put a lock on the store or its group: on Azure, a CanNotDelete lock on the Log Analytics workspace.",
    equivalents={},
    judge=judge,
)
