"""identity.provider_access"""

from checks.api import Outcome
from checks.identity.provider_access import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.account import ProviderAccess


def test_approval_for_some_services_passes_and_names_them() -> None:
    """The reason says for which."""
    (finding,) = judged(CHECK, fact(ProviderAccess, approval_for=("all",)))

    assert finding.outcome is Outcome.PASS
    assert "all" in finding.reason


def test_no_approval_fails() -> None:
    """Nobody is asked."""
    assert outcome(CHECK, fact(ProviderAccess, approval_for=())) is Outcome.FAIL


def test_unread_settings_are_unknown_and_name_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ProviderAccess))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
