"""Each way to tamper with history is caught by the weakest verifier that can catch it, who names the place.

Level 0 has nothing but the database, level 1 the public key, level 2 checkpoints that were kept outside.
"""

from __future__ import annotations

import json

from sqlalchemy import text

from storage import canon, guards, ledger, notes
from storage.engine import open_store
from tests.agent.tampering.attacker import Forgery, change, forging, unguarded, value, write_entry
from tests.agent.tampering.conftest import Case
from tests.agent.tampering.estate import HOUR, MISSED, ORIGIN, Estate, History, live
from tests.conftest import Clock


def test_06_time_of_a_run(case: Case) -> None:
    """06: a run that finished before it started."""
    with unguarded(case.url) as conn:
        said = json.loads(value(conn, "SELECT entry FROM ledger WHERE seq = :seq", seq=case.runs[12]))
        entry = canon.canonical({**said, "finished": said["finished"] - HOUR})
        change(conn, "UPDATE ledger SET entry = :entry WHERE seq = :seq", entry=entry, seq=case.runs[12])

    where = f"ledger entry {case.runs[12]}: "
    case.caught(0, where + "time goes backwards", where + "the leaf hash", "root differs from checkpoint")


def test_07_time_of_a_run_with_the_stolen_key(case: Case) -> None:
    """07: a plausible time, rehashed and signed with the real key."""
    with forging(case.url, case.ledger.signer) as forged:
        said = json.loads(forged.one("ledger", seq=case.runs[12])["entry"])
        forged.say(case.runs[12], finished=said["finished"] - 5_000_000)

    case.caught(2, "root differs from external checkpoint")


def test_08_deleted_run(case: Case) -> None:
    """08: a run's entry is gone from the middle."""
    seq = case.runs[15]
    with unguarded(case.url) as conn:
        change(conn, "DELETE FROM ledger WHERE seq = :seq", seq=seq)

    case.caught(0, f"ledger gap: after entry {seq - 1} comes {seq + 1}", f"version at entry {seq}")


def test_09_deleted_run_renumbered(case: Case) -> None:
    """09: a run is gone, everything is renumbered, rehashed and signed: the declared schedule still asks for it."""
    removed = {case.runs[15], case.runs[15] - 1}
    with forging(case.url, case.ledger.signer) as forged:
        forged.remove_entries(lambda seq: seq in removed)

    case.caught(0, "missed schedule slot without a gap entry: 2026-01-01T15:00:00")
    assert {one.where.split()[0] for one in case.verify(1).findings} == {"schedule"}


def test_10_deleted_tail_inside_an_interval(case: Case) -> None:
    """10: the newest runs are gone, back to one run after a checkpoint."""
    with forging(case.url) as forged:
        forged.remove_entries(lambda seq: seq > case.runs[35])

    case.caught(2, "external checkpoint 4: ledger shorter than external checkpoint")


def test_11_deleted_tail_back_to_a_checkpoint(case: Case) -> None:
    """11: the newest runs are gone, exactly back to a checkpoint."""
    size = notes.parse(case.ledger.history.notes[35]).checkpoint.size
    with forging(case.url) as forged:
        forged.remove_entries(lambda seq: seq >= size)

    case.caught(2, "external checkpoint 4: ledger shorter than external checkpoint")


def test_12_reordered_runs(case: Case) -> None:
    """12: two runs change places."""
    one, two = case.runs[10], case.runs[11]
    with unguarded(case.url) as conn:
        query = "SELECT entry FROM ledger WHERE seq = :seq"
        entries = value(conn, query, seq=one), value(conn, query, seq=two)
        write_entry(conn, one, entries[1])
        write_entry(conn, two, entries[0])

    case.caught(0, f"ledger entry {one}: the entry says seq {two}", f"run {one} of prod: change_root differs")


def test_15_older_copy(case: Case) -> None:
    """15: the database is replaced by a genuine copy of itself from ten runs ago."""
    case.caught(2, "external checkpoint 4: ledger shorter", url=case.copy(case.ledger.earlier))


def test_16_fork(case: Case) -> None:
    """16: another history from the 26th run on, made with the product itself and the real key."""
    with forging(case.url) as forged:
        forged.remove_entries(lambda seq: seq > case.runs[25])
    clock = Clock()
    with open_store(case.url, clock=clock) as store:
        clock.time += 26 * HOUR + HOUR // 2
        estate = Estate(store, clock)
        estate.relive(range(27))
        estate.story = "as it should have been"
        live(estate, case.ledger.signer, range(27, 41), History(runs=case.runs[:26]))

    case.caught(2, "external checkpoint 3: root differs", "external checkpoint 4: root differs")


def test_19_replaced_database(case: Case) -> None:
    """19: another ledger of the same account, signed by somebody else."""
    case.caught(1, "no valid signature by a pinned key", url=case.copy(case.ledger.replaced))


def append_run(forged: Forgery, like: int) -> int:
    """Add a run to the end of the ledger, with the entries of an earlier one; return its position."""
    last = forged.tables["ledger"][-1]
    begin: int = last["seq"] + 1
    end, at = begin + 1, last["recorded_at"] + 1_000_000
    changed = {"run_id": "copy", "started": at, "recorded_at": at}
    forged.tables["ledger"] += [
        {**forged.one("ledger", seq=like - 1), "seq": begin, "recorded_at": at},
        {**forged.one("ledger", seq=like), "seq": end, "ref": begin, "recorded_at": at},
    ]
    forged.say(begin, **changed, seq=begin)
    forged.say(end, **changed, seq=end, start=begin, finished=at)
    for table in ("heartbeat", "volatile"):
        forged.tables[table].append({**forged.one(table, seq=like), "seq": end})
    return end


def test_22_copied_run(case: Case) -> None:
    """22: a run is appended a second time, rehashed and signed."""
    with unguarded(case.url) as conn:
        conn.execute(text("DROP INDEX ledger_slot"))
        forged = Forgery(conn)
        seq = append_run(forged, case.runs[30])
        forged.rehash()
        forged.resign(case.ledger.signer)
        forged.write(conn)

    case.caught(0, f"ledger entry {seq}: duplicate run of prod for the slot 2026-01-02T07:00:00")


def test_23_back_dated_run(case: Case) -> None:
    """23: the slot that was missed gets a run months later, through the product itself."""
    clock = Clock()
    clock.time += 1000 * HOUR
    with open_store(case.url, clock=clock) as store:
        seq = Estate(store, clock).run(MISSED)
        ledger.checkpoint(store, case.ledger.signer, ORIGIN)

    case.caught(0, f"ledger entry {seq}: back-dated: the slot 2026-01-01T17:00:00.000000Z of prod was over")


def test_28_dropped_guards(case: Case) -> None:
    """28: the guards are gone."""
    with unguarded(case.url, restore=False) as conn:
        names = list(guards.expected(conn.dialect.name))

    case.caught(0, *(f"guard {name}: this append-only guard is missing" for name in names))


def test_29_deleted_checkpoints(case: Case) -> None:
    """29: the newest checkpoint is gone."""
    size = notes.parse(case.ledger.history.notes[40]).checkpoint.size
    with unguarded(case.url) as conn:
        change(conn, "DELETE FROM checkpoint WHERE size = :size", size=size)

    case.caught(0, "checkpoint of prod: no fresh checkpoint for the head")


def test_32_code_digest(case: Case) -> None:
    """32: a run claims that other code judged it."""
    with unguarded(case.url) as conn:
        said = json.loads(value(conn, "SELECT entry FROM ledger WHERE seq = :seq", seq=case.runs[8]))
        write_entry(conn, case.runs[8], canon.canonical({**said, "code_digest": "f" * 64}))

    case.caught(
        0,
        "root differs from checkpoint",
        f"ledger entry {case.runs[8]}: its code_digest is not the one that the run was started with",
    )


def test_33_code_digest_with_the_stolen_key(case: Case) -> None:
    """33: as 32, in start and end, rehashed and signed."""
    with forging(case.url, case.ledger.signer) as forged:
        for seq in (case.runs[8], forged.one("ledger", seq=case.runs[8])["ref"]):
            forged.say(seq, code_digest="f" * 64)

    case.caught(2, "root differs from external checkpoint")


def test_37_other_encoding_of_an_entry(case: Case) -> None:
    """37: an entry that says the same in other bytes."""
    seq = case.runs[18]
    with unguarded(case.url) as conn:
        said = json.loads(value(conn, "SELECT entry FROM ledger WHERE seq = :seq", seq=seq))
        write_entry(conn, seq, json.dumps(said).encode())

    case.caught(0, f"ledger entry {seq}: entry is not in canonical form", "root differs from checkpoint")


def test_guards_come_back(case: Case) -> None:
    """An attacker who changes nothing and puts the guards back leaves no trace: the other tests find the changes."""
    with unguarded(case.url):
        pass
    with forging(case.url, case.ledger.signer):
        pass

    assert [case.verify(level).findings for level in range(3)] == [()] * 3


def test_guards_switched_off(case: Case) -> None:
    """A guard that is there but does nothing is named."""
    with unguarded(case.url) as conn:
        dialect = conn.dialect.name
    with unguarded(case.url, restore=False) as conn:
        for statement in guards.ddl(dialect):
            if not statement.startswith("CREATE FUNCTION"):
                conn.execute(text(statement))
        if dialect == "postgresql":
            conn.execute(text("ALTER TABLE blob DISABLE TRIGGER blob_append_only"))
        else:
            conn.execute(text("DROP TRIGGER blob_no_update"))
            conn.execute(
                text("CREATE TRIGGER blob_no_update BEFORE UPDATE ON blob WHEN 0 BEGIN SELECT RAISE(ABORT, ''); END")
            )

    case.caught(0, "guard blob_append_only" if dialect == "postgresql" else "guard blob_no_update")
