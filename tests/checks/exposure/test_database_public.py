"""exposure.database_public"""

from checks.api import Outcome
from checks.exposure.database_public import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import Database


def test_a_database_without_a_public_address_passes() -> None:
    """False is the good answer here."""
    assert outcome(CHECK, fact(Database, engine="postgres", clustered=False, public=False)) is Outcome.PASS


def test_a_database_with_a_public_address_fails() -> None:
    """True is the bad answer here."""
    assert outcome(CHECK, fact(Database, engine="postgres", clustered=False, public=True)) is Outcome.FAIL


def test_a_member_of_a_cluster_is_judged_on_its_own() -> None:
    """Each member has an address of its own."""
    assert outcome(CHECK, fact(Database, engine="aurora-mysql", clustered=True, public=True)) is Outcome.FAIL


def test_an_unread_database_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Database, engine="postgres", clustered=False))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
