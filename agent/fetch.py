"""Runs the fetches of all collectors and regions over one bounded pool, handing over each page as it arrives."""

from __future__ import annotations

import itertools
import queue
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from collectors.api import Collector, Document, Then
from collectors.aws.session import Recorder
from collectors.facts.core import Reason
from collectors.provenance import Gap, Page

LINGER = 0.01
"""Seconds that a batch waits for pages that arrive together, so that one commit serves them all."""


class Provider(Protocol):
    """What a cloud's provider offers to the pool."""

    def reader(self, collector: Collector, region: str, recorder: Recorder) -> Any:
        """What `collector.fetch` reads with."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One page, with the key under which it is staged."""

    task: str
    number: int
    page: Page
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


def fetch_all(provider: Provider, scopes: Iterable[tuple[Collector, str]], *, pool: int) -> Iterator[list[Arrived]]:
    """Batches of pages in the order of arrival; ends when every task has ended.

    Tasks never wait for each other: what one finds to read next becomes a task of its own, so a bounded pool cannot
    lock up.  A batch is all that arrived while the caller was busy with the one before, so staging is paid per
    batch and at most the pages in flight can be lost.
    """
    arrived: queue.SimpleQueue[Arrived] = queue.SimpleQueue()
    numbers = itertools.count()
    workers = ThreadPoolExecutor(max_workers=pool, thread_name_prefix="fetch")
    pending = 0

    def submit(task: _Task) -> None:
        workers.submit(_perform, provider, task, numbers, arrived.put, todo.put)

    todo: queue.SimpleQueue[_Task] = queue.SimpleQueue()
    try:
        for collector, region in scopes:
            pending += 1
            submit(_Task(collector, region, f"{collector.id}/{region}", collector.fetch, (), ""))
        while pending:
            batch = [arrived.get()]
            until = time.monotonic() + LINGER
            with suppress(queue.Empty):
                while True:
                    batch.append(arrived.get(timeout=max(until - time.monotonic(), 0)))
            while not todo.empty():
                pending += 1
                submit(todo.get())
            pending -= sum(each.finished for each in batch)
            yield batch
    finally:
        workers.shutdown(wait=False, cancel_futures=True)


def _perform(
    provider: Provider,
    task: _Task,
    numbers: Iterator[int],
    put: Callable[[Arrived], None],
    submit: Callable[[_Task], None],
) -> None:
    """One task from its first call to its last page.  Whatever happens, its last page arrives."""
    pages = itertools.count()
    recorder = Recorder(numbers, lambda page: put(Arrived(task.name, next(pages), page)))
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
    put(Arrived(task.name, next(pages), recorder.page, finished=True))


def _broken(task: _Task, error: Exception) -> Gap:
    """The gap that a fetch leaves when it cannot make sense of an answer: all that it had still to read.

    What that would have been nobody knows, a listing perhaps, so no population of its collector is complete.
    """
    return Gap(
        reason=Reason.PARTIAL_LISTING,
        collector=task.collector.id,
        region=task.region,
        kind="*",
        uid=None,
        listing=True,
        operation=task.name,
        permission=", ".join(task.collector.permissions),
        error=f"malformed answer: {type(error).__name__} {error}",
    )
