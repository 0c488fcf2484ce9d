"""audit_trail.all_regions"""

from checks.api import Outcome
from checks.audit_trail.all_regions import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.monitoring import AuditCoverage


def test_a_covering_trail_passes_by_name() -> None:
    """The trail that covers everything is named."""
    (finding,) = judged(CHECK, fact(AuditCoverage, covers_all_regions=True, trails=2, covering=("org", "main")))

    assert finding.outcome is Outcome.PASS
    assert "main and org" in finding.reason


def test_names_are_not_needed_to_pass() -> None:
    """That some trail covers everything decides, whichever it is."""
    assert outcome(CHECK, fact(AuditCoverage, covers_all_regions=True)) is Outcome.PASS


def test_an_account_without_any_trail_fails() -> None:
    """No trail is a fail, not an account with nothing to judge."""
    (finding,) = judged(CHECK, fact(AuditCoverage, covers_all_regions=False, trails=0, covering=()))

    assert finding.outcome is Outcome.FAIL
    assert "there is no audit trail" in finding.reason


def test_trails_that_cover_less_fail_by_number() -> None:
    """Regional trails do not add up to every region."""
    (finding,) = judged(CHECK, fact(AuditCoverage, covers_all_regions=False, trails=3, covering=()))

    assert finding.outcome is Outcome.FAIL
    assert "3 in number" in finding.reason


def test_a_fail_does_not_need_the_number_of_trails() -> None:
    """That nothing covers every region decides, however many trails there are."""
    assert outcome(CHECK, fact(AuditCoverage, covers_all_regions=False)) is Outcome.FAIL


def test_an_unread_coverage_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(AuditCoverage, trails=1))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
