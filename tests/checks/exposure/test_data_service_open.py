"""exposure.data_service_open"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.exposure.data_service_open import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import DataEndpoint


def server(**values: Any) -> DataEndpoint:
    """A database server that lets in one office, unless said otherwise."""
    given: dict[str, Any] = {"open_ranges": ("203.0.113.0/24",), "admits_provider": False, "service": "SQL server"}
    return fact(DataEndpoint, **(given | values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Outcome.PASS),
        ({"open_ranges": ()}, Outcome.PASS),
        ({"open_ranges": ("2001:db8::/56",)}, Outcome.PASS),
        ({"open_ranges": ("203.0.112.0/23",)}, Outcome.FAIL),
        ({"open_ranges": ("2001:db8::/55",)}, Outcome.FAIL),
        ({"open_ranges": ("0.0.0.0/1", "128.0.0.0/1")}, Outcome.FAIL),
        ({"admits_provider": True}, Outcome.FAIL),
        ({"admits_provider": True, "open_ranges": DENIED}, Outcome.FAIL),
        ({"admits_provider": DENIED, "open_ranges": ("0.0.0.0/0",)}, Outcome.FAIL),
        ({"admits_provider": DENIED}, Outcome.UNKNOWN),
        ({"open_ranges": DENIED}, Outcome.UNKNOWN),
        ({"service": "storage account", "open_ranges": ("0.0.0.0/0",)}, Outcome.NOT_APPLICABLE),
    ],
)
def test_wide_ranges_and_the_provider_itself_are_holes(values: dict[str, Any], expected: Outcome) -> None:
    """256 addresses are narrow, one more is wide; of IPv6 as many networks."""
    assert outcome(CHECK, server(**values)) is expected


def test_a_range_on_the_list_passes() -> None:
    """The company may approve wide networks and ask for more kinds of services."""
    assert outcome(CHECK, server(open_ranges=("10.0.0.0/8",)), networks=("10.0.0.0/8",)) is Outcome.PASS
    assert outcome(CHECK, server(service="x", admits_provider=True), services=("x",)) is Outcome.FAIL


def test_the_hole_is_named() -> None:
    """The finding says which range is too wide."""
    (finding,) = judged(CHECK, server(open_ranges=("203.0.113.7/32", "0.0.0.0/0")))

    assert finding.reason == "SQL server takes connections from 0.0.0.0/0, more than 256 addresses each"
