"""exposure.subnet_addresses"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.subnet_addresses import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Unread
from collectors.facts.network import SubnetAddresses


@pytest.mark.parametrize(
    ("in_use", "given", "expected"),
    [
        (True, False, Outcome.PASS),
        (True, True, Outcome.FAIL),
        (False, True, Outcome.NOT_APPLICABLE),
        (False, DENIED, Outcome.NOT_APPLICABLE),
        (DENIED, False, Outcome.PASS),
        (DENIED, True, Outcome.UNKNOWN),
    ],
)
def test_a_subnet_in_use_gives_none(in_use: bool | Unread, given: bool | Unread, expected: Outcome) -> None:
    """One that holds nothing is not asked, and one that may hold nothing does not fail."""
    assert outcome(CHECK, fact(SubnetAddresses, in_use=in_use, given=given)) is expected


def test_a_subnet_on_the_list_may_give_them() -> None:
    """Names are compared as patterns."""
    subnet = fact(SubnetAddresses, "edge-a", in_use=True, given=True)

    assert outcome(CHECK, subnet, approved=("edge-*",)) is Outcome.PASS
    assert outcome(CHECK, subnet, approved=("core-*",)) is Outcome.FAIL


def test_an_unread_subnet_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict, approved or not."""
    (finding,) = judged(CHECK, fact(SubnetAddresses), approved=("*",))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
