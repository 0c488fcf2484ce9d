"""exposure.private_endpoint"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.private_endpoint import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import DataEndpoint


@pytest.mark.parametrize(
    ("service", "count", "expected"),
    [
        ("key vault", 1, Outcome.PASS),
        ("key vault", 0, Outcome.FAIL),
        ("key vault", DENIED, Outcome.UNKNOWN),
        ("Redis cache", 0, Outcome.NOT_APPLICABLE),
    ],
)
def test_services_that_are_asked_for_have_one(service: str, count: object, expected: Outcome) -> None:
    """Any number but none will do."""
    assert outcome(CHECK, fact(DataEndpoint, service=service, private_endpoints=count)) is expected


def test_more_services_can_be_asked_for() -> None:
    """The list is the company's."""
    assert outcome(CHECK, fact(DataEndpoint, service="x", private_endpoints=0), services=("x",)) is Outcome.FAIL


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DataEndpoint, service="storage account"))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
