"""The main job: fetch, keep, shape, judge, seal.  One run of one target in one slot."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import orjson

from agent import changes, clock, record
from agent.fetch import Arrived, Provider, fetch_all
from agent.judge import UNKNOWN_ACCOUNT, Judged, Reading, judge, shape
from agent.wiring import Wiring, check_digest
from collectors.errors import TargetUnreachable
from collectors.facts.account import EnabledRegion
from collectors.facts.core import Fact, Reason, Resource
from collectors.provenance import Gap, Identity, Page
from collectors.redaction import redact
from storage import leases, reads, seal, staging
from storage.canon import dumps
from storage.engine import Store
from storage.errors import StoreError
from storage.rows import Outcome, RunStart, RunStatus, Seal, Tally, Target


class Account(Provider, Protocol):
    """One opened account of some cloud."""

    cloud: str

    def identify(self) -> Identity:
        """Who the provider says that we are; raises TargetUnreachable."""

    def regions(self) -> tuple[str, ...]:
        """The regions to read; raises TargetUnreachable."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to run."""

    name: str
    """The company's name for the target."""
    account: Account
    slot: int
    scheduled: bool
    config_digest: str
    pool: int
    keep_all_calls: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What a sealed run found."""

    seq: int
    target: Target
    status: RunStatus
    judged: tuple[Judged, ...]
    page: Page
    changed: int
    documents: int


Progress = Callable[[str, int], None]
"""Told the stage's name and how much of it is done."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every stage works with."""

    job: Job
    store: Store
    wiring: Wiring
    progress: Progress


def run(job: Job, store: Store, wiring: Wiring, progress: Progress) -> Report:
    """Read, keep and judge one target, and seal all of it in one transaction.

    Whatever cannot be read is a gap and ends nothing.  Anything else that goes wrong leaves an abort entry, if the
    store still takes one, and is raised.  Raises StoreError.
    """
    with leases.lease(store, f"{job.account.cloud}:{job.name}"):
        abort_orphans(store, job)
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
        try:
            if unreachable:
                page = Page(gaps=list(_nothing_read(desk, regions, unreachable)))
            else:
                page = _fetch(desk, start.run_id, regions)
            return _conclude(desk, start, start_seq, Reading(identity, regions, page))
        except BaseException as error:
            # The store itself may be what failed; then the next start writes the abort.
            with suppress(StoreError):
                seal.abort(store, start_seq, _reason(error), type(error).__name__)
            raise


def abort_orphans(store: Store, job: Job) -> None:
    """Close the runs of this target that a crash left open.  The caller holds the target's lease."""
    with store.read() as conn:
        orphans = staging.orphans(conn)
    for orphan in orphans:
        if (orphan.target.cloud, orphan.target.name) == (job.account.cloud, job.name):
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
        runs = [run for run in reads.runs(conn) if (run.target.cloud, run.target.name) == (job.account.cloud, job.name)]
        if not runs:
            return Identity(job.account.cloud, UNKNOWN_ACCOUNT, "unknown"), ()
        identity, regions, _ = record.read_back(orjson.loads(reads.run_record(conn, runs[-1].seq)))
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
            permission="credentials that reach the account",
            error=error.said,
        )


def _fetch(desk: Desk, run_id: str, regions: tuple[str, ...]) -> Page:
    """Read everything; each page is staged, without its secrets, before the next one is taken."""
    scopes = desk.wiring.scopes(desk.job.account.cloud, regions)
    total = Page()
    done = 0
    for batch in fetch_all(desk.job.account, scopes, pool=desk.job.pool):
        for arrived in batch:
            arrived.page.documents[:] = map(redact, arrived.page.documents)
        staging.put(desk.store, run_id, [_staged(arrived) for arrived in batch if arrived.page])
        for arrived in batch:
            total.absorb(arrived.page)
            done += arrived.finished
        desk.progress("fetch", done)
    return total


def _staged(arrived: Arrived) -> staging.Page:
    """A page as bytes.  The run goes on with the decoded bytes, so what is judged is what is kept."""
    payload = dumps(arrived.page.to_json())
    decoded = Page.from_json(orjson.loads(payload))
    arrived.page.documents[:] = decoded.documents
    return staging.Page(arrived.task, arrived.number, payload)


def _conclude(desk: Desk, start: RunStart, start_seq: int, reading: Reading) -> Report:
    """Shape, judge, compare with what is in force, and seal."""
    collectors = desk.wiring.collectors_for(desk.job.account.cloud)
    reading.page.gaps += record.clock_gap(reading.page)
    shaped = shape(reading, collectors)
    reading.page.gaps += _left_out(shaped.facts)
    desk.progress("judge", 0)
    with desk.store.read() as conn:
        in_force = reads.current_verdicts(conn, start.target)
        documents = reads.current_documents(conn, start.target)
    known: dict[str, list[Resource]] = {}
    for check_id, key in in_force:
        resource = Resource(start.target.cloud, start.target.account, key.region, key.kind, key.uid, key.name)
        known.setdefault(check_id, []).append(resource)
    now = clock.to_datetime(start.started)
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
        start_seq=start_seq,
        finished=clock.now(),
        status=RunStatus.PARTIAL if missing else RunStatus.COMPLETE,
        versions=versions,
        volatile=_volatile(kept),
        transitions=list(changes.transitions(in_force, judged)),
        tallies=[_tally(each) for each in judged],
        record=record.record(reading, changed, left, keep_all=desk.job.keep_all_calls),
        gaps=record.gap_rows(reading.page.gaps),
        documents=len(kept),
    )
    seq = seal.seal(desk.store, sealed)
    desk.progress("seal", 1)
    return Report(seq, start.target, sealed.status, judged, reading.page, len(versions), len(kept))


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


def _reason(error: BaseException) -> str:
    """How an abort entry calls what happened."""
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
        return "interrupted"
    return "store failed" if isinstance(error, StoreError) else "error"
