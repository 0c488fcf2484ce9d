"""exposure.network_hub"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.network_hub import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.network import NetworkHub


@pytest.mark.parametrize(("unasked", "expected"), [(False, Outcome.PASS), (True, Outcome.FAIL)])
def test_somebody_has_to_accept(unasked: bool, expected: Outcome) -> None:
    """A hub that takes whoever asks fails."""
    assert outcome(CHECK, fact(NetworkHub, joins_unasked=unasked)) is expected


def test_an_unread_hub_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(NetworkHub))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
