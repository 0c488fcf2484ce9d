"""What Prometheus is told of the store, on both databases."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import URL, text

from agent import clock as agent_clock
from agent import metrics as module
from agent.alerts.watch import Trouble, Watch
from agent.config import Settings
from agent.health import METRICS_TYPE, Health
from agent.judge import UNKNOWN_ACCOUNT
from agent.metrics import Metrics, StoreMetrics
from agent.wiring import Wiring, wire
from storage import daemons, ledger, notes, sizes
from storage.engine import Store, open_store
from storage.rows import Alerts, DaemonRow, Message, Outcome, Target
from tests.agent.exposition import Series, labels, scrape
from tests.conftest import JANUARY, Clock
from tests.postgres import create_database, drop_database
from tests.storage.builders import GAP, LAB, PROD, bucket, run

SECOND = 1_000_000
MFA, TLS = "identity.user_mfa", "encryption.object_store_tls"
A, B, C = bucket("a"), bucket("b"), bucket("c")


@pytest.fixture
def settings() -> Settings:
    """Two targets, read each hour, and one receiver."""
    return Settings.model_validate(
        {
            "targets": [{"name": "prod", "cloud": "aws"}, {"name": "lab", "cloud": "aws", "organization": True}],
            "alerts": [{"name": "chat", "url": "slack://a/b/c"}],
        }
    )


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    """The real checks and the default controls."""
    return wire(Settings())


@pytest.fixture
def seen(
    store: Store, wiring: Wiring, settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], dict[str, Series]]:
    """Scrape the store as it is now, without waiting until the last look is old."""
    monkeypatch.setattr(agent_clock, "now", clock)
    monkeypatch.setattr(module, "FRESH", 0.0)
    metrics = Metrics()
    metrics.add(StoreMetrics(store, wiring, settings))
    return lambda: scrape(metrics)


def test_findings_by_target_outcome_and_severity(
    store: Store, clock: Clock, seen: Callable[[], dict[str, Series]]
) -> None:
    """Those in force; a check that is no longer there counts as medium."""
    run(
        store, clock, 1,
        verdicts={
            (MFA, A): (Outcome.FAIL, "none"),
            (MFA, B): (Outcome.FAIL, "none"),
            (TLS, A): (Outcome.PASS, "on"),
            ("gone.check", A): (Outcome.UNKNOWN, "denied"),
        },
    )  # fmt: skip
    run(store, clock, 1, LAB, verdicts={(MFA, A): (Outcome.FAIL, "none")})
    before = seen()["proofkeep_findings"]
    clock.advance(60)
    run(store, clock, 2, verdicts={(MFA, A): (Outcome.PASS, "one"), (MFA, B): None})

    assert before == {
        labels(target="prod", outcome="FAIL", severity="critical"): 2,
        labels(target="prod", outcome="PASS", severity="medium"): 1,
        labels(target="prod", outcome="UNKNOWN", severity="medium"): 1,
        labels(target="lab", outcome="FAIL", severity="critical"): 1,
    }
    assert seen()["proofkeep_findings"] == {
        labels(target="prod", outcome="PASS", severity="critical"): 1,
        labels(target="prod", outcome="PASS", severity="medium"): 1,
        labels(target="prod", outcome="UNKNOWN", severity="medium"): 1,
        labels(target="lab", outcome="FAIL", severity="critical"): 1,
    }


def test_each_control_is_in_one_state(
    store: Store, clock: Clock, wiring: Wiring, seen: Callable[[], dict[str, Series]]
) -> None:
    """The worst of its checks in all targets, as `proofkeep controls` has it; nothing judged is UNKNOWN."""

    def state(control: str) -> list[str]:
        return [
            dict(key)["state"]
            for key, value in seen()["proofkeep_control_state"].items()
            if value and dict(key)["control"] == control
        ]

    tests = wiring.library.controls["AC-02"].checks
    nothing = state("AC-02")
    run(store, clock, 1, verdicts={(MFA, A): (Outcome.PASS, "one")})
    partly = state("AC-02")
    run(store, clock, 2, verdicts={(check, A): (Outcome.PASS, "one") for check in tests})
    passing = state("AC-02")
    run(store, clock, 1, LAB, verdicts={(MFA, A): (Outcome.FAIL, "none"), (MFA, B): (Outcome.PASS, "one")})

    assert (nothing, partly, passing) == (["UNKNOWN"], ["UNKNOWN"], ["PASS"])
    assert (state("AC-02"), state("EN-05")) == (["FAIL"], ["UNKNOWN"])


def test_what_was_said_before_the_account_was_known_does_not_count(
    store: Store, clock: Clock, seen: Callable[[], dict[str, Series]]
) -> None:
    """It counts until the account is known, and then no more."""
    unknown = Target("aws", "prod", UNKNOWN_ACCOUNT)
    run(store, clock, 1, unknown, verdicts={(MFA, A): (Outcome.UNKNOWN, "unreachable")}, gaps=[GAP])
    before = seen()
    clock.advance(60)
    run(store, clock, 2, verdicts={(MFA, A): (Outcome.PASS, "one")})
    after = seen()

    assert before["proofkeep_findings"] == {labels(target="prod", outcome="UNKNOWN", severity="critical"): 1}
    assert before["proofkeep_gaps"] == {labels(target="prod", reason="PERMISSION_DENIED"): 1}
    assert after["proofkeep_findings"] == {labels(target="prod", outcome="PASS", severity="critical"): 1}
    assert after.get("proofkeep_gaps", {}) == {}


def test_gaps_are_those_of_the_newest_run(store: Store, clock: Clock, seen: Callable[[], dict[str, Series]]) -> None:
    """By target and reason, also after a restart, as they come from the store."""
    run(store, clock, 1, gaps=[GAP] * 5)
    run(store, clock, 1, LAB, gaps=[GAP])
    clock.advance(60)
    run(store, clock, 2, gaps=[GAP, GAP, replace(GAP, reason="THROTTLED")])

    assert seen()["proofkeep_gaps"] == {
        labels(target="prod", reason="PERMISSION_DENIED"): 2,
        labels(target="prod", reason="THROTTLED"): 1,
        labels(target="lab", reason="PERMISSION_DENIED"): 1,
    }


def test_stale_after_two_intervals_or_never_read(
    store: Store, clock: Clock, seen: Callable[[], dict[str, Series]]
) -> None:
    """Every configured target is told, with the accounts of an organization that were ever read."""
    run(store, clock, 1)
    run(store, clock, 1, Target("aws", "lab/123456789012", "123456789012"))
    run(store, clock, 1, Target("aws", "removed", "333333333333"))
    ended = clock() + SECOND
    fresh = seen()
    clock.advance(2 * 3600 + 2)

    assert fresh["proofkeep_target_stale"] == {
        labels(target="prod"): 0,
        labels(target="lab"): 1,
        labels(target="lab/123456789012"): 0,
    }
    assert fresh["proofkeep_last_run_timestamp_seconds"] == dict.fromkeys(
        [labels(target="prod"), labels(target="lab/123456789012"), labels(target="removed")], ended / SECOND
    )
    assert seen()["proofkeep_target_stale"][labels(target="prod")] == 1


def test_messages_that_wait(store: Store, clock: Clock, seen: Callable[[], dict[str, Series]]) -> None:
    """By route and state: each configured route is told with 0 too, and what was sent is not waiting."""
    empty = seen()["proofkeep_outbox_messages"]
    messages = [Message(f"m{n}", "chat", b"{}") for n in range(3)] + [Message("old", "removed", b"{}")]
    run(store, clock, 1, alerts=Alerts({}, messages))
    with store.operate() as conn:
        conn.execute(text("UPDATE outbox SET state = 'sent' WHERE key = 'm0'"))
        conn.execute(text("UPDATE outbox SET state = 'failed' WHERE key = 'old'"))

    assert empty == {labels(route="chat", state="pending"): 0, labels(route="chat", state="failed"): 0}
    assert seen()["proofkeep_outbox_messages"] == {
        labels(route="chat", state="pending"): 2,
        labels(route="chat", state="failed"): 0,
        labels(route="removed", state="pending"): 0,
        labels(route="removed", state="failed"): 1,
    }


def test_open_alerts_by_severity(
    store: Store, settings: Settings, wiring: Wiring, seen: Callable[[], dict[str, Series]]
) -> None:
    """Every severity is told; a condition that is over is not counted."""
    watch = Watch(settings, wiring)
    trouble = Trouble(kind="anchor", severity="high", title="the checkpoint cannot be written", reason="disk full")
    watch.trouble(store, trouble, failing=True)
    opened = seen()["proofkeep_alerts_open"]
    watch.trouble(store, trouble, failing=False)

    assert opened == {labels(severity=each): float(each == "high") for each in ("critical", "high", "medium", "low")}
    assert seen()["proofkeep_alerts_open"][labels(severity="high")] == 0


def test_heartbeats(store: Store, clock: Clock, seen: Callable[[], dict[str, Series]]) -> None:
    """The last one of each process, with what it does now."""
    daemons.beat(store, DaemonRow("one:7", "standby", "1", clock(), clock(), b"{}"))
    beat = clock.advance(10)
    daemons.beat(store, DaemonRow("one:7", "leader", "1", JANUARY, beat, b"{}"))
    daemons.beat(store, DaemonRow("two:9", "worker", "1", JANUARY, JANUARY, b"{}"))

    assert seen()["proofkeep_heartbeat_timestamp_seconds"] == {
        labels(process="one:7", role="leader"): beat / SECOND,
        labels(process="two:9", role="worker"): JANUARY / SECOND,
    }


def test_ledger_checkpoint_and_bytes(
    store: Store, clock: Clock, tmp_path: Path, seen: Callable[[], dict[str, Series]]
) -> None:
    """The checkpoint's time is absent before the first one."""
    before = seen()
    run(store, clock, 1)
    signed_at = clock.advance(60)
    ledger.checkpoint(store, notes.open_key(tmp_path / "signing.key", "test/ledger"), "test/ledger")
    after = seen()

    assert before["proofkeep_ledger_entries"][()] == 0
    assert "proofkeep_checkpoint_timestamp_seconds" not in before
    assert after["proofkeep_ledger_entries"][()] >= 2
    assert after["proofkeep_checkpoint_timestamp_seconds"][()] == signed_at / SECOND
    assert after["proofkeep_database_bytes"][()] > 50_000
    assert after["proofkeep_store_up"][()] == 1


def test_a_look_serves_for_a_few_seconds(
    store: Store, clock: Clock, wiring: Wiring, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many scrapes cost one look, and then it is looked again."""
    metrics = Metrics()
    metrics.add(StoreMetrics(store, wiring, settings))
    run(store, clock, 1)
    first = scrape(metrics)["proofkeep_ledger_entries"][()]
    run(store, clock, 2)
    same = scrape(metrics)["proofkeep_ledger_entries"][()]
    later = time.monotonic() + module.FRESH + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)

    assert (first, same) == (2, 2)
    assert scrape(metrics)["proofkeep_ledger_entries"][()] == 4


def test_other_settings_are_adopted(store: Store, wiring: Wiring, settings: Settings) -> None:
    """After a reload the targets of the new settings are told."""
    collector, metrics = StoreMetrics(store, wiring, settings), Metrics()
    metrics.add(collector)
    before = scrape(metrics)["proofkeep_target_stale"]
    collector.adopt(wiring, Settings.model_validate({"targets": [{"name": "new", "cloud": "aws"}]}))

    assert before.keys() == {labels(target="prod"), labels(target="lab")}
    assert scrape(metrics)["proofkeep_target_stale"].keys() == {labels(target="new")}


def test_a_locked_table_holds_nobody_up(
    postgres_server: URL, postgres_template: str, wiring: Wiring, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that does not come back is down after a moment, and up again when it does."""
    monkeypatch.setattr(module, "FRESH", 0.0)
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    copy = create_database(postgres_server, postgres_template)
    url = copy.render_as_string(hide_password=False)
    metrics = Metrics()
    metrics.missed("prod", 1)
    with open_store(url, clock=lambda: JANUARY) as store, open_store(url, clock=lambda: JANUARY) as other:
        metrics.add(StoreMetrics(store, wiring, settings))
        with other.operate() as conn:
            conn.execute(text("LOCK TABLE result_head IN ACCESS EXCLUSIVE MODE"))
            hanging = [scrape(metrics) for _ in range(3)]
        up: list[float] = []
        while not up or (not up[-1] and len(up) < 50):
            up.append(scrape(metrics)["proofkeep_store_up"][()])
    drop_database(postgres_server, str(copy.database))

    for one in hanging:
        assert one["proofkeep_store_up"][()] == 0
        assert "proofkeep_ledger_entries" not in one
        assert one["proofkeep_missed_slots_total"][labels(target="prod")] == 1
    assert up[-1] == 1


def test_a_server_that_is_gone(
    postgres_server: URL, postgres_template: str, wiring: Wiring, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scrape answers that the store is down, with what the process itself knows."""
    monkeypatch.setattr(module, "FRESH", 0.0)
    copy = create_database(postgres_server, postgres_template)
    metrics = Metrics()
    with open_store(copy.render_as_string(hide_password=False), clock=lambda: JANUARY) as store:
        metrics.add(StoreMetrics(store, wiring, settings))
        up = scrape(metrics)["proofkeep_store_up"][()]
        drop_database(postgres_server, str(copy.database))
        down = scrape(metrics)

    assert up == 1
    assert down["proofkeep_store_up"][()] == 0
    assert [name for name in down if name in ("proofkeep_findings", "proofkeep_database_bytes")] == []
    assert down["proofkeep_leader"][()] == 0


@pytest.fixture
def port(store: Store, wiring: Wiring, settings: Settings) -> Iterator[int]:
    """The health port with everything behind it."""
    metrics = Metrics()
    metrics.add(StoreMetrics(store, wiring, settings))
    server = Health("127.0.0.1:0", lambda: None, lambda: None, metrics.text)
    yield server.port
    server.close()


def test_over_http(port: int, store: Store, clock: Clock) -> None:
    """A scrape as Prometheus does it."""
    run(store, clock, 1, PROD, verdicts={(MFA, C): (Outcome.FAIL, "none")})
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        names = {family.name for family in text_string_to_metric_families(answer.read().decode())}

    assert answer.headers["Content-Type"] == METRICS_TYPE
    assert {"proofkeep_findings", "proofkeep_store_up", "proofkeep_leader", "process_cpu_seconds"} <= names


def test_counting_does_not_grow_with_the_verdicts_that_are_read(store: Store, clock: Clock) -> None:
    """The database answers with one row per group, however many verdicts there are."""
    run(store, clock, 1, verdicts={(MFA, bucket(str(n))): (Outcome.FAIL, "none") for n in range(2000)})
    with store.read() as conn:
        (one,) = sizes.verdict_counts(conn)

    assert one.number == 2000
