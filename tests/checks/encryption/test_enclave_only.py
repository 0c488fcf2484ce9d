"""encryption.enclave_only"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.encryption.enclave_only import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Unread
from collectors.facts.stores import AttestedKey


@pytest.mark.parametrize(
    ("attested", "unattested", "keys", "expected"),
    [
        (True, (), (), Outcome.PASS),
        (True, ("root",), (), Outcome.FAIL),
        (True, DENIED, (), Outcome.UNKNOWN),
        (False, ("root",), (), Outcome.NOT_APPLICABLE),
        (False, ("root",), ("vault-*",), Outcome.FAIL),
        (False, ("root",), ("other-*",), Outcome.NOT_APPLICABLE),
    ],
)
def test_every_way_has_to_be_measured(
    attested: bool, unattested: tuple[str, ...] | Unread, keys: tuple[str, ...], expected: Outcome
) -> None:
    """A key that asks nobody is judged when the company names it."""
    key = fact(AttestedKey, "vault-1", attested=attested, unattested=unattested)

    assert outcome(CHECK, key, keys=keys) is expected


def test_the_open_way_is_named() -> None:
    """Whoever mends the policy finds the statement."""
    (finding,) = judged(CHECK, fact(AttestedKey, attested=True, unattested=("root", "statement 3")))

    assert finding.reason == "decrypts without measurements by root, statement 3"


def test_an_unread_policy_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict, whatever the company names."""
    (finding,) = judged(CHECK, fact(AttestedKey), keys=("*",))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
