"""exposure.cluster_api_private"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.cluster_api_private import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.apps import Cluster


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ((), Outcome.PASS),
        (("203.0.113.0/24",), Outcome.PASS),
        (("0.0.0.0/0",), Outcome.FAIL),
        (("203.0.113.0/24", "20.0.0.0/16"), Outcome.FAIL),
        (DENIED, Outcome.UNKNOWN),
    ],
)
def test_the_api_is_private_or_narrow(ranges: object, expected: Outcome) -> None:
    """Named networks may be let in."""
    assert outcome(CHECK, fact(Cluster, api_open_ranges=ranges)) is expected


def test_wider_networks_can_be_approved() -> None:
    """The list is the company's."""
    cluster = fact(Cluster, api_open_ranges=("20.0.0.0/16",))
    assert outcome(CHECK, cluster, networks=("20.0.0.0/8",)) is Outcome.PASS


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Cluster))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
