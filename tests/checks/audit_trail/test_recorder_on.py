"""audit_trail.recorder_on"""

from typing import Any

from checks.api import Outcome
from checks.audit_trail.recorder_on import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.monitoring import ConfigurationRecorder


def recorder(**values: Any) -> ConfigurationRecorder:
    """A recorder that works, but for `values`."""
    good: dict[str, Any] = {
        "exists": True,
        "recording": True,
        "all_resources": True,
        "last_status": "SUCCESS",
    }
    return fact(ConfigurationRecorder, **{**good, **values})


def test_a_recorder_of_everything_passes() -> None:
    """On, all resources and delivering is a pass."""
    assert outcome(CHECK, recorder()) is Outcome.PASS


def test_a_recorder_without_a_status_passes() -> None:
    """None is an answer: it was just started."""
    assert outcome(CHECK, recorder(last_status=None)) is Outcome.PASS


def test_a_pending_recorder_passes() -> None:
    """Pending is not a failure."""
    assert outcome(CHECK, recorder(last_status="PENDING")) is Outcome.PASS


def test_a_region_without_a_recorder_fails() -> None:
    """No recorder decides, whatever else is unread."""
    assert outcome(CHECK, fact(ConfigurationRecorder, exists=False)) is Outcome.FAIL


def test_a_stopped_recorder_fails() -> None:
    """A recorder that is off sees no change."""
    assert outcome(CHECK, recorder(recording=False)) is Outcome.FAIL


def test_a_recorder_of_some_types_fails() -> None:
    """A type left out changes unseen."""
    assert outcome(CHECK, recorder(all_resources=False)) is Outcome.FAIL


def test_a_recorder_that_cannot_deliver_fails_in_any_case() -> None:
    """The provider spells the status in capitals in one place and not in another."""
    assert outcome(CHECK, recorder(last_status="FAILURE")) is Outcome.FAIL
    assert outcome(CHECK, recorder(last_status="Failure")) is Outcome.FAIL


def test_an_unread_status_is_unknown() -> None:
    """A recorder that is on may still deliver nothing."""
    assert outcome(CHECK, recorder(last_status=DENIED)) is Outcome.UNKNOWN


def test_an_unread_choice_of_types_is_unknown() -> None:
    """On is not yet on for everything."""
    assert outcome(CHECK, recorder(all_resources=DENIED)) is Outcome.UNKNOWN


def test_an_unread_recorder_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ConfigurationRecorder))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
