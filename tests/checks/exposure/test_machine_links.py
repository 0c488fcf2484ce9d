"""exposure.machine_links"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.machine_links import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.network import MachineGateway


@pytest.mark.parametrize(("value", "expected"), [(False, Outcome.PASS), (True, Outcome.FAIL)])
def test_the_setting_decides(value: object, expected: Outcome) -> None:
    """A link can be passed on."""
    assert outcome(CHECK, fact(MachineGateway, links=value)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(MachineGateway))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
    assert "svc:ReadIt" in finding.reason


def test_without_any_there_is_nothing_to_say() -> None:
    """NOT_APPLICABLE is for the judge to say, who knows whether all were listed."""
    assert judged(CHECK) == []
