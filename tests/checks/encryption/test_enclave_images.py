"""encryption.enclave_images"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.encryption.enclave_images import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Unread
from collectors.facts.stores import AttestedKey

IMAGE, ROLE = "PCR0 ab12", "PCR3 cd34"


@pytest.mark.parametrize(
    ("pinned", "values", "expected"),
    [
        (("PCR0", "PCR3"), (IMAGE, ROLE), Outcome.PASS),
        (("PCR8",), ("PCR8 77",), Outcome.PASS),
        (("PCR0",), (IMAGE,), Outcome.FAIL),
        (("PCR3",), (ROLE,), Outcome.FAIL),
        ((), (IMAGE,), Outcome.FAIL),
        (("PCR0", "PCR3"), ("PCR0 0000", ROLE), Outcome.FAIL),
        (DENIED, (IMAGE,), Outcome.UNKNOWN),
        (("PCR0", "PCR3"), DENIED, Outcome.UNKNOWN),
    ],
)
def test_the_program_and_its_place_have_to_be_named(
    pinned: tuple[str, ...] | Unread, values: tuple[str, ...] | Unread, expected: Outcome
) -> None:
    """A signer stands for both, and zeros are a program in debug mode."""
    assert outcome(CHECK, fact(AttestedKey, attested=True, pinned=pinned, values=values)) is expected


@pytest.mark.parametrize(("approved", "expected"), [(("AB12", "cd34"), Outcome.PASS), (("ab12",), Outcome.FAIL)])
def test_a_list_of_values_is_complete(approved: tuple[str, ...], expected: Outcome) -> None:
    """A value beside it fails, and case does not matter."""
    key = fact(AttestedKey, attested=True, pinned=("PCR0", "PCR3"), values=(IMAGE, ROLE))

    assert outcome(CHECK, key, approved=approved) is expected


def test_a_company_may_do_without_the_place() -> None:
    """An empty list asks for nothing."""
    key = fact(AttestedKey, attested=True, pinned=("PCR0",), values=(IMAGE,))

    assert outcome(CHECK, key, places=()) is Outcome.PASS


def test_a_key_that_asks_for_nothing_is_not_judged() -> None:
    """Whether it should is another question."""
    assert outcome(CHECK, fact(AttestedKey, attested=False, pinned=(), values=())) is Outcome.NOT_APPLICABLE


def test_an_unread_policy_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(AttestedKey))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
