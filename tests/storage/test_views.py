"""The public views: the documented columns with the same rows on both databases."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import select, text

from storage import canon, views
from storage.engine import Store
from storage.rows import Key, Outcome
from storage.seal import abort, append_gap, start
from tests.conftest import JANUARY, Clock
from tests.storage.builders import GAP, HOUR, PROD, bucket, detail, document, run, run_start

README = (Path(__file__).parents[2] / "storage" / "README.md").read_text(encoding="utf-8")
CHECK = "encryption.at_rest"
A = Key("object_store", "arn:aws:s3:::a")


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
        )  # fmt: skip
    append_gap(store, PROD, JANUARY + 8 * HOUR, "AGENT_DOWN", "down")
    abort(store, start(store, run_start(clock, JANUARY + 9 * HOUR)), "AGENT_DOWN")
    return store


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


@pytest.mark.parametrize("name", views.NAMES)
def test_every_column_is_documented(store: Store, name: str) -> None:
    """The README describes exactly the columns that a view has, in order."""
    with store.read() as conn:
        columns = list(conn.execute(select(text("*")).select_from(text(name))).keys())
    section = README.split(f"### {name}\n")[1].split("### ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE) == columns


def test_every_documented_query_runs(lived: Store) -> None:
    """Each example query in the README runs on both databases and finds something in a store that was used."""
    queries = re.findall(r"```sql\n(.*?)```", README, flags=re.DOTALL)
    assert len(queries) == 2 * len(views.NAMES)
    assert all(rows(lived, query) for query in queries)
