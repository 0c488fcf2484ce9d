"""The rounds: each account in its slot, tried again when a run comes to nothing, and told of when it falls silent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent import clock as agent_clock
from agent import rounds as rounds_module
from agent.alerts.watch import Watch, open_conditions
from agent.collect import Collection
from agent.config import Settings
from agent.metrics import Metrics
from agent.rounds import Rounds
from agent.schedule import delay
from agent.sections import Schedule
from agent.target_sections import AwsTarget
from agent.wiring import Wiring, wire
from storage import reads
from storage.engine import Store
from storage.leases import lease
from tests.conftest import Clock

HOUR = 3600


@pytest.fixture(autouse=True)
def _nobody(clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One clock for all, short waits, and no credentials: each run is sealed at once, with nothing but gaps."""
    monkeypatch.setattr(agent_clock, "now", clock)
    monkeypatch.setattr(rounds_module, "FIRST_WAIT", 0.05)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))


def target(name: str, **more: object) -> AwsTarget:
    """An account that nobody answers for."""
    return AwsTarget.model_validate({"name": name, "cloud": "aws", "endpoint": "http://127.0.0.1:9", **more})


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    """The real parts."""
    return wire(Settings())


@pytest.fixture
def start(store: Store, wiring: Wiring) -> Iterator[Callable[..., Rounds]]:
    """`start(target, …)`: rounds over these targets."""
    made: list[Rounds] = []

    def begin(*targets: AwsTarget, schedule: Schedule | None = None) -> Rounds:
        settings = Settings(targets=targets, schedule=schedule or Schedule())
        collection = Collection(settings, wiring, store, Watch(settings, wiring))
        collection.begin()
        made.append(Rounds(collection, Metrics(), parallel=2))
        return made[-1]

    yield begin
    for each in made:
        each.close(5)


def settle(rounds: Rounds) -> None:
    """Look until everything that is due was tried."""
    until = time.monotonic() + 30
    rounds.look()
    while rounds.busy():
        assert time.monotonic() < until, "the rounds do not end"
        time.sleep(0.01)


def slots(store: Store) -> list[tuple[str, int]]:
    """(name, slot in hours of the day) of each scheduled run."""
    with store.read() as conn:
        return sorted((run.target.name, run.slot // (HOUR * 1_000_000) % 24) for run in reads.runs(conn))


def test_each_account_is_read_once_a_slot(store: Store, clock: Clock, start: Callable[..., Rounds]) -> None:
    """Looking again changes nothing before the next slot comes."""
    rounds = start(target("one"), target("two"))
    settle(rounds)
    clock.advance(HOUR - 1)
    settle(rounds)
    assert slots(store) == [("one", 0), ("two", 0)]

    clock.advance(1)
    settle(rounds)

    assert slots(store) == [("one", 0), ("one", 1), ("two", 0), ("two", 1)]
    assert rounds.sealed.is_set()
    assert rounds.settled()


def test_a_run_that_came_to_nothing_is_tried_again_in_its_slot(store: Store, start: Callable[..., Rounds]) -> None:
    """Whoever was in the way goes, and the slot still gets its run; the other account never waits."""
    rounds = start(target("one"), target("two"))
    with lease(store, "aws:one"):
        settle(rounds)
        assert slots(store) == [("two", 0)]
        assert rounds.failed()
    time.sleep(0.1)
    settle(rounds)

    assert slots(store) == [("one", 0), ("two", 0)]
    assert not rounds.failed()


def test_starts_are_spread_but_slots_are_not(store: Store, clock: Clock, start: Callable[..., Rounds]) -> None:
    """With jitter a run starts later, in the same slot, and no later than the jitter allows."""
    rounds = start(target("one"), schedule=Schedule(every="1h", jitter="10m"))
    settle(rounds)
    late = delay("one", 600) / 1_000_000
    clock.advance(HOUR + late - 1)
    settle(rounds)
    assert slots(store) == [("one", 0)]

    clock.advance(1)
    settle(rounds)

    assert slots(store) == [("one", 0), ("one", 1)]


def test_silence_is_told_and_ends_with_the_next_run(store: Store, clock: Clock, start: Callable[..., Rounds]) -> None:
    """An account whose runs are not sealed for more than two intervals is a condition of its own."""
    rounds = start(target("one"))
    settle(rounds)
    with store.read() as conn:
        assert [each.condition for each in open_conditions(conn)] == ["one:target"]
    clock.advance(2 * HOUR + 1)
    with lease(store, "aws:one"):
        settle(rounds)
        rounds.silence()
    with store.read() as conn:
        open_now = [each.condition for each in open_conditions(conn)]
    assert "one:stale" not in open_now, "an account that is out of reach is not called silent as well"
    assert "one:target" in open_now


def test_settings_can_be_replaced_while_it_runs(
    store: Store, clock: Clock, wiring: Wiring, start: Callable[..., Rounds]
) -> None:
    """A target that is gone is not read again, and a new one is, in the very slot."""
    rounds = start(target("one"), target("two"))
    settle(rounds)
    clock.advance(60)
    settings = Settings(targets=(target("two"), target("three")))

    rounds.adopt(Collection(settings, wiring, store, Watch(settings, wiring)))
    settle(rounds)
    clock.advance(HOUR)
    settle(rounds)

    assert slots(store) == [("one", 0), ("three", 0), ("three", 1), ("two", 0), ("two", 1)]
