"""audit_trail.trail_store_kept"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.audit_trail.trail_store_kept import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Reason
from collectors.facts.monitoring import AuditTrail
from collectors.facts.stores import ObjectStore

TRAIL = fact(AuditTrail, "trail", store="arn:logs")


@pytest.mark.parametrize(
    ("days", "expected"), [(None, Outcome.FAIL), (0, Outcome.FAIL), (1, Outcome.PASS), (400, Outcome.PASS)]
)
def test_a_lock_must_hold_for_a_while(days: int | None, expected: Outcome) -> None:
    """A lock without a time holds nothing."""
    assert outcome(CHECK, TRAIL, fact(ObjectStore, "logs", object_lock_days=days)) is expected


def test_the_time_is_the_companys_to_choose() -> None:
    """A longer promise takes a longer lock."""
    store = fact(ObjectStore, "logs", object_lock_days=30)

    assert outcome(CHECK, TRAIL, store, minimum_days=365) is Outcome.FAIL


def test_a_store_of_another_account_is_unknown() -> None:
    """A complete listing without the store means that it is elsewhere, not that it is fine."""
    (finding,) = judged(CHECK, TRAIL, fact(ObjectStore, "other"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread[0].reason is Reason.ACCOUNT_NOT_ONBOARDED


def test_an_unread_store_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, TRAIL, fact(ObjectStore, "logs"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)


def test_a_trail_without_store_is_not_applicable() -> None:
    """It keeps no files that anybody could delete."""
    assert outcome(CHECK, fact(AuditTrail, store=None)) is Outcome.NOT_APPLICABLE
