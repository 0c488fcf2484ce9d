"""Conditions in the database: what a run leaves there, what is told, and what people and waivers do to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from agent import clock as agent_clock
from agent import waivers
from agent.alerts.conditions import Seen
from agent.alerts.watch import Trouble, Watch, open_conditions
from agent.config import Settings
from agent.sections import Alerting, AlertRoute, Maintenance
from agent.target_sections import AwsTarget
from collectors.errors import TargetUnreachable
from collectors.facts.core import Reason
from storage import outbox, seal
from storage.canon import canonical
from storage.engine import Store
from storage.rows import Alerts, Target
from tests.agent.alerts.estate import control, gap, seen, wiring
from tests.agent.alerts.scripts import HOUR, START
from tests.conftest import Clock
from tests.storage.builders import run_start, sealed

EVERYBODY = AlertRoute(name="all", url=SecretStr("json://localhost"))
GRAVE = AlertRoute(name="grave", url=SecretStr("json://localhost"), severity="high", about=("controls",))
DISK = Trouble("anchor", "high", "the anchor folder cannot be written", "no space left")
DOWN = TargetUnreachable(Reason.ACCOUNT_UNREACHABLE, "sts:GetCallerIdentity", "no route")


@pytest.fixture(autouse=True)
def _same_clock(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent and the store look at the same clock."""
    monkeypatch.setattr(agent_clock, "now", clock)


def watch(*routes: AlertRoute, **settings: Any) -> Watch:
    """A watch over the made-up controls."""
    targets = (AwsTarget(name="prod", cloud="aws", owner="platform"),)
    return Watch(Settings(targets=targets, alerts=routes or (EVERYBODY,), **settings), wiring())


def follow(watch: Watch, store: Store, clock: Clock, run: Seen) -> list[dict[str, Any]]:
    """Take one run in, as sealing would, and return what is told of it."""
    clock.time = run.now
    alerts = watch.of_run(store, run)
    with store.operate() as conn:
        outbox.queue(conn, run.now, alerts)
    return [orjson.loads(message.payload) for message in alerts.messages]


def brief(told: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Condition and change of each message."""
    return [(each["condition"], each["change"]) for each in told]


def test_a_control_opens_and_recovers(store: Store, clock: Clock) -> None:
    """One message when it begins, one when it ends, nothing in between, and the list shows it meanwhile."""
    watching = watch()
    (opened,) = follow(watching, store, clock, seen(0, {"toy.good": "a=F b=F c=P"}))
    assert (opened["title"], opened["severity"], opened["owner"]) == (
        "AC-1 promise AC-1: 2 findings started to fail", "high", "owner of AC-1",
    )  # fmt: skip
    assert follow(watching, store, clock, seen(1, {"toy.good": "a=F b=U c=P"})) == []
    with store.read() as conn:
        (found,) = open_conditions(conn)
    assert (found.condition, found.control, found.target, found.owner) == ("prod:AC-1", "AC-1", "prod", "owner of AC-1")
    assert (found.failing, found.since, found.notified_at) == (2, START + 5_000_000, START + 5_000_000)
    assert (found.title, found.about) == ("AC-1 promise AC-1: 2 findings fail", "controls")
    assert (found.acknowledged_by, found.snoozed_until, found.flapping) == ("", None, False)
    assert brief(follow(watching, store, clock, seen(2, {"toy.good": "a=P b=P c=P"}))) == [("prod:AC-1", "recovered")]
    with store.read() as conn:
        assert open_conditions(conn) == []


def test_messages_are_sealed_with_the_run(store: Store, clock: Clock) -> None:
    """What `of_run` returns becomes rows of the outbox in the transaction of the run."""
    run = seen(0, {"toy.good": "a=F"})
    begun = run_start(clock, run.slot, run.target)
    entry = seal.start(store, begun)
    seal.seal(store, sealed(begun, entry, alerts=watch().of_run(store, run)))
    with store.read() as conn:
        (row,) = outbox.due(conn, clock.time)
        assert set(outbox.states(conn)) == {"prod:AC-1"}
    assert (row.route, row.key) == ("all", f"prod:AC-1/{START // 1_000_000}@all")


def test_the_same_step_has_the_same_keys(store: Store, clock: Clock) -> None:
    """A run that is done again after a crash tells the same message, which is there once."""
    watching, run = watch(), seen(0, {"toy.good": "a=F"})
    first, again = watching.of_run(store, run), watching.of_run(store, run)
    assert first == again
    with store.operate() as conn:
        outbox.queue(conn, run.now, first)
        outbox.queue(conn, run.now, again)
    with store.read() as conn:
        assert outbox.counts(conn) == {("all", "pending"): 1}


def test_receivers_get_what_they_asked_for_the_worst_first(store: Store, clock: Clock) -> None:
    """Each has its own message with its own key; the one with filters hears of the grave control only."""
    run = seen(0, {"toy.other": "a=F", "toy.good": "a=F"}, [gap()])
    alerts = watch(EVERYBODY, GRAVE).of_run(store, run)
    number = START // 1_000_000
    assert [message.key for message in alerts.messages] == [
        f"prod:AC-1/{number}@all",
        f"prod:AC-1/{number}@grave",
        f"prod:permission/{number}@all",
        f"prod:AC-2/{number}@all",
    ]


def test_without_receivers_conditions_are_still_followed(store: Store, clock: Clock) -> None:
    """The list and the metrics know of them; nothing waits to be sent."""
    watching = Watch(Settings(), wiring())
    assert follow(watching, store, clock, seen(0, {"toy.good": "a=F"})) == []
    with store.read() as conn:
        assert [each.condition for each in open_conditions(conn)] == ["prod:AC-1"]
        assert outbox.waiting(conn) == []


def test_a_run_without_news_writes_nothing(store: Store, clock: Clock) -> None:
    """States that did not change are left alone, so that a quiet run costs no row."""
    watching = watch()
    follow(watching, store, clock, seen(0, {"toy.good": "a=F"}, [gap()]))
    assert watching.of_run(store, seen(1, {"toy.good": "a=F"}, [gap()])) == Alerts({}, [])


def test_targets_do_not_mix(store: Store, clock: Clock) -> None:
    """The same control of two targets is two conditions, whatever their names look like."""
    watching, names = watch(), ("prod", "prod:x", "prod/1")
    for name in names:
        run = replace(seen(0, {"toy.good": "a=F"}), target=Target("aws", name, "1"))
        assert brief(follow(watching, store, clock, run)) == [(f"{name}:AC-1", "opened")]
    assert brief(follow(watching, store, clock, seen(1, {"toy.good": "a=P"}))) == [("prod:AC-1", "recovered")]
    with store.read() as conn:
        assert {each.target for each in open_conditions(conn)} == {"prod:x", "prod/1"}


def test_an_acknowledgement_in_the_ledger_silences_reminders(store: Store, clock: Clock) -> None:
    """The statement counts from the moment on at which the ledger has it, and the list names who said so."""
    watching = watch(alerting=Alerting(reminder="1h"))
    follow(watching, store, clock, seen(0, {"toy.good": "a=F"}))
    assert brief(follow(watching, store, clock, seen(1, {"toy.good": "a=F"}))) == [("prod:AC-1", "still failing")]
    clock.advance(60)
    seal.append_statement(store, "alert-ack", canonical({"condition": "prod:AC-1", "by": "jo", "note": "on it"}))
    assert follow(watching, store, clock, seen(2, {"toy.good": "a=F"})) == []
    with store.read() as conn:
        assert [each.acknowledged_by for each in open_conditions(conn)] == ["jo"]
    assert brief(follow(watching, store, clock, seen(3, {"toy.good": "a=F b=F"}))) == [("prod:AC-1", "worsened")]
    follow(watching, store, clock, seen(4, {"toy.good": "a=P b=P"}))
    follow(watching, store, clock, seen(5, {"toy.good": "a=F"}))
    with store.read() as conn:
        assert [each.acknowledged_by for each in open_conditions(conn)] == [""]
    assert brief(follow(watching, store, clock, seen(6, {"toy.good": "a=F"}))) == [("prod:AC-1", "still failing")]


def test_a_snooze_in_the_ledger_ends_with_one_message(store: Store, clock: Clock) -> None:
    """Its end is an instant of ISO 8601, as the command line writes it."""
    watching = watch()
    follow(watching, store, clock, seen(0, {"toy.good": "a=F"}))
    until = START + 2 * HOUR
    said = {"condition": "prod:AC-1", "by": "jo", "note": "later", "until": agent_clock.iso(until)}
    seal.append_statement(store, "alert-snooze", canonical(said))
    assert follow(watching, store, clock, seen(1, {"toy.good": "a=F b=F"})) == []
    with store.read() as conn:
        assert [each.snoozed_until for each in open_conditions(conn)] == [until]
    assert brief(follow(watching, store, clock, seen(2, {"toy.good": "a=F b=F"}))) == [("prod:AC-1", "worsened")]
    with store.read() as conn:
        assert [each.snoozed_until for each in open_conditions(conn)] == [None]


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b'{"by":"jo","condition":"prod:AC-1","until":"later"}'], ids=["list", "no JSON", "no time"]
)
def test_an_answer_that_cannot_be_read_silences_nothing(store: Store, clock: Clock, body: bytes) -> None:
    """Nor does it cost the run."""
    watching = watch(alerting=Alerting(reminder="1h"))
    follow(watching, store, clock, seen(0, {"toy.good": "a=F"}))
    seal.append_statement(store, "alert-snooze", body)
    assert brief(follow(watching, store, clock, seen(1, {"toy.good": "a=F"}))) == [("prod:AC-1", "still failing")]


def test_a_waiver_silences_until_it_ends(store: Store, clock: Clock) -> None:
    """Granted after the alert it is told as waived; its end is told as an opening that says so."""
    watching = watch()
    follow(watching, store, clock, seen(0, {"toy.good": "a=F"}))
    clock.advance(60)
    terms = waivers.Terms(
        control="AC-1", target="prod", resource="a", reason="old device", risk="small", requested_by="jo",
        approved_by="al", approved_at=clock(), valid_from=clock(), valid_to=START + 3 * HOUR,
    )  # fmt: skip
    waivers.grant(store, wiring(), terms)
    (waived,) = follow(watching, store, clock, seen(1, {"toy.good": "a=F"}))
    assert (waived["change"], waived["items"][0]["reason"]) == ("waived", "waived by W-0001 until 2026-01-01T03:00:00Z")
    assert follow(watching, store, clock, seen(2, {"toy.good": "a=F"})) == []
    (opened,) = follow(watching, store, clock, seen(3, {"toy.good": "a=F"}))
    assert (opened["change"], opened["items"][0]["mark"]) == ("opened", "waiver ended")


@pytest.mark.parametrize("targets", [(), ("prod",)], ids=["all", "this one"])
def test_maintenance_ends_with_the_difference(store: Store, clock: Clock, targets: tuple[str, ...]) -> None:
    """In the window nothing is evaluated, of controls or of the collection; afterwards what is different is told."""
    begins = agent_clock.to_datetime(START + HOUR)
    window = Maintenance(reason="move", begins=begins, ends=begins + timedelta(hours=2), targets=targets)
    watching = watch(maintenance=(window,))
    follow(watching, store, clock, seen(0, {"toy.good": "a=F b=F"}))
    for slot in (1, 2):
        run = seen(slot, {"toy.good": "a=P b=F c=F"}, [gap()], unreachable=DOWN)
        assert watching.of_run(store, run) == Alerts()
        clock.time = run.now
        assert not watching.trouble(store, replace(DISK, kind="stale", target="prod"), failing=True)
        assert watching.trouble(store, replace(DISK, kind=f"agent{slot}"), failing=True)
    (worse,) = follow(watching, store, clock, seen(3, {"toy.good": "a=P b=F c=F"}))
    assert worse["title"] == "AC-1 promise AC-1: 1 more finding fails, 2 in all"


def test_maintenance_of_another_target_changes_nothing(store: Store, clock: Clock) -> None:
    """An organization's window covers its accounts, and no window covers what it does not name."""
    begins = agent_clock.to_datetime(START)
    window = Maintenance(reason="move", begins=begins, ends=begins + timedelta(hours=2), targets=("org",))
    watching = watch(maintenance=(window,))
    run = seen(0, {"toy.good": "a=F"})
    assert watching.of_run(store, replace(run, target=Target("aws", "org/1", "1"))) == Alerts()
    assert brief(follow(watching, store, clock, run)) == [("prod:AC-1", "opened")]


def test_trouble_is_told_once_and_its_end_once(store: Store, clock: Clock) -> None:
    """However often it is reported; nothing is written while nothing changes."""
    watching = watch()
    for failing in (False, True, True, True, False, False):
        clock.advance(1)
        assert watching.trouble(store, DISK, failing=failing)
    with store.read() as conn:
        told = [orjson.loads(row.payload) for row in outbox.waiting(conn)]
    assert [(each["condition"], each["change"], each["title"]) for each in told] == [
        ("anchor", "opened", "the anchor folder cannot be written"),
        ("anchor", "recovered", "over: the anchor folder cannot be written"),
    ]
    assert told[0]["items"][0]["reason"] == "no space left"
    assert told[0]["commands"] == ["proofkeep checkpoint"]


def test_trouble_with_another_reason_is_no_news(store: Store, clock: Clock) -> None:
    """The newest reason is remembered, and the receivers know that something is wrong."""
    watching = watch()
    watching.trouble(store, DISK, failing=True)
    watching.trouble(store, DISK.because("read-only file system"), failing=True)
    with store.read() as conn:
        assert len(outbox.waiting(conn)) == 1
        assert b"read-only file system" in outbox.states(conn)["anchor"]
        assert [each.title for each in open_conditions(conn)] == ["the anchor folder cannot be written"]


def test_a_target_out_of_reach_is_not_silent_as_well(store: Store, clock: Clock) -> None:
    """While it is known that nothing can be read, that no run is sealed says nothing new."""
    watching = watch()
    silent = Trouble("stale", "high", "no run of prod was sealed", "for long", target="prod", cloud="aws")
    follow(watching, store, clock, seen(0, unreachable=DOWN))
    watching.trouble(store, silent, failing=True)
    with store.read() as conn:
        assert [each.condition for each in open_conditions(conn)] == ["prod:target"]
    assert brief(follow(watching, store, clock, seen(1))) == [("prod:target", "recovered")]
    watching.trouble(store, silent, failing=True)
    with store.read() as conn:
        assert [each.condition for each in open_conditions(conn)] == ["prod:stale"]
    assert brief(follow(watching, store, clock, seen(2))) == [("prod:stale", "recovered")]


def test_the_owner_of_a_target_answers_for_its_collection(store: Store, clock: Clock) -> None:
    """Also for the accounts of an organization that goes by that name."""
    watching = watch()
    (told,) = follow(watching, store, clock, replace(seen(0, gaps=[gap()]), target=Target("aws", "prod/1", "1")))
    assert (told["condition"], told["owner"], told["account"]) == ("prod/1:permission", "platform", "1")


def test_a_notice_is_told_once_for_each_key(store: Store, clock: Clock) -> None:
    """It opens nothing, and the same event is the same message."""
    watching = watch()
    crash = Trouble("restart", "medium", "2 runs were broken off by a crash", "prod, lab")
    for key in ("7", "7", "9"):
        watching.notice(store, crash, key)
    with store.read() as conn:
        rows = outbox.waiting(conn)
        assert open_conditions(conn) == []
    assert [row.key for row in rows] == ["restart/7@all", "restart/9@all"]
    said = orjson.loads(rows[0].payload)
    assert (said["change"], said["title"], said["items"][0]["reason"]) == (
        "notice", "2 runs were broken off by a crash", "prod, lab",
    )  # fmt: skip


@pytest.mark.parametrize("kept", [b'{"v":0}', b"\xff", b"[]", b'{"v":1,"items":{}}'])
def test_a_state_in_another_form_is_told_anew(store: Store, clock: Clock, kept: bytes) -> None:
    """Rather twice than never, and never at the cost of the run."""
    with store.operate() as conn:
        outbox.queue(conn, START, Alerts({"prod:AC-1": kept}))
    assert brief(follow(watch(), store, clock, seen(0, {"toy.good": "a=F"}))) == [("prod:AC-1", "opened")]
    with store.read() as conn:
        assert [each.condition for each in open_conditions(conn)] == ["prod:AC-1"]


def test_the_worst_and_oldest_conditions_stand_first(store: Store, clock: Clock) -> None:
    """By severity, then by the time of their opening."""
    watching = Watch(Settings(), wiring(control("AC-1", "toy.good"), control("AC-2", "toy.other", severity="critical")))
    follow(watching, store, clock, seen(0, {"toy.good": "a=F", "toy.other": "a=P"}))
    follow(watching, store, clock, seen(1, {"toy.good": "a=F", "toy.other": "a=F", "toy.loose": "a=F"}, [gap()]))
    with store.read() as conn:
        found = [each.condition for each in open_conditions(conn)]
    assert found == ["prod:AC-2", "prod:AC-1", "prod:permission", "prod:toy.loose"]
