"""backup.disk_snapshot_exists"""

from datetime import timedelta

from checks.api import Outcome
from checks.backup.disk_snapshot_exists import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.recovery import ProtectedResource
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


def test_a_backup_of_the_disk_or_of_its_machine_is_a_copy_too() -> None:
    """The service may keep it where no snapshot shows."""
    disk = fact(Disk, newest_snapshot=None, machine="arn:vm")

    assert outcome(CHECK, disk, fact(ProtectedResource, last_backup=NOW)) is Outcome.PASS
    assert outcome(CHECK, disk, fact(ProtectedResource, "vm", last_backup=NOW)) is Outcome.PASS
    assert outcome(CHECK, disk, fact(ProtectedResource, "vm", last_backup=None)) is Outcome.FAIL


def test_a_backup_that_could_not_be_read_may_be_there() -> None:
    """An unread time, a list that was cut off, and a machine that is not known say nothing."""
    disk = fact(Disk, newest_snapshot=None)

    assert outcome(CHECK, disk, fact(ProtectedResource)) is Outcome.UNKNOWN
    assert outcome(CHECK, fact(Disk, newest_snapshot=None, machine=DENIED)) is Outcome.UNKNOWN
    (finding,) = judged(CHECK, disk, unlisted={(ProtectedResource, "us-east-1"): DENIED})
    assert finding.outcome is Outcome.UNKNOWN
