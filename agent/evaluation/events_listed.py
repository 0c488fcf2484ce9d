"""The occasions on which people had to perform a control, and whether anything proves that none is missing.

They stand in the registers that a company imported by the evidence cut-off, in the populations that the agent saw
itself, or in the calendar.  Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection

from agent import clock, populations
from agent.audit.parameters import DAY
from agent.audit.periods import Period, iso
from agent.audit.selection import freeze
from agent.errors import OperatorError
from agent.evaluation import events_accounts, samples
from agent.evaluation.events_accounts import Directory
from agent.evaluation.samples import Sample
from agent.populations import Frozen, Item, Population
from agent.registers import imports, joins
from agent.registers.imports import Import
from agent.registers.kinds import Approval, Change, Commitment, Event, Incident, Person, Row, Vendor
from agent.wiring import Wiring
from checks.library import EVENTS, POPULATIONS, Control

DAYS = "days"
REGISTERS = {
    "leavers": "people",
    "joiners": "people",
    "changes": "changes",
    "emergency-changes": "changes",
    "incidents": "incidents",
    "data-incidents": "incidents",
    "vendors": "vendors",
    "commitments": "commitments",
    EVENTS: imports.EVENTS,
}
"""The register that lists a population."""
SEEN = {"new-users": "users", "new-access-keys": "access-keys", "new-admin-grants": "admin-grants"}
"""The population of the agent of which the new items are one."""
_NAMED = 5
"""How many names stand in one sentence."""


class Wanted(NamedTuple):
    """One list that is asked for."""

    population: str
    """A key of `POPULATIONS`."""
    control: str
    """The control of which it lists the events; empty for a list that several controls share."""
    join: str = ""
    """The second list that it is held against, a key of `JOINS`."""

    @classmethod
    def by(cls, control: Control) -> Wanted | None:
        """The list that a control asks for; None when it names none."""
        own = control.id if control.population == EVENTS else ""
        return cls(control.population, own, control.join) if control.population else None

    @classmethod
    def called(cls, name: str, controls: Mapping[str, Control]) -> Wanted:
        """The list of a control or population of this name.  Raises OperatorError when it names none."""
        population, _, own = name.partition(":")
        if name in controls:
            if (found := cls.by(controls[name])) is None:
                raise OperatorError(f"{name}: has no population in the control library; add one, or name a KIND")
            return found
        if population not in POPULATIONS or bool(own) != (population == EVENTS) or (own and own not in controls):
            known = ", ".join(each for each in POPULATIONS if each != EVENTS)
            raise OperatorError(f"{name!r}: is neither a control nor a list of occasions; known: {known}, or a control")
        return cls(population, own)

    @property
    def name(self) -> str:
        """What it is called when it is frozen: the events of each control are a population of their own."""
        return f"{self.population}:{self.control}" if self.control else self.population


@dataclass(frozen=True, slots=True)
class Occasion:
    """One time that a control had to be performed."""

    id: str
    """What attestations name, what is hashed and what is drawn."""
    at: int | None
    """When it happened; None for what stands for the whole period, such as a vendor."""
    what: str
    row: Row | None = None
    """The row of the register that it stands in."""


@dataclass(frozen=True, slots=True)
class Listed:
    """All occasions of a period, by one list."""

    population: str
    """Name as it is frozen: that of the population and, where each control has its own, the control."""
    query: str
    occasions: tuple[Occasion, ...]
    """In the order of their ids."""
    source: Import | None
    """The import that they stand in; None when the agent or the calendar lists them, or nothing does."""
    doubts: tuple[str, ...]
    """Why nothing proves that the list is complete; empty when it is proven."""
    notes: tuple[str, ...]

    @property
    def hash(self) -> str:
        """H of the ids, as a draw uses it."""
        return freeze((each.id for each in self.occasions), 0).hash

    def extract(self, period: Period) -> dict[str, Any]:
        """What a frozen population says of where it comes from."""
        source = self.source
        return {
            "population": self.population,
            "begins": period.begins,
            "ends": period.ends,
            "query": self.query,
            "parameters": {**period.to_json(), "import": source and source.id, "entry": source and source.seq},
            "complete": not self.doubts,
            "second_counts_agree": None,
        }

    def to_json(self) -> dict[str, Any]:
        """Size, hash, where it comes from, and how complete it is; the occasions are told one by one elsewhere."""
        source = self.source
        return {
            "population": self.population,
            "query": self.query,
            "count": len(self.occasions),
            "hash": self.hash,
            "complete": not self.doubts,
            "doubts": list(self.doubts),
            "source": source
            and {
                "import": source.id,
                "entry": source.seq,
                "source": source.source,
                "query": source.query,
                "as_of": clock.iso(source.as_of),
                "rows": source.rows,
                "counted": source.counted,
                "sha256": source.file.sha256,
            },
        }


@dataclass(frozen=True, slots=True)
class Sources:
    """All lists that the controls of an evaluation need, as they were at its cut-off."""

    as_of: int
    imports: tuple[Import, ...] = ()
    """Oldest first."""
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """By id of the import."""
    seen: Mapping[str, Population] = field(default_factory=dict)
    """What the agent saw over the whole period, by name in `SEEN`."""
    directory: Directory | None = None
    """None when no control is held against it."""
    frozen: tuple[Frozen, ...] = ()
    draws: tuple[Sample, ...] = ()

    def register(self, kind: str, control: str = "") -> tuple[Import | None, tuple[Row, ...]]:
        """The register of a kind at the cut-off, and its rows."""
        found = imports.newest(self.imports, kind, control=control)
        return found, self.rows.get(found.id, ()) if found else ()

    def listed(self, wanted: Wanted, period: Period) -> Listed:
        """The occasions of a period, and what the second list says of the first."""
        population, control, join = wanted
        name, query = wanted.name, f"{POPULATIONS[population]}, in [begins, ends)"
        if population == DAYS:
            return Listed(name, query, tuple(_days(period)), None, (), ())
        if population in SEEN:
            return self._listed_by_agent(name, query, population, period)
        kind = REGISTERS[population]
        source, rows = self.register(kind, control)
        found = {each.id: each for row in rows for each in _occasions(wanted, row, period)}
        doubts = list(_doubts(kind, source, period, self.as_of))
        notes: list[str] = []
        if source is not None and join == "approvals":
            doubts += self._strays(rows, period)
        if source is not None and join == "accounts" and self.directory is not None:
            people = [row for row in rows if isinstance(row, Person)]
            doubts += _vanished(people, self.directory, period)
            notes += _ownerless(people, self.directory)
        return Listed(name, query, _sorted(found.values()), source, tuple(doubts), tuple(notes))

    def _listed_by_agent(self, name: str, query: str, population: str, period: Period) -> Listed:
        found = self.seen[population]
        doubts = []
        if not found.complete:
            doubts.append(f"not every run listed all; `proofkeep population {SEEN[population]}` tells which did not")
        if found.agrees is False:
            doubts.append("a second source counts another number")
        first = {cover.target: cover.read_since for cover in found.covers}
        new = (
            Occasion(each.id, at, each.name)
            for each in found.items
            for at in _new(each, (first.get(each.target), period.begins))
        )
        inside = (each for each in new if each.at is not None and period.holds(each.at))
        return Listed(name, query, _sorted(inside), None, tuple(doubts), ())

    def _strays(self, changes: Iterable[Row], period: Period) -> Iterator[str]:
        """Changes that somebody approved in the period and that the list of changes does not have."""
        approved = [
            each
            for each in self.register("approvals")[1]
            if isinstance(each, Approval) and each.decision == "approved" and period.holds(each.approved_at)
        ]
        if found := joins.strays((each for each in changes if isinstance(each, Change)), approved):
            yield f"the list of changes lacks those of {_some(found)}, which approve something else"


def load(conn: Connection, wiring: Wiring, asked: Collection[Wanted], period: Period, as_of: int) -> Sources:
    """These lists for a period, as they were recorded by `as_of`.  Raises IntegrityError when the store is damaged."""
    if not asked:
        return Sources(as_of)
    known = tuple(each for each in imports.load(conn) if each.recorded_at <= as_of)
    wanted = {(REGISTERS[each.population], each.control) for each in asked if each.population in REGISTERS}
    wanted |= {("approvals", "") for each in asked if each.join == "approvals"} | {("incidents", "")}
    chosen = {each.id: each for kind, own in wanted if (each := imports.newest(known, kind, control=own))}
    seen = {each.population for each in asked} & SEEN.keys()
    reach = Period(period.begins, min(period.ends, as_of + 1))
    return Sources(
        as_of=as_of,
        imports=known,
        rows={name: imports.rows(conn, each) for name, each in chosen.items()},
        seen={name: populations.population(conn, wiring, SEEN[name], reach.begins, reach.ends) for name in seen},
        directory=events_accounts.directory(conn, wiring, as_of + 1) if _needs_accounts(asked, known) else None,
        frozen=tuple(each for each in populations.frozen(conn) if each.population.frozen_at <= as_of),
        draws=tuple(each for each in samples.load(conn) if each.at <= as_of),
    )


def _needs_accounts(asked: Iterable[Wanted], known: Iterable[Import]) -> bool:
    """Whether a list of leavers is there that is held against the accounts."""
    return any(each.join == "accounts" for each in asked) and imports.newest(known, "people") is not None


def _occasions(wanted: Wanted, row: Row, period: Period) -> Iterator[Occasion]:
    """The occasion that a row stands for, if it is one of this population and period."""
    found = _occasion(wanted, row)
    if isinstance(row, Commitment) and not period.clip(row.valid_from, row.valid_to):
        return
    if found is not None and (found.at is None or period.holds(found.at)):
        yield found


def _occasion(wanted: Wanted, row: Row) -> Occasion | None:
    """What a row stands for in a population; None when it is no part of it."""
    population = wanted.population
    match row:
        case Person(left_at=int() as at) if population == "leavers":
            return Occasion(row.id, at, row.name, row)
        case Person() if population == "joiners":
            return Occasion(row.id, row.joined_at, row.name, row)
        case Change(kind=kind) if population == "changes" or kind == "emergency":
            return Occasion(row.id, row.deployed_at, row.system, row)
        case Incident(data_involved=involved) if population == "incidents" or involved:
            return Occasion(row.id, row.detected_at, row.title, row)
        case Event(control=named) if named == wanted.control:
            return Occasion(row.id, row.occurred_at, row.description, row)
        case Vendor():
            return Occasion(f"{row.vendor} / {row.service}", None, row.service, row)
        case Commitment():
            return Occasion(row.id, None, row.text, row)
    return None


def _days(period: Period) -> Iterator[Occasion]:
    """Each day that ends in (begins, ends]; it counts as happened when it is over."""
    end = (period.begins // DAY + 1) * DAY
    while end <= period.ends:
        yield Occasion((clock.to_datetime(end) - timedelta(days=1)).date().isoformat(), end, "")
        end += DAY


def _new(item: Item, unknown: Collection[int | None]) -> Iterator[int]:
    """When an item came to be: as the provider says, otherwise as it was first seen.

    What was found at one of the `unknown` moments, by the first run or as the period began, had been there before.
    """
    try:
        yield clock.parse(item.shown["created"])
    except (KeyError, ValueError):
        if item.first_seen not in unknown:
            yield item.first_seen


def _doubts(kind: str, source: Import | None, period: Period, as_of: int) -> Iterator[str]:
    """Why a register may lack something of the period."""
    if source is None:
        yield f"no register {kind} was imported by {iso(as_of)}; `proofkeep register import {kind}` does"
        return
    if source.as_of < period.ends:
        yield f"{source.id} speaks of {iso(source.as_of)}, and the time to judge goes on until {iso(period.ends)}"
    if source.counted is None:
        yield f"{source.id} was not counted against its source, {source.source}"


def _vanished(people: Iterable[Person], known: Directory, period: Period) -> Iterator[str]:
    """Users that were deleted in the period and belong to nobody: somebody may be missing in the list of staff."""
    theirs = {name.casefold() for person in people for name in (*person.accounts, person.email)}
    theirs |= {name.rpartition("/")[2] for name in theirs}
    gone = [name for name, at in known.vanished if period.holds(at) and name.casefold() not in theirs]
    if gone:
        yield f"users were deleted that the list of staff gives to nobody: {_some(gone)}"


def _ownerless(people: Iterable[Person], known: Directory) -> Iterator[str]:
    working = [each for each in joins.ownerless(people, known.accounts) if each.unusable_by is None]
    if working:
        yield f"{len(working)} accounts belong to nobody on the list of staff: {_some(each.owner for each in working)}"


def _sorted(found: Iterable[Occasion]) -> tuple[Occasion, ...]:
    return tuple(sorted(found, key=lambda each: each.id.encode()))


def _some(names: Iterable[str]) -> str:
    """The first names of a list, and how many more there are."""
    every = sorted(set(names))
    more = len(every) - _NAMED
    return ", ".join(every[:_NAMED]) + (f" and {more} more" if more > 0 else "")
