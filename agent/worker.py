"""`proofkeep worker`: takes parts of runs from the queue, reads them and stages what was read.

It judges nothing and seals nothing.  It can be killed at any time: what it had not finished another worker does again.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from agent import clock
from agent.accounts import Accounts
from agent.config import Settings
from agent.errors import Exit, OperatorError, Stopped
from agent.fanout import Fault, Mark, Part, code_of, queue_of, require_queue
from agent.fetch import Limits, fetch_all, staged
from agent.log import context, logger
from agent.sections import seconds
from agent.wiring import Wiring
from collectors.api import Collector
from collectors.errors import TargetUnreachable
from storage import daemons, jobs, staging
from storage.canon import dumps
from storage.engine import Store
from storage.errors import RunUnknown, StoreError
from storage.rows import DaemonRow

if TYPE_CHECKING:
    from procrastinate import App, JobContext

ATTEMPTS = 3
"""How often a part is tried before it is a gap."""
WAIT = 1.0
"""Seconds before a part that failed is tried again."""
GRACE = 3.0
"""Seconds that jobs have to finish once the process is told to end."""
LAST = 4.5
"""Seconds after which the process ends whatever hangs."""
BEAT = 10.0
"""Seconds between two signs of life."""
RESTART = 5.0
"""Seconds before the queue is tried again after it failed."""
POLL = 2.0
"""Seconds between two looks at the queue, should a notice have been lost."""
SWEEP = "sweep"
"""Name of the task, and of its queue, that puts the jobs of lost workers back."""
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one part needs."""

    wiring: Wiring
    store: Store
    accounts: Accounts
    share: int
    """Parts that this process may read at once, which share the calls of their account."""


def read_part(reading: Reading, part: Part, attempts: int, stop: threading.Event) -> None:
    """Read a part that was tried `attempts` times before, stage it and mark it.

    The last failure is a mark of its own; an earlier one is raised, for another try.  A run that has ended takes no
    more pages and needs none.  Raises Stopped.
    """
    log = logger()
    began = time.monotonic()
    try:
        mark = _read(reading, part, stop)
        staging.mark(reading.store, part.run_id, part.name, mark.to_bytes())
    except RunUnknown:
        log.info("part.dropped", said="its run has ended")
        return
    except Stopped:
        raise
    except Exception as error:
        log.warning("part.failed", attempt=attempts + 1, said=f"{type(error).__name__}: {error}")
        if attempts + 1 < ATTEMPTS:
            raise
        give_up(reading.store, part, fault_of(error))
        return
    log.info("part.read", tasks=mark.tasks, seconds=round(time.monotonic() - began, 2))


def give_up(store: Store, part: Part, fault: Fault) -> None:
    """Say that a part will not be read, unless its run has ended or another attempt was finished."""
    with suppress(RunUnknown):
        staging.mark(store, part.run_id, part.name, Mark("", 0, fault).to_bytes())


def fault_of(error: Exception) -> Fault:
    """How the gaps call what went wrong.  Of an error that is not ours only the type: its text can hold anything."""
    if isinstance(error, TargetUnreachable):
        return Fault(error.said, error.reason.value, error.operation, "credentials that reach the account")
    if isinstance(error, OperatorError):
        return Fault(str(error))
    return Fault(f"the worker failed {ATTEMPTS} times, with {type(error).__name__}")


def _read(reading: Reading, part: Part, stop: threading.Event) -> Mark:
    """Stage every page of a part under a name that no other attempt has."""
    collectors = _collectors(reading.wiring, part)
    staging.contribute(reading.store, part.run_id, ())  # a run that has ended is noticed before anything is asked
    until = None
    if part.until is not None:
        with reading.store.read() as conn:
            until = time.monotonic() + (part.until - jobs.server_time(conn)) / 1_000_000
    opened = reading.accounts.open(part)
    limits = Limits(max(1, opened.concurrency // reading.share), until, stop)
    attempt = uuid.uuid4().hex
    tasks = 0
    scopes = [(collector, part.region) for collector in collectors]
    for batch in fetch_all(opened.provider, scopes, limits, first=part.first):
        pages = [staged(replace(each, task=f"{attempt}/{each.task}")) for each in batch if each.page]
        staging.contribute(reading.store, part.run_id, pages)
        tasks += sum(each.finished for each in batch)
    return Mark(attempt, tasks)


def _collectors(wiring: Wiring, part: Part) -> list[Collector]:
    """The collectors of a part, if they are the very ones that the run names.  Raises OperatorError."""
    found = [wiring.collectors[each] for each in part.collectors if each in wiring.collectors]
    if len(found) < len(part.collectors) or code_of(found) != part.code:
        message = f"the worker has other collectors for {part.service} than the run; install the same release"
        raise OperatorError(message)
    return found


class Worker:
    """One process of `proofkeep worker`."""

    def __init__(
        self, settings: Settings, wiring: Wiring, store: Store, *, targets: Sequence[str], parallel: int
    ) -> None:
        """Read parts of runs of these targets, `parallel` of them at once.  Raises OperatorError, StoreError."""
        require_queue(store)
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._store = store
        self._reading = Reading(wiring, store, Accounts(settings), parallel)
        self._queues = [*sorted({queue_of(each) for each in targets}), SWEEP]
        self._targets = sorted(targets)
        self._parallel = parallel
        self._stalled = seconds(settings.workers.stalled)
        self._threads = ThreadPoolExecutor(parallel + 1, thread_name_prefix="part")
        self._running: set[str] = set()
        self._started = clock.now()

    def run(self) -> int:
        """Work until SIGTERM or SIGINT; return the exit code."""
        asyncio.run(self._run())
        return Exit.OK

    async def _run(self) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        logger().info("worker.started", process=self.name, version=version("proofkeep"), targets=self._targets)
        ending = asyncio.create_task(stop.wait())
        beating = asyncio.create_task(self._beat())
        while not stop.is_set():
            serving = asyncio.create_task(self._serve())
            await asyncio.wait({serving, ending}, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                _end_at_last()
                serving.cancel()
            done = await asyncio.gather(serving, return_exceptions=True)
            if not stop.is_set():
                error = done[0]
                said = f"{type(error).__name__}: {error}" if error else "the library ended its worker"
                logger().error("queue.failed", said=said)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), RESTART)
        beating.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)
        with suppress(StoreError):
            daemons.forget(self._store, self.name)
        logger().info("worker.ended", process=self.name)

    async def _serve(self) -> None:
        """Take jobs until cancelled, or until the queue fails."""
        app = jobs.worker_app(self._store)
        self._declare(app)
        async with app.open_async():
            await app.run_worker_async(
                name=self.name,
                queues=self._queues,
                concurrency=self._parallel,
                fetch_job_polling_interval=POLL,
                shutdown_graceful_timeout=GRACE,
                delete_jobs="always",
                install_signal_handlers=False,
                update_heartbeat_interval=min(BEAT, self._stalled / 4),
                stalled_worker_timeout=self._stalled,
            )

    def _declare(self, app: App) -> None:
        """The two tasks: reading a part, and putting back what lost workers had.

        The second one is periodic, which also keeps the library watching its own heartbeat: without any periodic task
        its watch ends at the start, and a worker whose heartbeat has failed would go on.
        """
        from procrastinate import BaseRetryStrategy, RetryDecision  # noqa: PLC0415  # an extra

        class Again(BaseRetryStrategy):
            """Always; `read_part` and `_sweep` know when it is enough."""

            def get_retry_decision(self, *, exception: BaseException, **_: Any) -> RetryDecision:
                """At once when this process ends, a little later after a failure."""
                ending = isinstance(exception, asyncio.CancelledError)
                return RetryDecision(retry_in={"milliseconds": 0 if ending else round(WAIT * 1000)})

        every = max(1, self._stalled // 4)
        cron = f"*/{every} * * * * *" if every < _MINUTE else "* * * * *"
        app.task(name=jobs.TASK, pass_context=True, retry=Again())(self._fetch)
        sweep = app.task(name=SWEEP, queue=SWEEP, queueing_lock=SWEEP, pass_context=True)(self._sweep)
        app.periodic(cron=cron)(sweep)

    async def _fetch(self, job: JobContext, /, **said: Any) -> None:
        """One job: a thread reads, and is told to stop when the job is."""
        part = Part.from_json(said)
        stop = threading.Event()
        running = f"{part.target} {part.name}"
        self._running.add(running)
        try:
            await asyncio.get_running_loop().run_in_executor(
                self._threads, self._in_thread, part, job.job.attempts, stop
            )
        finally:
            stop.set()
            self._running.discard(running)

    def _in_thread(self, part: Part, attempts: int, stop: threading.Event) -> None:
        with context(target=part.target, run=part.run_id, part=part.name):
            read_part(self._reading, part, attempts, stop)

    async def _sweep(self, job: JobContext, timestamp: int) -> None:  # noqa: ARG002  # the library gives it
        """Put back the jobs of workers that were not heard of; one that lost too many workers is given up."""
        manager = job.app.job_manager
        for lost in await manager.get_stalled_jobs(seconds_since_heartbeat=self._stalled):
            if lost.task_name != jobs.TASK:
                await manager.finish_job(lost, _failed(), delete_job=True)
                continue
            part = Part.from_json(lost.task_kwargs)
            logger().warning("worker.lost", run=part.run_id, part=part.name, attempt=lost.attempts + 1)
            if lost.attempts + 1 < ATTEMPTS:
                await manager.retry_job(lost)
                continue
            fault = Fault(f"its worker was lost {ATTEMPTS} times")
            await asyncio.get_running_loop().run_in_executor(self._threads, give_up, self._store, part, fault)
            await manager.finish_job(lost, _failed(), delete_job=True)

    async def _beat(self) -> None:
        """Leave a sign of life in the database, again and again."""
        while True:
            state = dumps({"running": sorted(self._running), "targets": self._targets})
            row = DaemonRow(self.name, "worker", version("proofkeep"), self._started, clock.now(), state)
            try:
                await asyncio.get_running_loop().run_in_executor(self._threads, daemons.beat, self._store, row)
            except StoreError as error:
                logger().warning("beat.failed", said=str(error))
            await asyncio.sleep(BEAT)


def _failed() -> Any:
    """The library's word for a job that came to nothing."""
    from procrastinate.jobs import Status  # noqa: PLC0415

    return Status.FAILED


def _end_at_last() -> None:
    """End this process soon, whatever hangs.  Its jobs are done again."""
    timer = threading.Timer(LAST, os._exit, (Exit.OK.value,))
    timer.daemon = True
    timer.start()
