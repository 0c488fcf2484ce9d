"""backup.plan_has_resources"""

from checks.api import Outcome
from checks.backup.plan_has_resources import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.recovery import BackupPlan


def test_a_plan_with_a_selection_passes() -> None:
    """One selection is enough."""
    assert outcome(CHECK, fact(BackupPlan, selections=1)) is Outcome.PASS


def test_a_plan_without_a_selection_fails() -> None:
    """Such a plan backs up nothing."""
    assert outcome(CHECK, fact(BackupPlan, selections=0)) is Outcome.FAIL


def test_an_unread_plan_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(BackupPlan))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
