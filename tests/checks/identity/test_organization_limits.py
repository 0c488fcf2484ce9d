"""identity.organization_limits"""

from checks.api import Outcome
from checks.identity.organization_limits import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.organization import Organization


def test_a_policy_that_limits_somebody_passes_and_is_named() -> None:
    """One is enough, and an auditor reads which."""
    (finding,) = judged(CHECK, fact(Organization, in_charge=True, limits=("regions", "trails")))

    assert finding.outcome is Outcome.PASS
    assert finding.reason == "policies limit accounts: regions, trails"


def test_no_limit_fails() -> None:
    """Where nothing is ruled out, administrators of an account can do everything."""
    assert outcome(CHECK, fact(Organization, in_charge=True, limits=())) is Outcome.FAIL


def test_an_account_without_others_is_not_asked() -> None:
    """What the organization decides is decided in its own account."""
    assert outcome(CHECK, fact(Organization, in_charge=False, limits=())) is Outcome.NOT_APPLICABLE


def test_unread_limits_and_an_unread_organization_are_unknown() -> None:
    """Neither is taken for an account without an organization."""
    assert outcome(CHECK, fact(Organization, in_charge=True, limits=DENIED)) is Outcome.UNKNOWN
    assert outcome(CHECK, fact(Organization, in_charge=DENIED, limits=())) is Outcome.UNKNOWN
