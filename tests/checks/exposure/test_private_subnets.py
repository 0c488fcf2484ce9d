"""exposure.private_subnets"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.private_subnets import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Unread
from collectors.facts.network import NetworkSubnets


@pytest.mark.parametrize(
    ("in_use", "private", "expected"),
    [
        (True, ("core",), Outcome.PASS),
        (True, (), Outcome.FAIL),
        (False, (), Outcome.NOT_APPLICABLE),
        (False, DENIED, Outcome.NOT_APPLICABLE),
        (DENIED, ("core",), Outcome.PASS),
        (DENIED, (), Outcome.UNKNOWN),
        (True, DENIED, Outcome.UNKNOWN),
    ],
)
def test_a_network_in_use_has_a_private_part(
    in_use: bool | Unread, private: tuple[str, ...] | Unread, expected: Outcome
) -> None:
    """One that may hold nothing does not fail."""
    assert outcome(CHECK, fact(NetworkSubnets, in_use=in_use, private=private)) is expected


def test_an_unread_network_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(NetworkSubnets))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
