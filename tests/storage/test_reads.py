"""The read side: any moment of the past, every change, and nothing that was not known yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage import canon, reads
from storage.engine import Store
from storage.errors import StoreError
from storage.rows import Key, Outcome, Target
from storage.seal import abort, append_gap, seal, start
from tests.conftest import JANUARY, Clock
from tests.storage.builders import GAP, HOUR, LAB, PROD, Parts, bucket, detail, document, run, run_start, sealed

CHECK, OTHER = "encryption.at_rest", "exposure.public"
A, B = bucket("a"), bucket("b")


@pytest.fixture
def year(store: Store, clock: Clock) -> list[int]:
    """Four runs of one target and one of another; each recorded an hour after the one before."""
    runs = []
    steps: list[Parts] = [
        {
            "documents": {A: document("a", V=1)},
            "verdicts": {(CHECK, A): (Outcome.FAIL, "off"), (OTHER, A): (Outcome.PASS, "ok")},
        },
        {"documents": {A: document("a", V=2), B: document("b")}, "verdicts": {(CHECK, A): (Outcome.FAIL, "still off")}},
        {
            "documents": {A: None},
            "verdicts": {(CHECK, A): None, (OTHER, A): None, (CHECK, B): (Outcome.UNKNOWN, "denied")},
        },
        {"documents": {A: document("a", V=1)}, "verdicts": {(CHECK, A): (Outcome.PASS, "on")}, "gaps": [GAP]},
    ]  # fmt: skip
    for hour, parts in enumerate(steps):
        clock.advance(3600)
        runs.append(run(store, clock, JANUARY + hour * HOUR, **parts))
    clock.advance(3600)
    runs.append(
        run(
            store,
            clock,
            JANUARY,
            LAB,
            documents={A: document("lab")},
            verdicts={(CHECK, A): (Outcome.FAIL, "lab")},
        )
    )
    return runs


def outcomes(store: Store, **filters: object) -> list[tuple[str, str, str, str]]:
    """Verdicts as (target, check, uid, outcome)."""
    with store.read() as conn:
        rows = reads.results_at(conn, **filters)  # type: ignore[arg-type]
    return [(row.target.name, row.check_id, row.subject.uid[-1], str(row.outcome)) for row in rows]


def test_verdicts_at_any_time(store: Store, year: list[int]) -> None:
    """At each moment exactly the verdicts of the runs recorded by then are in force."""
    assert year
    hours = [outcomes(store, time=JANUARY + hour * HOUR, who=PROD) for hour in range(5)]
    assert hours == [
        [],
        [("prod", CHECK, "a", "FAIL"), ("prod", OTHER, "a", "PASS")],
        [("prod", CHECK, "a", "FAIL"), ("prod", OTHER, "a", "PASS")],
        [("prod", CHECK, "b", "UNKNOWN")],
        [("prod", CHECK, "a", "PASS"), ("prod", CHECK, "b", "UNKNOWN")],
    ]
    assert outcomes(store, time=JANUARY + 2 * HOUR - 1, who=PROD) == hours[1]


def test_verdict_filters(store: Store, year: list[int]) -> None:
    """Verdicts can be asked for by target, check, outcome, kind and uid, alone and together."""
    everything = outcomes(store)
    assert everything == [
        ("lab", CHECK, "a", "FAIL"),
        ("prod", CHECK, "a", "PASS"),
        ("prod", CHECK, "b", "UNKNOWN"),
    ]
    assert outcomes(store, who=LAB) == everything[:1]
    assert outcomes(store, outcome=Outcome.UNKNOWN) == everything[2:]
    assert outcomes(store, uid=A.uid) == everything[:2]
    assert outcomes(store, kind="another") == []
    assert outcomes(store, check_id=OTHER) == []
    assert outcomes(store, check_id="never.heard") == []
    assert outcomes(store, check_id=OTHER, seq=year[0]) == [("prod", OTHER, "a", "PASS")]
    assert outcomes(store, who=Target("gcp", "x", "y")) == []


def test_since_looks_no_further_than_asked(store: Store, year: list[int]) -> None:
    """`since` and the reason are those known at the asked moment."""
    with store.read() as conn:
        (row,) = reads.results_at(conn, seq=year[1], check_id=CHECK)
    assert (row.seq, row.since_seq, row.since, row.detail) == (
        year[1], year[0], JANUARY + HOUR, detail("still off"),
    )  # fmt: skip


def test_verdicts_now_equal_those_of_the_whole_history(store: Store, year: list[int]) -> None:
    """The cached current verdicts and the ones computed from history agree."""
    assert year
    with store.read() as conn:
        for who in (PROD, LAB):
            current = reads.results_at(conn, who=who)
            assert current
            assert current == reads.results_at(conn, who=who, seq=year[-1])
            assert reads.current_verdicts(conn, who) == {
                (row.check_id, row.subject): (row.outcome, canon.sha256(row.detail)) for row in current
            }


def test_documents_at_any_run(store: Store, year: list[int]) -> None:
    """The documents in force after each run come back byte by byte, in order, also by kind."""
    with store.read() as conn:
        states = [list(reads.documents_at(conn, PROD, seq)) for seq in year[:4]]
        assert list(reads.documents_at(conn, PROD, year[1], kinds=["another.kind"])) == []
        assert list(reads.documents_at(conn, PROD, -1)) == []
        assert list(reads.documents_at(conn, LAB, year[3])) == []
    assert states == [
        [(A, document("a", V=1))],
        [(A, document("a", V=2)), (B, document("b"))],
        [(B, document("b"))],
        [(A, document("a", V=1)), (B, document("b"))],
    ]


def test_document_history(store: Store, year: list[int]) -> None:
    """A document's history names every change with its run and time, in every target that has it."""
    with store.read() as conn:
        history = reads.document_history(conn, A.uid)
        assert reads.document_history(conn, "nobody") == []
    first, second = canon.sha256(document("a", V=1)), canon.sha256(document("a", V=2))
    assert [(row.target.name, row.seq, row.at, row.sha256) for row in history] == [
        ("prod", year[0], JANUARY + HOUR, first),
        ("prod", year[1], JANUARY + 2 * HOUR, second),
        ("prod", year[2], JANUARY + 3 * HOUR, None),
        ("prod", year[3], JANUARY + 4 * HOUR, first),
        ("lab", year[4], JANUARY + 5 * HOUR, canon.sha256(document("lab"))),
    ]


def test_result_history(store: Store, year: list[int]) -> None:
    """A resource's verdict history names every change of outcome or reason, and when it was gone."""
    with store.read() as conn:
        history = reads.result_history(conn, A.uid)
    assert [(row.check_id, row.seq, row.outcome, row.detail) for row in history if row.target == PROD] == [
        (CHECK, year[0], Outcome.FAIL, detail("off")),
        (OTHER, year[0], Outcome.PASS, detail("ok")),
        (CHECK, year[1], Outcome.FAIL, detail("still off")),
        (CHECK, year[2], None, None),
        (OTHER, year[2], None, None),
        (CHECK, year[3], Outcome.PASS, detail("on")),
    ]


def test_runs(store: Store, year: list[int]) -> None:
    """Runs come back in order with what their entries say."""
    with store.read() as conn:
        assert [row.seq for row in reads.runs(conn)] == year
        rows = reads.runs(conn, PROD)
        assert reads.last_run(conn, Target("gcp", "x", "y")) is None
        assert reads.last_run(conn, PROD) == rows[-1]
    last = rows[-1]
    assert (last.run_id, last.slot, last.scheduled, last.status, last.gaps, last.documents) == (
        f"prod-{JANUARY + 3 * HOUR}", JANUARY + 3 * HOUR, True, "partial", 1, 1,
    )  # fmt: skip
    assert (last.started, last.finished) == (JANUARY + 4 * HOUR, JANUARY + 4 * HOUR + 1_000_000)


def test_gaps_of_all_kinds(store: Store, clock: Clock, year: list[int]) -> None:
    """Failed reads, missed slots and broken-off runs are listed together, by target and time."""
    missed = append_gap(store, LAB, JANUARY + 9 * HOUR, "AGENT_DOWN", "no run")
    clock.advance(3600)
    broken = abort(store, start(store, run_start(clock, JANUARY + 9 * HOUR)), "AGENT_DOWN", "killed")
    with store.read() as conn:
        found = [(one.target.name, one.seq, one.entry, one.gap.reason, one.gap.error) for one in reads.gaps(conn)]
        assert [one.seq for one in reads.gaps(conn, LAB)] == [missed]
        assert [one.seq for one in reads.gaps(conn, since=JANUARY + 5 * HOUR, until=JANUARY + 6 * HOUR)] == [missed]
    assert found == [
        ("prod", year[3], "run", "PERMISSION_DENIED", "AccessDenied"),
        ("lab", missed, "gap", "AGENT_DOWN", "no run"),
        ("prod", broken, "abort", "AGENT_DOWN", "killed"),
    ]


def test_manual_runs_settle_no_slot(store: Store, clock: Clock) -> None:
    """A run that nobody scheduled does not count as the last scheduled slot."""
    run(store, clock, JANUARY)
    manual = replace(run_start(clock, JANUARY + 7), scheduled=False)
    seal(store, sealed(manual, start(store, manual)))
    with store.read() as conn:
        assert reads.last_slot(conn, PROD) == JANUARY


def test_contents_by_hash(store: Store, year: list[int]) -> None:
    """A content is found by eight or more digits of its hash, and a bad or unknown prefix is named."""
    assert year
    digest = canon.sha256(document("b")).hex()
    with store.read() as conn:
        for digits in (8, 20, 64):
            found = reads.blob_by_sha(conn, digest[:digits].upper())
            assert (found.sha256.hex(), found.content, found.media) == (
                digest,
                document("b"),
                "application/json",
            )
        for bad, said in (("abc", "not 8 to 64"), ("zzzzzzzz", "not 8 to 64"), (digest + "0", "not 8 to 64"),
                          ("00000000", "nothing is kept")):  # fmt: skip
            with pytest.raises(StoreError, match=said):
                reads.blob_by_sha(conn, bad)


def test_ambiguous_hashes_are_named(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A prefix of two hashes asks for more digits."""
    run(store, clock, JANUARY, documents={bucket(f"b{n}"): document(f"b{n}") for n in range(40)})
    monkeypatch.setattr(reads, "_SHORTEST_PREFIX", 0)
    with store.read() as conn, pytest.raises(StoreError, match="give more digits"):
        reads.blob_by_sha(conn, "")


def test_subjects_keep_region_and_name(store: Store, clock: Clock) -> None:
    """Region and name of a resource come back as first seen."""
    key = Key("aws.ec2.vpc", "vpc-1", "eu-west-1", "main")
    run(store, clock, JANUARY, documents={key: b"{}"}, verdicts={(CHECK, key): (Outcome.PASS, "ok")})
    with store.read() as conn:
        (found,) = reads.current_documents(conn, PROD)
        (row,) = reads.results_at(conn)
    assert (found.region, found.name) == (row.subject.region, row.subject.name) == ("eu-west-1", "main")
