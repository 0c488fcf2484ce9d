"""Slots and targets: what is due is run, what was missed is recorded, what was run is skipped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from agent import clock as agent_clock
from agent import collect
from agent.alerts.watch import Watch
from agent.collect import Collection, Failed, Skipped
from agent.config import Settings
from agent.errors import OperatorError
from agent.run import Progress, Report
from agent.sections import Schedule
from agent.target_sections import AwsTarget
from agent.verify import verify
from agent.wiring import Wiring, wire
from storage import ledger, seal
from storage.engine import Store
from storage.leases import lease
from storage.rows import Target
from tests.conftest import Clock

HOUR = 3_600
MICROS = 1_000_000


@pytest.fixture(autouse=True)
def _nobody(clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One clock for all, and no credentials: each run is sealed at once, with nothing but gaps."""
    monkeypatch.setattr(agent_clock, "now", clock)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two targets, each hour."""
    targets = tuple(AwsTarget(name=name, cloud="aws", endpoint="http://127.0.0.1:9") for name in ("one", "two"))
    made = Settings(targets=targets)
    kept = {"key_file": tmp_path / "key", "anchors": tmp_path / "anchors"}
    return made.model_copy(update={"integrity": made.integrity.model_copy(update=kept)})


@pytest.fixture
def wiring(settings: Settings) -> Wiring:
    """The real parts."""
    return wire(settings)


@pytest.fixture
def collected(store: Store, settings: Settings, wiring: Wiring) -> Callable[..., list[Report | Skipped | Failed]]:
    """`collected("one")`: run these targets on schedule."""

    def run(*names: str, scheduled: bool = True) -> list[Report | Skipped | Failed]:
        collection = Collection(settings, wiring, store, Watch(settings, wiring))
        targets = collect.choose(settings, names)
        return list(collect.collect(collection, targets, scheduled=scheduled, progress=quiet))

    return run


def quiet(_name: str) -> Progress:
    """Nobody watches."""
    return lambda _stage, _done: None


def entries(store: Store, type_: str) -> list[tuple[str, int | None]]:
    """(name of the target, slot in hours) of each entry of a type."""
    with store.read() as conn:
        return [
            (orjson.loads(entry.entry)["target"]["name"], entry.slot and entry.slot // (HOUR * MICROS))
            for entry in ledger.entries(conn)
            if entry.type == type_
        ]


def test_due_slot_is_run_for_each_target(
    store: Store, clock: Clock, collected: Callable[..., list[Report | Skipped | Failed]]
) -> None:
    """Two targets, two runs, the same slot, and nothing was missed before the first."""
    clock.advance(125)
    hour = clock() // (HOUR * MICROS)

    done = collected()

    assert [each.target.name for each in done if isinstance(each, Report)] == ["one", "two"]
    assert entries(store, "run") == [("one", hour), ("two", hour)]
    assert entries(store, "gap") == []


def test_slot_already_run_is_skipped(
    store: Store, clock: Clock, collected: Callable[..., list[Report | Skipped | Failed]]
) -> None:
    """Later in the same hour there is nothing to do, for that target only."""
    slot = clock()
    collected("one")
    clock.advance(HOUR - 1)

    done = collected()

    assert done[0] == Skipped("one", slot)
    assert isinstance(done[1], Report)
    assert [name for name, _ in entries(store, "run")] == ["one", "two"]


def test_missed_slots_become_gap_entries_once(
    store: Store, clock: Clock, collected: Callable[..., list[Report | Skipped | Failed]]
) -> None:
    """Three hours of silence leave two gaps, never back-dated runs, and repeating changes nothing."""
    hour = clock() // (HOUR * MICROS)
    collected("one")
    clock.advance(3 * HOUR)

    collected("one")
    again = collected("one")

    assert [slot for _, slot in entries(store, "run")] == [hour, hour + 3]
    assert entries(store, "gap") == [("one", hour + 1), ("one", hour + 2)]
    assert [type(each) for each in again] == [Skipped]


def test_run_on_demand_takes_the_moment_and_no_slot_of_the_schedule(
    store: Store, clock: Clock, collected: Callable[..., list[Report | Skipped | Failed]]
) -> None:
    """It fills no scheduled slot and misses none."""
    collected("one", scheduled=False)
    clock.advance(5 * HOUR + 7)
    collected("one", scheduled=False)
    collected("one")

    with store.read() as conn:
        runs = [orjson.loads(each.entry)["scheduled"] for each in ledger.entries(conn) if each.type == "run"]
    assert runs == [False, False, True]
    assert entries(store, "gap") == []


def test_policies_are_recorded_where_they_differ(
    store: Store,
    settings: Settings,
    wiring: Wiring,
    clock: Clock,
    collected: Callable[..., list[Report | Skipped | Failed]],
) -> None:
    """Schedule and controls stand in the ledger once, and again when one of them changes."""
    collected("one")
    clock.advance(HOUR)
    collected("one")
    slower = settings.model_copy(update={"schedule": settings.schedule.model_copy(update={"every": "2h"})})
    Collection(slower, wiring, store, Watch(slower, wiring)).begin()

    with store.read() as conn:
        kinds = [orjson.loads(each.entry)["kind"] for each in ledger.entries(conn) if each.type == "policy"]
    assert kinds == ["schedule", "controls", "populations", "schedule"]


def test_configuration_digest_tells_scope_and_no_secret(settings: Settings) -> None:
    """Another region changes it; another database or key does not."""
    wider = settings.targets[0].model_copy(update={"regions": ("us-east-1", "eu-west-1")})
    digest = collect.config_digest(settings)

    assert collect.config_digest(settings.model_copy(update={"targets": (wider,)})) != digest
    assert collect.config_digest(settings.model_copy(update={"integrity": Settings().integrity})) == digest
    assert collect.config_digest(settings.model_copy(update={"database": Settings().database})) == digest


def test_targets_are_chosen_by_name(settings: Settings) -> None:
    """All without a name; an unknown name, or no target at all, is one line that says what there is."""
    assert [target.name for target in collect.choose(settings, ())] == ["one", "two"]
    assert [target.name for target in collect.choose(settings, ("two",))] == ["two"]
    with pytest.raises(OperatorError, match=r"--target 'three': no such target; the configuration has one, two"):
        collect.choose(settings, ("three",))
    with pytest.raises(OperatorError, match=r"no target is configured; add a \[\[targets\]\] table"):
        collect.choose(Settings(), ())


def test_wrong_target_stops_before_the_first_is_run(store: Store, settings: Settings, wiring: Wiring) -> None:
    """What the operator must fix is found before anything is written."""
    wrong = settings.targets[1].model_copy(update={"regions": ("nowhere-1",)})

    with pytest.raises(OperatorError, match=r"target '.*': 'nowhere-1' is not an AWS region"):
        list(
            collect.collect(
                Collection(settings, wiring, store, Watch(settings, wiring)),
                (settings.targets[0], wrong),
                scheduled=True,
                progress=quiet,
            )
        )

    with store.read() as conn:
        assert ledger.size(conn) == 0


def test_missed_slots_count_from_the_newest_account_of_the_name(
    store: Store, clock: Clock, collected: Callable[..., list[Report | Skipped | Failed]]
) -> None:
    """A gap entry settles a slot like a run does, whatever the account was called then."""
    hour = clock() // (HOUR * MICROS)
    seal.append_gap(store, Target("aws", "one", "123456789012"), clock(), "AGENT_DOWN", "no run")
    clock.advance(2 * HOUR)

    collected("one")

    assert entries(store, "gap") == [("one", hour), ("one", hour + 1)]
    assert entries(store, "run") == [("one", hour + 2)]


def test_target_that_another_process_reads_stops_no_other(
    store: Store, collected: Callable[..., list[Report | Skipped | Failed]]
) -> None:
    """Its line says why; the next target is read all the same."""
    with lease(store, "aws:one"):
        done = collected()

    assert isinstance(done[0], Failed)
    assert "another process works on 'aws:one'" in done[0].said
    assert isinstance(done[1], Report)


def test_target_with_a_plan_of_its_own_goes_by_that(
    store: Store, settings: Settings, wiring: Wiring, clock: Clock
) -> None:
    """Half an hour later the target that is read each half hour is due again, and the other is not."""
    often = settings.targets[0].model_copy(update={"schedule": Schedule(every="30m")})
    both = settings.model_copy(update={"targets": (often, settings.targets[1])})
    collection = Collection(both, wiring, store, Watch(both, wiring))

    def again() -> list[type]:
        return [type(each) for each in collect.collect(collection, both.targets, scheduled=True, progress=quiet)]

    assert again() == [Report, Report]
    clock.advance(HOUR / 2)
    assert again() == [Report, Skipped]
    clock.advance(HOUR)
    assert again() == [Report, Report]
    assert entries(store, "gap") == [("one", clock() // (HOUR * MICROS))]
    assert verify(store).findings == ()
