"""exposure.cluster_nodes_private"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.cluster_nodes_private import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.apps import Cluster


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (False, Outcome.PASS),
        (True, Outcome.FAIL),
        (DENIED, Outcome.UNKNOWN),
    ],
)
def test_it_is_off(value: object, expected: Outcome) -> None:
    """Nodes stand behind a front door."""
    assert outcome(CHECK, fact(Cluster, public_nodes=value)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Cluster))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
