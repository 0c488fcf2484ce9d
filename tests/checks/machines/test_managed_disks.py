"""machines.managed_disks"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.machines.managed_disks import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.machines import MachineDisks


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((), Outcome.PASS),
        (("old",), Outcome.FAIL),
    ],
)
def test_the_setting_decides(value: object, expected: Outcome) -> None:
    """Each answer has its outcome."""
    assert outcome(CHECK, fact(MachineDisks, loose=value)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(MachineDisks))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
