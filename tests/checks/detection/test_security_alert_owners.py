"""detection.security_alert_owners"""

from checks.api import Outcome
from checks.detection.security_alert_owners import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.detection import SecurityContact


def test_owners_who_are_told_pass() -> None:
    """Those who answer for the account hear of it."""
    assert outcome(CHECK, fact(SecurityContact, tells_owners=True)) is Outcome.PASS


def test_owners_who_are_not_told_fail() -> None:
    """A mailbox does not make up for them."""
    assert outcome(CHECK, fact(SecurityContact, tells_owners=False, mailboxes=3)) is Outcome.FAIL


def test_an_unread_contact_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(SecurityContact))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_a_provider_that_tells_contacts_instead_is_not_judged() -> None:
    """Owners hear of it where there is no contact."""
    assert outcome(CHECK, fact(SecurityContact, tells_owners=None)) is Outcome.NOT_APPLICABLE
