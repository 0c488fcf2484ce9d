"""encryption.data_service_tls"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.encryption.data_service_tls import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import DataEndpoint


def endpoint(**values: Any) -> DataEndpoint:
    """An object store's address that demands TLS 1.2, unless said otherwise."""
    given: dict[str, Any] = {"requires_tls": True, "minimum_tls": "1.2"}
    return fact(DataEndpoint, service="storage account", **(given | values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Outcome.PASS),
        ({"minimum_tls": "1.3"}, Outcome.PASS),
        ({"minimum_tls": "1.1"}, Outcome.FAIL),
        ({"minimum_tls": None}, Outcome.FAIL),
        ({"requires_tls": False}, Outcome.FAIL),
        ({"requires_tls": False, "minimum_tls": DENIED}, Outcome.FAIL),
        ({"requires_tls": DENIED, "minimum_tls": "1.0"}, Outcome.FAIL),
        ({"requires_tls": DENIED}, Outcome.UNKNOWN),
        ({"minimum_tls": DENIED}, Outcome.UNKNOWN),
    ],
)
def test_both_halves_are_needed_and_one_known_fault_decides(values: dict[str, Any], expected: Outcome) -> None:
    """TLS has to be demanded, and a modern one."""
    assert outcome(CHECK, endpoint(**values)) is expected


def test_the_minimum_can_be_raised() -> None:
    """1.2 is too old where 1.3 is promised, and the finding says so."""
    (finding,) = judged(CHECK, endpoint(), minimum="1.3")

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "storage account takes TLS 1.2, older than 1.3"


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DataEndpoint, service="x"))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
