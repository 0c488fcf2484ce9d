"""exposure.subnet_guarded"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.subnet_guarded import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.network import Subnet


@pytest.mark.parametrize(
    ("guarded", "expected"),
    [
        (True, Outcome.PASS),
        (False, Outcome.FAIL),
        (None, Outcome.NOT_APPLICABLE),
        (DENIED, Outcome.UNKNOWN),
    ],
)
def test_subnets_have_rules(guarded: object, expected: Outcome) -> None:
    """But for those that the provider guards by itself."""
    assert outcome(CHECK, fact(Subnet, guarded=guarded)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Subnet))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
