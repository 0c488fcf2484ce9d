"""exposure.public_address"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.public_address import CHECK
from checks.testing import DENIED, fact, outcome
from collectors.facts.network import PublicAddress


@pytest.mark.parametrize(
    ("address", "in_use", "expected"),
    [
        ("203.0.113.7", True, Outcome.PASS),
        ("203.0.113.0/30", True, Outcome.PASS),
        ("2001:db8::7", True, Outcome.PASS),
        ("203.0.114.7", True, Outcome.FAIL),
        ("203.0.112.0/22", True, Outcome.FAIL),
        ("203.0.114.7", False, Outcome.NOT_APPLICABLE),
        (None, True, Outcome.NOT_APPLICABLE),
        (DENIED, True, Outcome.UNKNOWN),
        ("203.0.114.7", DENIED, Outcome.UNKNOWN),
        (DENIED, DENIED, Outcome.UNKNOWN),
    ],
)
def test_what_is_in_use_is_on_the_list(address: object, in_use: object, expected: Outcome) -> None:
    """By itself or within a network of the list."""
    approved = ("203.0.113.0/24", "2001:db8::7")
    assert outcome(CHECK, fact(PublicAddress, address=address, in_use=in_use), approved=approved) is expected


def test_nothing_is_approved_by_default() -> None:
    """The list is the company's."""
    assert outcome(CHECK, fact(PublicAddress, address="203.0.113.7", in_use=True)) is Outcome.FAIL
