"""Each way to tamper with evidence is caught by the weakest verifier that can catch it, who names the place.

Level 0 has nothing but the database, level 1 the public key, level 2 checkpoints that were kept outside.
"""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
import zstandard

from storage import canon, notes
from tests.agent.tampering.attacker import Forgery, change, forging, unguarded, value
from tests.agent.tampering.conftest import Case


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


def test_01_evidence_bytes(case: Case) -> None:
    """01: other bytes under the hash of the old ones; the document is named."""
    with unguarded(case.url) as conn:
        forged = Forgery(conn)
        row, uid = first_document(forged, case.runs[20])
        content = forged.content(row["bid"]).replace(b"false", b"true ", 1)[::-1]
        change(
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


def test_13_flipped_verdict(case: Case) -> None:
    """13: a FAIL becomes a PASS."""
    with unguarded(case.url) as conn:
        seq = value(conn, "SELECT MAX(seq) FROM result WHERE outcome = 2")
        change(conn, "UPDATE result SET outcome = 1 WHERE outcome = 2 AND seq = :seq", seq=seq)

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
        change(conn, "DELETE FROM version WHERE rid = :rid", rid=rid)

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
        change(conn, "UPDATE resource SET uid = 'arn:aws:s3:::other' WHERE rid = :rid", rid=rid)

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
        change(conn, "DELETE FROM blob WHERE bid = :bid", bid=row["bid"])

    case.caught(0, f"{uid}: it refers to blob {row['bid']}, which is missing")


def test_34_bytes_set_to_null(case: Case) -> None:
    """34: bytes are gone and no entry says that they were to go."""
    with unguarded(case.url) as conn:
        row, uid = first_document(Forgery(conn), case.runs[22])
        change(conn, "UPDATE blob SET data = NULL WHERE bid = :bid", bid=row["bid"])

    case.caught(0, f"blob {row['bid']}: its bytes are missing, and no entry of the ledger says why", uid)


@pytest.mark.parametrize("named", [True, False], ids=["length claimed", "length hidden"])
def test_35_decompression_bomb(case: Case, named: bool) -> None:
    """35: a content that would inflate to 200 MB is refused before it does."""
    bomb = zstandard.ZstdCompressor(write_content_size=named).compress(bytes(200_000_000))
    with unguarded(case.url) as conn:
        row, _ = first_document(Forgery(conn), case.runs[22])
        change(
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
        change(
            conn,
            "INSERT INTO result (chk, rid, seq, outcome, detail_bid) "
            "SELECT chk, rid, :seq, 1, detail_bid FROM result WHERE outcome = 2 LIMIT 1",
            seq=seq,
        )

    case.caught(0, f"result at entry {seq}", "newer than the head of the ledger")


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
        change(conn, "UPDATE result SET seq = :later WHERE seq = :seq AND outcome = 2", later=later, seq=seq)

    case.caught(0, f"run {seq} of prod: result_change_root differs", f"run {later} of prod: result_change_root differs")
