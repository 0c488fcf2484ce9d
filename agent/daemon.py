"""`proofkeep run`: reads each target in its slots for as long as the process lives, and tells when something is wrong.

Of all processes on one database one leads, by a lease that the system takes back when it dies; the others stand by.
APScheduler only wakes the daemon up.  Which slot is due, the ledger decides.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from apscheduler.schedulers.background import BackgroundScheduler

from agent import checkpoints, clock
from agent.alerts.delivery import Delivery, check
from agent.alerts.watch import Trouble, Watch
from agent.collect import Collection, open_account
from agent.config import Settings
from agent.errors import Exit, OperatorError
from agent.fetch import Read, read_here
from agent.log import logger
from agent.metrics import Metrics, StoreMetrics
from agent.rounds import Rounds
from agent.run import end_orphans
from agent.sections import seconds
from agent.verify import verify
from agent.wiring import wire
from storage import daemons, leases
from storage.canon import dumps
from storage.engine import Store
from storage.errors import IntegrityError, LeaseHeld, StoreError
from storage.rows import DaemonRow

LEASE = "daemon"
TICK = 1
"""Seconds between two looks at the schedule; also how soon a standby notices that the leader is gone."""
BEAT = 10
"""Seconds between two signs of life."""
GRACE = 3.0
"""Seconds that runs have for their abort entry once the process is told to end."""
HUNG = 60.0
"""Seconds without a look at the schedule after which the process counts as hung."""
AT_START = ("database", "daemon", "log")
"""Settings that a reload does not change."""
SETTLED = 300
"""Seconds after the start at which the store is verified for the first time."""
POST = 1.0
"""Seconds between two looks at the outbox."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Settings that were found to work, and what is made of them."""

    settings: Settings
    collection: Collection
    delivery: Delivery


def prepare(settings: Settings, store: Store, stop: threading.Event) -> Setup:
    """Try the settings as far as that is possible without asking anybody.  Raises OperatorError."""
    wiring = wire(settings)
    for target in settings.targets:
        open_account(target)
    wrong = check(settings.alerts)
    if wrong:
        raise OperatorError(wrong[0])
    read: Read = read_here
    if settings.workers.enabled:
        from agent.fanout import Fanout  # noqa: PLC0415  # brings procrastinate

        read = Fanout(settings, store).read
    collection = Collection(settings, wiring, store, Watch(settings, wiring), read, stop)
    return Setup(settings, collection, Delivery(settings.alerts, store))


class Daemon:
    """One process of `proofkeep run`."""

    def __init__(self, load: Callable[[], Settings], settings: Settings, store: Store) -> None:
        """Prepare everything; nothing is read and nobody leads yet.

        `load` reads the settings again for a reload.  Raises OperatorError.
        """
        self.stop = threading.Event()
        self._breaking = threading.Event()
        self.metrics = Metrics()
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._load = load
        self._store = store
        self._setup = prepare(settings, store, self._breaking)
        self._kept = StoreMetrics(store, self.collection.wiring, settings)
        self.metrics.add(self._kept)
        self.metrics.leader(lambda: self.leads)
        self._rounds: Rounds | None = None
        self._led = ExitStack()
        self._held: Callable[[], bool] = lambda: False
        self._reload = threading.Event()
        self._started = clock.now()
        self._looked = time.monotonic()
        self._beaten = True
        self._said = ""
        self._refused: Trouble | None = None
        self.fault: IntegrityError | None = None

    @property
    def collection(self) -> Collection:
        """What the present settings come to."""
        return self._setup.collection

    @property
    def leads(self) -> bool:
        """Whether this process runs the slots."""
        return self._rounds is not None

    def reload(self) -> None:
        """Read the settings again at the next look at the schedule."""
        self._reload.set()

    def live(self) -> str | None:
        """Why the process should be started again; None while it works."""
        silent = time.monotonic() - self._looked
        return f"no look at the schedule for {silent:.0f} s" if silent > HUNG else None

    def ready(self) -> str | None:
        """Why the process cannot do its work; None while it leads or could take over."""
        return None if self._beaten else "the database does not answer"

    def run(self) -> int:
        """Work until `stop` is set; return the exit code.  Raises IntegrityError when evidence was changed."""
        settings = self._setup.settings
        # It warns of each look that begins while the one before still goes on, which is what it is asked to leave out.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        clockwork = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        for job, every, first in (
            (self.look, TICK, TICK),
            (self.beat, BEAT, BEAT),
            (self._ping, seconds(settings.daemon.ping_every) if settings.daemon.ping_url else 0, BEAT),
            (self._verify, seconds(settings.daemon.verify_every) if settings.daemon.verify_every else 0, SETTLED),
        ):
            if every:
                begin = datetime.now(UTC) + timedelta(seconds=min(first, every))
                clockwork.add_job(_guarded(job), "interval", seconds=every, next_run_time=begin)
        logger().info("daemon.started", process=self.name, version=version("proofkeep"), targets=len(settings.targets))
        if not settings.targets:
            logger().warning("daemon.idle", fix="no target is configured: add a [[targets]] table and send SIGHUP")
        self.beat()
        self.look()
        clockwork.start()
        threading.Thread(target=self._post, name="post", daemon=True).start()
        try:
            self.stop.wait()
        finally:
            clockwork.shutdown(wait=False)
            self._wind_up()
        if self.fault is not None:
            raise self.fault
        return Exit.OK

    def once(self) -> int:
        """Run every slot that is due, tell what is to be told, and end."""
        self._lead()
        rounds = self._rounds
        if rounds is None:
            message = f"another process leads on {self._store.where}; stop it, or leave the slots to it"
            raise OperatorError(message)
        while not self.stop.is_set() and self.fault is None and self._rounds is rounds and not rounds.settled():
            self.look()
            self.stop.wait(0.05)
        failed = rounds.failed() or self._rounds is not rounds
        self.look()
        self._setup.delivery.deliver(clock.now())
        self._wind_up()
        if self.fault is not None:
            raise self.fault
        return Exit.CONFIGURATION if failed else Exit.EVIDENCE_MISSING if rounds.partial else Exit.OK

    def look(self) -> None:
        """Take the lead if nobody has it, take over new settings, send for what is due, sign what was sealed."""
        if self.stop.is_set():
            return
        try:
            if self._rounds is not None and not self._held():
                self._step_down("the database has forgotten the lease")
            if self._rounds is None:
                self._lead()
            if self._reload.is_set():
                self._reload.clear()
                self._take_over()
            rounds = self._rounds  # which the end of the process takes away at any time
            if rounds is not None:
                rounds.look()
                rounds.silence()
                self._sign(rounds)
                if rounds.fault is not None:
                    self._break_off(rounds.fault)
            self._said = ""
        except IntegrityError as error:
            self._break_off(error)
        except StoreError as error:
            if str(error) != self._said:  # once, not each second
                logger().error("store.failed", said=str(error))
                self._said = str(error)
        self._looked = time.monotonic()

    def beat(self) -> None:
        """Leave a sign of life in the database."""
        if self.stop.is_set():
            return
        rounds = self._rounds
        state = {"running": rounds.busy() if rounds else [], "targets": len(self._setup.settings.targets)}
        role = "leader" if rounds else "standby"
        row = DaemonRow(self.name, role, version("proofkeep"), self._started, clock.now(), dumps(state))
        try:
            daemons.beat(self._store, row)
            if self._refused is not None:  # so that it is not forgotten: reminders come with a look at it
                self.collection.watch.trouble(self._store, self._refused, failing=True)
            self._beaten = True
        except StoreError as error:
            self._beaten = False
            logger().warning("beat.failed", said=str(error))

    def _lead(self) -> None:
        """Become the leader unless another process is, and end what a crash left open."""
        stack = ExitStack()
        try:
            held = stack.enter_context(leases.lease(self._store, LEASE))
        except LeaseHeld:
            return
        try:
            self.collection.begin()
            ended = end_orphans(self._store)
            rounds = Rounds(self.collection, self.metrics, self._setup.settings.daemon.parallel)
        except BaseException:
            stack.close()
            raise
        self._led, self._held, self._rounds = stack, held, rounds
        logger().info("leader.acquired", process=self.name, aborted=len(ended))
        self.beat()
        if ended:
            self.collection.watch.notice(
                self._store,
                Trouble(
                    kind="restart",
                    severity="medium",
                    title=f"{_runs(len(ended))} broken off by a crash and read again",
                    reason=", ".join(sorted(orphan.target.name for orphan in ended)),
                ),
                key=str(ended[-1].start_seq),
            )

    def _step_down(self, why: str) -> None:
        """Stop running slots; what is under way is broken off."""
        rounds, self._rounds = self._rounds, None
        logger().error("leader.lost", process=self.name, why=why)
        if rounds is not None:
            rounds.close(GRACE)
        self._breaking = threading.Event()
        self._setup = replace(self._setup, collection=replace(self.collection, stop=self._breaking))
        with suppress(StoreError):
            self._led.close()
        self.beat()

    def _take_over(self) -> None:
        """Go by the settings as they are now; a mistake in them changes nothing and is told."""
        trouble = Trouble(
            kind="configuration",
            severity="high",
            title="the new settings are refused; the old ones stay in force",
            reason="",
        )
        try:
            setup = prepare(self._load(), self._store, self._breaking)
        except OperatorError as error:
            logger().error("settings.refused", said=str(error))
            self._refused = trouble.because(str(error))
            self.collection.watch.trouble(self._store, self._refused, failing=True)
            return
        self._refused = None
        for name in AT_START:
            if getattr(setup.settings, name) != getattr(self._setup.settings, name):
                logger().warning("settings.later", table=name, said="takes effect when the daemon is started again")
        self._setup = setup
        self._kept.adopt(setup.collection.wiring, setup.settings)
        if self._rounds is not None:
            self.collection.begin()
            self._rounds.adopt(setup.collection)
        self.collection.watch.trouble(self._store, trouble, failing=False)
        logger().info("settings.adopted", targets=len(setup.settings.targets), alerts=len(setup.settings.alerts))

    def _sign(self, rounds: Rounds) -> None:
        """Sign the ledger and anchor the checkpoint, if anything was sealed since."""
        if not rounds.sealed.is_set():
            return
        rounds.sealed.clear()
        trouble = Trouble(
            kind="anchor",
            severity="high",
            title="the ledger's checkpoint cannot be signed or written to the anchor folder",
            reason="",
        )
        try:
            checkpoints.anchor(self._store, self._setup.settings)
        except IntegrityError:
            raise
        except (StoreError, OSError) as error:
            rounds.sealed.set()
            logger().error("checkpoint.failed", said=str(error))
            self.collection.watch.trouble(self._store, trouble.because(str(error)), failing=True)
            return
        self.collection.watch.trouble(self._store, trouble, failing=False)

    def _verify(self) -> None:
        """Recompute the whole store; what is wrong with it is told as gravely as can be."""
        if self._rounds is None:
            return
        began = time.monotonic()
        found = verify(self._store).findings
        self.metrics.verified(clean=not found)
        said = "; ".join(f"{one.where}: {one.what}" for one in found[:3])
        say = logger().error if found else logger().info
        say("store.verified", findings=len(found), seconds=round(time.monotonic() - began, 1))
        trouble = Trouble(
            kind="verification",
            severity="critical",
            title=f"the evidence does not verify: {len(found)} findings",
            reason=said,
        )
        self.collection.watch.trouble(self._store, trouble, failing=bool(found))

    def _ping(self) -> None:
        """Tell the monitor outside that all is well; it notices when nobody does."""
        url = self._setup.settings.daemon.ping_url
        if url is None or not self.leads or self.live() or self.ready():
            return
        import requests  # noqa: PLC0415  # brought in by the first ping only

        try:
            requests.get(url.get_secret_value(), timeout=(5, 10)).raise_for_status()
        except requests.RequestException as error:
            logger().warning("ping.failed", said=type(error).__name__)

    def _post(self) -> None:
        """Deliver what waits in the outbox, as the leader."""
        while not self.stop.wait(POST):
            if self._rounds is None:
                continue
            with suppress(StoreError):  # told by `look`; the messages stay where they are
                for attempt in self._setup.delivery.deliver(clock.now()).attempts:
                    self.metrics.delivery(attempt.route, attempt.result.value)
                    logger().info("alert.delivery", route=attempt.route, result=attempt.result.value, key=attempt.key)

    def _break_off(self, error: IntegrityError) -> None:
        """Evidence was changed: tell, add nothing more, end with exit code 4."""
        self.fault = error
        logger().critical("store.integrity", said=str(error))
        trouble = Trouble(
            kind="verification",
            severity="critical",
            title="the agent has stopped: evidence was changed",
            reason=str(error),
        )
        with suppress(StoreError):
            self.collection.watch.trouble(self._store, trouble, failing=True)
            self._setup.delivery.deliver(clock.now())
        self.stop.set()

    def _wind_up(self) -> None:
        """End runs, sign what they left, say good-bye, and let the next one lead."""
        self.stop.set()
        self._setup.delivery.stop()
        rounds, self._rounds = self._rounds, None
        with suppress(StoreError):
            if rounds is not None:
                rounds.close(GRACE)
                if self.fault is None:
                    self._sign(rounds)
            daemons.forget(self._store, self.name)
        with suppress(StoreError):
            self._led.close()
        logger().info("daemon.ended", process=self.name)


def _runs(number: int) -> str:
    return "1 run was" if number == 1 else f"{number} runs were"


def _guarded(job: Callable[[], None]) -> Callable[[], None]:
    """A job that the clock calls: a bug of ours is logged, and the clock goes on."""

    def guarded() -> None:
        try:
            job()
        except Exception:  # noqa: BLE001  # the last resort of a process that nobody watches
            logger().exception("daemon.broken", job=job.__name__)

    return guarded
