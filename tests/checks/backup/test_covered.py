"""backup.covered"""

from typing import Any

from checks.api import Outcome
from checks.backup.covered import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.core import DocumentRef
from collectors.facts.recovery import ProtectedResource
from collectors.facts.stores import Database, Disk, FileSystem


def database(**values: Any) -> Database:
    """A stand-alone database of which only `values` were read."""
    return fact(Database, engine="mysql", clustered=False, **values)


def test_a_backup_of_the_central_service_covers_every_kind() -> None:
    """The finding rests on the service's document too."""
    answer = DocumentRef("test.backups", "arn:it")
    backup = fact(ProtectedResource, last_backup=NOW, documents=(answer,))

    for stored in (fact(Database, engine="mysql", clustered=False), fact(Disk), fact(FileSystem)):
        (finding,) = judged(CHECK, stored, backup)
        assert finding.outcome is Outcome.PASS
        assert finding.documents == (*stored.documents, answer)


def test_an_unread_time_of_backup_covers_nothing() -> None:
    """Without the time nobody knows whether a backup was ever completed."""
    assert outcome(CHECK, fact(Disk), fact(ProtectedResource)) is Outcome.UNKNOWN


def test_a_listed_resource_without_a_backup_is_not_covered() -> None:
    """None is an answer: no backup was completed."""
    assert outcome(CHECK, fact(Disk), fact(ProtectedResource, last_backup=None)) is Outcome.FAIL


def test_a_backup_of_something_else_does_not_cover() -> None:
    """Resources are matched by uid."""
    assert outcome(CHECK, fact(Disk, "a"), fact(ProtectedResource, "b", last_backup=NOW)) is Outcome.FAIL


def test_automatic_backups_of_a_database_cover_it() -> None:
    """Days or a point in time will do, whatever else is unread."""
    assert outcome(CHECK, database(backup_days=1)) is Outcome.PASS
    assert outcome(CHECK, database(point_in_time=True)) is Outcome.PASS


def test_automatic_backup_of_a_file_system_covers_it() -> None:
    """Its own setting will do."""
    assert outcome(CHECK, fact(FileSystem, backed_up=True)) is Outcome.PASS


def test_a_database_without_any_backup_fails() -> None:
    """Both ways were read and neither is on."""
    assert outcome(CHECK, database(backup_days=0, point_in_time=False)) is Outcome.FAIL


def test_a_file_system_without_any_backup_fails() -> None:
    """Both ways were read and neither is on."""
    assert outcome(CHECK, fact(FileSystem, backed_up=False)) is Outcome.FAIL


def test_snapshots_by_hand_do_not_cover_a_disk() -> None:
    """A snapshot that somebody made does not come again by itself."""
    assert outcome(CHECK, fact(Disk, newest_snapshot=NOW)) is Outcome.FAIL


def test_a_member_of_a_cluster_is_left_to_its_cluster() -> None:
    """The cluster is judged, even when the member could not be read."""
    assert outcome(CHECK, fact(Database, engine="aurora-mysql", clustered=True)) is Outcome.NOT_APPLICABLE


def test_an_incomplete_list_of_backups_is_unknown() -> None:
    """What is missing from a cut-off list may be covered."""
    (finding,) = judged(CHECK, fact(Disk), unlisted={(ProtectedResource, "us-east-1"): DENIED})

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_an_incomplete_list_of_another_region_does_not_matter() -> None:
    """Backups are listed in the region of the resource."""
    (finding,) = judged(CHECK, fact(Disk), unlisted={(ProtectedResource, "eu-west-1"): DENIED})

    assert finding.outcome is Outcome.FAIL


def test_an_incomplete_list_does_not_matter_to_a_covered_database() -> None:
    """Its own automatic backups decide."""
    (finding,) = judged(CHECK, database(backup_days=7), unlisted={(ProtectedResource, "us-east-1"): DENIED})

    assert finding.outcome is Outcome.PASS


def test_one_unread_setting_is_unknown() -> None:
    """A database whose other setting is off may still be covered by the unread one."""
    assert outcome(CHECK, database(backup_days=0)) is Outcome.UNKNOWN
    assert outcome(CHECK, database(point_in_time=False)) is Outcome.UNKNOWN


def test_an_unread_database_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Database, engine="postgres", clustered=False))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_an_incomplete_listing_of_any_kind_shows() -> None:
    """All three kinds are its population, so disks that could not be listed are not silently left out."""
    assert CHECK.population == (Database, Disk, FileSystem)


def test_a_backup_of_its_machine_covers_a_disk() -> None:
    """The finding rests on the machine's entry; a disk whose machine is not known may be covered."""
    backup = fact(ProtectedResource, "vm", last_backup=NOW)

    (finding,) = judged(CHECK, fact(Disk, machine="arn:vm"), backup)
    assert finding.outcome is Outcome.PASS
    assert set(backup.documents) <= set(finding.documents)
    assert outcome(CHECK, fact(Disk, machine="arn:other"), backup) is Outcome.FAIL
    assert outcome(CHECK, fact(Disk, machine=DENIED), backup) is Outcome.UNKNOWN


def test_a_file_system_without_backups_of_its_own_needs_the_central_service() -> None:
    """None is an answer: it has no such setting."""
    assert outcome(CHECK, fact(FileSystem, backed_up=None)) is Outcome.FAIL
    assert outcome(CHECK, fact(FileSystem, backed_up=None), fact(ProtectedResource, last_backup=NOW)) is Outcome.PASS


def test_a_list_of_the_whole_account_counts_for_each_region() -> None:
    """Where backups are listed for the account at once, a list that was cut off may hide any of them."""
    (finding,) = judged(CHECK, fact(Disk, region="westeurope"), unlisted={(ProtectedResource, "global"): DENIED})

    assert finding.outcome is Outcome.UNKNOWN
