"""aws.sign_ins"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.sign_ins import COLLECTOR, DAY, DAYS, SIGN_IN
from collectors.facts.core import Reason, Unread
from collectors.facts.identity import SignIns
from collectors.reader import now
from collectors.testing import Reading

Read = Callable[..., Reading]

LOOKUP = "cloudtrail:LookupEvents"
REGION = "us-east-1"


def event(number: int, kind: str, *, mfa: str | None = "Yes", outcome: str = "Success") -> dict[str, Any]:
    """One sign-in as the history answers it."""
    said = {
        "eventTime": f"2026-06-{number:02}T23:30:00Z",
        "userIdentity": {"type": kind, **({"userName": f"user-{number}"} if kind == "IAMUser" else {})},
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "a browser",
        "responseElements": {"ConsoleLogin": outcome},
        "additionalEventData": {} if mfa is None else {"MFAUsed": mfa},
    }
    return {"EventId": f"id-{number}", "EventName": "ConsoleLogin", "CloudTrailEvent": json.dumps(said)}


def found(read: Read) -> SignIns:
    """The one fact of the region."""
    (fact,) = read(COLLECTOR).facts(SignIns)
    return fact


def test_root_and_those_with_a_password_alone_are_named(read: Read, faults: Faults) -> None:
    """Failed sign-ins do not count, nor do people whom another identity provider vouches for."""
    faults.answers[LOOKUP] = {
        "Events": [
            event(1, "Root"),
            event(2, "IAMUser", mfa="No"),
            event(3, "IAMUser"),
            event(4, "IAMUser", mfa="No", outcome="Failure"),
            event(5, "AssumedRole", mfa="No"),
            event(6, "Root", mfa="No", outcome="Failure"),
        ]
    }

    fact = found(read)

    assert (fact.days, fact.root, fact.single_factor) == (7, ("2026-06-01",), ("user-2",))
    assert fact.resource.uid == "arn:aws:cloudtrail:us-east-1:123456789012:sign-ins"
    assert len(fact.documents) == 6


def test_root_with_a_password_alone_is_both(read: Read, faults: Faults) -> None:
    """It has no name of its own."""
    faults.answers[LOOKUP] = {"Events": [event(1, "Root", mfa="No"), event(2, "Root", mfa="No")]}

    fact = found(read)

    assert (fact.root, fact.single_factor) == (("2026-06-01", "2026-06-02"), ("root",))


def test_where_a_person_was_is_not_kept(read: Read, faults: Faults) -> None:
    """Nothing rests on addresses and browsers."""
    faults.answers[LOOKUP] = {"Events": [event(3, "IAMUser")]}

    (document,) = read(COLLECTOR).page.documents

    assert document.body == {
        "eventTime": "2026-06-03T23:30:00Z",
        "userIdentity": {"type": "IAMUser", "userName": "user-3"},
        "responseElements": {"ConsoleLogin": "Success"},
        "additionalEventData": {"MFAUsed": "Yes"},
    }


def test_the_last_days_are_asked_for_and_empty_is_proven(read: Read) -> None:
    """One kind of event, from a week ago on."""
    reading = read(COLLECTOR)
    (call,) = reading.page.calls
    (fact,) = reading.facts(SignIns)

    assert (fact.root, fact.single_factor) == ((), ())
    assert call.parameters["LookupAttributes"] == [{"AttributeKey": "EventName", "AttributeValue": "ConsoleLogin"}]
    assert abs(now() // 1_000_000 - DAYS * DAY - call.parameters["StartTime"]) < 60
    assert reading.documents.complete(SIGN_IN, REGION) is None


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble"])
def test_events_that_were_not_read_are_neither_none_nor_some(read: Read, faults: Faults, fault: str) -> None:
    """And the missing right is named."""
    getattr(faults, fault).add(LOOKUP)

    fact = found(read)

    for value in (fact.root, fact.single_factor):
        assert isinstance(value, Unread)
        assert value.permission == LOOKUP


def test_events_of_the_first_page_count_and_the_rest_is_unread(read: Read, faults: Faults) -> None:
    """One sign-in settles that there was one; that there was none is not known."""
    faults.answers[LOOKUP] = {"Events": [event(2, "IAMUser", mfa="No")], "NextToken": "more"}
    faults.deny.add(LOOKUP)
    faults.after = 1

    fact = found(read)

    assert fact.single_factor == ("user-2",)
    assert isinstance(fact.root, Unread)
    assert fact.root.reason is Reason.PARTIAL_LISTING


@pytest.mark.parametrize(
    "strange",
    [event(2, "IAMUser", mfa=None), event(2, "IAMUser", mfa="Maybe"), event(2, "IAMUser", outcome="Perhaps")],
)
def test_an_event_that_does_not_say_how_is_unread(read: Read, faults: Faults, strange: dict[str, Any]) -> None:
    """It may have been a password alone."""
    faults.answers[LOOKUP] = {"Events": [event(1, "IAMUser"), strange]}

    assert isinstance(found(read).single_factor, Unread)
