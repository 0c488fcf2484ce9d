"""detection.baseline_assigned"""

from checks.api import Outcome
from checks.detection.baseline_assigned import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.detection import BaselineCoverage


def test_some_set_of_rules_passes() -> None:
    """The reason names it."""
    (finding,) = judged(CHECK, fact(BaselineCoverage, assigned=("hardened",)))

    assert finding.outcome is Outcome.PASS
    assert "hardened" in finding.reason


def test_no_set_of_rules_fails() -> None:
    """The configuration is held against nothing."""
    assert outcome(CHECK, fact(BaselineCoverage, assigned=())) is Outcome.FAIL


def test_a_set_that_the_company_names_must_be_there() -> None:
    """Another one does not make up for it."""
    account = fact(BaselineCoverage, assigned=("hardened", "tags"))

    assert outcome(CHECK, account, required=("tags",)) is Outcome.PASS
    (finding,) = judged(CHECK, account, required=("tags", "ours"))
    assert finding.outcome is Outcome.FAIL
    assert finding.reason.endswith(": ours")


def test_unread_assignments_are_unknown_and_name_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(BaselineCoverage))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
