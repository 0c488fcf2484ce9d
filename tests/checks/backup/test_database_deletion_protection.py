"""backup.database_deletion_protection"""

from checks.api import Outcome
from checks.backup.database_deletion_protection import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Resource
from collectors.facts.detection import ResourceLock
from collectors.facts.stores import Database


def unprotectable(cloud: str, name: str = "it") -> Database:
    """A database whose engine has no such setting."""
    where = Resource(cloud, "subscription", "place", "database", f"arn:{name}", name)
    return fact(Database, resource=where, engine="sql server", clustered=False, deletion_protected=None)


def test_a_protected_database_passes() -> None:
    """The setting that is on is a pass."""
    assert outcome(CHECK, fact(Database, engine="postgres", clustered=False, deletion_protected=True)) is Outcome.PASS


def test_an_unprotected_database_fails() -> None:
    """The setting that is off is a fail."""
    assert outcome(CHECK, fact(Database, engine="postgres", clustered=False, deletion_protected=False)) is Outcome.FAIL


def test_a_member_of_a_cluster_is_left_to_its_cluster() -> None:
    """The cluster is judged, even when the member could not be read."""
    assert outcome(CHECK, fact(Database, engine="aurora-mysql", clustered=True)) is Outcome.NOT_APPLICABLE


def test_an_unread_database_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Database, engine="postgres", clustered=False))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_where_only_a_lock_can_protect_a_lock_is_looked_for() -> None:
    """One on the database, or on anything that it is in; not one on something whose name begins alike."""
    database = unprotectable("azure", "group/server/db")

    for scope in ("arn:group/server/db", "arn:group"):
        (finding,) = judged(CHECK, database, fact(ResourceLock, "lock", scope=scope))
        assert finding.outcome is Outcome.PASS
        assert finding.reason == "lock lock keeps it from being deleted"
    for scope in ("arn:gro", "arn:group/server/db2"):
        assert outcome(CHECK, database, fact(ResourceLock, "lock", scope=scope)) is Outcome.FAIL


def test_an_incomplete_list_of_locks_is_unknown() -> None:
    """The lock may be among those that were not listed."""
    database = unprotectable("azure")
    (finding,) = judged(CHECK, database, unlisted={(ResourceLock, "global"): DENIED})

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)


def test_where_nothing_can_protect_nothing_is_asked_for() -> None:
    """AWS has no locks, so an engine without the setting has nothing to turn on."""
    assert outcome(CHECK, unprotectable("aws")) is Outcome.NOT_APPLICABLE
