"""identity.password_complexity"""

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.password_complexity import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.identity import PasswordPolicy

ALL: dict[str, Any] = {
    "requires_upper": True,
    "requires_lower": True,
    "requires_digit": True,
    "requires_symbol": True,
}


def test_all_four_kinds_pass() -> None:
    """Every kind of character is required."""
    assert outcome(CHECK, fact(PasswordPolicy, exists=True, **ALL)) is Outcome.PASS


@pytest.mark.parametrize(
    ("field", "word"),
    [
        ("requires_upper", "upper case"),
        ("requires_lower", "lower case"),
        ("requires_digit", "digits"),
        ("requires_symbol", "symbols"),
    ],
)
def test_each_missing_kind_fails_by_name(field: str, word: str) -> None:
    """One kind that is not required is a fail, and the reason names it alone."""
    (finding,) = judged(CHECK, fact(PasswordPolicy, exists=True, **(ALL | {field: False})))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == f"passwords need not hold {word}"


def test_no_policy_fails() -> None:
    """The provider's default is no promise of the company."""
    assert outcome(CHECK, fact(PasswordPolicy, exists=False)) is Outcome.FAIL


def test_one_missing_kind_decides_when_others_were_not_read() -> None:
    """What was read is enough for a fail."""
    assert outcome(CHECK, fact(PasswordPolicy, exists=True, requires_digit=False)) is Outcome.FAIL


@pytest.mark.parametrize("field", ["exists", *ALL])
def test_each_unread_value_is_unknown_and_names_the_operation(field: str) -> None:
    """A pass needs every value."""
    (finding,) = judged(CHECK, fact(PasswordPolicy, **{"exists": True, **ALL, field: DENIED}))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
