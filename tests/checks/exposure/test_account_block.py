"""exposure.account_block"""

from checks.api import Outcome
from checks.exposure.account_block import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import AccountPublicAccess


def test_an_account_that_blocks_passes() -> None:
    """All guards on is a pass."""
    assert outcome(CHECK, fact(AccountPublicAccess, blocked=True)) is Outcome.PASS


def test_an_account_that_does_not_block_fails() -> None:
    """A guard that is off, or missing, is a fail."""
    assert outcome(CHECK, fact(AccountPublicAccess, blocked=False)) is Outcome.FAIL


def test_an_unread_guard_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(AccountPublicAccess))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
