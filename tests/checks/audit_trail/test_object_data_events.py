"""audit_trail.object_data_events"""

from typing import Any

from checks.api import Outcome
from checks.audit_trail.object_data_events import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.monitoring import AuditTrail


def trail(**values: Any) -> AuditTrail:
    """A trail that is on and records both kinds, but for `values`."""
    good: dict[str, Any] = {"logging": True, "object_reads": True, "object_writes": True}
    return fact(AuditTrail, store="arn:logs", **{**good, **values})


def test_a_trail_that_records_both_passes() -> None:
    """On, reads and writes is a pass."""
    assert outcome(CHECK, trail()) is Outcome.PASS


def test_a_trail_without_reads_fails() -> None:
    """What was looked at leaves no record."""
    (finding,) = judged(CHECK, trail(object_reads=False))

    assert finding.outcome is Outcome.FAIL
    assert "does not record reads of" in finding.reason


def test_a_trail_without_writes_fails() -> None:
    """What was changed leaves no record."""
    (finding,) = judged(CHECK, trail(object_writes=False))

    assert finding.outcome is Outcome.FAIL
    assert "does not record writes of" in finding.reason


def test_a_trail_with_neither_fails_with_both_words() -> None:
    """Both are named, so that both get mended."""
    (finding,) = judged(CHECK, trail(object_reads=False, object_writes=False))

    assert "reads and writes" in finding.reason


def test_a_trail_that_is_off_fails() -> None:
    """A trail that is off records nothing, whatever it selects."""
    assert outcome(CHECK, fact(AuditTrail, store="arn:logs", logging=False)) is Outcome.FAIL


def test_missing_writes_decide_beside_unread_reads() -> None:
    """One half that is missing is enough to fail."""
    assert outcome(CHECK, trail(object_reads=DENIED, object_writes=False)) is Outcome.FAIL


def test_unread_writes_are_unknown() -> None:
    """Reads alone do not make a pass."""
    assert outcome(CHECK, trail(object_writes=DENIED)) is Outcome.UNKNOWN


def test_an_unread_switch_is_unknown() -> None:
    """What is selected is not recorded unless the trail is on."""
    assert outcome(CHECK, trail(logging=DENIED)) is Outcome.UNKNOWN


def test_an_unread_trail_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(AuditTrail, store="arn:logs"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_a_provider_whose_stores_log_themselves_is_not_applicable() -> None:
    """The activity log of such a cloud cannot hold access to objects."""
    assert outcome(CHECK, trail(objects_elsewhere=True)) is Outcome.NOT_APPLICABLE
    assert outcome(CHECK, trail(objects_elsewhere=True, logging=False, object_reads=DENIED)) is Outcome.NOT_APPLICABLE
