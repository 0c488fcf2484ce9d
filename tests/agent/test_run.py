"""One run, through its own doors: what is sealed, what an error leaves, and what the next run mends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from agent import clock as agent_clock
from agent.config import Settings
from agent.fetch import Limits
from agent.run import Job, Report, run
from agent.schedule import Every
from agent.wiring import Wiring, wire
from checks.api import Outcome
from collectors.api import Collector, Document, Then
from collectors.errors import TargetUnreachable
from collectors.facts.core import Reason
from collectors.provenance import Identity
from collectors.reader import Recorder
from storage import ledger, reads, seal, staging
from storage.engine import Store
from storage.errors import LeaseHeld, SlotSealed, StoreFull
from storage.leases import lease
from storage.rows import RunStart, RunStatus, Target
from tests.agent.toys import CHECK, COLLECTOR, EAST, IDENTITY, gap, listing, pair
from tests.agent.toys import THING as THINGS
from tests.conftest import Clock

WHO = Target("toy", "acme", "1")
Fetch = Callable[[Any], Iterator[Document | Then]]


@dataclass
class Cloud:
    """A toy account: what its fetch yields, and whether it lets anybody in."""

    fetch: Fetch
    shut: bool = False
    cloud: str = "toy"

    def identify(self) -> Identity:
        """Who we are, when let in."""
        if self.shut:
            raise TargetUnreachable(Reason.CREDENTIAL_EXPIRED, "toy:WhoAmI", "Expired")
        return IDENTITY

    def regions(self) -> tuple[str, ...]:
        """One region."""
        return (EAST,)

    def reader(self, _collector: Collector, _region: str, recorder: Recorder) -> Recorder:
        """The recorder itself: toy fetches write into it."""
        return recorder


def things(recorder: Recorder) -> Iterator[Document | Then]:
    """Two things on two pages."""
    yield from pair("a", good=True)
    recorder.turn()
    yield from pair("b", good=False)
    recorder.page.listings.append(listing())


@pytest.fixture(autouse=True)
def _same_clock(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_clock, "now", clock)


@pytest.fixture(scope="module")
def library() -> Wiring:
    """The default control library with the real parts."""
    return wire(Settings())


def start(
    store: Store, library: Wiring, account: Cloud, slot: int = 1, progress: Callable[[str, int], None] | None = None
) -> Report:
    """Run the toy collector and check on an account."""
    collector = replace(COLLECTOR, fetch=account.fetch)
    wiring = replace(library, checks={CHECK.id: CHECK}, collectors={collector.id: collector})
    job = Job(
        "acme",
        account,
        slot,
        scheduled=True,
        config_digest="d" * 64,
        keep_all_calls=False,
        plan=Every(3600),
        limits=Limits(2),
    )
    return run(job, store, wiring, progress or (lambda _stage, _done: None))


def types(store: Store) -> list[str]:
    """The types of all entries."""
    with store.read() as conn:
        return [entry.type for entry in ledger.entries(conn)]


def abort_of(store: Store) -> dict[str, Any]:
    """The newest abort entry."""
    with store.read() as conn:
        newest = [entry.entry for entry in ledger.entries(conn) if entry.type == "abort"][-1]
    decoded: dict[str, Any] = orjson.loads(newest)
    return decoded


def verdicts(store: Store) -> dict[str, str]:
    """Outcome by uid."""
    with store.read() as conn:
        return {row.subject.uid: row.outcome.value for row in reads.results_at(conn, who=WHO)}


def staged(store: Store) -> int:
    """Pages left in staging."""
    with store.read() as conn:
        runs = [orjson.loads(each.entry)["run_id"] for each in ledger.entries(conn) if each.type == "run-start"]
        return sum(1 for run_id in runs for _ in staging.pages(conn, run_id))


def test_run_is_sealed_with_documents_and_verdicts(store: Store, library: Wiring) -> None:
    """Start and run stand in the ledger, staging is empty, progress was told."""
    told: list[tuple[str, int]] = []

    report = start(store, library, Cloud(things), progress=lambda stage, done: told.append((stage, done)))

    assert types(store) == ["run-start", "run"]
    assert report.status is RunStatus.COMPLETE
    assert (report.documents, report.changed, report.target) == (4, 4, WHO)
    assert verdicts(store) == {"a": "PASS", "b": "FAIL"}
    assert staged(store) == 0
    assert [stage for stage, _ in told if stage != "fetch"] == ["judge", "seal", "seal"]
    assert ("fetch", 1) in told


def test_secrets_are_gone_before_anything_is_staged_or_kept(
    store: Store, library: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a page in flight nor the evidence holds them, and the record says by which rule."""
    pages: list[staging.Page] = []
    put = staging.put

    def noted(to: Store, run_id: str, batch: list[staging.Page]) -> None:
        pages.extend(batch)
        put(to, run_id, batch)

    def careless(recorder: Recorder) -> Iterator[Document | Then]:
        thing, detail = pair("a", good=True)
        yield thing
        yield replace(detail, body={**detail.body, "Password": "hunter2-secret"})
        recorder.page.listings.append(listing())

    monkeypatch.setattr(staging, "put", noted)
    report = start(store, library, Cloud(careless))

    with store.read() as conn:
        kept = [content for _, content in reads.documents_at(conn, WHO, report.seq)]
        record = orjson.loads(reads.run_record(conn, report.seq))
    assert pages
    assert not any(b"hunter2-secret" in page.payload for page in pages)
    assert not any(b"hunter2-secret" in content for content in kept)
    assert record["redacted"] == [["toy.detail", "a", "Password", "secret-field"]]
    assert verdicts(store) == {"a": "PASS"}


def test_gap_makes_a_run_partial_and_a_choice_does_not(store: Store, library: Wiring) -> None:
    """Something that should have been read was not; what the configuration leaves out is only disclosed."""

    def missing(recorder: Recorder) -> Iterator[Document | Then]:
        yield from ()
        recorder.page.gaps.append(gap(THINGS))

    def chosen(recorder: Recorder) -> Iterator[Document | Then]:
        recorder.page.gaps.append(replace(gap(THINGS, "north", reason=Reason.EXCLUDED_BY_CONFIG), collector="agent"))
        yield from things(recorder)

    assert start(store, library, Cloud(missing)).status is RunStatus.PARTIAL
    assert start(store, library, Cloud(chosen), slot=2).status is RunStatus.COMPLETE


def test_account_that_lets_nobody_in_is_sealed_as_unknown(store: Store, library: Wiring) -> None:
    """The first time nobody knows which account it is; later it is the one of the last run, with all it had."""
    first = start(store, library, Cloud(things, shut=True))
    start(store, library, Cloud(things), slot=2)
    third = start(store, library, Cloud(things, shut=True), slot=3)

    assert (first.target.account, third.target.account) == ("unknown", "1")
    assert third.status is RunStatus.PARTIAL
    assert [(each.reason, each.operation, each.listing) for each in third.page.gaps] == [
        (Reason.CREDENTIAL_EXPIRED, "toy:WhoAmI", True)
    ]
    assert verdicts(store) == {"a": "UNKNOWN", "b": "UNKNOWN", "toy:1:east": "UNKNOWN"}
    with store.read() as conn:
        assert len(reads.current_documents(conn, WHO)) == 4


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("a bug"), "error"),
        (KeyboardInterrupt(), "interrupted"),
        (SystemExit(143), "interrupted"),
        (StoreFull("no space"), "store failed"),
    ],
)
def test_error_in_the_middle_leaves_an_abort_and_is_raised(
    store: Store, library: Wiring, error: BaseException, reason: str
) -> None:
    """The entry says how it ended and keeps what was read; the same slot can be run again."""

    def falls(stage: str, _done: int) -> None:
        if stage == "judge":
            raise error

    with pytest.raises(type(error)):
        start(store, library, Cloud(things), progress=falls)

    assert types(store) == ["run-start", "abort"]
    assert abort_of(store)["reason"] == reason
    assert abort_of(store)["text"] == type(error).__name__
    assert abort_of(store)["pages"] == 2
    assert staged(store) == 0
    assert verdicts(store) == {}
    start(store, library, Cloud(things))
    assert types(store) == ["run-start", "abort", "run-start", "run"]


def test_run_that_a_crash_left_open_is_closed_by_the_next(store: Store, library: Wiring, clock: Clock) -> None:
    """Its own target's orphans only: another one's run may still be under way."""
    for name in ("acme", "other"):
        began = RunStart(f"run-{name}", Target("toy", name, "1"), 1, True, clock(), "c" * 64, "d" * 64)  # noqa: FBT003
        seal.start(store, began)
        staging.put(store, began.run_id, [staging.Page("task", 0, b"{}")])

    start(store, library, Cloud(things), slot=2)

    assert types(store) == ["run-start", "run-start", "abort", "run-start", "run"]
    assert abort_of(store)["reason"] == "crash"
    assert abort_of(store)["target"]["name"] == "acme"
    with store.read() as conn:
        assert [orphan.target.name for orphan in staging.orphans(conn)] == ["other"]
        assert [page.task for page in staging.pages(conn, "run-other")] == ["task"]


def test_slot_is_run_once(store: Store, library: Wiring) -> None:
    """The second run of a slot is refused before it asks anything."""
    asked: list[int] = []

    def counted(recorder: Recorder) -> Iterator[Document | Then]:
        asked.append(1)
        yield from things(recorder)

    start(store, library, Cloud(counted))
    with pytest.raises(SlotSealed, match="sealed already"):
        start(store, library, Cloud(counted))

    assert len(asked) == 1
    assert types(store) == ["run-start", "run"]


def test_target_that_is_held_is_not_touched(store: Store, library: Wiring) -> None:
    """The lease of the same target keeps a second process out, and is free again after an error."""
    with lease(store, "toy:acme"), pytest.raises(LeaseHeld):
        start(store, library, Cloud(things))

    assert types(store) == []
    start(store, library, Cloud(things))
    assert verdicts(store) == {"a": Outcome.PASS, "b": Outcome.FAIL}
