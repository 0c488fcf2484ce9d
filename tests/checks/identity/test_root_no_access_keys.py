"""identity.root_no_access_keys"""

from checks.api import Outcome
from checks.identity.root_no_access_keys import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.identity import RootUser


def test_a_root_without_keys_passes() -> None:
    """No key that works is a pass."""
    assert outcome(CHECK, fact(RootUser, active_keys=0)) is Outcome.PASS


def test_one_key_fails_and_is_counted() -> None:
    """A single key is too many."""
    (finding,) = judged(CHECK, fact(RootUser, active_keys=1))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "root has active access keys: 1"


def test_an_unread_root_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(RootUser))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
