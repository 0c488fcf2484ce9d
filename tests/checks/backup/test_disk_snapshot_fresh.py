"""backup.disk_snapshot_fresh"""

from datetime import timedelta

from checks.api import Outcome
from checks.backup.disk_snapshot_fresh import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.recovery import ProtectedResource
from collectors.facts.stores import Disk


def test_a_snapshot_of_exactly_the_limit_passes() -> None:
    """7 days are still fine."""
    assert outcome(CHECK, fact(Disk, newest_snapshot=NOW - timedelta(days=7))) is Outcome.PASS


def test_a_snapshot_one_second_over_the_limit_fails_with_its_date() -> None:
    """Past 7 days it is too old."""
    (finding,) = judged(CHECK, fact(Disk, newest_snapshot=NOW - timedelta(days=7, seconds=1)))

    assert finding.outcome is Outcome.FAIL
    assert "on 2026-06-08, more than 7 days ago" in finding.reason


def test_the_limit_can_be_set() -> None:
    """A control may ask for daily snapshots."""
    assert outcome(CHECK, fact(Disk, newest_snapshot=NOW - timedelta(days=2)), max_age_days=1) is Outcome.FAIL


def test_a_disk_without_a_snapshot_fails() -> None:
    """None is an answer: there is none."""
    assert outcome(CHECK, fact(Disk, newest_snapshot=None)) is Outcome.FAIL


def test_an_unread_snapshot_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Disk))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_the_newest_copy_counts_whatever_it_is() -> None:
    """An old snapshot does not spoil a fresh backup, nor an old backup a fresh snapshot."""
    fresh, stale = NOW - timedelta(days=7), NOW - timedelta(days=8)

    assert outcome(CHECK, fact(Disk, newest_snapshot=stale), fact(ProtectedResource, last_backup=fresh)) is Outcome.PASS
    assert outcome(CHECK, fact(Disk, newest_snapshot=fresh), fact(ProtectedResource, last_backup=stale)) is Outcome.PASS
    (finding,) = judged(CHECK, fact(Disk, newest_snapshot=None), fact(ProtectedResource, last_backup=stale))
    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "newest backup was made on 2026-06-07, more than 7 days ago"


def test_a_stale_copy_beside_an_unread_one_is_unknown() -> None:
    """The one that was not read may be fresh."""
    stale = NOW - timedelta(days=8)

    assert outcome(CHECK, fact(Disk, newest_snapshot=stale), fact(ProtectedResource)) is Outcome.UNKNOWN
    assert outcome(CHECK, fact(Disk), fact(ProtectedResource, last_backup=stale)) is Outcome.UNKNOWN
