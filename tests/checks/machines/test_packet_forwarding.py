"""machines.packet_forwarding"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.machines.packet_forwarding import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.machines import MachineForwarding


@pytest.mark.parametrize(
    ("name", "forwards", "expected"),
    [
        ("web-1", False, Outcome.PASS),
        ("web-1", True, Outcome.FAIL),
        ("gke-pool-1", True, Outcome.PASS),
        ("my-gke-1", True, Outcome.FAIL),
    ],
)
def test_only_approved_machines_forward(name: str, forwards: bool, expected: Outcome) -> None:
    """Nodes of clusters are approved unless the company says otherwise."""
    assert outcome(CHECK, fact(MachineForwarding, name, forwards=forwards)) is expected


def test_an_unread_machine_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(MachineForwarding))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
