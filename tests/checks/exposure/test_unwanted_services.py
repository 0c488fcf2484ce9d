"""exposure.unwanted_services"""

from checks.api import Outcome
from checks.exposure.unwanted_services import CHECK, SERVICES
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.account import EnabledServices


def test_services_that_are_on_no_list_pass() -> None:
    """What is wanted may be on."""
    assert outcome(CHECK, fact(EnabledServices, names=("dns.googleapis.com",))) is Outcome.PASS


def test_a_service_of_the_list_fails_by_name() -> None:
    """The reason names it."""
    (finding,) = judged(CHECK, fact(EnabledServices, names=("dns.googleapis.com", *SERVICES)))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == f"switched on, and not wanted: {SERVICES[0]}"


def test_the_company_says_what_it_does_not_want() -> None:
    """With an empty list nothing is forbidden."""
    assert outcome(CHECK, fact(EnabledServices, names=SERVICES), services=()) is Outcome.PASS


def test_unread_services_are_unknown_and_name_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(EnabledServices))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
