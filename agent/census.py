"""How complete a population is: which runs listed all of it, which did not and why, and what others counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from agent import admin_grants, clock
from agent.population_kinds import ACCOUNTS, Definition, Listed, Stretch, collectors_of
from agent.wiring import Wiring
from collectors.facts.core import Reason, Unread
from collectors.facts.identity import UserDirectory
from storage import blobs, history
from storage.history import Missed, RunAt, UnreadStretch
from storage.rows import Target
from storage.tables import ledger


@dataclass(frozen=True, slots=True)
class Cover:
    """How far the runs of one target covered a period."""

    target: Target
    runs: int
    """Sealed in the period."""
    complete: int
    """Of these, the ones that listed everything that was to be listed."""
    first_complete: int | None
    last_complete: int | None
    """When the first and the last of those were recorded."""
    read_since: int | None
    """The first run ever, when it came after the beginning of the period: what was gone by then is not known."""
    gaps: tuple[UnreadStretch, ...]
    """Why the others did not."""
    missed: tuple[Missed, ...]
    """Slots of the period without a run, and runs that came to nothing."""
    left_out: tuple[str, ...]
    """Regions and accounts that the configuration left out in some run: outside of the population, by choice."""

    @property
    def whole(self) -> bool:
        """Every run of the period listed everything, none is missing, and the first was there when it began."""
        return 0 < self.runs == self.complete and not self.missed and self.read_since is None

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "cloud": self.target.cloud,
            "target": self.target.name,
            "account": self.target.account,
            "complete": self.whole,
            "runs": self.runs,
            "complete_runs": self.complete,
            "first_complete": clock.iso_or_none(self.first_complete),
            "last_complete": clock.iso_or_none(self.last_complete),
            "read_since": clock.iso_or_none(self.read_since),
            "gaps": [
                {
                    "collector": gap.collector,
                    "region": gap.region,
                    "kind": gap.kind,
                    "reason": gap.reason,
                    "operation": gap.operation,
                    "permission": gap.permission,
                    "error": gap.error,
                    "runs": gap.runs,
                    "first": clock.iso(gap.first),
                    "last": clock.iso(gap.last),
                }
                for gap in self.gaps
            ],
            "missed": [
                {
                    "entry": each.seq,
                    "entry_type": each.entry,
                    "slot": clock.iso(each.slot),
                    "reason": each.reason,
                    "said": each.text,
                }
                for each in self.missed
            ],
            "left_out": list(self.left_out),
        }


@dataclass(frozen=True, slots=True)
class Second:
    """What another source counted at the newest run of a period."""

    target: Target
    source: str
    at: int
    listed: int
    """Items of the population that were there by then."""
    counted: int | None
    """None when the source was not read."""
    why: str
    """Why it was not; empty when it was."""

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        told = {name: value for name, value in asdict(self).items() if name not in ("target", "at")}
        place = {"cloud": self.target.cloud, "target": self.target.name, "account": self.target.account}
        return {**place, "at": clock.iso(self.at), **told}


def covers(
    conn: Connection,
    found: Listed,
    by_target: Mapping[Target, Sequence[RunAt]],
    cut: set[tuple[int, str]],
    missed: Sequence[Missed],
    period: tuple[int, int],
) -> tuple[Cover, ...]:
    """The completeness of each target; `by_target` has every run recorded before the end of the period."""
    begins, ends = period
    gaps: dict[Target, list[UnreadStretch]] = {}
    left_out: dict[Target, set[str]] = {}
    for gap in history.unread(conn, begins, ends):
        if gap.reason == Reason.EXCLUDED_BY_CONFIG:
            what = gap.region if gap.listing else f"{gap.resources} accounts of the organization"
            left_out.setdefault(gap.target, set()).add(what)
        elif gap.kind in found.kinds or (gap.kind == "*" and gap.collector in found.collectors):
            gaps.setdefault(gap.target, []).append(gap)
    incomplete = {seq for seq, _ in cut}
    return tuple(
        _cover(
            who,
            runs,
            [run for run in runs if run.recorded >= begins],
            incomplete,
            begins,
            (
                tuple(gaps.get(who, ())),
                tuple(each for each in missed if each.target == who),
                tuple(sorted(left_out.get(who, ()))),
            ),
        )
        for who, runs in by_target.items()
    )


def _cover(
    who: Target,
    runs: Sequence[RunAt],
    inside: Sequence[RunAt],
    incomplete: set[int],
    begins: int,
    holes: tuple[tuple[UnreadStretch, ...], tuple[Missed, ...], tuple[str, ...]],
) -> Cover:
    whole = [run for run in inside if run.seq not in incomplete]
    return Cover(
        who,
        len(inside),
        len(whole),
        whole[0].recorded if whole else None,
        whole[-1].recorded if whole else None,
        runs[0].recorded if runs and runs[0].recorded > begins else None,
        *holes,
    )


def second_counts(
    conn: Connection,
    wiring: Wiring,
    definition: Definition,
    by_target: Mapping[Target, Sequence[RunAt]],
    stretches: Sequence[Stretch],
    begins: int,
) -> tuple[Second, ...]:
    """What a source apart from the listing counted, where there is one.

    For users it is the provider's total and its credential report, for accounts the organization's list.
    """
    if definition.name == ACCOUNTS:
        return tuple(_organizations(conn, by_target))
    if definition.name != "users":
        return ()
    found: list[Second] = []
    for who, newest in ((who, runs[-1]) for who, runs in by_target.items() if runs):
        if newest.recorded < begins:
            continue
        there = sum(each.target == who and each.gone is None for each in stretches)
        collectors = [each for each in collectors_of(definition, wiring) if each.id.partition(".")[0] == who.cloud]
        for fact in admin_grants.facts(conn, newest, collectors) or ():
            if isinstance(fact, UserDirectory):
                sources = {
                    "the provider's own total": fact.counted_by_provider,
                    "rows of the provider's credential report": fact.reported,
                }
                found += [
                    _second(who, source, newest.recorded, there, counted)
                    for source, counted in sources.items()
                    if counted is not None
                ]
    return tuple(found)


def _second(who: Target, source: str, at: int, there: int, counted: int | Unread) -> Second:
    if isinstance(counted, Unread):
        return Second(who, source, at, there, None, counted.why)
    return Second(who, source, at, there, counted, "")


def _organizations(conn: Connection, by_target: Mapping[Target, Sequence[RunAt]]) -> list[Second]:
    """For each organization: how many accounts its newest listing had, and how many of them were read."""
    ends = max((runs[-1].seq for runs in by_target.values() if runs), default=-1)
    query = select(ledger.c.recorded_at, ledger.c.entry).where(ledger.c.type == "policy", ledger.c.seq <= ends)
    newest: dict[str, tuple[int, bytes]] = {}
    for at, entry in conn.execute(query.order_by(ledger.c.seq)):
        said = orjson.loads(entry)
        if said["kind"].startswith("organization "):
            newest[said["kind"]] = at, bytes.fromhex(said["body_sha"])
    bids = blobs.find(conn, [digest for _, digest in newest.values()])
    contents = blobs.load(conn, bids.values())
    names = {who.name: who for who, runs in by_target.items() if any(run.documents for run in runs)}
    found = []
    for kind, (at, digest) in newest.items():
        listed = orjson.loads(contents[bids[digest]])["accounts"]
        organization = kind.partition(" ")[2]
        who = names.get(organization, Target("", organization, ""))
        read = len(set(listed) & set(names))
        found.append(Second(who, "the organization's list of accounts", at, read, len(listed), ""))
    return found
