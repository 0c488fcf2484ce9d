"""detection.baseline_kept"""

from checks.api import Outcome
from checks.detection.baseline_kept import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.detection import BaselineResult


def test_a_baseline_without_failures_passes() -> None:
    """Every resource keeps the rules."""
    assert outcome(CHECK, fact(BaselineResult, failing=0)) is Outcome.PASS


def test_a_resource_that_breaks_a_rule_fails() -> None:
    """One is enough, and the number is told."""
    (finding,) = judged(CHECK, fact(BaselineResult, failing=1))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "resources that break a rule: 1"


def test_unread_results_are_unknown_and_name_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(BaselineResult))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_each_set_of_rules_has_its_own_finding() -> None:
    """One that is kept does not hide another."""
    found = judged(CHECK, fact(BaselineResult, "a", failing=0), fact(BaselineResult, "b", failing=9))

    assert [each.outcome for each in found] == [Outcome.PASS, Outcome.FAIL]
