"""machines.public_address"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.machines.public_address import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.machines import MachineAddresses


@pytest.mark.parametrize(
    ("public", "approved", "expected"),
    [
        ((), (), Outcome.PASS),
        (("203.0.113.7",), (), Outcome.FAIL),
        (("ephemeral",), ("web-*",), Outcome.FAIL),
        (("203.0.113.7",), ("bastion-*",), Outcome.PASS),
    ],
)
def test_an_address_takes_approval(public: tuple[str, ...], approved: tuple[str, ...], expected: Outcome) -> None:
    """Names are compared as patterns."""
    assert outcome(CHECK, fact(MachineAddresses, "bastion-1", public=public), approved=approved) is expected


def test_an_unread_machine_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict, approved or not."""
    (finding,) = judged(CHECK, fact(MachineAddresses), approved=("*",))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
