"""Sign-ins to the console as the event history of CloudTrail keeps them, which no trail has to be made for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.identity import SignIns
from collectors.reader import now

SIGN_IN = Kind("aws.cloudtrail.sign_in", "cloudtrail", "LookupEvents", items="Events")

DAYS = 7
"""How far back events are asked for.  Each of them is seen by many runs, so that one that was missed loses none."""
DAY = 24 * 3600
MICROSECONDS = 1_000_000
PAGE = 50
"""Largest page."""
WANTED = [{"AttributeKey": "EventName", "AttributeValue": "ConsoleLogin"}]
KEPT = (
    ("userIdentity", "type"),
    ("userIdentity", "userName"),
    ("responseElements", "ConsoleLogin"),
    ("additionalEventData", "MFAUsed"),
)
"""What of an event settles something, beside its time."""
ROOT, USER = "Root", "IAMUser"
"""Who signs in at AWS itself.  Everybody else comes from an identity provider, which alone knows how they did."""
OUTCOMES = {"Success": True, "Failure": False}
FACTORS = {"Yes": True, "No": False}


def fetch(aws: Reader) -> Iterator[Document]:
    """Every sign-in of the last days in the region.

    Of each, only what settles something is kept: an event also tells the address and the browser of a person.
    """
    since = now() // MICROSECONDS - DAYS * DAY
    for event in aws.listing(SIGN_IN, LookupAttributes=WANTED, StartTime=since, MaxResults=PAGE):
        yield aws.document(SIGN_IN, aws.arn("cloudtrail", f"event/{event['EventId']}"), kept(event))


def kept(event: Body) -> dict[str, Any]:
    """An event without what nothing rests on.  Whatever is missing is left out."""
    said = json.loads(event["CloudTrailEvent"])
    found: dict[str, Any] = {"eventTime": said["eventTime"]} if "eventTime" in said else {}
    for outer, inner in KEPT:
        part = said.get(outer)
        if isinstance(part, dict) and inner in part:
            found.setdefault(outer, {})[inner] = part[inner]
    return found


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per region."""
    for region in docs.regions:
        events = sorted((each for each in docs.of(SIGN_IN) if each.region == region), key=lambda each: each.uid)
        uid = f"arn:{docs.partition}:cloudtrail:{region}:{docs.account}:sign-ins"
        yield SignIns(
            resource=docs.resource("sign_ins", uid, region, region),
            documents=docs.about(uid, *events),
            days=DAYS,
            root=_found(docs, region, {each.uid: docs.field(SIGN_IN, each, root_day) for each in events}),
            single_factor=_found(docs, region, {each.uid: docs.field(SIGN_IN, each, single_factor) for each in events}),
        )


def _found(docs: Documents, region: str, said: dict[str, str | None | Unread]) -> tuple[str, ...] | Unread:
    """What events tell.  One that tells something settles that; without one, whatever is unread might have been it."""
    found = {each for each in said.values() if isinstance(each, str)}
    unread = docs.complete(SIGN_IN, region) or next((each for each in said.values() if isinstance(each, Unread)), None)
    return tuple(sorted(found)) if found else unread or ()


def root_day(body: Body) -> str | None:
    """The day on which the root user signed in; None for another event.  Raises ValueError, KeyError."""
    if body["userIdentity"]["type"] != ROOT or not succeeded(body):
        return None
    return when(body["eventTime"]).date().isoformat()


def single_factor(body: Body) -> str | None:
    """Who signed in with a password alone: `root`, or the name of a user; None for another event."""
    if body["userIdentity"]["type"] not in {ROOT, USER} or not succeeded(body):
        return None
    if FACTORS[body["additionalEventData"]["MFAUsed"]]:
        return None
    return "root" if body["userIdentity"]["type"] == ROOT else str(body["userIdentity"]["userName"])


def succeeded(body: Body) -> bool:
    """Whoever it was got in.  Any word but two is malformed."""
    return OUTCOMES[body["responseElements"]["ConsoleLogin"]]


COLLECTOR = Collector(
    id="aws.sign_ins",
    title="Sign-ins to the console",
    scope="region",
    kinds=(SIGN_IN,),
    emits={SignIns: None},
    source="AWS CloudTrail API 2013-11-01; CloudTrail User Guide, AWS Management Console sign-in events",
    fetch=fetch,
    shape=shape,
)
