"""identity.root_mfa"""

from checks.api import Outcome
from checks.identity.root_mfa import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.identity import RootUser


def test_a_root_with_a_device_passes() -> None:
    """MFA on is a pass."""
    assert outcome(CHECK, fact(RootUser, has_mfa=True, has_password=True)) is Outcome.PASS


def test_a_root_without_a_device_fails() -> None:
    """A password and no second factor is a fail."""
    assert outcome(CHECK, fact(RootUser, has_mfa=False, has_password=True)) is Outcome.FAIL


def test_a_root_without_a_password_needs_no_device() -> None:
    """Centrally removed credentials are as good as a device."""
    assert outcome(CHECK, fact(RootUser, has_mfa=False, has_password=False)) is Outcome.PASS


def test_an_unread_root_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(RootUser))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
