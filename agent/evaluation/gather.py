"""Everything that an evaluation rests on, as it was known at one moment, in the shapes that the engine takes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, select

from agent import approvals, attest, library, waivers
from agent.attest import Attestation
from agent.audit.coverage import Change, Failure, Reads, Status, Unit
from agent.audit.ipe import Reliability
from agent.audit.parameters import MINUTE, Parameters
from agent.audit.periods import Period
from agent.errors import OperatorError
from agent.evaluation import chain, reliability
from agent.evaluation.reliability import Limits, Trust
from agent.library import Version
from agent.schedule import SECOND, Every, Plan, read_declared
from agent.waivers import Waiver
from agent.wiring import Wiring
from collectors.facts.core import Reason
from storage import blobs, history, reads
from storage.history import Missed, PairHistory, RunAt, Step, UnreadStretch
from storage.rows import Outcome, Target
from storage.tables import OUTCOME_NUMBERS, ledger

_STATUS = {
    OUTCOME_NUMBERS[Outcome.PASS]: Status.PASS,
    OUTCOME_NUMBERS[Outcome.FAIL]: Status.FAIL,
    OUTCOME_NUMBERS[Outcome.UNKNOWN]: Status.ERROR,
    OUTCOME_NUMBERS[Outcome.ERROR]: Status.ERROR,
    OUTCOME_NUMBERS[Outcome.NOT_APPLICABLE]: Status.NA,
}
_UNDECIDED = frozenset(number for number, status in _STATUS.items() if status is Status.ERROR)
_ORGANIZATION = "organization "
_SCHEDULE = "schedule"
_REASONS = {reason.value: reason for reason in Reason}
_WHOLE = "*"


class Subject(NamedTuple):
    """What a unit of the engine stands for: one check on one resource."""

    check: str
    target: Target
    kind: str
    uid: str
    region: str

    @property
    def id(self) -> str:
        """Name of the unit; it is the same for each life of a resource."""
        place = f"{self.target.cloud}/{self.target.name}/{self.target.account}/{self.region}"
        return f"{self.check} {place} {self.kind} {self.uid}"


@dataclass(frozen=True, slots=True)
class Known:
    """What the store held at one moment about one period.  Times are microseconds since the epoch, UTC."""

    period: Period
    """It ends with what was known, when that was before the end that was asked for."""
    asked: Period
    as_of: int
    position: int
    """Newest ledger entry that was known."""
    versions: tuple[Version, ...]
    waivers: tuple[Waiver, ...]
    attestations: tuple[Attestation, ...]
    proofs: Mapping[str, Reliability]
    """How far each attestation can be relied on, by id."""
    trust: Trust
    """How far the runs can."""
    runs: Mapping[Target, Sequence[RunAt]]
    """Every run that was recorded before the end of the period and counts, oldest first."""
    cadence: int
    """Microseconds between two slots of the default schedule."""
    units: Mapping[str, Sequence[Unit]]
    """By check."""
    subjects: Mapping[str, Subject]
    """By unit."""
    elsewhere: frozenset[str]
    """Units of checks that their target's cloud has nothing for."""
    blind: tuple[Unit, ...]
    """One for each target of which nothing was ever read: whatever is in it was not looked at."""

    def entry(self, who: Target, instant: int | None) -> int | None:
        """The ledger entry of the target's run that was recorded at an instant; None when there is none."""
        if instant is None:
            return None
        runs = self.runs.get(who, ())
        place = bisect_left(runs, instant, key=lambda run: run.recorded)
        return runs[place].seq if place < len(runs) and runs[place].recorded == instant else None


def period_of(begins: int, ends: int, as_of: int) -> tuple[Period, Period]:
    """The period that was asked for, and the part of it that was over by `as_of`.  Raises OperatorError."""
    try:
        asked = Period(begins, ends)
    except ValueError as error:
        raise OperatorError(f"--to: {error}; write a later end") from error
    part = asked.clip(None, as_of)
    if part is None:
        raise OperatorError("--from: nothing of the period was over at that time; write an earlier beginning")
    return asked, part


def versions_at(conn: Connection, as_of: int) -> tuple[Version, ...]:
    """The versions of the control library that were recorded by then.  Raises OperatorError when there is none."""
    recorded = [each for each in library.versions(conn) if each.recorded_at <= as_of]
    known = approvals.applied(recorded, approvals.load(conn), as_of)
    if not any(each.library for each in known):
        raise OperatorError("no control library is on record by then; run `proofkeep collect` first")
    return known


def gather(  # noqa: PLR0913  # an answer about the past has this many premises
    conn: Connection,
    wiring: Wiring,
    asked: Period,
    period: Period,
    as_of: int,
    checks: Collection[str],
    *,
    limits: Limits,
) -> Known:
    """What was recorded by `as_of` of these checks and of the period, as far as the runs can be trusted.

    Raises IntegrityError when the store is damaged.
    """
    every = history.runs_between(conn, 0, period.ends)
    missed = [each for each in history.missed(conn, 0, period.ends) if each.recorded <= as_of]
    unread: dict[Target, list[UnreadStretch]] = {}
    for stretch in history.unread(conn, period.begins, period.ends):
        unread.setdefault(stretch.target, []).append(stretch)
    policies = list(_policies(conn, as_of))
    trust = reliability.weigh(conn, every, unread, limits)
    runs = trust.sound
    targets = {*runs, *(each.target for each in missed)}
    found = {who: _reads(who, trust, missed, unread.get(who, ()), period) for who in targets}
    since = {who: _listed_since(who, policies) for who in targets}
    maker = _Maker(wiring, runs, unread, found, since, period)
    units: dict[str, list[Unit]] = {check: [] for check in checks}
    subjects: dict[str, Subject] = {}
    unsure: list[PairHistory] = []
    for told in history.verdict_changes(conn, period.begins, period.ends, checks, runs=every):
        pair = trust.seen(told)
        if _unsure(pair.steps):
            unsure.append(pair)
        else:
            _add(units, subjects, maker, pair, sure=True)
    maker.why = _reasons(conn, {step.detail_bid for pair in unsure for step in pair.steps if _undecided(step)})
    for pair in unsure:
        _add(units, subjects, maker, pair, sure=False)
    blind = [
        Unit(f"everything in {who.cloud}/{who.name}/{who.account}", (), found[who], since[who])
        for who in sorted(targets, key=lambda who: (who.cloud, who.name, who.account))
        if not found[who].runs
    ]
    if not targets:
        blind = [Unit("everything: no target was ever read", (), Reads(()))]
    position = reads.seq_at(conn, as_of)
    attested = _attestations(conn, as_of)
    proofs = chain.attested(conn, attested, trust)
    return Known(
        period=period,
        asked=asked,
        as_of=as_of,
        position=-1 if position is None else position,
        versions=versions_at(conn, as_of),
        waivers=_waivers(conn, as_of),
        attestations=tuple(replace(each, verifies=not proofs[each.id].failed) for each in attested),
        proofs=proofs,
        trust=trust,
        runs=runs,
        cadence=_cadence(policies, period, limits.parameters),
        units=units,
        subjects=subjects,
        elsewhere=frozenset(name for name, each in subjects.items() if wiring.has_none(each.check, each.target.cloud)),
        blind=tuple(blind),
    )


def cadence_at(conn: Connection, instant: int, parameters: Parameters) -> int:
    """Microseconds between two slots of the default schedule that was declared last by an instant."""
    return _cadence(_policies(conn, instant), Period(instant, instant + 1), parameters)


def _add(
    units: dict[str, list[Unit]], subjects: dict[str, Subject], maker: _Maker, pair: PairHistory, *, sure: bool
) -> None:
    subject = Subject(pair.check_id, pair.target, pair.subject.kind, pair.subject.uid, pair.subject.region)
    name = subject.id
    subjects[name] = subject
    units[pair.check_id] += maker.units(name, pair, sure=sure)


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """What all units of one target have in common."""

    runs: Sequence[RunAt]
    unread: Sequence[UnreadStretch]
    reads: Reads
    since: int | None
    begins: dict[str, tuple[tuple[tuple[int, int], ...], dict[int, int | None]]] = field(default_factory=dict)
    """By check: the stretches of runs in which it could not see everything, and by run that found something new, from
    when on that may have existed.  Checks with the same stretches share what was worked out."""

    def unread_until(self, instant: int) -> bool:
        """Whether the first run that read anything came no earlier than this.

        What ended by then only stood for a target that nobody had read yet; what was found there counts for that time.
        """
        return bool(self.reads.runs) and instant <= self.reads.runs[0]


class _Maker:
    """Makes units of the histories of pairs."""

    why: Mapping[int | None, tuple[Reason, str]]
    """By row of its detail: why a verdict is none, and what the provider said."""

    def __init__(
        self,
        wiring: Wiring,
        runs: Mapping[Target, Sequence[RunAt]],
        unread: Mapping[Target, Sequence[UnreadStretch]],
        found: Mapping[Target, Reads],
        since: Mapping[Target, int | None],
        period: Period,
    ) -> None:
        self._wiring = wiring
        self._period = period
        self._places = {
            who: _Place(runs.get(who, ()), unread.get(who, ()), reads, since.get(who)) for who, reads in found.items()
        }
        self._collectors: dict[str, frozenset[str]] = {}
        self.why = {}

    def units(self, name: str, pair: PairHistory, *, sure: bool) -> list[Unit]:
        """One unit for each life of the pair that reaches into the period; `sure` says that every verdict decides."""
        found = []
        place = self._places[pair.target]
        for steps, ended in _lives(pair.steps):
            ends = ended.run.recorded if ended else None
            if ends is not None and (ends <= self._period.begins or place.unread_until(ends)):
                continue
            begins = self._begins(pair.check_id, place, steps[0].run)
            failures = () if sure else tuple(self._failures(steps, ends))
            found.append(Unit(name, _changes(steps), place.reads, begins, ends, (), failures))
        return found

    def _begins(self, check_id: str, place: _Place, first: RunAt) -> int | None:
        """From when on it may have existed: after the last run that would have seen it and did not."""
        if first.recorded < self._period.begins:
            return place.since
        if (known := place.begins.get(check_id)) is None:
            stretches = (each for each in place.unread if self._matters(check_id, each))
            blind = tuple((each.first_seq, each.last_seq) for each in stretches)
            same = next((each for each in place.begins.values() if each[0] == blind), (blind, {}))
            known = place.begins[check_id] = same
        blind, worked_out = known
        if first.seq not in worked_out:
            worked_out[first.seq] = self._last_without(place, first, blind)
        return worked_out[first.seq]

    def _last_without(self, place: _Place, first: RunAt, blind: Sequence[tuple[int, int]]) -> int | None:
        """The instant after the newest run before `first` that read everything."""
        for number in range(bisect_left(place.runs, first.seq, key=lambda run: run.seq) - 1, -1, -1):
            run = place.runs[number]
            if run.recorded < self._period.begins:
                return run.recorded + 1 if run.documents else place.since
            if run.documents and not any(since <= run.seq <= until for since, until in blind):
                return run.recorded + 1
        return place.since

    def _matters(self, check_id: str, stretch: UnreadStretch) -> bool:
        """Whether a check could have missed something because of a read that failed."""
        if check_id not in self._collectors:
            check = self._wiring.checks.get(check_id)
            needs = set(check.needs) if check else set()
            read = self._wiring.collectors.values()
            self._collectors[check_id] = frozenset(each.id for each in read if check is None or needs & set(each.emits))
        # What the configuration leaves out never was to be seen: it hides nothing that was looked for.
        return (
            stretch.listing
            and stretch.reason != Reason.EXCLUDED_BY_CONFIG
            and (stretch.collector in self._collectors[check_id] or stretch.collector not in self._wiring.collectors)
        )

    def _failures(self, steps: Sequence[Step], ends: int | None) -> Iterator[Failure]:
        """Why there was no verdict, as each verdict that says so tells."""
        for number, step in enumerate(steps):
            if not _undecided(step):
                continue
            after = steps[number + 1].run.recorded if number + 1 < len(steps) else ends
            reason, error = self.why[step.detail_bid]
            said = sha256(error.encode()).hexdigest() if error else ""
            until = self._period.ends if after is None else after
            yield Failure(step.run.recorded, max(until, step.run.recorded + 1), reason, said, said)


def _lives(steps: Sequence[Step]) -> list[tuple[Sequence[Step], Step | None]]:
    """The verdicts of each life, with the step that ended it, if one did."""
    found: list[tuple[Sequence[Step], Step | None]] = []
    first = 0
    for number, step in enumerate(steps):
        if step.outcome is None:
            if first < number:
                found.append((steps[first:number], step))
            first = number + 1
    if first < len(steps):
        found.append((steps[first:] if first else steps, None))
    return found


def _changes(steps: Sequence[Step]) -> tuple[Change, ...]:
    found: list[Change] = []
    last = None
    for step in steps:
        status = _STATUS[step.outcome or 0]
        if status is not last:
            found.append((step.run.recorded, status))
        last = status
    return tuple(found)


def _undecided(step: Step) -> bool:
    return step.outcome in _UNDECIDED


def _unsure(steps: Sequence[Step]) -> bool:
    """Whether any of them decides nothing; a plain loop, as every pair is asked and has few steps."""
    for step in steps:  # noqa: SIM110
        if step.outcome in _UNDECIDED:
            return True
    return False


def _reasons(conn: Connection, bids: set[int | None]) -> dict[int | None, tuple[Reason, str]]:
    """The first reason that each of these details gives, and what the provider said."""
    found: dict[int | None, tuple[Reason, str]] = {None: (Reason.CHECK_ERROR, "")}
    for some in blobs.in_chunks(sorted(bid for bid in bids if bid is not None)):
        for bid, content in blobs.load(conn, some).items():
            said = orjson.loads(content)
            unread = next(iter(said.get("unread", ())), None)
            found[bid] = (
                (_REASONS.get(unread["reason"], Reason.CHECK_ERROR), unread["error"])
                if unread
                else (Reason.CHECK_ERROR, said.get("reason", ""))
            )
    return found


def _reads(
    who: Target, trust: Trust, missed: Iterable[Missed], unread: Sequence[UnreadStretch], period: Period
) -> Reads:
    """The runs of a target that were let in and can be trusted, and why the others came to nothing."""
    runs = trust.sound.get(who, ())
    answered = sorted({run.recorded for run in runs if run.documents})
    failures = list(trust.failures(who, answered, period.ends))

    def until(instant: int) -> int:
        place = bisect_right(answered, instant)
        return max(answered[place] if place < len(answered) else period.ends, instant + 1)

    for each in missed:
        if each.target == who and each.slot >= period.begins:
            reason = _REASONS.get(each.reason, Reason.AGENT_DOWN)
            said = sha256(each.text.encode()).hexdigest()
            failures.append(Failure(each.slot, until(each.slot), reason, said, said))
    for run in runs:
        if not run.documents and run.recorded >= period.begins:
            told = [each for each in unread if each.first_seq <= run.seq <= each.last_seq]
            best = max(told, key=lambda each: each.kind == _WHOLE, default=None)
            reason = Reason(best.reason) if best else Reason.ACCOUNT_UNREACHABLE
            said = sha256(best.error.encode()).hexdigest() if best else ""
            failures.append(Failure(run.recorded, until(run.recorded), reason, said, said))
    failures.sort(key=lambda each: each.begins)
    return Reads(tuple(answered), tuple(failures), f"{who.cloud}/{who.name}/{who.account}")


def _policies(conn: Connection, as_of: int) -> Iterator[tuple[int, str, dict[str, object]]]:
    """(recorded at, kind, body) of the schedules and of the accounts that organizations had, oldest first."""
    query = select(ledger.c.recorded_at, ledger.c.entry).where(ledger.c.type == "policy", ledger.c.recorded_at <= as_of)
    said = [(row.recorded_at, orjson.loads(row.entry)) for row in conn.execute(query.order_by(ledger.c.seq))]
    wanted = [
        (at, each["kind"], bytes.fromhex(each["body_sha"]))
        for at, each in said
        if each["kind"] == _SCHEDULE or each["kind"].startswith(_ORGANIZATION)
    ]
    bids = blobs.find(conn, {digest for _, _, digest in wanted})
    contents = blobs.load(conn, bids.values())
    for at, kind, digest in wanted:
        yield at, kind, orjson.loads(contents[bids[digest]])


def _listed_since(who: Target, policies: Iterable[tuple[int, str, dict[str, object]]]) -> int | None:
    """When the organization first listed an account, if it had been listed without it before; otherwise None."""
    kind, number = f"{_ORGANIZATION}{who.name.partition('/')[0]}", 0
    for at, name, said in policies:
        accounts = said.get("accounts")
        if name == kind and isinstance(accounts, list):
            if who.name in accounts:
                return at if number else None
            number += 1
    return None


def _cadence(policies: Iterable[tuple[int, str, dict[str, object]]], period: Period, parameters: Parameters) -> int:
    """Microseconds between two slots of the newest default schedule that was recorded before the period's end."""
    plan: Plan | None = None
    for at, kind, said in policies:
        if kind == _SCHEDULE and at < period.ends:
            plan = read_declared(said).default
    if plan is None:
        return parameters.continuous_cadence_minutes * MINUTE
    if isinstance(plan, Every):
        return plan.seconds * SECOND
    first = plan.next(period.begins)
    return plan.next(first) - first


def _waivers(conn: Connection, as_of: int) -> tuple[Waiver, ...]:
    """Those on record, without what was revoked later."""
    return tuple(
        each
        if each.revoked_at is None or each.revoked_at <= as_of
        else replace(each, revoked_at=None, revoked_by="", revoked_because="")
        for each in waivers.load(conn).all
        if each.recorded_at <= as_of
    )


def _attestations(conn: Connection, as_of: int) -> tuple[Attestation, ...]:
    """Those on record that nothing had taken the place of by then."""
    return tuple(
        each
        for each in attest.load(conn)
        if each.recorded_at <= as_of and (each.superseded_at is None or each.superseded_at > as_of)
    )
