"""Reading with workers: the same result as reading here, whatever happens to the workers."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import pytest
from sqlalchemy import URL, func, select, text
from structlog.testing import capture_logs

from agent import accounts, clock, fanout, log
from agent.accounts import Accounts
from agent.collect import open_account
from agent.config import Settings
from agent.errors import OperatorError, Stopped
from agent.fanout import Fanout, Mark, Part
from agent.fetch import LATE, Limits, Order, read_here
from agent.sections import Logs, Workers
from agent.target_sections import AwsTarget
from agent.targets import MemberTarget
from agent.wiring import Wiring, wire
from agent.worker import ATTEMPTS, Reading, Worker, fault_of, read_part
from collectors.errors import TargetUnreachable
from collectors.facts.core import Reason
from collectors.provenance import Identity, Page
from storage import jobs, staging, tables
from storage.engine import Store, open_store
from tests.agent.conftest import ACCOUNT, REGION, Account, furnish
from tests.postgres import create_database, drop_database

RUN = "run-1"
SERVICES = ("iam", "kms", "s3control", "sqs")
OF_CALL = attrgetter("collector", "operation", "region", "pages", "items", "error")
Made = Callable[..., Order]


@dataclass(frozen=True, slots=True)
class Stranger:
    """The account as somebody with other credentials sees it."""

    identity: Identity

    def identify(self) -> Identity:
        """Another account than the one that the settings lead to."""
        return self.identity

    def reader(self, *_: object) -> Any:
        """Nothing is read by it."""
        raise AssertionError


@pytest.fixture
def store(postgres_server: URL, postgres_template: str) -> Iterator[Store]:
    """An open store on PostgreSQL, with a job queue."""
    copy = create_database(postgres_server, postgres_template)
    assert copy.database
    with open_store(copy.render_as_string(hide_password=False), clock=clock.now) as opened:
        jobs.prepare(opened)
        yield opened
    drop_database(postgres_server, copy.database)


@pytest.fixture
def settings(account: Account) -> Settings:
    """One target at the loopback account, with workers that are missed soon."""
    furnish(account)
    for _ in range(2):  # it is being made at first, and ready the second time
        account.client("iam").generate_credential_report()
    target = AwsTarget(name="acme", cloud="aws", regions=(REGION, "eu-west-1"), endpoint=account.url, attempts=2)
    return Settings(targets=(target,), workers=Workers(enabled=True, stalled="2s"))


@pytest.fixture
def wiring(settings: Settings) -> Wiring:
    """The collectors of a few services."""
    whole = wire(settings)
    few = {id_: each for id_, each in whole.collectors.items() if each.kinds[0].service in SERVICES}
    return replace(whole, collectors=few)


@pytest.fixture
def order(settings: Settings, wiring: Wiring, store: Store) -> Made:
    """`order(seconds=1)`: everything of the target, with a deadline."""

    def make(*, seconds: float = 60, run_id: str = RUN, stop: threading.Event | None = None) -> Order:
        target = settings.targets[0]
        assert isinstance(target, AwsTarget)
        assert not isinstance(target.regions, str)
        provider = open_account(target)
        provider.identify()
        return Order(
            run_id=run_id,
            target=target.name,
            provider=provider,
            scopes=tuple(wiring.scopes("aws", target.regions)),
            store=store,
            limits=Limits(8, time.monotonic() + seconds, stop or threading.Event()),
            done=lambda _done: None,
        )

    return make


@contextmanager
def working(settings: Settings, wiring: Wiring, store: Store, parallel: int = 4) -> Iterator[None]:
    """A worker in a thread of this process, without its signals, while the block runs."""
    worker = Worker(settings, wiring, store, targets=["acme"], parallel=parallel)
    started: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []
    ready = threading.Event()

    async def serve() -> None:
        task = asyncio.ensure_future(worker._serve())
        started.append((asyncio.get_running_loop(), task))
        ready.set()
        await asyncio.gather(task, return_exceptions=True)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield
    finally:
        loop, task = started[0]
        loop.call_soon_threadsafe(task.cancel)
        thread.join(20)
    assert not thread.is_alive()


def first_part(order: Order, service: str = "s3control") -> Part:
    """The part of one service, with its run open to workers."""
    part = next(each for each in fanout._parts(order).values() if each.service == service)
    with order.store.operate() as conn:
        staging.open_gate(conn, part.run_id)
    return part


def reading(settings: Settings, wiring: Wiring, store: Store) -> Reading:
    """What a worker reads a part with."""
    return Reading(wiring, store, Accounts(settings), 1)


def marks(store: Store) -> dict[str, Mark]:
    """What was said of each part."""
    with store.read() as conn:
        return {name: Mark.from_bytes(kept) for name, kept in staging.marks(conn, RUN).items()}


def clear(store: Store) -> None:
    """End the run, as sealing it does."""
    with store.write() as conn:
        staging.clear(conn, RUN)


def count(store: Store, status: str | None = None) -> int:
    """Jobs in the queue."""
    query = "SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE task_name = 'fetch'"
    with store.read() as conn:
        return int(conn.execute(text(query + (f" AND status = '{status}'" if status else ""))).scalar_one())


def said(page: Page) -> dict[str, list[Any]]:
    """All that a run goes by: everything but the order, the numbers and the times of calls.

    Bodies that name the moment of reading are left out.
    """
    timely = {"aws.iam.credential_report"}
    return {
        "documents": sorted(
            repr((each.kind, each.uid, each.region, {} if each.kind in timely else each.body, each.redacted))
            for each in page.documents
        ),
        "listings": sorted(repr(replace(each, call=0)) for each in page.listings),
        "gaps": sorted(repr(replace(each, call=0)) for each in page.gaps),
        "calls": sorted(repr((OF_CALL(each), sorted(each.parameters.items()))) for each in page.calls),
    }


def test_workers_read_what_this_process_reads(
    settings: Settings, wiring: Wiring, store: Store, order: Made, account: Account
) -> None:
    """Documents, listings, gaps and calls are the same, and each call has a number of its own."""
    account.faults.deny = {"s3:GetBucketEncryption", "iam:ListUsers"}
    told: list[int] = []

    here = read_here(order(run_id="run-0"))
    with working(settings, wiring, store):
        there = Fanout(settings, store).read(replace(order(), done=told.append))

    for what, items in said(here).items():
        assert said(there)[what] == items
    assert {gap.operation for gap in there.gaps} == {"s3:GetBucketEncryption", "iam:ListUsers"}
    numbers = Counter(call.number for call in there.calls)
    assert set(numbers.values()) == {1}
    kinds = {kind.name: kind.operation for each in wiring.collectors.values() for kind in each.kinds}
    made = {call.number: call.operation for call in there.calls}
    assert all(made[document.call] == kinds[document.kind] for document in there.documents)
    assert told == sorted(told)
    assert told[-1] > len(SERVICES)
    assert count(store) == 0


def test_the_same_job_twice_at_the_same_time_counts_once(
    settings: Settings, wiring: Wiring, store: Store, order: Made
) -> None:
    """Two attempts stage side by side; the pages of one of them count, and the end of the run drops all."""
    wanted = order()
    part = first_part(wanted)
    twice = [
        threading.Thread(target=read_part, args=(reading(settings, wiring, store), part, 0, threading.Event()))
        for _ in range(2)
    ]
    for each in twice:
        each.start()
    for each in twice:
        each.join(60)

    with store.read() as conn:
        attempts = {page.task.partition("/")[0] for page in staging.pages(conn, RUN)}
    alone = replace(wanted, scopes=[(wiring.collectors[each], part.region) for each in part.collectors])
    both = fanout._gather(alone, {part.name: part}, marks(store))
    assert len(attempts) == 2
    assert {marks(store)[part.name].attempt} < attempts
    assert said(both) == said(read_here(replace(alone, run_id="run-0")))
    clear(store)
    with store.read() as conn:
        left = conn.scalar(select(func.count()).select_from(tables.staging).where(tables.staging.c.run_id == RUN))
    assert left == 0


def test_nobody_comes_and_everything_is_a_gap(settings: Settings, store: Store, order: Made) -> None:
    """At the deadline each collector of each region has its gap, no job is left, and the log said it at the start."""
    wanted = order(seconds=0.3)
    log.configure(Logs())
    began = time.monotonic()

    with capture_logs() as lines:
        page = Fanout(settings, store).read(wanted)

    assert time.monotonic() - began < 0.3 + fanout.GRACE + 5
    assert lines[0]["event"] == "workers.none"
    assert not page.documents
    assert sorted((gap.collector, gap.region) for gap in page.gaps) == sorted(
        (collector.id, region) for collector, region in wanted.scopes
    )
    assert {(gap.reason, gap.error, gap.listing, gap.kind) for gap in page.gaps} == {
        (Reason.PARTIAL_LISTING, LATE, True, "*")
    }
    assert count(store) == 0


def test_one_run_leaves_workers_to_the_others(
    settings: Settings, store: Store, order: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a run with many parts only some wait for workers at once, so that a slow account cannot hold them all."""
    monkeypatch.setattr(fanout, "WINDOW", 2)
    wanted = order(seconds=1.0)
    reader = threading.Thread(target=Fanout(settings, store).read, args=(wanted,))
    reader.start()
    seen = set()
    while reader.is_alive():
        seen.add(count(store))
        time.sleep(0.05)
    reader.join()

    parts = {(region, collector.kinds[0].service) for collector, region in wanted.scopes}
    assert max(seen) == fanout.WINDOW < len(parts)


def test_deadline_in_the_middle_keeps_what_was_read(
    settings: Settings, wiring: Wiring, store: Store, order: Made, account: Account
) -> None:
    """Workers hand in what they have by then, and what they have not is a gap."""
    account.faults.latency = 0.25
    with working(settings, wiring, store):
        page = Fanout(settings, store).read(order(seconds=1.5))

    late = [gap for gap in page.gaps if gap.error == LATE]
    assert page.documents
    assert late
    assert len({gap.operation for gap in late}) == len(late)


def test_stop_ends_the_wait_and_takes_the_jobs_back(settings: Settings, store: Store, order: Made) -> None:
    """A process that is told to end does not wait for workers."""
    stop = threading.Event()
    timer = threading.Timer(0.4, stop.set)
    timer.start()

    with pytest.raises(Stopped):
        Fanout(settings, store).read(order(stop=stop))

    timer.join()
    assert count(store) == 0


def test_late_worker_leaves_nothing(settings: Settings, wiring: Wiring, store: Store, order: Made) -> None:
    """A run that ended while the worker slept takes nothing, and AWS is not even asked."""
    part = first_part(order())
    clear(store)

    read_part(reading(settings, wiring, store), part, 0, threading.Event())

    with store.read() as conn:
        assert conn.scalar(select(func.count()).select_from(tables.staging)) == 0


def test_wrong_account_is_tried_again_and_then_a_gap(
    settings: Settings, wiring: Wiring, store: Store, order: Made
) -> None:
    """A worker that reaches another account reads nothing from it; the gaps say which it reached."""
    few = [(each, "global") for each in wiring.collectors.values() if each.id == "aws.iam_users"]
    stranger = Stranger(Identity("aws", "999999999999", "arn:aws:iam::999999999999:root", "aws"))
    with working(settings, wiring, store):
        page = Fanout(settings, store).read(replace(order(), provider=stranger, scopes=few))

    (gap,) = page.gaps
    assert not page.calls
    assert gap.collector == "aws.iam_users"
    assert gap.error == f"the worker reaches account {ACCOUNT} as 'acme', where the run reads 999999999999"
    assert count(store) == 0


def test_other_code_does_not_read(settings: Settings, wiring: Wiring, store: Store, order: Made) -> None:
    """The ledger says which code has read, so a worker of another release leaves the part to others."""
    part = replace(first_part(order()), code="0" * 64)
    at = reading(settings, wiring, store)
    with pytest.raises(OperatorError, match="install the same release"):
        read_part(at, part, 0, threading.Event())
    assert marks(store) == {}

    read_part(at, part, ATTEMPTS - 1, threading.Event())

    fault = marks(store)[part.name].fault
    assert fault is not None
    assert "install the same release" in fault.error


@pytest.mark.parametrize("lost", [0, ATTEMPTS - 1])
def test_job_of_a_lost_worker_is_done_again_but_not_for_ever(
    settings: Settings, wiring: Wiring, store: Store, order: Made, lost: int
) -> None:
    """A job without a living worker is read by the next one; one that lost three workers becomes a gap."""
    part = first_part(order())
    clear(store)
    jobs.defer(store, RUN, [jobs.Work(fanout.queue_of("acme"), part.name, _plain(part))])
    with store.operate() as conn:
        conn.execute(text("SET LOCAL search_path = procrastinate"))
        conn.execute(text("UPDATE procrastinate_jobs SET status = 'doing', attempts = :lost"), {"lost": lost})

    with working(settings, wiring, store):
        until = time.monotonic() + 20
        while not marks(store) and time.monotonic() < until:
            time.sleep(0.1)

    mark = marks(store)[part.name]
    assert (mark.fault.error if mark.fault else None) == ("its worker was lost 3 times" if lost else None)
    assert count(store) == 0


def test_job_that_is_broken_off_goes_back_into_the_queue(
    settings: Settings, wiring: Wiring, store: Store, order: Made, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that ends gives its jobs a moment, then leaves them to the next one at once."""
    monkeypatch.setattr("agent.worker.GRACE", 0.2)
    account.faults.latency = 0.5
    part = first_part(order())
    clear(store)
    jobs.defer(store, RUN, [jobs.Work(fanout.queue_of("acme"), part.name, _plain(part))])
    with working(settings, wiring, store):
        until = time.monotonic() + 10
        while not count(store, "doing") and time.monotonic() < until:
            time.sleep(0.02)
    assert (count(store, "todo"), marks(store)) == (1, {})

    account.faults.latency = 0
    with working(settings, wiring, store):
        until = time.monotonic() + 20
        while not marks(store) and time.monotonic() < until:
            time.sleep(0.05)

    assert marks(store)[part.name].fault is None


def test_account_is_opened_once_for_a_while(
    settings: Settings, order: Made, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs share it, whichever thread comes first; later it is opened anew."""
    part = first_part(order())
    opened = Accounts(settings)
    account.faults.calls.clear()
    threads = [threading.Thread(target=opened.open, args=(part,)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    one = opened.open(part)
    assert account.faults.calls["sts:GetCallerIdentity"] == 1

    monkeypatch.setattr(accounts, "LIFETIME", -1.0)
    fresh = Accounts(settings)
    assert fresh.open(part) is not fresh.open(part)
    assert opened.open(part) is one


def test_target_is_the_one_of_the_settings_with_the_regions_of_the_run(settings: Settings, order: Made) -> None:
    """An account of an organization is reached by the member role; a name that is not there is said."""
    part = replace(first_part(order()), regions=("eu-west-1",))
    member = accounts.target_of(settings, replace(part, target="acme/111122223333", partition="aws-cn"))

    assert accounts.target_of(settings, part) == settings.targets[0].model_copy(update={"regions": ("eu-west-1",)})
    assert isinstance(member, MemberTarget)
    assert member.role_arn == "arn:aws-cn:iam::111122223333:role/ProofkeepRead"
    assert member.regions == ("eu-west-1",)
    with pytest.raises(OperatorError, match="have no target 'other'"):
        accounts.target_of(settings, replace(part, target="other"))


def test_fault_names_what_is_ours_to_name(wiring: Wiring) -> None:
    """A refused account keeps its reason; the text of a stranger's error is not repeated."""
    collector = wiring.collectors["aws.iam_users"]
    refused = fault_of(TargetUnreachable(Reason.CREDENTIAL_EXPIRED, "sts:AssumeRole", "ExpiredToken"))
    bug = fault_of(KeyError("secret"))

    gap = refused.gap(collector, "global")
    assert (gap.reason, gap.operation, gap.error) == (Reason.CREDENTIAL_EXPIRED, "sts:AssumeRole", "ExpiredToken")
    gap = bug.gap(collector, "global")
    assert (gap.reason, gap.operation) == (Reason.PARTIAL_LISTING, "aws.iam_users/global")
    assert gap.permission == ", ".join(collector.permissions)
    assert gap.error == "the worker failed 3 times, with KeyError"


def _plain(part: Part) -> dict[str, Any]:
    return {name: getattr(part, name) for name in Part.__dataclass_fields__}
