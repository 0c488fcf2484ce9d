"""audit_trail.log_validation"""

from checks.api import Outcome
from checks.audit_trail.log_validation import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.monitoring import AuditTrail


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
