"""backup.plan_exists"""

from checks.api import Outcome
from checks.backup.plan_exists import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.recovery import BackupCoverage


def test_a_region_with_a_plan_passes() -> None:
    """One plan is enough."""
    assert outcome(CHECK, fact(BackupCoverage, plans=1)) is Outcome.PASS


def test_a_region_without_a_plan_fails() -> None:
    """No plan is a fail, not a region with nothing to judge."""
    assert outcome(CHECK, fact(BackupCoverage, plans=0)) is Outcome.FAIL


def test_an_unread_number_of_plans_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(BackupCoverage))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
