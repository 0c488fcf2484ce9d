"""backup.plan_copies_elsewhere"""

from checks.api import Outcome
from checks.backup.plan_copies_elsewhere import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.recovery import BackupPlan


def test_a_plan_that_copies_passes() -> None:
    """A second place is a pass."""
    assert outcome(CHECK, fact(BackupPlan, copies_elsewhere=True)) is Outcome.PASS


def test_a_plan_that_does_not_copy_fails() -> None:
    """One place is a fail."""
    assert outcome(CHECK, fact(BackupPlan, copies_elsewhere=False)) is Outcome.FAIL


def test_an_unread_plan_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(BackupPlan))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
