"""identity.root_unused"""

from datetime import timedelta

from checks.api import Outcome
from checks.identity.root_unused import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.identity import RootUser


def test_a_root_that_was_never_used_passes() -> None:
    """None is a read value: no use on record."""
    assert outcome(CHECK, fact(RootUser, last_used=None)) is Outcome.PASS


def test_a_use_just_over_the_limit_passes() -> None:
    """More than 90 days ago is long enough."""
    assert outcome(CHECK, fact(RootUser, last_used=NOW - timedelta(days=90, seconds=1))) is Outcome.PASS


def test_a_use_exactly_at_the_limit_fails_and_names_its_date() -> None:
    """Exactly 90 days ago still counts as recent."""
    (finding,) = judged(CHECK, fact(RootUser, last_used=NOW - timedelta(days=90)))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "root was last used on 2026-03-17, within the last 90 days"


def test_the_limit_can_be_set() -> None:
    """A company may ask for a shorter silence."""
    root = fact(RootUser, last_used=NOW - timedelta(days=31))

    assert outcome(CHECK, root, unused_days=30) is Outcome.PASS


def test_an_unread_use_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(RootUser))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
