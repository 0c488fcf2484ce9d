"""When each target was last read: newest run, verdicts, ledger, and who is late."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import clock as agent_clock
from agent.config import Settings
from agent.judge import UNKNOWN_ACCOUNT
from agent.status import age, status
from agent.target_sections import AwsTarget
from storage import ledger, notes
from storage.engine import Store
from storage.rows import Key, Outcome, Target
from tests.conftest import Clock
from tests.storage.builders import GAP, LAB, PROD, run

HOUR = 3600
USER = Key("user", "arn:aws:iam::123456789012:user/bob")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two targets, read each hour."""
    targets = (AwsTarget(name="prod", cloud="aws"), AwsTarget(name="lab", cloud="aws"))
    return Settings(targets=targets).model_copy(
        update={"integrity": Settings().integrity.model_copy(update={"anchors": tmp_path / "anchors"})}
    )


@pytest.fixture(autouse=True)
def _same_clock(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_clock, "now", clock)


def test_newest_run_of_each_target_with_its_verdicts(store: Store, clock: Clock, settings: Settings) -> None:
    """Counts are those in force, gaps those of the newest run."""
    verdict = {("identity.user_mfa", USER): (Outcome.FAIL, "no device")}
    run(store, clock, 1, verdicts=verdict, gaps=[GAP])
    clock.advance(60)
    newest = run(store, clock, 2)
    run(store, clock, 2, LAB)
    clock.advance(200)

    told = status(store, settings).to_json()

    prod, lab = told["targets"]
    assert (prod["target"], prod["account"], prod["entry"]) == ("prod", PROD.account, newest)
    assert (prod["status"], prod["gaps"], prod["age"]) == ("complete", 0, "3 min 19 s")
    assert prod["findings"]["FAIL"] == 1
    assert lab["findings"]["FAIL"] == 0
    assert told["late"] == []


def test_late_after_two_intervals_and_not_before(store: Store, clock: Clock, settings: Settings) -> None:
    """One line for each configured target: never read, or read too long ago."""
    run(store, clock, 1)
    (never,) = status(store, settings).late
    clock.advance(2 * HOUR)
    on_time = [line for line in status(store, settings).late if line.startswith("prod")]
    clock.advance(2)
    late = [line for line in status(store, settings).late if line.startswith("prod")]

    assert never == "lab: never read; run `proofkeep collect`"
    assert on_time == []
    assert late == ["prod: last read 2 h 1 s ago, more than 2 intervals"]


def test_runs_from_before_the_account_was_known_do_not_count(store: Store, clock: Clock, settings: Settings) -> None:
    """Once a target has answered, only its real account is told; until then the unknown one is."""
    unknown = Target("aws", "prod", UNKNOWN_ACCOUNT)
    run(store, clock, 1, unknown, gaps=[GAP])
    before = status(store, settings)
    clock.advance(3 * HOUR)
    run(store, clock, 2)

    after = status(store, settings)

    assert [one.target.account for one, _ in before.runs] == [UNKNOWN_ACCOUNT]
    assert [one.target.account for one, _ in after.runs] == [PROD.account]
    assert not any(line.startswith("prod") for line in after.late)


def test_target_that_moved_to_another_account_is_as_fresh_as_its_newest_run(
    store: Store, clock: Clock, settings: Settings
) -> None:
    """Both accounts are told, and the old one makes nobody late."""
    for slot, account in ((1, "999999999999"), (2, "111111111111")):
        run(store, clock, slot, Target("aws", "prod", account))
        clock.advance(3 * HOUR if slot == 1 else 1)

    told = status(store, settings)

    assert [one.target.account for one, _ in told.runs] == ["999999999999", "111111111111"]
    assert not any(line.startswith("prod") for line in told.late)


def test_ledger_with_checkpoint_and_anchor(store: Store, clock: Clock, settings: Settings, tmp_path: Path) -> None:
    """How many entries there are, how many are signed, and where the newest note lies."""
    empty = status(store, settings)
    run(store, clock, 1)
    signer = notes.open_key(tmp_path / "key", "test")
    note = ledger.checkpoint(store, signer, "test")
    file = ledger.anchor_file(store, note, settings.anchor_folder())
    run(store, clock, 2)

    told = status(store, settings)

    assert (empty.entries, empty.checkpoint, empty.anchor) == (0, 0, "none")
    assert (told.entries, told.checkpoint, told.anchor) == (4, 2, str(file))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 s"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (3661, "1 h 1 min"), (90061, "1 d 1 h"), (86400, "1 d")],
)
def test_age_names_the_two_largest_units(seconds: int, said: str) -> None:
    """Enough to act on; a clock behind the run is no age."""
    assert age(seconds * 1_000_000) == said
