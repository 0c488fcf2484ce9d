"""What Prometheus is told: counters of this process, and the state of the store as it is when somebody asks.

Each `Metrics` has a registry of its own.  All names begin with `proofkeep_`, beside those of the Python process.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter as Count
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agent import clock
from agent.alerts.watch import open_conditions
from agent.config import Settings
from agent.judge import UNKNOWN_ACCOUNT
from agent.sections import Severity
from agent.status import expected, is_stale
from agent.wiring import Wiring
from checks.api import Outcome
from checks.controls import ControlState, outcomes_of, state_of
from collectors.provenance import Call
from storage import daemons, outbox
from storage.engine import Store
from storage.errors import StoreError
from storage.rows import DaemonRow
from storage.sizes import NewestRun, Sizes, VerdictCount, sizes

FRESH = 5.0
"""Seconds for which one look at the store serves everybody who asks."""
PATIENCE = 3.0
"""Seconds that a scrape waits for the store before it says that the store is down."""
CODES = 50
"""Different answers of one service that are told apart; a broken endpoint could invent any number."""
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
_SECONDS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_MICROS = 1_000_000
SEVERITIES: tuple[str, ...] = get_args(Severity)


class Metrics:
    """What this process has done since it began."""

    def __init__(self) -> None:
        """Start all counters at nothing."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        own = self._registry
        build = Gauge("proofkeep_build_info", "Version of the agent; always 1.", ("version",), registry=own)
        build.labels(version("proofkeep")).set(1)
        self._runs = Counter("proofkeep_runs_total", "Runs by how they ended.", ("target", "status"), registry=own)
        self._seconds = Histogram(
            "proofkeep_run_seconds", "How long runs took.", ("target",), buckets=_SECONDS, registry=own
        )
        self._calls = Counter(
            "proofkeep_calls_total",
            "Operations asked of a cloud; code is ok for an answer, also for one that says that there is nothing.",
            ("cloud", "service", "code"),
            registry=own,
        )
        self._missed = Counter(
            "proofkeep_missed_slots_total", "Slots that nobody ran in time.", ("target",), registry=own
        )
        self._deliveries = Counter(
            "proofkeep_deliveries_total", "Attempts to deliver an alert.", ("route", "result"), registry=own
        )
        self._leader = Gauge("proofkeep_leader", "1 while this process runs the slots.", registry=own)
        self._clean: Gauge | None = None
        self._codes: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._guard = threading.Lock()

    def add(self, collector: Collector) -> None:
        """Also tell what `collector` has to say."""
        self._registry.register(collector)

    def run_finished(self, target: str, status: str, seconds: float) -> None:
        """A run of a target was sealed, or came to nothing: count it under its status."""
        self._runs.labels(target, status).inc()
        self._seconds.labels(target).observe(seconds)

    def calls(self, calls: Iterable[Call]) -> None:
        """Count the calls of a run by cloud, service and answer."""
        told = Count((call.collector.partition(".")[0], call.service, call.complete, call.error) for call in calls)
        for (cloud, service, complete, error), number in told.items():
            code = "ok" if complete else self._code(cloud, service, error)
            self._calls.labels(cloud, service, code).inc(number)

    def missed(self, target: str, number: int) -> None:
        """So many slots of a target went by without a run."""
        self._missed.labels(target).inc(number)

    def delivery(self, route: str, result: str) -> None:
        """One attempt to deliver a message to a receiver, and how it ended."""
        self._deliveries.labels(route, result).inc()

    def leader(self, leads: Callable[[], bool]) -> None:
        """Ask `leads` at each scrape whether this process runs the slots."""
        self._leader.set_function(lambda: float(leads()))

    def verified(self, *, clean: bool) -> None:
        """A verification of the whole store has ended; until the first one nothing is told of it."""
        with self._guard:
            if self._clean is None:
                self._clean = Gauge(
                    "proofkeep_verification_clean",
                    "1 when the last verification found nothing wrong.",
                    registry=self._registry,
                )
        self._clean.set(clean)

    def text(self) -> bytes:
        """Everything in Prometheus' text format 0.0.4."""
        return generate_latest(_WithoutBirths(self._registry))

    def _code(self, cloud: str, service: str, error: str) -> str:
        """The provider's own code, or `other` for what is no code or one too many."""
        if not _CODE.fullmatch(error):
            return "other"
        with self._guard:
            known = self._codes[cloud, service]
            if error not in known and len(known) >= CODES:
                return "other"
            known.add(error)
        return error


class _WithoutBirths(Collector):
    """A registry without the `_created` series, which would double the number of series for nothing we use."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        """Each metric without them."""
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at the store found."""

    sizes: Sizes
    messages: Mapping[tuple[str, str], int]
    beats: tuple[DaemonRow, ...]
    alerts: Mapping[str, int]
    """Open conditions by severity."""


class StoreMetrics(Collector):
    """The state of the store.  It is counted by the database, at most every few seconds."""

    def __init__(self, store: Store, wiring: Wiring, settings: Settings) -> None:
        """Nothing is read before the first scrape."""
        self._store = store
        self._adopted = (wiring, settings)
        self._guard = threading.Lock()
        self._looked = threading.Event()
        self._thread: threading.Thread | None = None
        self._look: _Look | None = None
        self._until = 0.0

    def adopt(self, wiring: Wiring, settings: Settings) -> None:
        """Go by other settings from now on."""
        self._adopted = (wiring, settings)

    def collect(self) -> Iterator[Metric]:
        """Every metric of the store; only that it is down when it does not answer in time."""
        look = self._newest()
        yield GaugeMetricFamily("proofkeep_store_up", "1 when the database answers.", value=float(look is not None))
        if look is not None:
            wiring, settings = self._adopted
            yield from _of_verdicts(look.sizes.verdicts, wiring)
            yield from _of_runs(look.sizes.runs, settings)
            yield from _of_store(look, settings)

    def _newest(self) -> _Look | None:
        """The last look if it is fresh, else a new one, which a database that hangs cannot hold up for long."""
        with self._guard:
            if time.monotonic() < self._until:
                return self._look
            if self._thread is None or not self._thread.is_alive():
                self._looked.clear()
                self._thread = threading.Thread(target=self._read, name="metrics", daemon=True)
                self._thread.start()
        return self._look if self._looked.wait(PATIENCE) else None

    def _read(self) -> None:
        before, look = self._look, None
        try:
            with self._store.read() as conn:
                look = _Look(
                    sizes(conn, before.sizes if before else None),
                    outbox.counts(conn),
                    tuple(daemons.daemons(conn)),
                    Count(condition.severity for condition in open_conditions(conn)),
                )
        except StoreError:
            pass  # the daemon tells why; here it shows as `proofkeep_store_up 0`
        finally:
            self._look, self._until = look, time.monotonic() + FRESH
            self._looked.set()


def _of_verdicts(counts: Iterable[VerdictCount], wiring: Wiring) -> Iterator[Metric]:
    findings = GaugeMetricFamily(
        "proofkeep_findings", "Verdicts in force.", labels=("target", "outcome", "severity")
    )  # fmt: skip
    told: Count[tuple[str, str, str]] = Count()
    by_check: defaultdict[str, list[Outcome]] = defaultdict(list)
    for one in _known(counts):
        check = wiring.checks.get(one.check_id)
        told[one.target.name, one.outcome.value, check.severity if check else "medium"] += one.number
        by_check[one.check_id].append(Outcome(one.outcome.value))
    for labels, number in sorted(told.items()):
        findings.add_metric(labels, number)
    yield findings
    states = GaugeMetricFamily(
        "proofkeep_control_state", "1 for the state in which a control is.", labels=("control", "state")
    )
    for control in wiring.library.controls.values():
        now = state_of(control, outcomes_of(control, by_check))
        for state in ControlState:
            states.add_metric((control.id, state.value), float(state is now))
    yield states


def _known(counts: Iterable[VerdictCount]) -> list[VerdictCount]:
    """Leave out what was said of a target before its account was ever known, once that is known."""
    given = list(counts)
    known = {(one.target.cloud, one.target.name) for one in given if one.target.account != UNKNOWN_ACCOUNT}
    return [
        one
        for one in given
        if one.target.account != UNKNOWN_ACCOUNT or (one.target.cloud, one.target.name) not in known
    ]


def _of_runs(runs: Iterable[NewestRun], settings: Settings) -> Iterator[Metric]:
    newest = {run.target.name: run for run in sorted(runs, key=lambda run: run.seq)}
    ended = GaugeMetricFamily(
        "proofkeep_last_run_timestamp_seconds", "When the newest run of a target ended.", labels=("target",)
    )
    gaps = GaugeMetricFamily(
        "proofkeep_gaps", "What the newest run of a target could not read.", labels=("target", "reason")
    )
    for name, run in sorted(newest.items()):
        ended.add_metric((name,), run.finished / _MICROS)
        for reason, number in sorted(run.gaps.items()):
            gaps.add_metric((name, reason), number)
    yield ended
    yield gaps
    stale = GaugeMetricFamily(
        "proofkeep_target_stale", "1 when a target has not been read for too long, or never.", labels=("target",)
    )
    now, plans = clock.now(), settings.plans()
    for name in expected(settings, newest):
        late = name not in newest or is_stale(plans.of(name), newest[name].finished, now)
        stale.add_metric((name,), float(late))
    yield stale


def _of_store(look: _Look, settings: Settings) -> Iterator[Metric]:
    messages = GaugeMetricFamily(
        "proofkeep_outbox_messages", "Alerts that wait, or that were given up.", labels=("route", "state")
    )
    routes = {route.name for route in settings.alerts} | {route for route, _ in look.messages}
    for route in sorted(routes):
        for state in (outbox.PENDING, outbox.FAILED):
            messages.add_metric((route, state), look.messages.get((route, state), 0))
    yield messages
    alerts = GaugeMetricFamily("proofkeep_alerts_open", "Conditions that are alerted now.", labels=("severity",))
    for severity in SEVERITIES:
        alerts.add_metric((severity,), look.alerts.get(severity, 0))
    yield alerts
    beats = GaugeMetricFamily(
        "proofkeep_heartbeat_timestamp_seconds", "Last sign of life of a process.", labels=("process", "role")
    )
    for row in look.beats:
        beats.add_metric((row.name, row.role), row.beat_at / _MICROS)
    yield beats
    yield GaugeMetricFamily("proofkeep_ledger_entries", "Entries in the ledger.", value=look.sizes.entries)
    yield GaugeMetricFamily("proofkeep_database_bytes", "Size of the database.", value=look.sizes.bytes)
    if look.sizes.signed_at is not None:
        yield GaugeMetricFamily(
            "proofkeep_checkpoint_timestamp_seconds",
            "When the newest checkpoint was signed.",
            value=look.sizes.signed_at / _MICROS,
        )
