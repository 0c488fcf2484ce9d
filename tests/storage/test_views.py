"""The public views: the documented columns with the same rows on both databases."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from storage import attachments, canon, history, views
from storage.engine import Store
from storage.rows import Asked, Key, Outcome, Target
from storage.seal import abort, append_gap, append_policy, append_statement, start
from tests.conftest import JANUARY, Clock
from tests.storage.builders import GAP, HOUR, LAB, PROD, bucket, detail, document, run, run_start

README = (Path(__file__).parents[2] / "storage" / "README.md").read_text(encoding="utf-8")
CHECK = "encryption.at_rest"
A = Key("object_store", "arn:aws:s3:::a")
LIST = Asked("aws.s3.buckets", "global", "s3", "ListBuckets", "https://s3.test", 1, 2, 30, 0, "")
DAY = 24 * HOUR
GRANTED = {
    "form": 1, "control": "CR-01", "target": "prod", "resource": A.uid, "reason": "moving out", "risk": "it is read",
    "compensating": "", "requested_by": "Dana", "approved_by": "Carl", "approved_at": JANUARY,
    "valid_from": JANUARY + 20 * HOUR, "valid_to": JANUARY + 90 * HOUR,
}  # fmt: skip


def rows(store: Store, query: str) -> list[dict[str, object]]:
    """Rows of a query by column name."""
    with store.read() as conn:
        return [dict(row._mapping) for row in conn.execute(text(query))]


@pytest.fixture
def lived(store: Store, clock: Clock) -> Store:
    """A store with failing and passing stretches, a deletion, gaps and a broken-off run."""
    said = [(Outcome.FAIL, "off"), (Outcome.FAIL, "still off"), (Outcome.PASS, "on"), (Outcome.FAIL, "off")]
    for hour, verdict in enumerate(said):
        clock.advance(3600)
        run(
            store, clock, JANUARY + hour * HOUR, verdicts={(CHECK, A): verdict}, gaps=[GAP] if hour == 2 else [],
            documents={bucket("a"): document("a", V=hour) if hour < 3 else None, bucket("b"): document("b")},
            asked=[replace(LIST, items=30 + hour // 2)],
        )  # fmt: skip
    append_gap(store, PROD, JANUARY + 8 * HOUR, "AGENT_DOWN", "down")
    abort(store, start(store, run_start(clock, JANUARY + 9 * HOUR)), "AGENT_DOWN")
    library(store, {"CR-01": [CHECK]})
    append_policy(store, "populations", canon.canonical({"form": 1, "kinds": {"stores": ["aws.s3.bucket"]}}))
    append_statement(store, "waiver", canon.canonical(GRANTED))
    return store


def library(store: Store, controls: dict[str, list[str]], *, not_applicable: str = "") -> None:
    """Record a control library: each control with its checks."""
    said = [{"id": name, "checks": checks, "not_applicable": not_applicable} for name, checks in controls.items()]
    append_policy(store, "controls", canon.canonical({"form": 1, "controls": said}))


def test_runs_view(lived: Store) -> None:
    """v_runs tells each sealed run with its times as numbers and as text."""
    first = rows(lived, "SELECT * FROM v_runs ORDER BY seq")[0]
    assert first == {
        "seq": 1, "cloud": "aws", "target": "prod", "account": "123456789012", "run_id": f"prod-{JANUARY}",
        "status": "complete", "scheduled": 1, "slot_us": JANUARY, "slot": "2026-01-01T00:00:00.000000Z",
        "started_us": JANUARY + HOUR, "started": "2026-01-01T01:00:00.000000Z",
        "finished_us": JANUARY + HOUR + 1_000_000, "finished": "2026-01-01T01:00:01.000000Z",
        "recorded_us": JANUARY + HOUR, "recorded": "2026-01-01T01:00:00.000000Z",
        "documents": 2, "changes": 2, "result_changes": 1, "gaps": 0,
        "code_digest": "c" * 64, "config_digest": "d" * 64,
    }  # fmt: skip


def test_findings_view(lived: Store) -> None:
    """v_findings has one row for each verdict with the stretch in which it was in force."""
    found = rows(
        lived,
        "SELECT * FROM v_findings ORDER BY from_seq",
    )
    assert [(row["outcome"], row["from_seq"], row["to_seq"], row["in_force"]) for row in found] == [
        ("FAIL", 1, 3, 0), ("FAIL", 3, 5, 0), ("PASS", 5, 7, 0), ("FAIL", 7, None, 1),
    ]  # fmt: skip
    assert (found[0]["from_time"], found[0]["to_time"]) == (
        "2026-01-01T01:00:00.000000Z",
        "2026-01-01T02:00:00.000000Z",
    )
    assert found[1]["detail_sha256"] == canon.sha256(detail("still off")).hex()


def test_failing_intervals_view(lived: Store) -> None:
    """v_failing_intervals joins failures whose reason alone changed, and tells what came next."""
    found = rows(lived, "SELECT from_seq, to_seq, next_outcome, resource FROM v_failing_intervals ORDER BY from_seq")
    assert [tuple(row.values()) for row in found] == [(1, 5, "PASS", A.uid), (7, None, None, A.uid)]


def test_gaps_view(lived: Store) -> None:
    """v_gaps holds failed reads, missed slots and broken-off runs."""
    found = rows(lived, "SELECT entry_type, reason, permission, error FROM v_gaps ORDER BY seq")
    assert [tuple(row.values()) for row in found] == [
        ("run", "PERMISSION_DENIED", "s3:ListAllMyBuckets", "AccessDenied"),
        ("gap", "AGENT_DOWN", "", "down"),
        ("abort", "AGENT_DOWN", "", ""),
    ]


def test_evidence_view(lived: Store) -> None:
    """v_evidence has every version of every document with its hash, and the deletion."""
    found = rows(
        lived,
        "SELECT sha256, bytes, deleted, from_seq, to_seq FROM v_evidence WHERE resource LIKE '%a' ORDER BY 4",
    )
    assert [tuple(row.values()) for row in found] == [
        (canon.sha256(document("a", V=0)).hex(), len(document("a", V=0)), 0, 1, 3),
        (canon.sha256(document("a", V=1)).hex(), len(document("a", V=1)), 0, 3, 5),
        (canon.sha256(document("a", V=2)).hex(), len(document("a", V=2)), 0, 5, 7),
        (None, None, 1, 7, None),
    ]


def test_calls_view(store: Store, clock: Clock) -> None:
    """v_calls has one row for each stretch of runs in which an operation was answered alike, none once it ceased."""
    other = replace(LIST, operation="GetBucketAcl", calls=9, failed=1, error="AccessDenied")
    for hour, asked in enumerate([[LIST], [LIST, other], [LIST, other], [replace(LIST, items=31)], [LIST], []]):
        run(store, clock, JANUARY + hour * HOUR, asked=asked)
        run(store, clock, JANUARY + hour * HOUR, LAB, asked=[replace(LIST, pages=7)])
    found = rows(
        store,
        "SELECT target, operation, calls, pages, items, failed, error, from_seq, to_seq FROM v_calls "
        "ORDER BY target DESC, from_seq, operation",
    )
    assert [tuple(row.values()) for row in found] == [
        ("prod", "ListBuckets", 1, 2, 30, 0, "", 1, 13),
        ("prod", "GetBucketAcl", 9, 2, 30, 1, "AccessDenied", 5, 13),
        ("prod", "ListBuckets", 1, 2, 31, 0, "", 13, 17),
        ("prod", "ListBuckets", 1, 2, 30, 0, "", 17, 21),
        ("lab", "ListBuckets", 1, 7, 30, 0, "", 3, None),
    ]


def test_waivers_view(store: Store, clock: Clock) -> None:
    """v_waivers tells when each waiver holds: never before its record and approval, nor after its revocation."""
    clock.time = JANUARY + 5 * HOUR
    append_statement(store, "waiver", canon.canonical(GRANTED | {"valid_from": JANUARY}))
    append_statement(store, "waiver", canon.canonical(GRANTED))
    clock.time = JANUARY + 30 * HOUR
    for by in ("Ann", "Ben"):
        append_statement(
            store, "waiver-revoked", canon.canonical({"form": 1, "waiver": "W-0002", "by": by, "reason": "fixed"})
        )
    found = rows(store, "SELECT * FROM v_waivers ORDER BY waiver")
    shown = ("waiver", "seq", "control", "resource", "begins_us", "ends_us", "revoked", "revoked_by", "revoked_because")
    assert [tuple(row[name] for name in shown) for row in found] == [
        ("W-0001", 0, "CR-01", A.uid, JANUARY + 5 * HOUR, JANUARY + 90 * HOUR, None, None, None),
        ("W-0002", 1, "CR-01", A.uid, JANUARY + 20 * HOUR, JANUARY + 30 * HOUR, "2026-01-02T06:00:00.000000Z", "Ann",
         "fixed"),
    ]  # fmt: skip
    assert (found[1]["begins"], found[1]["approved_by"]) == ("2026-01-01T20:00:00.000000Z", "Carl")


def test_waivers_view_shows_what_it_cannot_read(store: Store) -> None:
    """A waiver whose body is kept compressed, as earlier releases did, is a row without its terms."""
    attachments.append(store, "waiver", GRANTED | {"reason": "because " * 40}, [])
    assert rows(store, "SELECT waiver, control, begins, ends FROM v_waivers") == [
        {"waiver": "W-0001", "control": None, "begins": None, "ends": None}
    ]


def test_population_views(lived: Store) -> None:
    """v_population has each stretch of existence once, and the view of one population shows only its own."""
    found = rows(lived, "SELECT * FROM v_population ORDER BY resource")
    assert [(row["population"], row["id"], row["still_there"]) for row in found] == [
        ("stores", f"aws/{PROD.account}/arn:aws:s3:::a", 0),
        ("stores", f"aws/{PROD.account}/arn:aws:s3:::b", 1),
    ]
    assert [(row["first_seen_us"], row["last_held_us"], row["gone_us"]) for row in found] == [
        (JANUARY + HOUR, JANUARY + 3 * HOUR, JANUARY + 4 * HOUR),
        (JANUARY + HOUR, JANUARY + 4 * HOUR, None),
    ]
    assert rows(lived, "SELECT * FROM v_population_stores ORDER BY resource") == found
    assert rows(lived, "SELECT * FROM v_population_users") == []
    with lived.read() as conn:
        lives = history.resource_lives(conn, ["aws.s3.bucket"], JANUARY, JANUARY + 9 * HOUR)
    assert [(life.first.recorded, life.gone and life.gone.recorded) for life in lives] == [
        (row["first_seen_us"], row["gone_us"]) for row in found
    ]


def test_population_that_came_back(store: Store, clock: Clock) -> None:
    """A resource that was gone and came back has a row for each stretch; the newest declaration of kinds counts."""
    for kinds in ({"users": ["aws.s3.bucket"]}, {"stores": ["aws.s3.bucket"]}):
        append_policy(store, "populations", canon.canonical({"form": 1, "kinds": kinds}))
    for hour, content in enumerate([document("a"), None, document("a"), document("a", V=1)]):
        clock.advance(3600)
        run(store, clock, JANUARY + hour * HOUR, documents={bucket("a"): content})
    found = rows(store, "SELECT population, first_seen_us, gone_us FROM v_population ORDER BY 2")
    assert [tuple(row.values()) for row in found] == [
        ("stores", JANUARY + HOUR, JANUARY + 2 * HOUR), ("stores", JANUARY + 3 * HOUR, None),
    ]  # fmt: skip


def test_accounts_view(lived: Store, clock: Clock) -> None:
    """v_population_accounts has each account with its first and last run."""
    clock.advance(3600)
    run(lived, clock, JANUARY + 20 * HOUR, LAB)
    found = rows(lived, "SELECT id, runs, first_run_us, last_run_us FROM v_population_accounts ORDER BY runs")
    assert [tuple(row.values()) for row in found] == [
        (f"aws/{LAB.account}", 1, clock.time, clock.time),
        (f"aws/{PROD.account}", 4, JANUARY + HOUR, JANUARY + 4 * HOUR),
    ]


B = Key("object_store", "arn:aws:s3:::b")
OTHER = "exposure.public"
SAID = [Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR, Outcome.NOT_APPLICABLE, None]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_control_days_view(store: Store, clock: Clock, seed: int) -> None:
    """v_control_days says the same as a walk through every run of every day."""
    dice = random.Random(seed)
    controls = {"CR-01": [CHECK], "CR-02": [CHECK, OTHER], "CR-03": ["nobody.runs_this"]}
    library(store, controls)
    standing: dict[Target, dict[tuple[str, Key], Outcome]] = {PROD: {}, LAB: {}}
    seen: dict[tuple[Target, int], list[dict[tuple[str, Key], Outcome]]] = {}
    for number in range(40):
        clock.advance(dice.choice((3600, 7200, 40_000, 200_000)))
        who = dice.choice((PROD, PROD, LAB))
        changes: dict[tuple[str, Key], tuple[Outcome, str] | None] = {}
        for pair in ((CHECK, A), (CHECK, B), (OTHER, A)):
            if dice.random() < 0.5:
                outcome = dice.choice(SAID)
                changes[pair] = None if outcome is None else (outcome, f"run {number}")
                standing[who].pop(pair, None)
                if outcome is not None:
                    standing[who][pair] = outcome
        run(store, clock, JANUARY + number, who, verdicts=changes)
        seen.setdefault((who, clock.time // DAY), []).append(dict(standing[who]))
    found = rows(store, "SELECT * FROM v_control_days ORDER BY target DESC, day, control_id")
    assert [
        (row["control_id"], row["target"], row["day"], row["runs"], row["checks"], row["silent_checks"],
         row["passing"], row["failing"], row["unknown"], row["broken"], row["not_applicable"], row["undecided"],
         row["outcome"], row["covered"])
        for row in found
    ] == list(_days(seen, clock.time // DAY, controls))  # fmt: skip


def _days(
    seen: dict[tuple[Target, int], list[dict[tuple[str, Key], Outcome]]], last: int, controls: dict[str, list[str]]
) -> Iterator[tuple[object, ...]]:
    """The rows that the view must have, from what stood after each run of each target and day."""
    for who in (PROD, LAB):
        stood: dict[tuple[str, Key], Outcome] = {}
        for day in range(min(day for target, day in seen if target == who), last + 1):
            runs = seen.get((who, day), [])
            for control, checks in controls.items():
                after = [{pair: said for pair, said in each.items() if pair[0] in checks} for each in runs]
                known = {pair for each in after for pair in each} if runs else {p for p in stood if p[0] in checks}
                said = {pair: {each[pair] for each in after if pair in each} for pair in known}
                counts = [sum(outcome in some for some in said.values()) for outcome in SAID[:5]]
                undecided = sum(
                    not some & {Outcome.PASS, Outcome.FAIL, Outcome.NOT_APPLICABLE} for some in said.values()
                )
                silent = sum(all(pair[0] != check for pair in known) for check in checks)
                passing, failing, unknown, broken, _ = counts
                if failing or broken:
                    outcome = "FAIL" if failing else "ERROR"
                elif unknown or silent or not runs:
                    outcome = "UNKNOWN"
                else:
                    outcome = "PASS" if passing else "NOT_APPLICABLE"
                text_ = datetime.fromtimestamp(day * 86400, UTC).date().isoformat()
                covered = int(bool(runs) and not silent and not undecided)
                yield (
                    control, who.name, text_, len(runs), len(checks), silent, *counts, undecided, outcome, covered
                )  # fmt: skip
            if runs:
                stood = runs[-1]


def test_control_days_follow_the_library(store: Store, clock: Clock) -> None:
    """Each day is told by the newest library recorded by its end; what does not apply has none."""
    run(store, clock, JANUARY, verdicts={(CHECK, A): (Outcome.PASS, "on")})
    append_policy(store, "controls", canon.canonical({"digest": "a" * 64}))
    clock.advance(86_400)
    library(store, {"CR-09": [OTHER]})
    library(store, {"CR-01": [CHECK]})
    run(store, clock, JANUARY + 1, verdicts={(CHECK, A): (Outcome.PASS, "on")})
    clock.advance(86_400)
    library(store, {"CR-02": [CHECK]})
    clock.advance(86_400)
    library(store, {"CR-02": [CHECK]}, not_applicable="nothing is stored")
    found = rows(store, "SELECT control_id, day, runs, verdicts, outcome, covered FROM v_control_days ORDER BY day")
    assert [tuple(row.values()) for row in found] == [
        ("CR-01", "2026-01-02", 1, 1, "PASS", 1), ("CR-02", "2026-01-03", 0, 1, "UNKNOWN", 0),
    ]  # fmt: skip


def sections() -> dict[str, str]:
    """By view: the section of the README about it; views with the same columns share one."""
    found: dict[str, str] = {}
    for part in README.split("\n### ")[1:]:
        title, _, body = part.partition("\n")
        found |= dict.fromkeys(re.findall(r"v_\w+", title), body)
    return found


@pytest.mark.parametrize("name", views.NAMES)
def test_every_column_is_documented(store: Store, name: str) -> None:
    """The README describes exactly the columns that a view has, in order."""
    with store.read() as conn:
        columns = list(conn.execute(select(text("*")).select_from(text(name))).keys())
    assert re.findall(r"^\| `(\w+)` \|", sections()[name], flags=re.MULTILINE) == columns


def test_every_documented_query_runs(lived: Store) -> None:
    """Each example query in the README runs on both databases and finds something in a store that was used."""
    assert sections().keys() == set(views.NAMES)
    assert all(body.count("```sql") == 2 for body in sections().values())
    assert all(rows(lived, query) for query in re.findall(r"```sql\n(.*?)```", README, flags=re.DOTALL))
