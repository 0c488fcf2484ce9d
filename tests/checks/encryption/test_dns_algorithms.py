"""encryption.dns_algorithms"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.encryption.dns_algorithms import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.network import DnsZone

WEAK, GOOD = ("rsasha1",), ("rsasha256",)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"key_signing": GOOD, "zone_signing": GOOD}, Outcome.PASS),
        ({"key_signing": WEAK, "zone_signing": GOOD}, Outcome.FAIL),
        ({"key_signing": GOOD, "zone_signing": WEAK}, Outcome.FAIL),
        ({"zone_signing": WEAK}, Outcome.FAIL),
        ({"zone_signing": GOOD}, Outcome.UNKNOWN),
        ({}, Outcome.UNKNOWN),
        ({"key_signing": (), "zone_signing": ()}, Outcome.NOT_APPLICABLE),
    ],
)
def test_no_kind_of_key_uses_a_weak_algorithm(values: dict[str, Any], expected: Outcome) -> None:
    """One that is known to be weak decides."""
    assert outcome(CHECK, fact(DnsZone, **values)) is expected


def test_the_company_says_what_is_weak() -> None:
    """Names are compared without regard to case."""
    zone = fact(DnsZone, key_signing=GOOD, zone_signing=GOOD)

    assert outcome(CHECK, zone, weak=("RSASHA256",)) is Outcome.FAIL


def test_what_was_not_read_is_named() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DnsZone, key_signing=GOOD))

    assert finding.unread == (DENIED,)
