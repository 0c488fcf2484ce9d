"""encryption.disk_customer_key"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.encryption.disk_customer_key import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import Disk, EncryptionKey


@pytest.mark.parametrize(
    "key", ["https://vault.example/keys/k", "/subscriptions/s/x/diskencryptionsets/d", "alias/own"]
)
def test_a_disk_with_a_key_that_only_the_company_can_have_passes(key: str) -> None:
    """A key in a vault, or a set that stands for one, needs no look-up."""
    assert outcome(CHECK, fact(Disk, customer_key=key)) is Outcome.PASS


def test_a_disk_with_the_providers_key_fails() -> None:
    """None is an answer: no key of the customer."""
    assert outcome(CHECK, fact(Disk, customer_key=None)) is Outcome.FAIL


@pytest.mark.parametrize(
    ("customers", "expected"), [(True, Outcome.PASS), (False, Outcome.FAIL), (DENIED, Outcome.UNKNOWN)]
)
def test_a_named_key_is_looked_up(customers: object, expected: Outcome) -> None:
    """The name alone does not tell whose key it is."""
    key = fact(EncryptionKey, "key", customer_managed=customers)

    assert outcome(CHECK, fact(Disk, customer_key="arn:key"), key) is expected


def test_an_unread_disk_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Disk))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
