"""machines.metadata_token"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.machines.metadata_token import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.machines import MachineMetadata


@pytest.mark.parametrize(
    ("required", "expected"),
    [(True, Outcome.PASS), (False, Outcome.FAIL), (None, Outcome.NOT_APPLICABLE)],
)
def test_a_token_is_what_counts(required: bool | None, expected: Outcome) -> None:
    """A model that does not say leaves the question to the machines made from it."""
    assert outcome(CHECK, fact(MachineMetadata, token_required=required)) is expected


def test_an_unread_machine_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(MachineMetadata))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
