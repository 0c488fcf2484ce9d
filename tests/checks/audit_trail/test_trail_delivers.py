"""audit_trail.trail_delivers"""

from datetime import timedelta
from typing import Any

from checks.api import Outcome
from checks.audit_trail.trail_delivers import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.monitoring import AuditTrail


def trail(**values: Any) -> AuditTrail:
    """A trail that delivered an hour ago, but for `values`."""
    good: dict[str, Any] = {
        "logging": True,
        "delivery_error": None,
        "last_delivery": NOW - timedelta(hours=1),
    }
    return fact(AuditTrail, store="arn:logs", **{**good, **values})


def test_a_trail_that_delivers_passes() -> None:
    """On, without error and recent is a pass."""
    assert outcome(CHECK, trail()) is Outcome.PASS


def test_a_delivery_of_exactly_the_limit_passes() -> None:
    """24 hours of silence are still fine."""
    assert outcome(CHECK, trail(last_delivery=NOW - timedelta(hours=24))) is Outcome.PASS


def test_a_delivery_one_second_over_the_limit_fails_with_its_date() -> None:
    """Past 24 hours the trail is silent."""
    (finding,) = judged(CHECK, trail(last_delivery=NOW - timedelta(hours=24, seconds=1)))

    assert finding.outcome is Outcome.FAIL
    assert "on 2026-06-14" in finding.reason


def test_the_limit_can_be_set() -> None:
    """A control may allow a longer silence."""
    late = trail(last_delivery=NOW - timedelta(hours=47))

    assert outcome(CHECK, late) is Outcome.FAIL
    assert outcome(CHECK, late, max_silence_hours=48) is Outcome.PASS


def test_a_trail_that_is_off_fails_whatever_else_is_unread() -> None:
    """Switched off decides alone."""
    assert outcome(CHECK, fact(AuditTrail, store="arn:logs", logging=False)) is Outcome.FAIL


def test_a_delivery_error_fails_and_is_named() -> None:
    """A trail whose store refuses it records nothing."""
    (finding,) = judged(CHECK, trail(delivery_error="AccessDenied"))

    assert finding.outcome is Outcome.FAIL
    assert "AccessDenied" in finding.reason


def test_a_trail_that_never_delivered_fails() -> None:
    """None is an answer: nothing ever arrived."""
    assert outcome(CHECK, trail(last_delivery=None)) is Outcome.FAIL


def test_an_unread_switch_is_unknown() -> None:
    """A recent delivery does not show that the trail is still on."""
    assert outcome(CHECK, trail(logging=DENIED)) is Outcome.UNKNOWN


def test_an_unread_error_is_unknown() -> None:
    """An error that nobody could read is not the absence of errors."""
    assert outcome(CHECK, trail(delivery_error=DENIED)) is Outcome.UNKNOWN


def test_an_unread_trail_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(AuditTrail, store="arn:logs"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_a_provider_that_tells_nothing_of_deliveries_is_not_applicable() -> None:
    """That nothing is told is neither a delivery nor a failure."""
    told: dict[str, Any] = {"delivery_told": False, "delivery_error": None, "last_delivery": None}

    assert outcome(CHECK, fact(AuditTrail, store="arn:logs", logging=True, **told)) is Outcome.NOT_APPLICABLE
    assert outcome(CHECK, fact(AuditTrail, store="arn:logs", logging=False, **told)) is Outcome.FAIL
    assert outcome(CHECK, fact(AuditTrail, store="arn:logs", **told)) is Outcome.UNKNOWN
