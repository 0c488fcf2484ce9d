"""detection.security_contact"""

from checks.api import Outcome
from checks.detection.security_contact import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.detection import SecurityContact


def test_a_mailbox_passes() -> None:
    """The provider knows whom to write to."""
    assert outcome(CHECK, fact(SecurityContact, mailboxes=1)) is Outcome.PASS


def test_no_mailbox_fails() -> None:
    """Whoever judges security events hears nothing of the provider's."""
    assert outcome(CHECK, fact(SecurityContact, mailboxes=0)) is Outcome.FAIL


def test_an_unread_contact_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(SecurityContact))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_what_was_not_listed_has_no_finding_of_its_own() -> None:
    """The judge says what is not applicable or unknown where there is no fact."""
    assert judged(CHECK, unlisted={(SecurityContact, "global"): DENIED}) == []
