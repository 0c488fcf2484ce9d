"""The public views and the engine tell the same numbers of the same history, on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from agent import populations
from agent.audit.coverage import Status
from agent.judge import Reading
from agent.population_kinds import DEFINITIONS
from agent.record import record
from collectors.provenance import Identity, Page
from storage import canon, seal
from storage.engine import Store
from storage.rows import Key, Target
from tests.agent.evaluation.planted import DAY, DAYS, END, Company, promises, wiring
from tests.conftest import JANUARY, Clock
from tests.storage.builders import LAB, PROD, run

RECORD = record(
    Reading(Identity("aws", PROD.account, "arn:aws:iam::1:user/reader"), ("us-east-1",), Page([], [], [], [])),
    {},
    [],
    keep_all=False,
)


def rows(store: Store, query: str) -> list[dict[str, object]]:
    """Rows of a query by column name."""
    with store.read() as conn:
        return [dict(row._mapping) for row in conn.execute(text(query))]


def test_failing_intervals(company: Company) -> None:
    """Each deviation of the evaluation is a row with the same first bad and first good moment, and no row is more."""
    told = {
        (row["check_id"], row["target"], row["resource"], row["from_us"], row["to_us"])
        for row in rows(company.store, "SELECT * FROM v_failing_intervals")
    }
    evaluation = company.ask()
    found: dict[tuple[str, str, str, int], int | None] = {}
    for part in (part for control in evaluation.controls.values() for part in control.parts if part.state):
        assert part.state is not None
        # An exception ends a deviation; the resource fails on, which is what the view shows.
        excused = {(each.unit, each.begins): each.ends for each in part.state.excused}
        for each in (deviation.interval for deviation in part.state.deviations):
            subject = evaluation.known.subjects[each.unit]
            ended = excused.get((each.unit, each.ended_at or 0), each.ended_at)
            # A control that changed meanwhile has a segment in which it is open, and then one in which it ended.
            found[subject.check, subject.target.name, subject.uid, each.detected_at] = ended

    assert len(told) == 5
    assert told == {(*key, ended) for key, ended in found.items()}


def test_failing_intervals_have_the_entries_of_the_runs(company: Company) -> None:
    """`from_seq` and `to_seq` are the entries that the evaluation leads down to."""
    known = company.ask().known
    for row in rows(company.store, "SELECT * FROM v_failing_intervals"):
        who = Target(str(row["cloud"]), str(row["target"]), str(row["account"]))
        assert known.entry(who, int(str(row["from_us"]))) == row["from_seq"]
        assert known.entry(who, int(str(row["to_us"]))) == row["to_seq"]


@pytest.mark.parametrize("control", ["AC-02", "EN-05", "CF-03", "EN-06", "PI-06"])
def test_control_days(company: Company, control: str) -> None:
    """By day and target: how many resources failed and how many were judged, from the units of the evaluation."""
    known = company.ask(control=control).known
    checks = promises().controls[control].checks
    told = {
        (row["target"], row["day"]): row
        for row in rows(company.store, f"SELECT * FROM v_control_days WHERE control_id = '{control}'")  # noqa: S608
    }
    for who, runs in known.runs.items():
        by_day: dict[int, int] = Counter(run.recorded // DAY for run in runs)
        for number, runs_of_day in by_day.items():
            row = told[who.name, datetime.fromtimestamp(number * 86400, UTC).date().isoformat()]
            # One run a day, at midnight: the state right after it is the state of the day.
            noon = number * DAY + DAY // 2
            seen = [
                status
                for check in checks
                for unit in known.units.get(check, ())
                if known.subjects[unit.id].target == who
                for begins, ends, status in unit.stretches()
                if begins <= noon < ends
            ]
            assert (row["runs"], row["verdicts"]) == (runs_of_day, len(seen))
            assert row["failing"] == seen.count(Status.FAIL)
            assert row["passing"] == seen.count(Status.PASS)
            assert row["undecided"] == seen.count(Status.ERROR)
    quiet = [row for row in told.values() if row["runs"] == 0]
    assert {(row["outcome"], row["covered"]) for row in quiet} <= {("UNKNOWN", 0), ("FAIL", 0)}


def test_control_days_add_up_to_the_planted_facts(company: Company) -> None:
    """Written by hand: alice two days, bob five, one store three, one database five, one log ten."""
    told = rows(
        company.store,
        "SELECT control_id, SUM(failing) AS failing, COUNT(*) AS days FROM v_control_days "
        "WHERE target = 'prod' AND runs > 0 GROUP BY control_id ORDER BY control_id",
    )
    failing = {row["control_id"]: int(str(row["failing"])) for row in told}

    assert failing == {"AC-02": 7, "CF-03": 10, "EN-05": 3, "EN-06": 0, "PI-06": 5}
    assert {row["days"] for row in told} == {DAYS - 3}


KINDS = {each.view: each.kinds[0] for each in DEFINITIONS.values() if each.view}


@pytest.mark.parametrize("view", KINDS)
def test_populations(store: Store, clock: Clock, view: str) -> None:
    """`population` and the view have the same items, with the same first and last moment, gone ones included."""
    name = next(each.name for each in DEFINITIONS.values() if each.view == view)
    seal.append_policy(store, "populations", populations.declared())
    lives: dict[Target, list[dict[str, bool]]] = {
        PROD: [{"a": True, "b": True}, {"b": False}, {"c": True}, {"a": False, "b": True}, {}],
        LAB: [{"a": True}, {}, {"a": False}, {"d": True}, {}],
    }
    for day in range(5):
        for who, changes in lives.items():
            clock.time = JANUARY + day * DAY + (1 if who == LAB else 0)
            documents = {
                Key(KINDS[view], f"arn:{each}"): envelope(KINDS[view], f"arn:{each}", who) if there else None
                for each, there in changes[day].items()
            }
            run(store, clock, JANUARY + day * DAY, who, documents=documents, record=RECORD)
    with store.read() as conn:
        found = populations.population(conn, wiring(), name, JANUARY, JANUARY + 5 * DAY)
    told: dict[str, list[dict[str, object]]] = {}
    for row in rows(store, f"SELECT * FROM v_population_{view} ORDER BY first_seen_us"):  # noqa: S608  # our own names
        told.setdefault(str(row["id"]), []).append(row)

    assert [item.id for item in found.items] == sorted(told)
    for item in found.items:
        mine = told[item.id]
        assert (item.first_seen, item.gone) == (mine[0]["first_seen_us"], mine[-1]["gone_us"])
        assert (item.stretches, item.still_there) == (len(mine), mine[-1]["still_there"] == 1)
        assert item.last_seen == mine[-1]["last_held_us"]
    assert [(item.uid, item.stretches, item.still_there) for item in found.items] == [
        ("arn:a", 1, False), ("arn:b", 2, True), ("arn:c", 1, True), ("arn:a", 1, False), ("arn:d", 1, True),
    ]  # fmt: skip


def envelope(kind: str, uid: str, who: Target) -> bytes:
    """A document as the agent keeps it."""
    return canon.dumps({"account": who.account, "body": {"Name": uid}, "kind": kind, "region": "", "uid": uid})


def test_accounts_of_the_company(company: Company) -> None:
    """`population accounts` lists those of the view that a run ever read."""
    with company.store.read() as conn:
        found = populations.population(conn, wiring(), "accounts", JANUARY, END)
    told = rows(company.store, "SELECT id, runs FROM v_population_accounts ORDER BY id")

    assert [item.id for item in found.items] == [row["id"] for row in told]
    assert sum(int(str(row["runs"])) for row in told) == sum(cover.runs for cover in found.covers)
