"""identity.delegated_administrators"""

from checks.api import Outcome
from checks.identity.delegated_administrators import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.organization import Organization

TWO = ("111111111111", "222222222222")


def test_an_account_that_nobody_approved_fails_and_is_named() -> None:
    """Those on the list are not named with it."""
    (finding,) = judged(CHECK, fact(Organization, in_charge=True, administrators=TWO), approved=TWO[:1])

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "accounts that administer services and are not on the list: 222222222222"


def test_approved_accounts_and_none_at_all_pass() -> None:
    """A list may hold more than is used."""
    assert outcome(CHECK, fact(Organization, in_charge=True, administrators=TWO), approved=TWO) is Outcome.PASS
    assert outcome(CHECK, fact(Organization, in_charge=True, administrators=())) is Outcome.PASS


def test_an_account_without_others_is_not_asked() -> None:
    """It delegates nothing."""
    assert outcome(CHECK, fact(Organization, in_charge=False, administrators=())) is Outcome.NOT_APPLICABLE


def test_unread_administrators_and_an_unread_organization_are_unknown() -> None:
    """An empty list that was not read is no list."""
    assert outcome(CHECK, fact(Organization, in_charge=True, administrators=DENIED)) is Outcome.UNKNOWN
    assert outcome(CHECK, fact(Organization, in_charge=DENIED, administrators=())) is Outcome.UNKNOWN
