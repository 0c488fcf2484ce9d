"""audit_trail.trail_log_store_locked"""

from typing import Any

import pytest

from checks.api import Outcome
from checks.audit_trail.trail_log_store_locked import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Fact, Reason, Resource, Unread
from collectors.facts.detection import ResourceLock
from collectors.facts.monitoring import AuditTrail

STORE = "/subscriptions/s/resourcegroups/logs/w/one"


def trail(**values: Any) -> AuditTrail:
    """A trail of a cloud that has locks."""
    resource = Resource("azure", "s", "global", "audit_trail", "/t", "trail")
    return fact(AuditTrail, **{"resource": resource, "searchable_in": STORE, **values})


@pytest.mark.parametrize("scope", [STORE, "/subscriptions/s/resourcegroups/logs", "/subscriptions/s"])
def test_a_lock_on_the_store_or_above_it_passes(scope: str) -> None:
    """A lock holds for all below."""
    (finding,) = judged(CHECK, trail(), fact(ResourceLock, "keep", scope=scope))

    assert finding.outcome is Outcome.PASS
    assert "keep" in finding.reason
    assert len(finding.documents) == 2


@pytest.mark.parametrize("scope", [f"{STORE}2", "/subscriptions/s/resourcegroups/log", f"{STORE}/tables/x"])
def test_a_lock_beside_or_below_the_store_fails(scope: str) -> None:
    """Names that merely begin alike are no parents."""
    assert outcome(CHECK, trail(), fact(ResourceLock, scope=scope)) is Outcome.FAIL


def test_no_lock_fails() -> None:
    """Whoever has the right deletes the store in one step."""
    assert outcome(CHECK, trail()) is Outcome.FAIL


def test_a_trail_without_log_store_is_not_applicable() -> None:
    """There is nothing to lock."""
    assert outcome(CHECK, trail(searchable_in=None)) is Outcome.NOT_APPLICABLE


def test_a_cloud_without_locks_is_not_applicable() -> None:
    """There are no such locks on AWS."""
    assert outcome(CHECK, fact(AuditTrail, searchable_in=STORE)) is Outcome.NOT_APPLICABLE


def test_a_store_of_another_account_is_unknown() -> None:
    """Its locks are listed there."""
    (finding,) = judged(CHECK, trail(searchable_in="/subscriptions/other/w"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread[0].reason is Reason.ACCOUNT_NOT_ONBOARDED


def test_a_listing_of_locks_that_broke_off_is_unknown_unless_a_lock_was_read() -> None:
    """The rest of the list may hold one."""
    cut: dict[tuple[type[Fact], str], Unread] = {(ResourceLock, "global"): DENIED}

    assert [each.outcome for each in judged(CHECK, trail(), unlisted=cut)] == [Outcome.UNKNOWN]
    lock = fact(ResourceLock, scope=STORE)
    assert [each.outcome for each in judged(CHECK, trail(), lock, unlisted=cut)] == [Outcome.PASS]


def test_an_unread_destination_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, trail(searchable_in=DENIED))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
