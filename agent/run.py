"""The main job: fetch, keep, shape, judge, seal.  One run of one target in one slot."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import orjson

from agent import changes, clock, record
from agent.alerts.watch import Seen
from agent.errors import Stopped
from agent.fetch import Limits, Order, Provider, Read, read_here
from agent.judge import UNKNOWN_ACCOUNT, Judged, Reading, judge, shape
from agent.log import context, logger
from agent.schedule import Plan
from agent.telemetry import span
from agent.wiring import Wiring, check_digest
from collectors.errors import TargetUnreachable
from collectors.facts.account import EnabledRegion
from collectors.facts.core import Fact, Reason, Resource
from collectors.provenance import Gap, Identity, Member, Page
from storage import leases, reads, seal, staging
from storage.canon import dumps
from storage.engine import Store
from storage.errors import LeaseHeld, StoreError
from storage.rows import Alerts, Outcome, RunStart, RunStatus, Seal, Tally, Target


class Account(Provider, Protocol):
    """One opened account of some cloud."""

    cloud: str

    def identify(self) -> Identity:
        """Who the provider says that we are; raises TargetUnreachable."""

    def regions(self) -> tuple[str, ...]:
        """The regions to read; raises TargetUnreachable."""


class Organized(Account, Protocol):
    """An account that may stand for others too."""

    def members(self) -> tuple[Member, ...]:
        """Every other account that it knows of; raises TargetUnreachable."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to run."""

    name: str
    """The company's name for the target."""
    account: Account
    slot: int
    scheduled: bool
    config_digest: str
    keep_all_calls: bool
    plan: Plan
    """The slots that are asked for, by which a gap is old or new."""
    limits: Limits
    read: Read = read_here
    watch: Callable[[Store, Seen], Alerts] = lambda _store, _seen: Alerts()
    """What the run gives rise to in alerts."""
    expected_account: str = UNKNOWN_ACCOUNT
    """The account that this must be, where somebody else has told us."""
    excluded: tuple[str, ...] = ()
    """Accounts of this organization that the configuration leaves out."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a sealed run found."""

    run_id: str
    seq: int
    target: Target
    status: RunStatus
    judged: tuple[Judged, ...]
    page: Page
    changed: int
    documents: int


UNIDENTIFIED = "credentials that reach the account"
"""What is needed by a caller whom the provider does not know; there is no permission to ask who one is."""
Progress = Callable[[str, int], None]
"""Told the stage's name and how much of it is done."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every stage works with."""

    job: Job
    store: Store
    wiring: Wiring
    progress: Progress


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that the ledger knows of, and why nothing could be read, if so."""

    start: RunStart
    seq: int
    unreachable: TargetUnreachable | None


def run(job: Job, store: Store, wiring: Wiring, progress: Progress) -> Report:
    """Read, keep and judge one target, and seal all of it in one transaction.

    Whatever cannot be read is a gap and ends nothing.  Anything else that goes wrong leaves an abort entry, if the
    store still takes one, and is raised.  Raises StoreError.
    """
    with leases.lease(store, f"{job.account.cloud}:{job.name}"):
        _end(store, [each for each in _orphans(store) if _names(each) == (job.account.cloud, job.name)])
        started = clock.now()
        identity, regions, unreachable = _identify(job, store)
        target = Target(identity.cloud, job.name, identity.account)
        start = RunStart(
            run_id=str(uuid.uuid4()),
            target=target,
            slot=job.slot,
            scheduled=job.scheduled,
            started=started,
            code_digest=wiring.code_digest(),
            config_digest=job.config_digest,
        )
        start_seq = seal.start(store, start)
        desk = Desk(job, store, wiring, progress)
        begun = Begun(start, start_seq, unreachable)
        try:
            with context(run=start.run_id), span("run", run=start.run_id, target=job.name, slot=clock.iso(job.slot)):
                return _go(desk, begun, identity, regions)
        except BaseException as error:
            # The store itself may be what failed; then the next start writes the abort.
            with suppress(StoreError):
                seal.abort(store, start_seq, _reason(error), type(error).__name__)
            raise


def _go(desk: Desk, begun: Begun, identity: Identity, regions: tuple[str, ...]) -> Report:
    """Read what can be read, judge and seal it."""
    logger().info("run.started", regions=len(regions))
    if begun.unreachable:
        logger().warning("target.unreachable", said=str(begun.unreachable))
        page = Page(gaps=list(_nothing_read(desk, regions, begun.unreachable)))
    else:
        with span("fetch", regions=len(regions)) as note:
            page = _fetch(desk, begun.start.run_id, regions)
            note(calls=len(page.calls), gaps=len(page.gaps))
    return _conclude(desk, begun, Reading(identity, regions, page))


def end_orphans(store: Store) -> list[staging.Orphan]:
    """Close every run that a crash left open, but for those that still go on elsewhere; return what was closed."""
    ended = []
    for orphan in _orphans(store):
        cloud, name = _names(orphan)
        with suppress(LeaseHeld), leases.lease(store, f"{cloud}:{name}"):
            again = [each for each in _orphans(store) if each.start_seq == orphan.start_seq]
            _end(store, again)
            ended += again
    return ended


def _orphans(store: Store) -> list[staging.Orphan]:
    with store.read() as conn:
        return staging.orphans(conn)


def _names(orphan: staging.Orphan) -> tuple[str, str]:
    return orphan.target.cloud, orphan.target.name


def _end(store: Store, orphans: Iterable[staging.Orphan]) -> None:
    """Close runs that a crash left open.  The caller holds the lease of their target."""
    for orphan in orphans:
        seal.abort(store, orphan.start_seq, "crash", "the process ended without a word")


def _identify(job: Job, store: Store) -> tuple[Identity, tuple[str, ...], TargetUnreachable | None]:
    """Who we are and which regions to read; when nobody answers, who and where we were last time."""
    try:
        identity = job.account.identify()
        return identity, job.account.regions(), None
    except TargetUnreachable as error:
        identity, regions = _last_time(job, store)
        with suppress(TargetUnreachable):
            regions = job.account.regions()  # written in the configuration, unless it says `enabled`
        return identity, regions, error


def _last_time(job: Job, store: Store) -> tuple[Identity, tuple[str, ...]]:
    with store.read() as conn:
        known = [who for who in reads.targets(conn) if (who.cloud, who.name) == (job.account.cloud, job.name)]
        runs = [run for who in known if (run := reads.last_run(conn, who)) is not None]
        if not runs:
            return Identity(job.account.cloud, job.expected_account, "unknown"), ()
        newest = max(runs, key=lambda run: run.seq)
        identity, regions, _ = record.read_back(orjson.loads(reads.run_record(conn, newest.seq)))
        return identity, regions


def _nothing_read(desk: Desk, regions: tuple[str, ...], error: TargetUnreachable) -> Iterable[Gap]:
    """The gaps of a target that did not let us in: everything."""
    for collector, region in desk.wiring.scopes(desk.job.account.cloud, regions):
        yield Gap(
            reason=error.reason,
            collector=collector.id,
            region=region,
            kind="*",
            uid=None,
            listing=True,
            operation=error.operation,
            permission=UNIDENTIFIED if error.operation == "sts:GetCallerIdentity" else error.operation,
            error=error.said,
        )


def _fetch(desk: Desk, run_id: str, regions: tuple[str, ...]) -> Page:
    """Read everything, here or wherever the job says."""
    order = Order(
        run_id=run_id,
        target=desk.job.name,
        provider=desk.job.account,
        scopes=tuple(desk.wiring.scopes(desk.job.account.cloud, regions)),
        store=desk.store,
        limits=desk.job.limits,
        done=lambda done: desk.progress("fetch", done),
    )
    return desk.job.read(order)


def _conclude(desk: Desk, begun: Begun, reading: Reading) -> Report:
    """Shape, judge, compare with what is in force, queue alerts, and seal."""
    start = begun.start
    collectors = desk.wiring.collectors_for(desk.job.account.cloud)
    reading.page.gaps += record.clock_gap(reading.page)
    shaped = shape(reading, collectors)
    reading.page.gaps += _left_out(shaped.facts)
    reading.page.gaps += map(_excluded_account, desk.job.excluded)
    desk.progress("judge", 0)
    with desk.store.read() as conn:
        in_force = reads.current_verdicts(conn, start.target)
        documents = reads.current_documents(conn, start.target)
    known: dict[str, list[Resource]] = {}
    for check_id, key in in_force:
        resource = Resource(start.target.cloud, start.target.account, key.region, key.kind, key.uid, key.name)
        known.setdefault(check_id, []).append(resource)
    now = clock.to_datetime(start.started)
    with span("judge", facts=len(shaped.facts)):
        judged = tuple(judge(shaped, desk.wiring.checks.values(), desk.wiring.params(), now, known))

    reading.page.gaps += _malformed(judged, reading.page.gaps)

    desk.progress("seal", 0)
    volatile = {kind.name: kind.volatile for collector in collectors for kind in collector.kinds}
    kept = [
        changes.keep(document, start.target.account, volatile[document.kind]) for document in reading.page.documents
    ]
    gone = changes.is_gone(reading, collectors)
    versions = list(changes.versions(documents, {each.key: each.content for each in kept}, gone))
    left = changes.unseen(documents, {each.key for each in kept}, gone)
    calls = {each.key: each.call for each in kept}
    changed = {version.key: calls[version.key] for version in versions if version.content is not None}
    missing = [gap for gap in reading.page.gaps if gap.reason is not Reason.EXCLUDED_BY_CONFIG]
    sealed = Seal(
        start=start,
        start_seq=begun.seq,
        finished=clock.now(),
        status=RunStatus.PARTIAL if missing else RunStatus.COMPLETE,
        versions=versions,
        volatile=_volatile(kept),
        transitions=list(changes.transitions(in_force, judged)),
        tallies=[_tally(each) for each in judged],
        record=record.record(reading, changed, left, keep_all=desk.job.keep_all_calls),
        gaps=record.gap_rows(reading.page.gaps),
        asked=record.asked(reading.page),
        clock=record.clock_offset(reading.page.calls),
        documents=len(kept),
        alerts=desk.job.watch(
            desk.store,
            Seen(
                target=start.target,
                run_id=start.run_id,
                slot=start.slot,
                now=clock.now(),
                plan=desk.job.plan,
                judged=judged,
                gaps=reading.page.gaps,
                unreachable=begun.unreachable,
            ),
        ),
    )
    with span("seal", documents=len(kept), changed=len(versions)):
        seq = seal.seal(desk.store, sealed)
    desk.progress("seal", 1)
    return Report(start.run_id, seq, start.target, sealed.status, judged, reading.page, len(versions), len(kept))


def _volatile(kept: Iterable[changes.Kept]) -> bytes:
    """The volatile fields of all documents, by kind and uid."""
    values: dict[str, dict[str, Mapping[str, object]]] = {}
    for each in kept:
        if each.volatile:
            values.setdefault(each.key.kind, {})[each.key.uid] = each.volatile
    return dumps(values)


def _tally(judged: Judged) -> Tally:
    counts = {Outcome(outcome.value): number for outcome, number in judged.counts.items()}
    return Tally(judged.check.id, check_digest(judged.check), judged.params, counts)


def _malformed(judged: Iterable[Judged], known: Iterable[Gap]) -> list[Gap]:
    """A gap for each value that a check needed and that an answer, though it was read, does not hold."""
    told = {(gap.operation, gap.error) for gap in known}
    found: dict[tuple[str, str, str], Gap] = {}
    for each in judged:
        for finding in each.findings.values():
            for unread in finding.unread:
                key = (unread.operation, unread.error, finding.resource.uid)
                if unread.reason is Reason.PARTIAL_LISTING and key[:2] not in told:
                    found[key] = Gap(
                        reason=unread.reason,
                        collector="agent",
                        region=finding.resource.region,
                        kind=each.check.id,
                        uid=finding.resource.uid,
                        listing=False,
                        operation=unread.operation,
                        permission=unread.permission,
                        error=unread.error,
                    )
    return list(found.values())


def _left_out(facts: Iterable[Fact]) -> Iterable[Gap]:
    """Disclose the regions that the account has enabled and the configuration leaves out."""
    for fact in facts:
        if isinstance(fact, EnabledRegion) and not fact.scanned:
            region = fact.resource.region
            yield Gap(
                reason=Reason.EXCLUDED_BY_CONFIG,
                collector="agent",
                region=region,
                kind="*",
                uid=None,
                listing=True,
                operation=f"every read in {region}",
                permission="this region in the target's `regions`",
                error="enabled in the account, not in the configuration",
            )


def _excluded_account(account: str) -> Gap:
    """Disclose an account of the organization that the configuration leaves out."""
    return Gap(
        reason=Reason.EXCLUDED_BY_CONFIG,
        collector="agent",
        region="global",
        kind="*",
        uid=account,
        listing=False,
        operation=f"every read in account {account}",
        permission="this account among those that the target reads",
        error="in the organization, not in the configuration",
    )


def _reason(error: BaseException) -> str:
    """How an abort entry calls what happened."""
    if isinstance(error, (KeyboardInterrupt, SystemExit, Stopped)):
        return "interrupted"
    return "store failed" if isinstance(error, StoreError) else "error"
