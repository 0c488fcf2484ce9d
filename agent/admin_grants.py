"""Who held a policy that allows everything, and when: the stored policies shaped again wherever they changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson
from sqlalchemy import Connection

from agent import record, stored
from agent.judge import Reading, shape
from agent.population_kinds import Definition, Stretch, collectors_of
from agent.wiring import Wiring
from collectors.api import Collector
from collectors.facts.core import Fact, Unread
from collectors.facts.identity import AccessPolicy
from storage import history, reads
from storage.history import RunAt
from storage.rows import Target

KIND = "grant"
"""Stands where other populations have the kind of a document."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the policies of one run tell."""

    held: Mapping[str, Stretch]
    """By holder and policy: the grants that are there."""
    unsure: frozenset[str]
    """Policies of which it is not known who holds them or what they allow."""
    listed: bool
    """All policies are known, so that one that is missing does not exist."""

    @property
    def settled(self) -> bool:
        """Nothing is left open."""
        return self.listed and not self.unsure


def stretches(
    conn: Connection,
    wiring: Wiring,
    definition: Definition,
    by_target: Mapping[Target, Sequence[RunAt]],
    cut: set[tuple[int, str]],
) -> list[Stretch]:
    """Every stretch in which a grant was there, in the runs given, oldest first.

    Only runs that changed one of the documents are shaped again, and the first complete one after a run that could not
    tell.  A grant ends when a run is sure that it is gone.
    """
    ends = max((runs[-1].recorded for runs in by_target.values() if runs), default=0) + 1
    changed = history.changed_in(conn, definition.kinds, 0, ends)
    collectors = collectors_of(definition, wiring)
    cut_runs = {seq for seq, _ in cut}
    found: list[Stretch] = []
    for who, runs in by_target.items():
        here = [each for each in collectors if each.id.partition(".")[0] == who.cloud]
        alive: dict[str, Stretch] = {}
        open_ = True
        for run in runs:
            if run.seq in changed.get(who, ()) or (open_ and run.seq not in cut_runs):
                told = _told(run, facts(conn, run, here), listed=run.seq not in cut_runs)
                found += _ended(alive, told, run)
                for name, grant in told.held.items():
                    alive[name] = replace(alive[name], changed=run) if name in alive else grant
                open_ = not told.settled
        found += alive.values()
    return found


def facts(conn: Connection, run: RunAt, collectors: Sequence[Collector]) -> tuple[Fact, ...] | None:
    """What some collectors' documents of one run say; None when a collector could not shape them.

    Raises IntegrityError when bytes disagree with their hash.
    """
    kept = orjson.loads(reads.run_record(conn, run.seq))
    identity, regions, page = record.read_back(kept)
    read = stored.was_read([(kind, region, uid) for kind, region, uid in kept.get("unseen", ())])
    volatile = orjson.loads(reads.volatile_at(conn, run.target, run.seq) or b"{}")
    kinds = [kind.name for collector in collectors for kind in collector.kinds]
    for key, content in reads.documents_at(conn, run.target, run.seq, kinds):
        if read(key):
            page.documents.append(stored.document(content, volatile))
    shaped = shape(Reading(identity, regions, page), collectors)
    return None if shaped.broken else shaped.facts


def _told(run: RunAt, found: Iterable[Fact] | None, *, listed: bool) -> Told:
    held: dict[str, Stretch] = {}
    unsure = set()
    for fact in found or ():
        if isinstance(fact, AccessPolicy):
            if isinstance(fact.allows_everything, Unread) or isinstance(fact.attached_to, Unread):
                unsure.add(fact.resource.uid)
            elif fact.allows_everything:
                held |= {grant.uid: grant for grant in _grants(run, fact, fact.attached_to)}
    return Told(held, frozenset(unsure), listed and found is not None)


def _grants(run: RunAt, policy: AccessPolicy, holders: Iterable[str]) -> Iterable[Stretch]:
    for holder in holders:
        name = f"{holder.rpartition(':')[2]} holds {policy.resource.name}"
        shown = {"holder": holder, "policy": policy.resource.uid, "origin": str(policy.origin)}
        uid = f"{holder} {policy.resource.uid}"
        yield Stretch(run.target, KIND, uid, policy.resource.region, name, run, run, None, shown)


def _ended(alive: dict[str, Stretch], told: Told, run: RunAt) -> list[Stretch]:
    """Grants that this run is sure are gone, taken out of `alive`."""
    gone = [
        name
        for name, grant in alive.items()
        if name not in told.held and told.listed and grant.shown["policy"] not in told.unsure
    ]
    return [replace(alive.pop(name), gone=run) for name in gone]
