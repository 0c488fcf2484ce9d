"""audit_trail.trail_searchable"""

from datetime import timedelta
from typing import Any

from checks.api import Outcome
from checks.audit_trail.trail_searchable import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.monitoring import AuditTrail


def trail(**values: Any) -> AuditTrail:
    """A trail that streamed an hour ago, but for `values`."""
    good: dict[str, Any] = {"searchable_in": "arn:group", "last_search_delivery": NOW - timedelta(hours=1)}
    return fact(AuditTrail, store="arn:logs", **{**good, **values})


def test_a_trail_that_streams_passes() -> None:
    """A log store with fresh events is a pass."""
    assert outcome(CHECK, trail()) is Outcome.PASS


def test_a_delivery_of_exactly_the_limit_passes() -> None:
    """24 hours of silence are still fine."""
    assert outcome(CHECK, trail(last_search_delivery=NOW - timedelta(hours=24))) is Outcome.PASS


def test_a_delivery_one_second_over_the_limit_fails_with_its_date() -> None:
    """Past 24 hours the stream is broken."""
    (finding,) = judged(CHECK, trail(last_search_delivery=NOW - timedelta(hours=24, seconds=1)))

    assert finding.outcome is Outcome.FAIL
    assert "on 2026-06-14" in finding.reason


def test_the_limit_can_be_set() -> None:
    """A control may allow a longer silence."""
    late = trail(last_search_delivery=NOW - timedelta(hours=47))

    assert outcome(CHECK, late) is Outcome.FAIL
    assert outcome(CHECK, late, max_silence_hours=48) is Outcome.PASS


def test_a_trail_without_a_log_store_fails() -> None:
    """Nowhere to search decides, whatever else is unread."""
    assert outcome(CHECK, fact(AuditTrail, store="arn:logs", searchable_in=None)) is Outcome.FAIL


def test_a_stream_that_never_arrived_fails() -> None:
    """A log store that holds nothing cannot be searched."""
    assert outcome(CHECK, trail(last_search_delivery=None)) is Outcome.FAIL


def test_an_unread_delivery_is_unknown() -> None:
    """A log store that is set is not yet one that gets events."""
    assert outcome(CHECK, trail(last_search_delivery=DENIED)) is Outcome.UNKNOWN


def test_an_unread_trail_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(AuditTrail, store="arn:logs"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_a_stream_of_which_the_provider_tells_no_deliveries_passes() -> None:
    """The setting is all there is to see, and the reason says so."""
    told: dict[str, Any] = {"store": None, "delivery_told": False, "last_search_delivery": None}
    (finding,) = judged(CHECK, fact(AuditTrail, searchable_in="/w", **told))

    assert finding.outcome is Outcome.PASS
    assert "tells nothing of deliveries" in finding.reason
    assert outcome(CHECK, fact(AuditTrail, searchable_in=None, **told)) is Outcome.FAIL
    assert outcome(CHECK, fact(AuditTrail, **told)) is Outcome.UNKNOWN
