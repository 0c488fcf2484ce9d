"""Who and what there was at any time in a period: users, keys, stores, grants and the like, gone ones included.

A population comes from the versions of documents, so nothing has to exist any more to be in it.  Beside the items it
says how complete they are: which runs of the period listed all of them, which did not and why, and what a second
source counted.  A frozen one is a statement in the ledger, with its ids as a file, from which samples are drawn.

Times are microseconds since the epoch, UTC; the period is [begins, ends).
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection

from agent import admin_grants, clock, statements
from agent.audit.selection import FrozenPopulation, freeze
from agent.census import Cover, Second, covers, second_counts
from agent.errors import OperatorError
from agent.population_kinds import ACCOUNTS, DEFINITIONS, GRANTS, Definition, Stretch, listed
from agent.wiring import Wiring
from storage import attachments, blobs, canon, history, reads
from storage.attachments import Attachment
from storage.engine import Store
from storage.history import RunAt
from storage.rows import StatementRow, Target

FROZEN = "population"
"""Kind of the statement in the ledger."""
FORM = 1
ACCOUNT = "account"
"""Stands where other items have the kind of their document."""
IDS = "ids.txt"
"""Name of the file that holds the ids of a frozen population, one a line, sorted by their bytes."""


@dataclass(frozen=True, slots=True)
class Item:
    """One member of a population."""

    id: str
    """Cloud, account and the provider's id: what is hashed and drawn."""
    target: Target
    kind: str
    uid: str
    region: str
    name: str
    first_seen: int
    last_seen: int
    """The newest run that surely saw it: one whose listing was complete, or in which it was new or changed."""
    gone: int | None
    """When a complete listing no longer held it; None when none did."""
    still_there: bool | None
    """At the end of the period; None when the newest run could not tell."""
    stretches: int
    """More than 1 when it was gone and came back."""
    shown: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "id": self.id,
            "cloud": self.target.cloud,
            "target": self.target.name,
            "account": self.target.account,
            "kind": self.kind,
            "resource": self.uid,
            "region": self.region,
            "name": self.name,
            "first_seen": clock.iso(self.first_seen),
            "last_seen": clock.iso(self.last_seen),
            "gone": clock.iso_or_none(self.gone),
            "still_there": self.still_there,
            "stretches": self.stretches,
            "shown": dict(self.shown),
        }


@dataclass(frozen=True, slots=True)
class Population:
    """Everything of one kind that existed at any time in a period, and how complete that is."""

    definition: Definition
    begins: int
    ends: int
    as_of: int
    """Newest ledger entry that was looked at; -1 when there was none."""
    only: str | None
    """The one target that was asked for; None for all."""
    items: tuple[Item, ...]
    """By the bytes of their ids."""
    hash: str
    covers: tuple[Cover, ...]
    second: tuple[Second, ...]

    @property
    def complete(self) -> bool:
        """Every run of the period listed all there was, none is missing, and the first was there when it began."""
        return bool(self.covers) and all(cover.whole for cover in self.covers)

    @property
    def agrees(self) -> bool | None:
        """Whether each second count is the same; None when there is none that could be read."""
        compared = [each.counted == each.listed for each in self.second if each.counted is not None]
        return all(compared) if compared else None

    @property
    def parameters(self) -> dict[str, Any]:
        """With which values."""
        return {
            "begins": clock.iso(self.begins),
            "ends": clock.iso(self.ends),
            "kinds": list(self.definition.kinds),
            "target": self.only,
            "up_to_entry": self.as_of,
        }

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "population": self.definition.name,
            "query": self.definition.query,
            "parameters": self.parameters,
            "count": len(self.items),
            "hash": self.hash,
            "complete": self.complete,
            "second_counts_agree": self.agrees,
            "completeness": [cover.to_json() for cover in self.covers],
            "second_counts": [each.to_json() for each in self.second],
            "limits": list(self.definition.limits),
            "items": [item.to_json() for item in self.items],
        }


@dataclass(frozen=True, slots=True)
class Frozen:
    """A population on the record."""

    id: str
    """`P-0001`, counted from the first one that the ledger has."""
    seq: int
    said: Mapping[str, Any]
    """What the statement says: population, query, parameters, count, hash, completeness."""
    population: FrozenPopulation


def declared() -> bytes:
    """The body of the policy entry `populations`: which documents list which population, for the public views."""
    kinds = {each.view: list(each.kinds) for each in DEFINITIONS.values() if each.view}
    return canon.canonical({"form": FORM, "kinds": kinds})


def population(
    conn: Connection, wiring: Wiring, name: str, begins: int, ends: int, *, only: str | None = None
) -> Population:
    """The population of this name in a period, in all targets or in `only` one.

    Raises OperatorError for a name or period that cannot be, IntegrityError when bytes disagree with their hash.
    """
    if ends <= begins:
        raise OperatorError(f"--to {clock.iso(ends)}: does not come after --from; write a later end")
    definition = _definition(name)
    names = {who.name for who in reads.targets(conn)}
    if only is not None and only not in names:
        known = ", ".join(sorted(names)) or "none"
        raise OperatorError(f"--target {only!r}: nothing was ever kept about it; known: {known}")
    missed = [each for each in history.missed(conn, begins, ends) if only in (None, each.target.name)]
    by_target: dict[Target, list[RunAt]] = {each.target: [] for each in missed}
    by_target |= {who: runs for who, runs in history.runs_between(conn, 0, ends).items() if only in (None, who.name)}
    about = listed(definition, wiring)
    cut = history.listings_cut(conn, about.kinds, about.collectors, 0, ends)
    stretches = [
        each
        for each in _stretches(conn, wiring, definition, by_target, cut, (begins, ends))
        if each.target in by_target and (each.gone is None or each.gone.recorded > begins)
    ]
    items = _items(stretches, _Sight(by_target, cut), begins)
    as_of = reads.seq_at(conn, ends - 1)
    return Population(
        definition=definition,
        begins=begins,
        ends=ends,
        as_of=-1 if as_of is None else as_of,
        only=only,
        items=items,
        hash=freeze([item.id for item in items], ends).hash,
        covers=covers(conn, about, by_target, cut, missed, (begins, ends)),
        second=second_counts(conn, wiring, definition, by_target, stretches, begins),
    )


def put_on_record(store: Store, found: Population) -> Frozen:
    """Freeze a population: its ids cannot change any more, so a draw from it can be repeated.

    Raises OperatorError while its period is not over, since it may still grow.
    """
    extract = {
        "population": found.definition.name,
        "begins": found.begins,
        "ends": found.ends,
        "query": found.definition.query,
        "parameters": found.parameters,
        "complete": found.complete,
        "second_counts_agree": found.agrees,
    }
    return freeze_ids(store, extract, [item.id for item in found.items])


def freeze_ids(store: Store, extract: Mapping[str, Any], ids: Sequence[str]) -> Frozen:
    """Freeze the ids of any list: `extract` says which population, period and query it is, and how complete.

    Raises OperatorError while its period is not over, or when an id cannot name one item.
    """
    now = store.now()
    if extract["ends"] > now:
        raise OperatorError(
            f"--to {clock.iso(extract['ends'])}: lies in the future; freeze the population when it is over"
        )
    try:
        kept = freeze(ids, now)
    except ValueError as error:
        raise OperatorError(str(error)) from error
    said = {"form": FORM, **extract, "count": len(kept), "hash": kept.hash}
    content = "".join(f"{each}\n" for each in kept.ids).encode()
    seq = attachments.append(store, FROZEN, said, [Attachment(IDS, "text/plain", now, content)])
    with store.read() as conn:
        return next(each for each in frozen(conn) if each.seq == seq)


def frozen(conn: Connection) -> list[Frozen]:
    """Every frozen population, oldest first.  Raises IntegrityError when one is not as it was written."""
    return [_frozen(conn, row, f"P-{number:04d}") for number, row in enumerate(reads.statements(conn, {FROZEN}), 1)]


def _frozen(conn: Connection, row: StatementRow, id_: str) -> Frozen:
    said = statements.body(row, FORM)
    try:
        (content,) = attachments.contents(conn, attachments.attached(said))
        kept = freeze(content.decode().split("\n")[:-1], row.at)
    except ValueError as error:
        raise statements.malformed(row, str(error)) from error
    if (kept.hash, len(kept)) != (said.get("hash"), said.get("count")):
        raise statements.malformed(row, "its ids are not the ones that it was frozen with")
    return Frozen(id_, row.seq, said, kept)


def _definition(name: str) -> Definition:
    if name not in DEFINITIONS:
        raise OperatorError(f"KIND {name!r}: there is no such population; known: {', '.join(DEFINITIONS)}")
    return DEFINITIONS[name]


def _stretches(
    conn: Connection,
    wiring: Wiring,
    definition: Definition,
    by_target: Mapping[Target, Sequence[RunAt]],
    cut: set[tuple[int, str]],
    period: tuple[int, int],
) -> list[Stretch]:
    """Every stretch of existence that may overlap the period."""
    if definition.name == ACCOUNTS:
        return list(_accounts(by_target))
    if definition.name == GRANTS:
        return admin_grants.stretches(conn, wiring, definition, by_target, cut)
    lives = history.resource_lives(conn, definition.kinds, *period)
    found = []
    for some in blobs.in_chunks(lives):
        contents = blobs.load(conn, {life.bid for life in some})
        for life in some:
            body = orjson.loads(contents[life.bid])["body"]
            shown = {column: value for column, path in definition.shown.items() if (value := _at(body, path))}
            key = life.key
            found.append(
                Stretch(
                    life.target, key.kind, key.uid, key.region, key.name, life.first, life.changed, life.gone, shown
                )
            )
    return found


def _accounts(by_target: Mapping[Target, Sequence[RunAt]]) -> Iterable[Stretch]:
    """Each account from its first run that read something; nobody can tell when an account ceased to exist."""
    for who, runs in by_target.items():
        read = [run for run in runs if run.documents]
        if read:
            yield Stretch(who, ACCOUNT, who.account, "", who.name, read[0], read[-1], None)


def _at(body: Any, paths: str) -> str:
    """A field of a document as text, by the first of the paths that leads to one; empty where there is none."""
    for path in paths.split("|"):
        found = body
        for name in path.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        if found is not None:
            return found if isinstance(found, str) else orjson.dumps(found).decode()
    return ""


class _Sight:
    """In which runs an item of some region was surely seen, or seen to be missing."""

    def __init__(self, by_target: Mapping[Target, Sequence[RunAt]], cut: set[tuple[int, str]]) -> None:
        self._runs = by_target
        self._cut = cut
        self._clear: dict[tuple[Target, str], list[RunAt]] = {}

    def last(self, stretch: Stretch) -> RunAt:
        """The newest run that surely saw it."""
        clear = self._clear_runs(stretch)
        until = len(clear) if stretch.gone is None else bisect_left(clear, stretch.gone.seq, key=lambda run: run.seq)
        newest = clear[until - 1] if until else stretch.changed
        return max(newest, stretch.changed, key=lambda run: run.seq)

    def newest(self, who: Target) -> RunAt:
        """The newest run of a target."""
        return self._runs[who][-1]

    def _clear_runs(self, stretch: Stretch) -> list[RunAt]:
        place = stretch.target, stretch.region
        if stretch.kind == ACCOUNT:
            return [run for run in self._runs[stretch.target] if run.documents]
        if place not in self._clear:
            self._clear[place] = [
                run for run in self._runs[stretch.target] if (run.seq, stretch.region) not in self._cut
            ]
        return self._clear[place]


def _items(stretches: Iterable[Stretch], sight: _Sight, begins: int) -> tuple[Item, ...]:
    """One item for each id, whatever it is called and however often it came back."""
    by_id: dict[str, list[Stretch]] = {}
    for stretch in stretches:
        by_id.setdefault(_id(stretch), []).append(stretch)
    return tuple(_item(id_, by_id[id_], sight, begins) for id_ in sorted(by_id, key=str.encode))


def _item(id_: str, stretches: list[Stretch], sight: _Sight, begins: int) -> Item:
    seen = [sight.last(stretch) for stretch in stretches]
    last = max(range(len(seen)), key=lambda n: (stretches[n].gone is None, seen[n].seq))
    newest = stretches[last]
    final = sight.newest(newest.target)
    there = newest.gone is None
    return Item(
        id=id_,
        target=newest.target,
        kind=newest.kind,
        uid=newest.uid,
        region=newest.region,
        name=newest.name,
        first_seen=min(stretch.first.recorded for stretch in stretches),
        last_seen=max(run.recorded for run in seen),
        gone=newest.gone.recorded if newest.gone else None,
        still_there=(True if seen[last].seq == final.seq and final.recorded >= begins else None) if there else False,
        stretches=len(stretches),
        shown=newest.shown,
    )


def _id(stretch: Stretch) -> str:
    """Cloud, account and the provider's id, in one line whatever somebody called the thing."""
    parts = [stretch.target.cloud, stretch.target.account]
    text = "/".join(parts if stretch.kind == ACCOUNT else [*parts, stretch.uid])
    return text if text.isprintable() else json.dumps(text)[1:-1]
