"""How far anybody looked: the runs that a question rests on, the listings, and what could not be read.

Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from agent import clock, stored
from agent.asking.question import Span
from agent.census import Cover, Second, covers, second_counts
from agent.judge import UNKNOWN_ACCOUNT
from agent.population_kinds import DEFINITIONS, Definition, Stretch, listed
from agent.wiring import Wiring
from checks.api import Check
from collectors.facts.core import Fact, Reason
from storage import history, ledger, reads
from storage.history import Missed, RunAt, UnreadStretch
from storage.rows import RunRow, Target


@dataclass(frozen=True, slots=True)
class Looked:
    """How one target was read in the span."""

    target: Target
    newest: RunRow
    """The newest run by the end of the span, whose reading is in force there."""
    recorded: int
    runs: tuple[RunAt, ...]
    """Those sealed within the span; none for a moment, as a rule."""
    since: int | None
    """The first run ever, when it came within the span: what was before it in the span is not known."""

    def to_json(self, span: Span) -> dict[str, Any]:
        """For programs."""
        return {
            "cloud": self.target.cloud,
            "target": self.target.name,
            "account": self.target.account,
            "newest_run": self.newest.seq,
            "recorded": clock.iso(self.recorded),
            "age_seconds": (span.last - self.recorded) // 1_000_000,
            "status": self.newest.status.value,
            "runs_in_span": len(self.runs),
            "read_since": clock.iso_or_none(self.since),
        }


@dataclass(frozen=True, slots=True)
class Listing:
    """How complete the listing was of one kind of thing that the checks judge: in the runs of a day, or the newest."""

    name: str
    title: str
    count: int
    """How many were in force."""
    covers: tuple[Cover, ...]
    second: tuple[Second, ...]

    @property
    def complete(self) -> bool:
        """Whether each of these runs of every target listed all of them."""
        return bool(self.covers) and all(each.runs == each.complete for each in self.covers)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "population": self.name,
            "count": self.count,
            "complete": self.complete,
            "targets": [each.to_json() for each in self.covers],
            "second_counts": [each.to_json() for each in self.second],
        }


def gap_to_json(gap: UnreadStretch) -> dict[str, Any]:
    """One read that came to nothing, for programs."""
    return {
        "target": gap.target.name,
        "collector": gap.collector,
        "region": gap.region,
        "kind": gap.kind,
        "reason": gap.reason,
        "operation": gap.operation,
        "permission": gap.permission,
        "error": gap.error,
        "whole_listing": gap.listing,
        "resources": gap.resources,
        "runs": gap.runs,
        "first_entry": gap.first_seq,
        "last_entry": gap.last_seq,
    }


def looked_at(conn: Connection, span: Span) -> Iterator[Looked]:
    """Each target that was ever read by the end of the span; one whose account was unknown first, by its account."""
    runs = history.runs_between(conn, span.begins, span.ends)
    targets = reads.targets(conn)
    known = {(who.cloud, who.name) for who in targets if who.account != UNKNOWN_ACCOUNT}
    for who in targets:
        newest = stored.run_at(conn, who, span.last)
        if newest is None or (who.account == UNKNOWN_ACCOUNT and (who.cloud, who.name) in known):
            continue
        (entry,) = ledger.entries(conn, newest.seq, newest.seq + 1)
        mine = tuple(runs.get(who, ()))
        first = mine and not span.is_moment and stored.run_at(conn, who, span.begins) is None
        yield Looked(who, newest, entry.recorded_at, mine, mine[0].recorded if first else None)


def _matter(wiring: Wiring, checks: Iterable[Check], gap: UnreadStretch) -> bool:
    """Whether a read that failed could have changed what these checks say; one of nobody's reader concerns all."""
    needs = {type_ for check in checks for type_ in check.needs}
    collector = wiring.collectors.get(gap.collector)
    return gap.reason != Reason.EXCLUDED_BY_CONFIG and (collector is None or bool(needs & set(collector.emits)))


def gaps(  # what was read, and what of it matters
    conn: Connection, wiring: Wiring, checks: Sequence[Check], looked: Iterable[Looked], reach: Span, span: Span
) -> Iterator[UnreadStretch]:
    """What the runs that count could not read: the newest of each target, and all within the span."""
    newest = {each.target: each.newest.seq for each in looked}
    for gap in history.unread(conn, reach.begins, reach.ends):
        counts = gap.target in newest and (gap.last_seq >= newest[gap.target] or gap.last >= span.begins)
        if counts and _matter(wiring, checks, gap):
            yield gap


def missed(conn: Connection, looked: Iterable[Looked], reach: Span, span: Span) -> Iterator[Missed]:
    """Slots without a result, after the newest run of a target or within the span, whenever that was found out."""
    newest = {each.target: each.newest.slot for each in looked}
    for each in history.missed(conn, reach.begins, reach.ends):
        if each.slot >= span.begins or each.slot > newest.get(each.target, -1):
            yield each


def listings(
    conn: Connection, wiring: Wiring, checks: Iterable[Check], looked: Sequence[Looked], reach: Span
) -> Iterator[Listing]:
    """Each population that the checks judge, as the runs of the span, or the newest of each target, listed it."""
    window = reach.begins, reach.ends
    by_target = {each.target: runs for each in looked if (runs := each.runs or _newest(conn, each))}
    digests = {who: reads.document_digests(conn, who, reach.last) for who in by_target}
    for definition in _definitions(wiring, checks):
        about = listed(definition, wiring)
        cut = history.listings_cut(conn, about.kinds, about.collectors, *window)
        everywhere = all(wiring.collectors[name].scope == "global" for name in about.collectors)
        stretches = [
            Stretch(who, key.kind, key.uid, key.region, key.name, runs[0], runs[0], None)
            for who, runs in by_target.items()
            for key in digests[who]
            if key.kind in definition.kinds
        ]
        told = covers(conn, about, by_target, cut, (), window)
        yield Listing(
            definition.name,
            definition.title,
            len(stretches),
            tuple(_told(each, by_target[each.target], left_out=not everywhere) for each in told),
            second_counts(conn, wiring, definition, by_target, stretches, reach.begins),
        )


def _told(cover: Cover, runs: Sequence[RunAt], *, left_out: bool) -> Cover:
    """Only what concerns these runs; regions that are left out do not concern what has no region."""
    gaps = tuple(gap for gap in cover.gaps if gap.last_seq >= runs[0].seq)
    return replace(cover, gaps=gaps, left_out=cover.left_out if left_out else ())


def _newest(conn: Connection, looked: Looked) -> tuple[RunAt, ...]:
    """A target's newest run with its times."""
    runs = history.runs_between(conn, looked.recorded, looked.recorded + 1).get(looked.target, ())
    return tuple(run for run in runs if run.seq == looked.newest.seq)


def _definitions(wiring: Wiring, checks: Iterable[Check]) -> Iterable[Definition]:
    """The populations that checks judge: those that have a name, and others made of the documents that list them."""
    found: dict[str, Definition] = {}
    for type_ in dict.fromkeys(type_ for check in checks for type_ in check.population):
        kinds = tuple(dict.fromkeys(_kinds(wiring, type_)))
        if not kinds:
            continue
        named = next((each for each in DEFINITIONS.values() if set(kinds) <= set(each.kinds)), None)
        words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in type_.__name__).strip()
        one = named or Definition(words, words, kinds, "", limits=())
        found.setdefault(one.name, one)
    return found.values()


def _kinds(wiring: Wiring, type_: type[Fact]) -> Iterator[str]:
    """The kinds of documents that list a type of fact."""
    for collector in wiring.collectors.values():
        kind = collector.emits.get(type_)
        if kind is not None:
            yield kind.name
