"""audit_trail.log_validation"""

from checks.api import Outcome
from checks.audit_trail.log_validation import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.monitoring import AuditTrail
from collectors.facts.stores import ObjectStore


def test_a_trail_that_signs_its_files_passes() -> None:
    """Validation on is a pass."""
    assert outcome(CHECK, fact(AuditTrail, store="arn:logs", validated=True)) is Outcome.PASS


def test_a_trail_that_does_not_sign_fails() -> None:
    """Validation off is a fail."""
    assert outcome(CHECK, fact(AuditTrail, store="arn:logs", validated=False)) is Outcome.FAIL


def test_each_trail_has_its_own_finding() -> None:
    """One trail's digests do not vouch for another's files."""
    findings = judged(
        CHECK,
        fact(AuditTrail, "a", store="arn:logs", validated=True),
        fact(AuditTrail, "b", store="arn:logs", validated=False),
    )

    assert [(finding.resource.name, finding.outcome) for finding in findings] == [
        ("a", Outcome.PASS),
        ("b", Outcome.FAIL),
    ]


def test_an_unread_trail_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(AuditTrail, store="arn:logs"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_a_locked_store_stands_in_for_signatures() -> None:
    """Where the provider signs nothing, the lock keeps the files as they are."""
    trail = fact(AuditTrail, "trail", store="arn:logs", validated=None)
    (finding,) = judged(CHECK, trail, fact(ObjectStore, "logs", object_lock_days=365))

    assert finding.outcome is Outcome.PASS
    assert [document.uid for document in finding.documents] == ["arn:trail", "arn:logs"]


def test_neither_signature_nor_lock_fails() -> None:
    """A changed file would go unnoticed."""
    trail = fact(AuditTrail, "trail", store="arn:logs", validated=None)

    assert outcome(CHECK, trail, fact(ObjectStore, "logs", object_lock_days=None)) is Outcome.FAIL


def test_without_signature_the_store_has_to_be_known() -> None:
    """An unread lock, a store elsewhere, and a trail without store each say so."""
    trail = fact(AuditTrail, "trail", store="arn:logs", validated=None)

    assert outcome(CHECK, trail, fact(ObjectStore, "logs")) is Outcome.UNKNOWN
    assert outcome(CHECK, trail) is Outcome.UNKNOWN
    assert outcome(CHECK, fact(AuditTrail, store=None, validated=None)) is Outcome.NOT_APPLICABLE
