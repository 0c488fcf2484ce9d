"""detection.system_updates"""

from checks.api import Outcome
from checks.detection.system_updates import CHECK, TOPIC
from tests.checks.assessed import each_status


def test_the_provider_s_status_decides() -> None:
    """Up to date, behind, not asked, and not read."""
    right, wrong, exempt, unread = each_status(CHECK, TOPIC)

    assert (right.outcome, right.reason) == (Outcome.PASS, "updates are looked for and installed")
    assert (wrong.outcome, wrong.reason) == (Outcome.FAIL, "updates are missing or not looked for")
    assert (exempt.outcome, unread.outcome) == (Outcome.NOT_APPLICABLE, Outcome.UNKNOWN)
