"""identity.user_mfa"""

from checks.api import Outcome
from checks.identity.user_mfa import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.identity import User


def test_a_user_with_a_device_passes() -> None:
    """A second factor is a pass."""
    assert outcome(CHECK, fact(User, can_sign_in=True, has_mfa=True)) is Outcome.PASS


def test_a_user_with_a_password_only_fails() -> None:
    """A password and no second factor is a fail."""
    assert outcome(CHECK, fact(User, can_sign_in=True, has_mfa=False)) is Outcome.FAIL


def test_a_user_who_cannot_sign_in_is_not_applicable() -> None:
    """Without a password nothing needs a second factor, so the device need not be read."""
    assert outcome(CHECK, fact(User, can_sign_in=False)) is Outcome.NOT_APPLICABLE


def test_a_device_decides_when_the_password_was_not_read() -> None:
    """With a device the promise holds, password or not."""
    assert outcome(CHECK, fact(User, has_mfa=True)) is Outcome.PASS


def test_an_unread_password_is_unknown_without_a_device() -> None:
    """Nobody can tell whether there is something to protect."""
    assert outcome(CHECK, fact(User, has_mfa=False)) is Outcome.UNKNOWN


def test_an_unread_device_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(User, can_sign_in=True))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_each_user_is_judged_alone() -> None:
    """One user's denied read says nothing about another."""
    findings = judged(CHECK, fact(User, "ann", can_sign_in=True, has_mfa=True), fact(User, "bob", can_sign_in=True))

    assert [(it.resource.name, it.outcome) for it in findings] == [
        ("ann", Outcome.PASS),
        ("bob", Outcome.UNKNOWN),
    ]
