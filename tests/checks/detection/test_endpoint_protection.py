"""detection.endpoint_protection"""

from checks.api import Outcome
from checks.detection.endpoint_protection import CHECK, TOPIC
from tests.checks.assessed import each_status


def test_the_provider_s_status_decides() -> None:
    """Protected, unprotected, not asked, and not read."""
    right, wrong, exempt, unread = each_status(CHECK, TOPIC)

    assert (right.outcome, right.reason) == (Outcome.PASS, "endpoint protection is installed")
    assert (wrong.outcome, wrong.reason) == (Outcome.FAIL, "endpoint protection is missing")
    assert (exempt.outcome, unread.outcome) == (Outcome.NOT_APPLICABLE, Outcome.UNKNOWN)
