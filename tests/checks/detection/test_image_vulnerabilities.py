"""detection.image_vulnerabilities"""

from checks.api import Outcome
from checks.detection.image_vulnerabilities import CHECK, TOPIC
from tests.checks.assessed import each_status


def test_the_provider_s_status_decides() -> None:
    """Without flaws, with some, not asked, and not read."""
    right, wrong, exempt, unread = each_status(CHECK, TOPIC)

    assert (right.outcome, right.reason) == (Outcome.PASS, "no known flaw of an image is open")
    assert (wrong.outcome, wrong.reason) == (Outcome.FAIL, "known flaws of images are open")
    assert (exempt.outcome, unread.outcome) == (Outcome.NOT_APPLICABLE, Outcome.UNKNOWN)
