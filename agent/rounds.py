"""The daemon's rounds: which account is due, which is being read, which has been silent for too long."""

from __future__ import annotations

import gc
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from agent import clock
from agent.alerts.watch import Trouble
from agent.collect import Collection
from agent.errors import OperatorError, Stopped
from agent.log import context, logger
from agent.metrics import Metrics
from agent.run import Report
from agent.schedule import delay
from agent.sections import seconds
from agent.status import STALE_AFTER, age, is_stale
from agent.target_sections import AnyTarget
from storage import reads
from storage.errors import IntegrityError, LeaseHeld, SlotSealed, StoreError
from storage.rows import RunStatus

FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0
"""Seconds before a run that came to nothing is tried again in the same slot: doubled each time."""
DISCOVERY = "/*"
"""After the name of an organization: the round that asks which accounts it has."""


@dataclass(slots=True)
class _Place:
    """One account on the rounds, or the discovery of an organization's accounts."""

    member: AnyTarget
    done: int | None = None
    """The newest slot that is settled; None before the first look."""
    ended: int = 0
    """When its newest run ended."""
    busy: bool = False
    failures: int = 0
    not_before: float = 0.0
    """By `time.monotonic`."""
    stale: bool | None = None
    """Whether it is known to be silent; None when nobody has looked, and another process may have said so."""
    excluded: tuple[str, ...] = ()


@dataclass(slots=True)
class Rounds:
    """All accounts of the configuration, read in their slots by a pool of threads."""

    collection: Collection
    metrics: Metrics
    parallel: int
    sealed: threading.Event = field(default_factory=threading.Event)
    """Set after each sealed run: the ledger wants a signature."""
    fault: IntegrityError | None = None
    """Evidence was changed: nothing more may be added."""
    partial: bool = False
    """A sealed run has gaps."""
    _places: dict[str, _Place] = field(default_factory=dict)
    _pool: ThreadPoolExecutor = field(init=False)
    _tasks: set[Future[None]] = field(default_factory=set)
    """What is being read, or waits for a free thread."""
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _ended: int = 0
    """Runs and discoveries so far."""

    def __post_init__(self) -> None:
        """Make the pool and find out when each known account was last read."""
        self._pool = ThreadPoolExecutor(self.parallel, thread_name_prefix="run")
        self.adopt(self.collection)

    def adopt(self, collection: Collection) -> None:
        """Go by other settings from now on; what is under way ends by the old ones."""
        with self._guard:
            self.collection = collection
            wanted = {}
            for target in collection.settings.targets:
                name = target.name + DISCOVERY if target.expands else target.name
                wanted[name] = target
            for name in list(self._places):
                owner = name.partition("/")[0]
                if name not in wanted and owner + DISCOVERY not in wanted:
                    del self._places[name]
            for name, target in wanted.items():
                self._place(name, target)

    def _place(self, name: str, member: AnyTarget, excluded: tuple[str, ...] = ()) -> None:
        place = self._places.get(name)
        if place is None:
            place = self._places[name] = _Place(member, ended=self._last_end(name))
        place.member, place.excluded = member, excluded

    def _last_end(self, name: str) -> int:
        """When an account was last read; now, for one that never was."""
        with self.collection.store.read() as conn:
            runs = [reads.last_run(conn, who) for who in reads.targets(conn) if who.name == name]
        return max((run.finished for run in runs if run is not None), default=clock.now())

    def busy(self) -> list[str]:
        """Names of what is being read."""
        with self._guard:
            return sorted(name for name, place in self._places.items() if place.busy)

    def settled(self) -> bool:
        """Whether every account has had its present slot, or failed in it."""
        with self._guard:
            return all(
                not place.busy and (place.failures or not self._due(name, place, clock.now()))
                for name, place in self._places.items()
            )

    def failed(self) -> bool:
        """Whether the newest run of some account came to nothing."""
        with self._guard:
            return any(place.failures for place in self._places.values())

    def look(self) -> None:
        """Send for every account whose slot has come."""
        now = clock.now()
        with self._guard:
            if self.collection.stop.is_set():
                return
            for name, place in list(self._places.items()):
                if not place.busy and time.monotonic() >= place.not_before and self._due(name, place, now):
                    place.busy = True
                    task = self._pool.submit(self._go, name, place)
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)

    def _due(self, name: str, place: _Place, now: int) -> bool:
        plan = self.collection.settings.plans().of(name)
        owner = self._places.get(name.partition("/")[0] + DISCOVERY)
        if owner is not None and owner is not place and (owner.done is None or owner.busy):
            return False  # its organization is asked first, which may have closed the account
        if place.done is None:
            return True
        spread = (place.member.schedule or self.collection.settings.schedule).jitter
        return plan.slot_of(now - delay(name, seconds(spread) if spread else 0)) > place.done

    def silence(self) -> None:
        """Raise, or end, the alarm for each account of which no run was sealed for too long."""
        now = clock.now()
        for name, place in list(self._places.items()):
            if name.endswith(DISCOVERY):
                continue
            stale = is_stale(self.collection.settings.plans().of(name), place.ended, now)
            if stale != place.stale:
                trouble = Trouble(
                    kind="stale",
                    target=name,
                    cloud=place.member.cloud,
                    owner=place.member.owner,
                    severity="high",
                    title=f"no run of {name} was sealed for more than {STALE_AFTER} intervals",
                    reason=f"the newest run ended {age(now - place.ended)} ago",
                )
                if self.collection.watch.trouble(self.collection.store, trouble, failing=stale):
                    place.stale = stale

    def close(self, grace: float) -> None:
        """Break off what is under way and wait for its abort entries, for `grace` seconds at most."""
        self.collection.stop.set()
        with self._guard:
            self._pool.shutdown(wait=False, cancel_futures=True)
        wait(list(self._tasks), grace)

    def _go(self, name: str, place: _Place) -> None:
        """One account, or one discovery; whatever goes wrong is its own affair."""
        settled: int | None = None
        with context(target=name):
            log = logger()
            try:
                settled = self._discover(place) if name.endswith(DISCOVERY) else self._read(name, place)
            except Stopped:
                log.info("run.stopped")
            except (LeaseHeld, SlotSealed) as error:
                log.info("run.elsewhere", said=str(error))
            except IntegrityError as error:
                self.fault = error
                log.critical("store.integrity", said=str(error))
            except (OperatorError, StoreError) as error:
                log.warning("run.failed", said=str(error))
            except Exception:  # a bug of ours in one run must not end the others
                log.exception("run.broken")
        with self._guard:
            self._ended += 1
            full = self._ended % self.parallel == 0
        if full:
            gc.collect()  # sessions are cycles of some 20 MB an account, and the daemon seldom looks for garbage itself
        with self._guard:
            place.busy = False
            if settled is None:
                place.failures += 1
                place.not_before = time.monotonic() + min(FIRST_WAIT * 2 ** (place.failures - 1), LONGEST_WAIT)
            else:
                place.failures, place.done = 0, settled

    def _discover(self, place: _Place) -> int:
        """Ask an organization for its accounts and put them on the rounds; return the slot it was for."""
        target = place.member
        slot = self.collection.settings.plans().of(target.name).slot_of(clock.now())
        expansion = self.collection.members(target)
        trouble = Trouble(
            kind="discovery",
            target=target.name,
            cloud=target.cloud,
            owner=target.owner,
            severity="high",
            title=f"the accounts of {target.name} cannot be listed; those known from before are read",
            reason=str(expansion.trouble or ""),
        )
        self.collection.watch.trouble(self.collection.store, trouble, failing=expansion.trouble is not None)
        with self._guard:
            names = {member.name for member in expansion.targets}
            for name in list(self._places):
                if name.partition("/")[0] == target.name and not name.endswith(DISCOVERY) and name not in names:
                    logger().warning("account.gone", account=name, said="it is not in the organization any more")
                    del self._places[name]
            for number, member in enumerate(expansion.targets):
                self._place(member.name, member, () if number else expansion.excluded)
        logger().info("organization.listed", accounts=len(expansion.targets), excluded=len(expansion.excluded))
        return slot

    def _read(self, name: str, place: _Place) -> int:
        """Read one account in the slot that is due; return that slot."""
        log = logger()
        due = self.collection.take(place.member)
        if due.missed:
            log.warning("slots.missed", slots=len(due.missed), first=clock.iso(due.missed[0]))
            self.metrics.missed(name, len(due.missed))
        if due.slot is None:
            return self.collection.settings.plans().of(name).slot_of(clock.now())
        with context(slot=clock.iso(due.slot)):
            began = time.monotonic()
            report = self.collection.run(
                place.member, due.slot, lambda _stage, _done: None, scheduled=True, excluded=place.excluded
            )
            took = time.monotonic() - began
            self._told(name, report, took)
        place.ended = clock.now()
        self.partial |= report.status is RunStatus.PARTIAL
        self.sealed.set()
        return due.slot

    def _told(self, name: str, report: Report, took: float) -> None:
        """Log and count a sealed run."""
        outcomes: Counter[str] = Counter()
        for judged in report.judged:
            outcomes.update({outcome.value: number for outcome, number in judged.counts.items()})
        gaps = Counter(gap.reason.value for gap in report.page.gaps)
        logger().info(
            "run.sealed",
            run=report.run_id,
            entry=report.seq,
            status=report.status.value,
            seconds=round(took, 2),
            calls=len(report.page.calls),
            documents=report.documents,
            changed=report.changed,
            gaps=sum(gaps.values()),
            findings=dict(outcomes),
        )
        self.metrics.run_finished(name, report.status.value, took)
        self.metrics.calls(report.page.calls)
