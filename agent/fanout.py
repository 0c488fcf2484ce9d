"""Reads a run with worker processes: parts of it become jobs, and what the workers stage becomes one page.

A job can be done twice: its worker was lost and came back, or two have it at once.  So each attempt stages under a
name of its own, the first one that is finished marks its part, and only marked attempts count.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson

from agent import clock
from agent.config import Settings
from agent.errors import OperatorError, Stopped
from agent.fetch import LATE, Order, unread
from agent.log import logger
from agent.sections import seconds
from agent.wiring import collector_digest
from collectors.api import Collector
from collectors.facts.core import Reason
from collectors.provenance import Gap, Page
from storage import daemons, jobs, staging
from storage.canon import dumps
from storage.engine import Store

POLL = 0.25
"""Seconds between two looks at what is finished."""
WINDOW = 8
"""Parts of one run that wait or are being read at once: a slow account leaves the other workers to the others."""
GRACE = 2.0
"""Seconds past the deadline in which workers may still hand in what they have read until then."""
CALLS = 10_000_000
"""Call numbers that each part has to itself: more than can be asked of one service in one region by any deadline."""
LOST = 60_000_000
"""Microseconds without a sign of life after which a worker is not counted on any more."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one job reads: all collectors of one service in one region.  JSON can hold it."""

    run_id: str
    target: str
    """The company's name; an account of an organization is `organization/account`."""
    account: str
    """The account that this must be, whoever opens it."""
    partition: str
    regions: tuple[str, ...]
    """Every region that the run reads."""
    region: str
    service: str
    collectors: tuple[str, ...]
    """Their ids."""
    code: str
    """Digest of the collectors' code, which the ledger names as what has read."""
    until: int | None
    """The deadline by the database's clock, in microseconds since the epoch; None: however long it takes."""
    first: int
    """Number of its first call."""

    @property
    def name(self) -> str:
        """Unique in its run."""
        return f"{self.region}/{self.service}"

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Part:
        """The part that `asdict` and JSON made."""
        lists = {name: tuple(said[name]) for name in ("regions", "collectors")}
        return cls(**{**said, **lists})


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a part was given up, when it was."""

    error: str
    reason: str = Reason.PARTIAL_LISTING.value
    operation: str = ""
    """Empty: whatever its collectors ask."""
    permission: str = ""
    """Empty: whatever its collectors need."""

    def gap(self, collector: Collector, region: str) -> Gap:
        """What it leaves out of one collector."""
        whole = unread(collector, region, self.operation or f"{collector.id}/{region}", self.error)
        return replace(whole, reason=Reason(self.reason), permission=self.permission or whole.permission)


@dataclass(frozen=True, slots=True)
class Mark:
    """The last word about a part: the attempt whose pages count, or why there is none."""

    attempt: str
    tasks: int
    fault: Fault | None = None

    def to_bytes(self) -> bytes:
        """As the store keeps it."""
        return dumps(asdict(self))

    @classmethod
    def from_bytes(cls, kept: bytes) -> Mark:
        """The mark that `to_bytes` made."""
        said = orjson.loads(kept)
        return cls(said["attempt"], said["tasks"], Fault(**said["fault"]) if said["fault"] else None)


class Fanout:
    """Leaves the reading to `proofkeep worker` processes on the same PostgreSQL database."""

    def __init__(self, settings: Settings, store: Store) -> None:
        """Make sure that there is a job queue.  Raises OperatorError, StoreError."""
        require_queue(store)
        self._lost = max(LOST, seconds(settings.workers.stalled) * 1_000_000)

    def read(self, order: Order) -> Page:
        """Put the order into the queue, wait for it, and put together what came of it.  As `fetch.read_here`."""
        parts = _parts(order)
        self._look_for_workers(order)
        ids: list[int] = []
        marks: dict[str, Mark] = {}
        try:
            marks = _wait(order, parts, ids)
        finally:
            if len(marks) < len(parts):
                jobs.withdraw(order.store, ids)
        return _gather(order, parts, marks)

    def _look_for_workers(self, order: Order) -> None:
        """Without workers the run ends in gaps at its deadline; somebody should know before."""
        with order.store.read() as conn:
            found = [row for row in daemons.daemons(conn) if row.role == "worker"]
        if not any(clock.now() - row.beat_at < self._lost for row in found):
            logger().warning("workers.none", fix="start `proofkeep worker` with the same settings")


def require_queue(store: Store) -> None:
    """Make the job queue ready.  Raises OperatorError where there can be none, StoreError."""
    if store.dialect != "postgresql":
        message = f"workers need PostgreSQL; {store.where} is a file: unset workers.enabled, or use another database"
        raise OperatorError(message)
    if not jobs.is_installed():
        message = "workers need procrastinate; pip install 'proofkeep[postgres]'"
        raise OperatorError(message)
    jobs.prepare(store)


def queue_of(target: str) -> str:
    """The queue of a target and, for an organization, of its accounts: only who knows the target looks there.

    Names of channels are short in PostgreSQL, names of targets are not.
    """
    owner = target.partition("/")[0]
    return f"fetch-{hashlib.sha256(owner.encode()).hexdigest()[:24]}"


def code_of(collectors: Iterable[Collector]) -> str:
    """Digest over the code of these collectors."""
    return hashlib.sha256("\n".join(map(collector_digest, collectors)).encode()).hexdigest()


def _parts(order: Order) -> dict[str, Part]:
    """The order, split by region and service."""
    groups: dict[tuple[str, str], list[Collector]] = {}
    for collector, region in order.scopes:
        groups.setdefault((region, collector.kinds[0].service), []).append(collector)
    identity = order.provider.identify()
    regions = tuple(dict.fromkeys(region for _, region in order.scopes if region != "global"))
    until = None
    if order.limits.until is not None:
        with order.store.read() as conn:
            until = jobs.server_time(conn) + round((order.limits.until - time.monotonic()) * 1_000_000)
    found = {}
    for number, ((region, service), collectors) in enumerate(groups.items()):
        part = Part(
            run_id=order.run_id,
            target=order.target,
            account=identity.account,
            partition=identity.partition,
            regions=regions,
            region=region,
            service=service,
            collectors=tuple(collector.id for collector in collectors),
            code=code_of(collectors),
            until=until,
            first=number * CALLS,
        )
        found[part.name] = part
    return found


def _wait(order: Order, parts: Mapping[str, Part], ids: list[int]) -> dict[str, Mark]:
    """Hand out the parts, `WINDOW` at a time, and return what was said of each by the deadline.

    The numbers of their jobs are added to `ids`.  Raises Stopped.
    """
    latest = None if order.limits.until is None else order.limits.until + GRACE
    left = list(parts.values())
    handed = 0
    while True:
        with order.store.read() as conn:
            marks = {name: Mark.from_bytes(kept) for name, kept in staging.marks(conn, order.run_id).items()}
        order.done(sum(mark.tasks for mark in marks.values()))
        if marks.keys() >= parts.keys() or (latest is not None and time.monotonic() >= latest):
            return marks
        room = WINDOW - (handed - len(marks))
        if left and room > 0 and not order.limits.passed:
            now, left = left[:room], left[room:]
            ids += jobs.defer(order.store, order.run_id, [_work(part) for part in now], more=handed > 0)
            handed += len(now)
        if order.limits.stop.wait(POLL):
            raise Stopped


def _work(part: Part) -> jobs.Work:
    return jobs.Work(queue_of(part.target), f"{part.run_id}:{part.name}", asdict(part))


def _gather(order: Order, parts: Mapping[str, Part], marks: Mapping[str, Mark]) -> Page:
    """All pages of the attempts that count, and a gap for each collector of a part that has none."""
    total = Page()
    counting = {mark.attempt for mark in marks.values() if mark.fault is None}
    with order.store.read() as conn:
        for page in staging.pages(conn, order.run_id):
            if page.task.partition("/")[0] in counting:
                total.absorb(Page.from_json(orjson.loads(page.payload)))
    collectors = {collector.id: collector for collector, _ in order.scopes}
    for name, part in parts.items():
        mark = marks.get(name)
        fault = Fault(LATE) if mark is None else mark.fault
        if fault is not None:
            logger().warning("part.unread", part=name, said=fault.error)
            total.gaps += [fault.gap(collectors[each], part.region) for each in part.collectors]
    return total
