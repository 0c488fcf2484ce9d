"""audit_trail.logs_exported"""

from checks.api import Outcome
from checks.audit_trail.logs_exported import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.monitoring import LogExports


def test_an_export_of_everything_passes_and_says_where_to() -> None:
    """The reason names the place."""
    (finding,) = judged(CHECK, fact(LogExports, everything_to=("//storage.googleapis.com/logs",)))

    assert finding.outcome is Outcome.PASS
    assert "//storage.googleapis.com/logs" in finding.reason


def test_no_export_of_everything_fails() -> None:
    """Parts do not make a whole."""
    assert outcome(CHECK, fact(LogExports, everything_to=())) is Outcome.FAIL


def test_unread_exports_are_unknown_and_name_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(LogExports))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
