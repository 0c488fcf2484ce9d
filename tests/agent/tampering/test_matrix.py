"""Each way to tamper with a ledger is caught by the weakest verifier that can catch it, who names the place.

Level 0 has nothing but the database, level 1 the public key, level 2 checkpoints that were kept outside.
"""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
import zstandard
from sqlalchemy import Connection, text

from storage import canon, guards, ledger, notes
from storage.engine import open_store
from storage.merkle import leaf_hash
from tests.agent.tampering.attacker import Forgery, forging, unguarded
from tests.agent.tampering.conftest import Case
from tests.agent.tampering.estate import HOUR, MISSED, ORIGIN, Estate, History, live
from tests.conftest import Clock


def run(conn: Connection, statement: str, **values: object) -> None:
    """Run one statement that changes something."""
    assert conn.execute(text(statement), values).rowcount > 0


def value(conn: Connection, query: str, **values: object) -> Any:
    """The first value that a query gives."""
    return conn.execute(text(query), values).scalar_one()


def first_document(forged: Forgery, seq: int) -> tuple[dict[str, Any], str]:
    """The first version that a run wrote, and the uid that it is about."""
    row = next(row for row in forged.all("version", seq=seq) if row["bid"] is not None)
    return row, forged.one("resource", rid=row["rid"])["uid"]


def rewrite_document(forged: Forgery, seq: int) -> str:
    """Make a document say that its bucket is encrypted, hash of the blob included; return its uid."""
    row, uid = first_document(forged, seq)
    altered = json.loads(forged.content(row["bid"]))
    altered["body"] |= {"encrypted": True, "forged": True}
    forged.replace(row["bid"], canon.dumps(altered))
    return uid


def write_entry(conn: Connection, seq: int, entry: bytes) -> None:
    """Replace an entry and its leaf."""
    run(
        conn,
        "UPDATE ledger SET entry = :entry, leaf = :leaf WHERE seq = :seq",
        entry=entry,
        leaf=leaf_hash(entry),
        seq=seq,
    )


def test_01_evidence_bytes(case: Case) -> None:
    """01: other bytes under the hash of the old ones; the document is named."""
    with unguarded(case.url) as conn:
        forged = Forgery(conn)
        row, uid = first_document(forged, case.runs[20])
        content = forged.content(row["bid"]).replace(b"false", b"true ", 1)[::-1]
        run(
            conn,
            "UPDATE blob SET data = :data, codec = 0, base_bid = NULL, raw_len = :length WHERE bid = :bid",
            data=content,
            length=len(content),
            bid=row["bid"],
        )

    case.caught(0, f"blob {row['bid']}: the bytes do not have this hash", f"{uid}: it rests on blob")


def test_02_evidence_and_its_hash(case: Case) -> None:
    """02: other bytes with their own hash, under the old roots."""
    with unguarded(case.url) as conn:
        forged = Forgery(conn)
        uid = rewrite_document(forged, case.runs[20])
        forged.write(conn)

    case.caught(0, f"run {case.runs[20]} of prod: change_root differs", "state_root differs", f"{uid}: it is not the")


def test_03_all_hashes_recomputed(case: Case) -> None:
    """03: all roots and leaves fit the forged evidence, only the old checkpoints do not."""
    with forging(case.url) as forged:
        rewrite_document(forged, case.runs[20])

    case.caught(0, "root differs from checkpoint")


def test_04_signed_with_another_key(case: Case, tmp_path: Any) -> None:
    """04: as 03, with a key of the attacker's own, announced in the ledger."""
    own = notes.open_key(tmp_path / "own", "proofkeep-tests")
    with forging(case.url, own) as forged:
        rewrite_document(forged, case.runs[20])
        forged.use_key(own)

    case.caught(1, "no valid signature by a pinned key")


def test_05_signed_with_the_stolen_key(case: Case) -> None:
    """05: as 03, signed with the real key: only a checkpoint kept outside tells."""
    with forging(case.url, case.ledger.signer) as forged:
        rewrite_document(forged, case.runs[20])

    case.caught(2, "external checkpoint 3: root differs", "external checkpoint 4: root differs")


def test_06_time_of_a_run(case: Case) -> None:
    """06: a run that finished before it started."""
    with unguarded(case.url) as conn:
        said = json.loads(value(conn, "SELECT entry FROM ledger WHERE seq = :seq", seq=case.runs[12]))
        entry = canon.canonical({**said, "finished": said["finished"] - HOUR})
        run(conn, "UPDATE ledger SET entry = :entry WHERE seq = :seq", entry=entry, seq=case.runs[12])

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
        run(conn, "DELETE FROM ledger WHERE seq = :seq", seq=seq)

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


def test_13_flipped_verdict(case: Case) -> None:
    """13: a FAIL becomes a PASS."""
    with unguarded(case.url) as conn:
        seq = value(conn, "SELECT MAX(seq) FROM result WHERE outcome = 2")
        run(conn, "UPDATE result SET outcome = 1 WHERE outcome = 2 AND seq = :seq", seq=seq)

    case.caught(
        0,
        f"run {seq} of prod: result_change_root differs",
        f"run {seq} of prod: result_root differs",
        "the manifest does not count the verdicts in force: encryption.at_rest",
        "result_head of encryption.at_rest on object_store arn:aws:s3:::",
    )


def test_14_flipped_verdict_with_the_stolen_key(case: Case) -> None:
    """14: as 13, counted, rehashed and signed anew."""
    with forging(case.url, case.ledger.signer) as forged:
        for row in forged.all("result", outcome=2):
            row["outcome"] = 1

    case.caught(2, "root differs from external checkpoint")


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


def swap_documents(forged: Forgery, seq: int) -> None:
    """Give two resources each other's evidence."""
    one, two = [row for row in forged.all("version", seq=seq) if row["bid"] is not None][:2]
    one["bid"], two["bid"] = two["bid"], one["bid"]


def test_17_swapped_evidence(case: Case) -> None:
    """17: two resources with each other's documents."""
    with unguarded(case.url) as conn:
        forged = Forgery(conn)
        swap_documents(forged, case.runs[3])
        forged.write(conn)

    case.caught(0, f"run {case.runs[3]} of prod: change_root differs", "but the document itself says")


def test_18_swapped_evidence_with_the_stolen_key(case: Case) -> None:
    """18: as 17, rehashed and signed: the documents still name what they are about."""
    with forging(case.url, case.ledger.signer) as forged:
        swap_documents(forged, case.runs[3])

    case.caught(0, "but the document itself says kind 'aws.s3.bucket', uid 'arn:aws:s3:::123456789012-b")
    assert {one.where.split()[0] for one in case.verify(0).findings} == {"blob"}


def test_19_replaced_database(case: Case) -> None:
    """19: another ledger of the same account, signed by somebody else."""
    case.caught(1, "no valid signature by a pinned key", url=case.copy(case.ledger.replaced))


def append_run(forged: Forgery, like: int, **fields: object) -> int:
    """Add a run to the end of the ledger, with the entries of an earlier one; return its position."""
    seq = forged.tables["ledger"][-1]["seq"]
    start, end = (dict(forged.one("ledger", seq=number)) for number in (like - 1, like))
    for row in (start, end):
        seq += 1
        row |= {"seq": seq, "ref": seq - 1 if row is end else None}
        forged.tables["ledger"].append(row)
        at = forged.one("ledger", seq=seq - 1)["recorded_at"] + 1_000_000
        said = {"seq": seq, "run_id": "copy", "recorded_at": at, "started": at - 500_000, "finished": at}
        forged.say(seq, **said if row is end else {**said, "finished": None}, **fields)
        row["recorded_at"] = at
    start_said = json.loads(start["entry"])
    del start_said["finished"]
    start["entry"] = canon.canonical(start_said)
    forged.say(seq, start=seq - 1, started=start_said["started"], gaps=0)
    for table in ("heartbeat", "volatile"):
        forged.tables[table].append({**forged.one(table, seq=like), "seq": seq})
    return seq


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


def remove_resource(forged: Forgery) -> str:
    """Take every version and verdict of one bucket out; return its uid."""
    uid = str(forged.one("resource", kind="aws.s3.bucket", name="b7")["uid"])
    rids = {row["rid"] for row in forged.all("resource", uid=uid)}
    for table in ("version", "result", "resource"):
        forged.drop(table, lambda row: row["rid"] in rids)
    return uid


def test_24_deleted_versions(case: Case) -> None:
    """24: all versions of a resource are gone."""
    with unguarded(case.url) as conn:
        query = "SELECT rid FROM resource WHERE kind = 'aws.s3.bucket' AND name = 'b7' ORDER BY rid LIMIT 1"
        rid = value(conn, query)
        run(conn, "DELETE FROM version WHERE rid = :rid", rid=rid)

    case.caught(
        0,
        f"run {case.runs[0]} of prod: the entry counts 60 document versions, 59 are kept",
        "state_root differs",
        f"resource {rid}: aws.s3.bucket arn:aws:s3:::123456789012-b7 has neither",
    )


def test_25_deleted_resource_with_the_stolen_key(case: Case) -> None:
    """25: a resource and its verdicts were never there, says a ledger that is rehashed and signed."""
    with forging(case.url, case.ledger.signer) as forged:
        remove_resource(forged)

    case.caught(2, "root differs from external checkpoint")


def test_26_renamed_resource(case: Case) -> None:
    """26: a resource gets another identifier."""
    with unguarded(case.url) as conn:
        rid = value(conn, "SELECT MIN(rid) FROM resource WHERE kind = 'aws.s3.bucket'")
        run(conn, "UPDATE resource SET uid = 'arn:aws:s3:::other' WHERE rid = :rid", rid=rid)

    case.caught(
        0,
        f"resource {rid}: the key hash does not belong to aws.s3.bucket arn:aws:s3:::other",
        f"run {case.runs[0]} of prod: change_root differs",
        "kept as aws.s3.bucket arn:aws:s3:::other",
    )


def test_27_deleted_content(case: Case) -> None:
    """27: a content that is referred to is gone."""
    with unguarded(case.url) as conn:
        row, uid = first_document(Forgery(conn), case.runs[22])
        run(conn, "DELETE FROM blob WHERE bid = :bid", bid=row["bid"])

    case.caught(0, f"{uid}: it refers to blob {row['bid']}, which is missing")


def test_28_dropped_guards(case: Case) -> None:
    """28: the guards are gone."""
    with unguarded(case.url, restore=False) as conn:
        names = list(guards.expected(conn.dialect.name))

    case.caught(0, *(f"guard {name}: this append-only guard is missing" for name in names))


def test_29_deleted_checkpoints(case: Case) -> None:
    """29: the newest checkpoint is gone."""
    size = notes.parse(case.ledger.history.notes[40]).checkpoint.size
    with unguarded(case.url) as conn:
        run(conn, "DELETE FROM checkpoint WHERE size = :size", size=size)

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


def test_34_bytes_set_to_null(case: Case) -> None:
    """34: bytes are gone and no entry says that they were to go."""
    with unguarded(case.url) as conn:
        row, uid = first_document(Forgery(conn), case.runs[22])
        run(conn, "UPDATE blob SET data = NULL WHERE bid = :bid", bid=row["bid"])

    case.caught(0, f"blob {row['bid']}: its bytes are missing, and no entry of the ledger says why", uid)


@pytest.mark.parametrize("named", [True, False], ids=["length claimed", "length hidden"])
def test_35_decompression_bomb(case: Case, named: bool) -> None:
    """35: a content that would inflate to 200 MB is refused before it does."""
    bomb = zstandard.ZstdCompressor(write_content_size=named).compress(bytes(200_000_000))
    with unguarded(case.url) as conn:
        row, _ = first_document(Forgery(conn), case.runs[22])
        run(
            conn,
            "UPDATE blob SET data = :data, codec = 1, base_bid = NULL WHERE bid = :bid",
            data=bomb,
            bid=row["bid"],
        )

    tracemalloc.start()
    case.caught(0, f"blob {row['bid']}: the compressed bytes")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_36_result_of_no_run(case: Case) -> None:
    """36: a verdict that no run of the ledger reached."""
    with unguarded(case.url) as conn:
        seq = value(conn, "SELECT MAX(seq) FROM ledger") + 5
        run(
            conn,
            "INSERT INTO result (chk, rid, seq, outcome, detail_bid) "
            "SELECT chk, rid, :seq, 1, detail_bid FROM result WHERE outcome = 2 LIMIT 1",
            seq=seq,
        )

    case.caught(0, f"result at entry {seq}", "newer than the head of the ledger")


def test_37_other_encoding_of_an_entry(case: Case) -> None:
    """37: an entry that says the same in other bytes."""
    seq = case.runs[18]
    with unguarded(case.url) as conn:
        said = json.loads(value(conn, "SELECT entry FROM ledger WHERE seq = :seq", seq=seq))
        write_entry(conn, seq, json.dumps(said).encode())

    case.caught(0, f"ledger entry {seq}: entry is not in canonical form", "root differs from checkpoint")


def test_39_verdicts_of_another_check(case: Case) -> None:
    """39: a check's verdicts become those of another one, counted, rehashed and signed."""
    with forging(case.url, case.ledger.signer) as forged:
        chk = forged.one("check_name", check_id="exposure.public")["chk"]
        other = 1 + max(row["chk"] for row in forged.tables["check_name"])
        forged.tables["check_name"].append({"chk": other, "check_id": "exposure.other"})
        for row in forged.all("result", chk=chk):
            row["chk"] = other

    case.caught(2, "root differs from external checkpoint")


def test_40_verdict_shifted_by_a_run(case: Case) -> None:
    """40: a failure is said to have begun one run later."""
    with unguarded(case.url) as conn:
        query = "SELECT MIN(seq) FROM result WHERE outcome = 2 AND seq > :first"
        seq = value(conn, query, first=case.runs[0])
        later = case.runs[case.runs.index(seq) + 1]
        run(conn, "UPDATE result SET seq = :later WHERE seq = :seq AND outcome = 2", later=later, seq=seq)

    case.caught(0, f"run {seq} of prod: result_change_root differs", f"run {later} of prod: result_change_root differs")


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
