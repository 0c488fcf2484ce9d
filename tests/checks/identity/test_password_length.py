"""identity.password_length"""

from checks.api import Outcome
from checks.identity.password_length import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.identity import PasswordPolicy


def test_exactly_the_minimum_passes() -> None:
    """14 characters are enough."""
    assert outcome(CHECK, fact(PasswordPolicy, exists=True, minimum_length=14)) is Outcome.PASS


def test_one_under_the_minimum_fails_and_is_named() -> None:
    """13 characters are too few."""
    (finding,) = judged(CHECK, fact(PasswordPolicy, exists=True, minimum_length=13))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "passwords need 13 characters, fewer than 14"


def test_no_policy_fails_whatever_the_default_says() -> None:
    """Without a policy of its own the company promises nothing."""
    assert outcome(CHECK, fact(PasswordPolicy, exists=False)) is Outcome.FAIL


def test_the_minimum_can_be_set() -> None:
    """A company may ask for more."""
    assert outcome(CHECK, fact(PasswordPolicy, exists=True, minimum_length=14), min_length=15) is Outcome.FAIL


def test_an_unread_length_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(PasswordPolicy, exists=True))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_an_unread_policy_is_unknown() -> None:
    """A length is worth nothing when nobody knows whether the policy exists."""
    assert outcome(CHECK, fact(PasswordPolicy, minimum_length=20)) is Outcome.UNKNOWN
