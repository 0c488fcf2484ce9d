"""backup.disk_snapshot_exists"""

from datetime import timedelta

from checks.api import Outcome
from checks.backup.disk_snapshot_exists import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.stores import Disk


def test_a_disk_with_an_old_snapshot_passes() -> None:
    """Any age will do here."""
    assert outcome(CHECK, fact(Disk, newest_snapshot=NOW - timedelta(days=4000))) is Outcome.PASS


def test_a_disk_without_a_snapshot_fails() -> None:
    """None is an answer: there is none."""
    assert outcome(CHECK, fact(Disk, newest_snapshot=None)) is Outcome.FAIL


def test_an_unread_snapshot_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Disk))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
