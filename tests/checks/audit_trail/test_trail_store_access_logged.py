"""audit_trail.trail_store_access_logged"""

from checks.api import Outcome
from checks.audit_trail.trail_store_access_logged import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Reason
from collectors.facts.monitoring import AuditTrail
from collectors.facts.stores import ObjectStore

TRAIL = fact(AuditTrail, "trail", store="arn:logs")


def test_a_store_with_an_access_log_passes() -> None:
    """The finding names the trail and rests on the store's document too."""
    (finding,) = judged(CHECK, TRAIL, fact(ObjectStore, "logs", access_log_to="arn:access"))

    assert finding.outcome is Outcome.PASS
    assert finding.resource.name == "trail"
    assert [document.uid for document in finding.documents] == ["arn:trail", "arn:logs"]


def test_a_store_without_an_access_log_fails() -> None:
    """None is an answer: nobody logs who touches the trail."""
    assert outcome(CHECK, TRAIL, fact(ObjectStore, "logs", access_log_to=None)) is Outcome.FAIL


def test_a_store_of_another_account_is_unknown_and_named() -> None:
    """A complete listing without the store means that it is elsewhere, not that it is fine."""
    (finding,) = judged(CHECK, TRAIL, fact(ObjectStore, "other"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread[0].reason is Reason.ACCOUNT_NOT_ONBOARDED
    assert finding.unread[0].operation == "s3:GetBucketLogging"
    assert "arn:logs is not in this account" in finding.reason


def test_an_incomplete_listing_of_stores_is_unknown() -> None:
    """A store missing from a cut-off listing may yet be in this account."""
    (finding,) = judged(CHECK, TRAIL, unlisted={(ObjectStore, "global"): DENIED})

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)


def test_an_unread_store_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, TRAIL, fact(ObjectStore, "logs"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_a_trail_without_store_is_not_applicable() -> None:
    """It keeps no files that anybody could reach."""
    assert outcome(CHECK, fact(AuditTrail, store=None)) is Outcome.NOT_APPLICABLE


def test_an_unread_destination_is_unknown() -> None:
    """Nobody can tell which store it is."""
    assert outcome(CHECK, fact(AuditTrail, store=DENIED)) is Outcome.UNKNOWN
