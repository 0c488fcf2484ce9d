"""exposure.waf_blocking"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.exposure.waf_blocking import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.network import WebFront

GOOD: dict[str, Any] = {"internet_facing": True, "firewalls": ("waf",), "covered": True, "blocking": True}


def front(**values: Any) -> WebFront:
    """A gateway that stands behind a firewall, unless said otherwise."""
    return fact(WebFront, what="application gateway", **(GOOD | values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Outcome.PASS),
        ({"firewalls": ()}, Outcome.FAIL),
        ({"blocking": False}, Outcome.FAIL),
        ({"covered": False}, Outcome.FAIL),
        ({"blocking": False, "firewalls": DENIED}, Outcome.FAIL),
        ({"internet_facing": False, "firewalls": ()}, Outcome.NOT_APPLICABLE),
        ({"internet_facing": DENIED, "firewalls": ()}, Outcome.UNKNOWN),
        ({"internet_facing": DENIED}, Outcome.UNKNOWN),
        ({"firewalls": DENIED}, Outcome.UNKNOWN),
        ({"covered": DENIED}, Outcome.UNKNOWN),
        ({"blocking": DENIED}, Outcome.UNKNOWN),
    ],
)
def test_a_firewall_that_blocks_sees_every_request(values: dict[str, Any], expected: Outcome) -> None:
    """One that only notes what it matches, or sees a part, is not enough."""
    assert outcome(CHECK, front(**values)) is expected


def test_the_reason_names_the_firewall() -> None:
    """Whoever mends it has to find it."""
    (finding,) = judged(CHECK, front(blocking=False))

    assert finding.reason == "application gateway stands behind waf, of which not all is on and blocking"
