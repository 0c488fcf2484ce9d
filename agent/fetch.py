"""Runs the fetches of all collectors and regions over one bounded pool, staging each page as it arrives."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import orjson

from agent.errors import Stopped
from collectors.api import Collector, Document, Then
from collectors.facts.core import Reason
from collectors.provenance import Gap, Identity, Page, document_to_json
from collectors.reader import Recorder
from collectors.redaction import redact
from storage import staging
from storage.canon import dumps
from storage.engine import Store
from storage.errors import NotEncodable

LINGER = 0.01
"""Seconds that a batch waits for pages that arrive together, so that one commit serves them all."""
PATIENCE = 0.25
"""Seconds that nothing arrives before the deadline and the wish to stop are looked at again."""
LATE = "the deadline of the run passed before it was read"
LAST_PAGE = 1 << 31
"""Number of the page that a task ends with when it is given up; its own pages come before it."""


class Provider(Protocol):
    """What a cloud's provider offers to the pool."""

    def reader(self, collector: Collector, region: str, recorder: Recorder) -> Any:
        """What `collector.fetch` reads with."""


class Identified(Provider, Protocol):
    """A provider that knows whose account it reads."""

    def identify(self) -> Identity:
        """Who the provider says that we are; raises TargetUnreachable."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read at once, and when reading ends though not everything was read."""

    pool: int
    """Calls under way at once."""
    until: float | None = None
    """By `time.monotonic`; None: however long it takes."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when the process is to end."""

    @property
    def passed(self) -> bool:
        """The deadline is over."""
        return self.until is not None and time.monotonic() >= self.until


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be read for one run."""

    run_id: str
    target: str
    """The company's name for it."""
    provider: Identified
    scopes: Sequence[tuple[Collector, str]]
    """Each collector with each region that it has to read."""
    store: Store
    limits: Limits
    done: Callable[[int], None]
    """Told how many tasks are finished."""


Read = Callable[[Order], Page]
"""Reads and stages all of an order.  Raises Stopped, StoreError."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One page, with the key under which it is staged."""

    task: str
    number: int
    page: Page
    collector: Collector
    finished: bool = False
    """The task's last page."""


@dataclass(frozen=True, slots=True)
class _Task:
    collector: Collector
    region: str
    name: str
    function: Callable[..., Iterator[Document | Then]]
    args: tuple[Any, ...]
    where: str


def read_here(order: Order) -> Page:
    """Read everything in this process; each page is staged, without its secrets, before the next one is taken."""
    total = Page()
    done = 0
    for batch in fetch_all(order.provider, order.scopes, order.limits):
        staging.put(order.store, order.run_id, [staged(arrived) for arrived in batch if arrived.page])
        for arrived in batch:
            total.absorb(arrived.page)
            done += arrived.finished
        order.done(done)
    return total


def staged(arrived: Arrived) -> staging.Page:
    """A page as bytes, its secrets taken out.  The page then holds what the bytes say, so what is judged is kept."""
    page = arrived.page
    page.documents[:] = map(redact, page.documents)
    try:
        payload = dumps(page.to_json())
    except NotEncodable:
        page.documents[:], page.gaps[:] = _sound(arrived)
        payload = dumps(page.to_json())
    page.documents[:] = Page.from_json(orjson.loads(payload)).documents
    return staging.Page(arrived.task, arrived.number, payload)


def _sound(arrived: Arrived) -> tuple[list[Document], list[Gap]]:
    """The documents of a page that can be kept, and its gaps with one more for each that cannot.

    An answer may hold what no evidence can, as an instant without a zone.  Nobody knows then what it would have said,
    nor, if it is an item of a listing, that the item is there: that listing is not complete.
    """
    kinds = {kind.name: kind for kind in arrived.collector.kinds}
    documents: list[Document] = []
    gaps = list(arrived.page.gaps)
    for document in arrived.page.documents:
        try:
            dumps(document_to_json(document))
        except NotEncodable as error:
            gaps.append(
                Gap(
                    reason=Reason.PARTIAL_LISTING,
                    collector=arrived.collector.id,
                    region=document.region,
                    kind=document.kind,
                    uid=None,
                    listing=True,
                    operation=kinds[document.kind].call,
                    permission=kinds[document.kind].needs,
                    error=f"malformed answer about {document.uid!r}: {error}",
                    call=document.call,
                )
            )
        else:
            documents.append(document)
    return documents, gaps


def fetch_all(
    provider: Provider, scopes: Iterable[tuple[Collector, str]], limits: Limits, *, first: int = 0
) -> Iterator[list[Arrived]]:
    """Batches of pages in the order of arrival; ends when every task has ended.  Calls are numbered from `first`.

    Tasks never wait for each other: what one finds to read next becomes a task of its own, so a bounded pool cannot
    lock up.  A batch is all that arrived while the caller was busy with the one before, so staging is paid per
    batch and at most the pages in flight can be lost.  Past the deadline each unfinished task ends in a gap.
    Raises Stopped.
    """
    arrived: queue.SimpleQueue[Arrived] = queue.SimpleQueue()
    numbers = itertools.count(first)
    workers = ThreadPoolExecutor(max_workers=limits.pool, thread_name_prefix="fetch")
    todo: queue.SimpleQueue[_Task] = queue.SimpleQueue()
    tasks = _Tasks(lambda task: workers.submit(_perform, provider, task, numbers, arrived.put, todo.put))
    pending = tasks.pending

    try:
        for collector, region in scopes:
            tasks.begin(_Task(collector, region, f"{collector.id}/{region}", collector.fetch, (), ""))
        while pending:
            batch = _batch(arrived)
            while not todo.empty():
                tasks.begin(todo.get())
            for each in batch:
                if each.finished:
                    del pending[each.task]
            if batch:
                yield batch
            if limits.stop.is_set():
                raise Stopped
            if limits.passed:
                yield [_late(task) for task in pending.values()]
                return
    finally:
        workers.shutdown(wait=False, cancel_futures=True)


class _Tasks:
    """What was begun, each under a name of its own, and what of it has not ended."""

    def __init__(self, start: Callable[[_Task], object]) -> None:
        self._start = start
        self._begun: dict[str, _Task] = {}
        self.pending: dict[str, _Task] = {}

    def begin(self, task: _Task) -> None:
        """Start a task, unless it was begun: a listing may name a thing twice."""
        while task.name in self._begun:
            if self._begun[task.name] == task:
                return
            task = replace(task, name=f"{task.name}+")  # two things of one label: neither may hide the other
        self._begun[task.name] = self.pending[task.name] = task
        self._start(task)


def _batch(arrived: queue.SimpleQueue[Arrived]) -> list[Arrived]:
    """What arrives together; nothing, when nothing does for a while."""
    batch: list[Arrived] = []
    with suppress(queue.Empty):
        batch.append(arrived.get(timeout=PATIENCE))
        until = time.monotonic() + LINGER
        while True:
            batch.append(arrived.get(timeout=max(until - time.monotonic(), 0)))
    return batch


def _perform(
    provider: Provider,
    task: _Task,
    numbers: Iterator[int],
    put: Callable[[Arrived], None],
    submit: Callable[[_Task], None],
) -> None:
    """One task from its first call to its last page.  Whatever happens, its last page arrives."""
    pages = itertools.count()
    recorder = Recorder(numbers, lambda page: put(Arrived(task.name, next(pages), page, task.collector)))
    try:
        reader = provider.reader(task.collector, task.region, recorder)
        if task.where:
            reader = reader.at(task.where)
        for item in task.function(reader, *task.args):
            if isinstance(item, Document):
                recorder.page.documents.append(item)
            else:
                name = f"{task.collector.id}/{task.region}/{item.label}"
                submit(_Task(task.collector, task.region, name, item.function, item.args, item.region))
    except Exception as error:  # noqa: BLE001  # an answer that a collector cannot read is a gap, not the end of the run
        recorder.page.gaps.append(_broken(task, error))
    put(Arrived(task.name, next(pages), recorder.page, task.collector, finished=True))


def _broken(task: _Task, error: Exception) -> Gap:
    """The gap that a fetch leaves when it cannot make sense of an answer."""
    return unread(task.collector, task.region, task.name, f"malformed answer: {type(error).__name__} {error}")


def _late(task: _Task) -> Arrived:
    """The end of a task for which there was no time."""
    gap = unread(task.collector, task.region, task.name, LATE)
    return Arrived(task.name, LAST_PAGE, Page(gaps=[gap]), task.collector, finished=True)


def unread(collector: Collector, region: str, task: str, error: str) -> Gap:
    """The gap for all that a task of a collector had still to read.

    What that would have been nobody knows, a listing perhaps, so no population of its collector is complete.
    """
    return Gap(
        reason=Reason.PARTIAL_LISTING,
        collector=collector.id,
        region=region,
        kind="*",
        uid=None,
        listing=True,
        operation=task,
        permission=", ".join(collector.permissions),
        error=error,
    )
