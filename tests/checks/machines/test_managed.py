"""machines.managed"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.machines.managed import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Unread
from collectors.facts.machines import MachineManagement


@pytest.mark.parametrize(
    ("running", "reached", "expected"),
    [
        (True, True, Outcome.PASS),
        (True, False, Outcome.FAIL),
        (False, False, Outcome.NOT_APPLICABLE),
        (False, DENIED, Outcome.NOT_APPLICABLE),
        (True, DENIED, Outcome.UNKNOWN),
        (DENIED, False, Outcome.UNKNOWN),
        (DENIED, True, Outcome.PASS),
    ],
)
def test_a_machine_that_runs_has_to_answer(running: bool | Unread, reached: bool | Unread, expected: Outcome) -> None:
    """One that may be stopped does not fail, and one that answers runs."""
    assert outcome(CHECK, fact(MachineManagement, running=running, reached=reached)) is expected


def test_an_unread_machine_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(MachineManagement))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
