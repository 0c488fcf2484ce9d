"""identity.password_reuse"""

from checks.api import Outcome
from checks.identity.password_reuse import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.identity import PasswordPolicy


def test_exactly_the_minimum_passes() -> None:
    """24 earlier passwords are enough."""
    assert outcome(CHECK, fact(PasswordPolicy, exists=True, remembered=24)) is Outcome.PASS


def test_one_under_the_minimum_fails_and_is_named() -> None:
    """23 earlier passwords are too few."""
    (finding,) = judged(CHECK, fact(PasswordPolicy, exists=True, remembered=23))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "earlier passwords refused: 23, fewer than 24"


def test_reuse_allowed_fails() -> None:
    """Zero remembered passwords is a read value, not a missing one."""
    assert outcome(CHECK, fact(PasswordPolicy, exists=True, remembered=0)) is Outcome.FAIL


def test_no_policy_fails() -> None:
    """Without a policy any earlier password may come back."""
    assert outcome(CHECK, fact(PasswordPolicy, exists=False)) is Outcome.FAIL


def test_the_minimum_can_be_set() -> None:
    """A company may ask for less."""
    assert outcome(CHECK, fact(PasswordPolicy, exists=True, remembered=5), remembered=5) is Outcome.PASS


def test_an_unread_policy_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(PasswordPolicy))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_one_unread_value_is_enough_for_unknown() -> None:
    """Neither the policy without its number nor the number without its policy is a verdict."""
    assert outcome(CHECK, fact(PasswordPolicy, exists=True)) is Outcome.UNKNOWN
    assert outcome(CHECK, fact(PasswordPolicy, remembered=24)) is Outcome.UNKNOWN
