"""What a period needs, in few queries: runs, changes of verdicts, what could not be read, and who existed when.

Every function takes a connection from `Store.read` and a period [begins, ends) in microseconds since the epoch, UTC.
What a run found counts from the moment at which the ledger took it, so a run recorded exactly at `ends` belongs to the
next period.  A slot without a run counts at its scheduled time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, Subquery, and_, case, func, or_, select

from storage import blobs
from storage.merkle import leaf_hash
from storage.rows import ClockOffset, Key, Outcome, RunStatus, Target
from storage.tables import OUTCOME_NUMBERS, check_name, gap, ledger, resource, result, target, version
from storage.verdicts import KEY, WHO, seq_at

_PART = 10_000
"""Rows that are fetched at a time."""
_SETTLED = frozenset((OUTCOME_NUMBERS[Outcome.PASS], OUTCOME_NUMBERS[Outcome.NOT_APPLICABLE], None))
"""What was said before such a verdict, or before the end of a pair, matters to no later period."""
_STREAMED: dict[str, Any] = {"stream_results": True, "max_row_buffer": _PART}


class RunAt(NamedTuple):
    """One sealed run and its times."""

    seq: int
    target: Target
    slot: int
    """The scheduled moment that it stands for."""
    scheduled: bool
    started: int
    """First call: nothing that it observed is older."""
    finished: int
    recorded: int
    """When the ledger took it: from here on its findings are in force."""
    status: RunStatus
    documents: int
    """How many documents it read; 0 when nobody let it in."""
    clock: ClockOffset | None = None
    """How our clock stood against the provider's; None when no answer told, or the run is older than this figure."""
    intact: bool = True
    """Whether its entry has the hash in the ledger, and its columns say what the entry says."""


class Step(NamedTuple):
    """One change of a verdict."""

    run: RunAt
    """The run that brought it."""
    before: RunAt | None
    """The target's run before: the last one for which the earlier verdict stood."""
    outcome: int | None
    """The outcome's number as in `OUTCOME_NUMBERS`; None when there was nothing left to judge."""
    detail_bid: int | None
    """Row of the detail, for `blobs.load`."""


class PairHistory(NamedTuple):
    """One check on one resource over a period."""

    target: Target
    check_id: str
    subject: Key
    steps: Sequence[Step]
    """Oldest first.  Those recorded before the period reach back to the newest PASS, NOT_APPLICABLE or end of the pair
    before it, or to the first verdict if there is none: so a failure that was carried in has its first moment."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A slot without a run (`gap`), or a run that came to nothing (`abort`)."""

    target: Target
    seq: int
    entry: str
    slot: int
    recorded: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class UnreadStretch:
    """The same read that failed for the same reason in runs of one target that follow each other."""

    target: Target
    collector: str
    region: str
    kind: str
    reason: str
    operation: str
    permission: str
    error: str
    """What was said in one of the runs."""
    first_seq: int
    first: int
    """When the first of the runs was recorded."""
    last_seq: int
    last: int
    runs: int
    resources: int
    """Most single resources concerned in one run."""
    listing: bool
    """In some run no single resource was named: a whole listing, or all reads, were missing or cut off."""


@dataclass(frozen=True, slots=True)
class Life:
    """One stretch in which a resource existed: a resource that came back has two."""

    target: Target
    key: Key
    first: RunAt
    """The run that found it."""
    changed: RunAt
    """The newest run in which its document was not what it had been; it was certainly read then."""
    gone: RunAt | None
    """The run whose complete listing held it no more; None while it is there."""
    bid: int
    """Row of its newest document, for `blobs.load`."""


def runs_between(conn: Connection, begins: int, ends: int) -> dict[Target, list[RunAt]]:
    """Every run recorded in the period, by target, oldest first."""
    found: dict[Target, list[RunAt]] = {}
    for run in _runs(conn, (ledger.c.recorded_at >= begins, ledger.c.recorded_at < ends)):
        found.setdefault(run.target, []).append(run)
    return found


def recorded_until(conn: Connection, until: int) -> list[tuple[int, int]]:
    """(position, time of record) of every entry up to one, in the order of the ledger."""
    query = select(ledger.c.seq, ledger.c.recorded_at).where(ledger.c.seq <= until).order_by(ledger.c.seq)
    return [(seq, recorded) for seq, recorded in _stream(conn, query)]


def announced(conn: Connection, runs: Collection[int]) -> dict[int, int]:
    """When the start of each of these runs was recorded, by the run's own position."""
    begun = ledger.alias()
    query = select(ledger.c.seq, begun.c.recorded_at).join(begun, begun.c.seq == ledger.c.ref)
    return {
        seq: recorded
        for some in blobs.in_chunks(sorted(runs))
        for seq, recorded in conn.execute(query.where(ledger.c.seq.in_(some)))
    }


def verdict_changes(
    conn: Connection,
    begins: int,
    ends: int,
    check_ids: Collection[str] | None = None,
    *,
    runs: Mapping[Target, Sequence[RunAt]] | None = None,
) -> Iterator[PairHistory]:
    """Every check on every resource that had a verdict in the period, by check and resource, as a stream.

    `runs` are all those that were recorded before the end of the period, for a caller who has them at hand.
    """
    until, carried = _seq_before(conn, ends), _seq_before(conn, begins)
    by_seq, before = _chained(_runs(conn, (ledger.c.seq <= until,)) if runs is None else chain(*runs.values()))
    names = {row.chk: row.check_id for row in conn.execute(select(check_name))}
    subjects = _subjects(conn)
    query = select(result.c.chk, result.c.rid, result.c.seq, result.c.outcome, result.c.detail_bid)
    query = query.where(result.c.seq <= until).order_by(result.c.chk, result.c.rid, result.c.seq)
    if check_ids is not None:
        query = query.where(result.c.chk.in_([chk for chk, name in names.items() if name in check_ids]))
    for chk, rid, steps in _pairs(_stream(conn, query), carried, by_seq, before):
        who, subject = subjects[rid]
        yield PairHistory(who, names[chk], subject, steps)


def missed(conn: Connection, begins: int, ends: int) -> list[Missed]:
    """Slots in the period without a run, and runs of them that came to nothing, in order of their entries."""
    query = (
        select(*WHO, ledger.c.seq, ledger.c.type, ledger.c.slot, ledger.c.recorded_at, ledger.c.entry)
        .select_from(ledger.join(target, target.c.target_id == ledger.c.target_id))
        .where(ledger.c.type.in_(("gap", "abort")), ledger.c.slot >= begins, ledger.c.slot < ends)
        .order_by(ledger.c.seq)
    )
    return [
        Missed(Target(*row[:3]), row.seq, row.type, row.slot, row.recorded_at, said["reason"], said["text"])
        for row in conn.execute(query)
        for said in [orjson.loads(row.entry)]
    ]


def unread(conn: Connection, begins: int, ends: int) -> list[UnreadStretch]:
    """What the runs of the period could not read, as stretches, in order of their first run."""
    numbered = _numbered(begins, ends)
    what = (numbered.c.target_id, gap.c.collector, gap.c.region, gap.c.kind, gap.c.reason)
    each = (
        select(
            *what,
            numbered.c.seq,
            numbered.c.recorded_at,
            numbered.c.n,
            func.min(gap.c.operation).label("operation"),
            func.min(gap.c.permission).label("permission"),
            func.min(gap.c.error).label("error"),
            func.count(gap.c.uid.distinct()).label("resources"),
            func.max(case((gap.c.uid.is_(None), 1), else_=0)).label("listing"),
        )
        .join(numbered, numbered.c.seq == gap.c.seq)
        .group_by(*what, numbered.c.seq, numbered.c.recorded_at, numbered.c.n)
        .subquery()
    )
    same = (each.c.target_id, each.c.collector, each.c.region, each.c.kind, each.c.reason)
    # Runs that follow each other keep the same distance to their rank among the runs that failed alike.
    island = each.c.n - func.row_number().over(partition_by=same, order_by=each.c.n)
    marked = select(each, island.label("island")).subquery()
    whole = (marked.c.target_id, marked.c.collector, marked.c.region, marked.c.kind, marked.c.reason)
    stretches = (
        select(
            *whole,
            func.min(marked.c.operation).label("operation"),
            func.min(marked.c.permission).label("permission"),
            func.min(marked.c.error).label("error"),
            func.min(marked.c.seq).label("first_seq"),
            func.min(marked.c.recorded_at).label("first"),
            func.max(marked.c.seq).label("last_seq"),
            func.max(marked.c.recorded_at).label("last"),
            func.count().label("runs"),
            func.max(marked.c.resources).label("resources"),
            func.max(marked.c.listing).label("listing"),
        )
        .group_by(*whole, marked.c.island)
        .subquery()
    )
    said = [column for column in stretches.c if column.name != "target_id"]
    query: Select[*tuple[Any, ...]] = select(*WHO, *said).join(stretches, stretches.c.target_id == target.c.target_id)
    ordered = query.order_by(stretches.c.first_seq, *said)
    found = []
    for row in conn.execute(ordered):
        fields = row._asdict()
        who = Target(*(fields.pop(name) for name in ("cloud", "target_name", "account")))
        found.append(UnreadStretch(who, **{**fields, "listing": bool(row.listing)}))
    return found


def listings_cut(
    conn: Connection, kinds: Collection[str], collectors: Collection[str], begins: int, ends: int
) -> set[tuple[int, str]]:
    """(run, region) in which the listing of these kinds is not known to be complete.

    A gap about one of the kinds counts, and so does one that a whole collector left (kind `*`).
    """
    numbered = _numbered(begins, ends)
    about = or_(gap.c.kind.in_(kinds), and_(gap.c.kind == "*", gap.c.collector.in_(collectors)))
    query = select(gap.c.seq, gap.c.region).join(numbered, numbered.c.seq == gap.c.seq).where(about).distinct()
    return {(row.seq, row.region) for row in conn.execute(query)}


def resource_lives(conn: Connection, kinds: Collection[str], begins: int, ends: int) -> list[Life]:
    """Every stretch of existence that overlaps the period, of documents of these kinds, as known at its end.

    Ordered by target, kind and uid.  What a listing never held in the period, though it existed, is not among them.
    """
    until = _seq_before(conn, ends)
    runs, _ = _chained(_runs(conn, (ledger.c.seq <= until,)))
    query = (
        select(version.c.rid, *WHO, *KEY, version.c.seq, version.c.bid)
        .select_from(version.join(resource, resource.c.rid == version.c.rid))
        .join(target, target.c.target_id == resource.c.target_id)
        .where(resource.c.kind.in_(kinds), version.c.seq <= until)
        .order_by(version.c.rid, version.c.seq)
    )
    found: list[Life] = []
    for _, group in groupby(_stream(conn, query), key=itemgetter(0)):
        found += (life for life in _lives(list(group), runs) if life.gone is None or life.gone.recorded > begins)
    return sorted(found, key=lambda life: (life.target.cloud, life.target.name, life.target.account, life.key))


def changed_in(conn: Connection, kinds: Collection[str], begins: int, ends: int) -> dict[Target, set[int]]:
    """By target: the runs of the period in which some document of these kinds was new, changed or gone."""
    numbered = _numbered(begins, ends)
    query = (
        select(*WHO, version.c.seq)
        .select_from(version.join(resource, resource.c.rid == version.c.rid))
        .join(numbered, numbered.c.seq == version.c.seq)
        .join(target, target.c.target_id == resource.c.target_id)
        .where(resource.c.kind.in_(kinds))
        .distinct()
    )
    found: dict[Target, set[int]] = {}
    for row in conn.execute(query):
        found.setdefault(Target(*row[:3]), set()).add(row.seq)
    return found


def _lives(rows: Sequence[Row[*tuple[Any, ...]]], runs: dict[int, RunAt]) -> Iterator[Life]:
    """The stretches of one resource from its versions, oldest first."""
    who, key = Target(*rows[0][1:4]), Key(*rows[0][4:8])
    first = changed = bid = None
    for row in rows:
        if row.bid is not None:
            first, changed, bid = first or row.seq, row.seq, row.bid
        elif first is not None and changed is not None and bid is not None:
            yield Life(who, key, runs[first], runs[changed], runs[row.seq], bid)
            first = None
    if first is not None and changed is not None and bid is not None:
        yield Life(who, key, runs[first], runs[changed], None, bid)


def _seq_before(conn: Connection, time: int) -> int:
    """Position of the newest entry recorded before a time; -1 when there is none."""
    found = seq_at(conn, time - 1)
    return -1 if found is None else found


def _runs(conn: Connection, where: Sequence[ColumnElement[bool]]) -> Iterator[RunAt]:
    """Runs that fit, oldest first."""
    query = (
        select(*WHO, ledger.c.seq, ledger.c.slot, ledger.c.recorded_at, ledger.c.entry, ledger.c.leaf)
        .select_from(ledger.join(target, target.c.target_id == ledger.c.target_id))
        .where(ledger.c.type == "run", *where)
        .order_by(ledger.c.seq)
    )
    known: dict[tuple[str, str, str], Target] = {}
    for cloud, name, account, seq, slot, recorded, entry, leaf in _stream(conn, query):
        who = known.setdefault((cloud, name, account), Target(cloud, name, account))
        said = orjson.loads(entry)
        times = said["started"], said["finished"], recorded
        told = said.get("clock")
        clock = None if told is None else ClockOffset(told["calls"], told["median"], told["worst"])
        columns = seq, slot, recorded, cloud, name, account
        intact = bytes(leaf) == leaf_hash(bytes(entry)) and columns == _columns(said)
        status, documents = RunStatus(said["status"]), said["documents"]
        yield RunAt(seq, who, slot, said["scheduled"], *times, status, documents, clock, intact)


def _columns(said: dict[str, Any]) -> tuple[object, ...]:
    """What the columns of a run's row must hold, by its entry."""
    who = said["target"]
    return said["seq"], said["slot"], said["recorded_at"], who["cloud"], who["name"], who["account"]


def _chained(found: Iterable[RunAt]) -> tuple[dict[int, RunAt], dict[int, RunAt | None]]:
    """Every run by its position, and the run of the same target before each; those of a target come oldest first."""
    runs: dict[int, RunAt] = {}
    before: dict[int, RunAt | None] = {}
    newest: dict[Target, RunAt] = {}
    for run in found:
        runs[run.seq], before[run.seq] = run, newest.get(run.target)
        newest[run.target] = run
    return runs, before


def _subjects(conn: Connection) -> dict[int, tuple[Target, Key]]:
    """Target and key of everything that was ever judged."""
    targets = {row.target_id: Target(row.cloud, row.name, row.account) for row in conn.execute(select(target))}
    query = select(resource.c.rid, resource.c.target_id, *KEY).where(resource.c.rid.in_(select(result.c.rid)))
    return {rid: (targets[target_id], Key(*key)) for rid, target_id, *key in _stream(conn, query)}


def _pairs(
    rows: Iterable[Row[*tuple[Any, ...]]], carried: int, runs: Mapping[int, RunAt], before: Mapping[int, RunAt | None]
) -> Iterator[tuple[int, int, list[Step]]]:
    """Check, resource and steps of each pair, without what was settled or over by the entry `carried`.

    Rows come by pair, oldest first.  Plain loops over all of them are faster than windows in either database.
    """
    pair, steps = (-1, -1), list[Step]()
    for chk, rid, seq, outcome, bid in rows:
        if (chk, rid) != pair:
            if steps and not _over(steps[-1], carried):
                yield *pair, steps
            pair, steps = (chk, rid), []
        elif seq <= carried and outcome in _SETTLED:
            steps = []
        steps.append(Step(runs[seq], before[seq], outcome, bid))
    if steps and not _over(steps[-1], carried):
        yield *pair, steps


def _over(newest: Step, carried: int) -> bool:
    """Whether a pair was gone before the period began."""
    return newest.outcome is None and newest.run.seq <= carried


def _numbered(begins: int, ends: int) -> Subquery:
    """The runs of the period, those of each target counted."""
    number = func.row_number().over(partition_by=ledger.c.target_id, order_by=ledger.c.seq)
    return (
        select(ledger.c.target_id, ledger.c.seq, ledger.c.recorded_at, number.label("n"))
        .where(ledger.c.type == "run", ledger.c.recorded_at >= begins, ledger.c.recorded_at < ends)
        .subquery()
    )


def _stream(conn: Connection, query: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
    """Rows of a query, never all of them at once."""
    for part in conn.execute(query, execution_options=_STREAMED).partitions(_PART):
        yield from part
