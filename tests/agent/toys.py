"""A made-up cloud of things with one setting: its fact, collectors, check and pages, for tests of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from agent.judge import Reading
from checks.api import DIRECT, Check, Criterion, Facts, Finding, Outcome, Params, decide
from collectors.api import Collector, Document, Kind, Then
from collectors.documents import Documents
from collectors.facts.core import Fact, Reason, Resource, Unread
from collectors.provenance import Gap, Identity, Listing, Page
from storage.rows import Key

IDENTITY = Identity("toy", "1", "toy:caller")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
EAST, WEST = "east", "west"

THING = Kind("toy.thing", "toy", "ListThings", items="Things")
DETAIL = Kind("toy.detail", "toy", "GetThing", permission="toy:ReadThing", volatile=("Seen",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing(Fact):
    """A thing, which is good or not."""

    good: bool | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Ghost(Fact):
    """Nothing reads any of these."""


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact for each listed thing."""
    for thing in docs.of(THING):
        yield Thing(
            resource=docs.resource("thing", thing.uid, thing.uid, thing.region),
            documents=docs.about(thing.uid),
            good=docs.value(DETAIL, thing.uid, lambda body: bool(body["Good"])),
        )


def nothing(_: object) -> Iterator[Document | Then]:
    """A fetch that reads nothing."""
    yield from ()


COLLECTOR = Collector(
    id="toy.things",
    title="Things",
    scope="region",
    kinds=(THING, DETAIL),
    emits={Thing: THING},
    source="made up",
    fetch=nothing,
    shape=shape,
)


def judge(facts: Facts, _now: datetime, _params: Params) -> Iterator[Finding]:
    """One finding for each thing."""
    for thing in facts.of(Thing):
        yield decide(thing, thing.good, yes="is good", no="is bad")


CHECK = Check(
    id="toy.good",
    title="Things are good",
    criteria=(Criterion("CC6.1", DIRECT, "made up"),),
    severity="high",
    needs=(Thing,),
    remediation="Make it good.",
    equivalents={},
    judge=judge,
)


def document(uid: str, region: str = EAST, kind: Kind = THING, call: int = 0, **body: object) -> Document:
    """A document about a thing."""
    return Document(kind.name, uid, region, body, call)


def pair(uid: str, good: bool, region: str = EAST) -> list[Document]:
    """A listed thing and its detail."""
    return [document(uid, region), document(uid, region, DETAIL, Good=good)]


def listing(region: str = EAST, kind: Kind = THING) -> Listing:
    """The note that a listing reached its end."""
    return Listing(COLLECTOR.id, kind.name, region, "", 0, 0)


def gap(kind: Kind, region: str = EAST, uid: str | None = None, reason: Reason = Reason.PERMISSION_DENIED) -> Gap:
    """A read that was refused: a listing when no uid is given."""
    return Gap(reason, COLLECTOR.id, region, kind.name, uid, uid is None, kind.call, kind.needs, "AccessDenied", 0)


def reading(
    documents: Iterable[Document] = (),
    listings: Iterable[Listing] = (),
    gaps: Iterable[Gap] = (),
    regions: tuple[str, ...] = (EAST,),
) -> Reading:
    """What one run read."""
    return Reading(IDENTITY, regions, Page(list(documents), [], list(gaps), list(listings)))


def resource(uid: str, region: str = EAST) -> Resource:
    """A thing as a resource."""
    return Resource("toy", "1", region, "thing", uid, uid)


def key(uid: str, region: str = EAST, kind: Kind = THING) -> Key:
    """A thing's document as the store names it."""
    return Key(kind.name, uid, region, uid)


def outcomes(findings: Iterable[Finding]) -> dict[str, Outcome]:
    """Outcome by uid."""
    return {finding.resource.uid: finding.outcome for finding in findings}


def renamed(check: Check, id_: str, **changes: object) -> Check:
    """Another check of the same things."""
    return replace(check, id=id_, **changes)  # type: ignore[arg-type]  # any field of a check
