"""The store in numbers: what is counted by the database is what a reader of every row would count."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from storage import ledger, notes, reads
from storage.engine import Store
from storage.rows import Key, Outcome, Target
from storage.sizes import database_bytes, newest_runs, sizes, verdict_counts
from tests.conftest import Clock
from tests.storage.builders import GAP, LAB, PROD, bucket, document, run

MFA, TLS = "identity.user_mfa", "encryption.in_transit"
A, B, C = bucket("a"), bucket("b"), bucket("c")


def counted(store: Store) -> dict[tuple[Target, str, Outcome], int]:
    """What the database counts."""
    with store.read() as conn:
        return {(one.target, one.check_id, one.outcome): one.number for one in verdict_counts(conn)}


def read_one_by_one(store: Store) -> Counter[tuple[Target, str, Outcome]]:
    """The same from every verdict in force."""
    with store.read() as conn:
        return Counter((row.target, row.check_id, row.outcome) for row in reads.results_at(conn))


@pytest.fixture
def history(store: Store, clock: Clock) -> None:
    """Two targets, three runs: a verdict changes and one ends."""
    run(
        store,
        clock,
        1,
        verdicts={
            (MFA, A): (Outcome.FAIL, "none"),
            (MFA, B): (Outcome.FAIL, "none"),
            (MFA, C): (Outcome.PASS, "one"),
            (TLS, A): (Outcome.UNKNOWN, "denied"),
        },
        gaps=[GAP, GAP],
    )
    run(store, clock, 1, LAB, verdicts={(MFA, A): (Outcome.NOT_APPLICABLE, "no users")}, gaps=[GAP])
    clock.advance(3600)
    run(
        store,
        clock,
        2,
        verdicts={(MFA, A): (Outcome.PASS, "one"), (TLS, A): None},
        gaps=[GAP, GAP, GAP, replace(GAP, reason="THROTTLED")],
    )


@pytest.mark.usefixtures("history")
def test_verdicts_in_force_are_counted(store: Store) -> None:
    """By target, check and outcome; what changed counts as it is now, what ended not at all."""
    assert counted(store) == {
        (PROD, MFA, Outcome.FAIL): 1,
        (PROD, MFA, Outcome.PASS): 2,
        (LAB, MFA, Outcome.NOT_APPLICABLE): 1,
    }


@pytest.mark.usefixtures("history")
def test_the_count_agrees_with_the_rows(store: Store) -> None:
    """Nothing is lost or doubled on the way."""
    assert counted(store) == read_one_by_one(store)


@pytest.mark.usefixtures("history")
def test_newest_run_of_each_target_with_its_own_gaps(store: Store, clock: Clock) -> None:
    """Older runs and other targets do not count into it."""
    with store.read() as conn:
        lab, prod = newest_runs(conn)

    assert (lab.target, dict(lab.gaps)) == (LAB, {"PERMISSION_DENIED": 1})
    assert (prod.target, dict(prod.gaps)) == (PROD, {"PERMISSION_DENIED": 3, "THROTTLED": 1})
    assert prod.finished == clock() + 1_000_000
    assert lab.finished == prod.finished - 3_600_000_000
    assert prod.seq > lab.seq


def test_an_empty_store_has_no_numbers(store: Store) -> None:
    """There is nothing to count, and no checkpoint to date."""
    with store.read() as conn:
        found = sizes(conn)

    assert (found.verdicts, found.runs, found.entries, found.signed_at) == ((), (), 0, None)


@pytest.mark.usefixtures("history")
def test_entries_and_the_newest_signature(store: Store, clock: Clock, tmp_path: Path) -> None:
    """The time of a checkpoint is when it was signed, and the newest one counts."""
    signer = notes.open_key(tmp_path / "signing.key", "test/ledger")
    ledger.checkpoint(store, signer, "test/ledger")
    run(store, clock, 3)
    signed_at = clock.advance(60)
    ledger.checkpoint(store, signer, "test/ledger")
    clock.advance(60)

    with store.read() as conn:
        found = sizes(conn)
        assert found.entries == ledger.size(conn) > 0
    assert found.signed_at == signed_at


def test_the_database_grows_with_what_is_kept(store: Store, clock: Clock) -> None:
    """Bytes are those of the database and not a constant."""
    with store.read() as conn:
        before = database_bytes(conn)
    run(store, clock, 1, documents={Key("aws.s3.bucket", str(n)): document(f"bucket-{n}-{n * n}") for n in range(3000)})
    with store.read() as conn:
        after = database_bytes(conn)

    assert before > 50_000
    assert after > before + 500_000


@pytest.mark.usefixtures("history")
def test_verdicts_are_counted_again_only_when_the_ledger_grew(store: Store, clock: Clock) -> None:
    """An earlier look is good until something is sealed, and no longer."""
    with store.read() as conn:
        first = sizes(conn)
        marked = replace(first, verdicts=())
        taken_over = sizes(conn, marked)
    run(store, clock, 3, verdicts={(MFA, B): (Outcome.PASS, "one")})
    with store.read() as conn:
        second = sizes(conn, marked)

    assert taken_over == marked
    assert {one.outcome: one.number for one in second.verdicts if one.target == PROD} == {Outcome.PASS: 3}
