"""Every column of every table that a verifier can check, changed behind the product's back, and the wrong papers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from storage import canon, ledger, notes, seal
from storage.engine import open_store
from tests.agent.tampering.attacker import Forgery, forging, unguarded
from tests.agent.tampering.conftest import Case
from tests.agent.tampering.estate import ORIGIN, Estate
from tests.conftest import Clock

NEWEST = "(SELECT MAX(seq) FROM ledger WHERE type = 'run')"
EDITS = {
    "target.name": ("UPDATE target SET name = 'other' WHERE name = 'prod'", "ledger entry 2: the entry is about"),
    "target.account": ("UPDATE target SET account = '1' WHERE name = 'prod'", "the key hash does not belong to"),
    "resource.region": (
        "UPDATE resource SET region = 'us-east-1' WHERE rid = 5",
        "resource 5: the key hash does not belong to",
    ),
    "resource.name": ("UPDATE resource SET name = 'x' WHERE rid = 5", "resource 5: the key hash does not belong"),
    "resource.first_seq": ("UPDATE resource SET first_seq = 8 WHERE rid = 5", "is first seen in entry 3, not in 8"),
    "resource.target_id": (
        "UPDATE resource SET target_id = 2, uid = 'x' WHERE rid = 5",
        "the run is about prod, the resource is not",
    ),
    "blob.raw_len": ("UPDATE blob SET raw_len = raw_len + 1 WHERE bid = 3", "blob 3: "),
    "blob.raw_len.negative": ("UPDATE blob SET raw_len = -1 WHERE bid = 3", "blob 3: a recorded length of -1"),
    "blob.media": ("UPDATE blob SET media = 'text/html' WHERE bid = 9", "blob 9: its media type is 'text/html'"),
    "blob.base": (
        """UPDATE blob SET base_bid = (SELECT MAX(bid) FROM blob WHERE codec = 2)
        WHERE bid = (SELECT MIN(bid) FROM blob WHERE codec = 2)""",
        "which is no base",
    ),
    "ledger.type": (
        "UPDATE ledger SET type = 'abort' WHERE seq = 3",
        "ledger entry 3: as an entry of type abort: it has no field reason",
    ),
    "ledger.unknown": (
        "UPDATE ledger SET type = 'note' WHERE seq = 3",
        "ledger entry 3: as an entry of type note: entries of type 'note' are unknown",
    ),
    "ledger.slot": ("UPDATE ledger SET slot = slot + 1 WHERE seq = 3", "ledger entry 3: the entry says slot"),
    "ledger.ref": (
        "UPDATE ledger SET ref = NULL WHERE seq = 3",
        "ledger entry 3: entry None does not start a run",
    ),
    "ledger.recorded_at": (
        "UPDATE ledger SET recorded_at = 5 WHERE seq = 3",
        "ledger entry 3: time goes backwards: recorded before the entry",
    ),
    "ledger.target_id": (
        "UPDATE ledger SET target_id = 2 WHERE seq = 3",
        "ledger entry 3: the entry is about",
    ),
    "ledger.leaf": ("UPDATE ledger SET leaf = sha256 FROM blob WHERE bid = 1 AND seq = 3", "entry 3: the leaf hash"),
    "ledger.tail": ("DELETE FROM ledger WHERE seq = 3", "ledger gap: after entry 2 comes 4"),
    "ledger_node.hash": (
        "UPDATE ledger_node SET hash = sha256 FROM blob WHERE bid = 1 AND level = 2 AND idx = 1",
        "ledger_node 2/1: the hash is not the one",
    ),
    "ledger_node.gone": (
        "DELETE FROM ledger_node WHERE level = 2 AND idx = 1",
        "ledger_node 2/1: the hash of this subtree is missing",
    ),
    "ledger_node.extra": (
        "INSERT INTO ledger_node (level, idx, hash) SELECT 9, 9, sha256 FROM blob WHERE bid = 1",
        "ledger_node 9/9: the ledger has no such subtree",
    ),
    "checkpoint.size": ("UPDATE checkpoint SET size = size + 1", "the note speaks of"),
    "checkpoint.created_at": ("UPDATE checkpoint SET created_at = 5", "its time, 1970-01-01T00:00:00.000005Z"),
    "checkpoint.note": ("UPDATE checkpoint SET note = 'x'", "note has no signature block"),
    "anchor": (
        "INSERT INTO anchor (size, kind, place, at) VALUES (3, 'file', 'a.note', 1)",
        "anchor file a.note: the checkpoint of 3 entries that it holds is not here",
    ),
    "version.bid": (
        "UPDATE version SET bid = NULL WHERE rid = 5 AND seq = 3",
        "run 3 of prod: change_root differs",
    ),
    "version.stray": (
        "UPDATE version SET seq = 2 WHERE rid = 5 AND seq = 3",
        "version at entry 2, aws.iam.user arn:aws:iam:::123456789012-u12: no run is in the ledger",
    ),
    "version.rid": ("UPDATE version SET rid = 9999 WHERE rid = 5 AND seq = 3", "there is no such resource"),
    "volatile.swapped": (
        "UPDATE volatile SET seq = -seq",
        "volatile of run 3 of prod: the run's volatile readings are missing",
    ),
    "volatile.sha256": (
        "UPDATE volatile SET sha256 = b.sha256 FROM blob b WHERE b.bid = 1 AND volatile.seq = 3",
        "volatile 3: the bytes do not have this hash",
    ),
    "check_name": (
        "UPDATE check_name SET check_id = 'x.y' WHERE check_id = 'exposure.public'",
        "the manifest does not count the verdicts in force: exposure.public, x.y",
    ),
    "result.chk": ("UPDATE result SET chk = 99 WHERE seq = 3 AND chk = 1", "there is no such check"),
    "result.detail": (
        "UPDATE result SET detail_bid = (SELECT MAX(detail_bid) FROM result) WHERE seq = 3 AND outcome = 1",
        "run 3 of prod: result_change_root differs",
    ),
    "result.gone": (
        "DELETE FROM result WHERE seq = 3 AND rid = (SELECT MIN(rid) FROM result WHERE seq = 3)",
        "run 3 of prod: the entry counts",
    ),
    "heartbeat.manifest": (
        "UPDATE heartbeat SET manifest_bid = record_bid WHERE seq = 3",
        "heartbeat of run 3 of prod: the entry has another manifest_sha",
    ),
    "heartbeat.record": (
        "UPDATE heartbeat SET record_bid = manifest_bid WHERE seq = 3",
        "heartbeat of run 3 of prod: the entry has another record_sha",
    ),
    "heartbeat.gone": ("DELETE FROM heartbeat WHERE seq = 3", "heartbeat of run 3 of prod: it is missing"),
    "heartbeat.stray": ("UPDATE heartbeat SET seq = 2 WHERE seq = 3", "heartbeat at entry 2: no run is in the ledger"),
    "gap.reason": (
        "UPDATE gap SET reason = 'EXCLUDED_BY_CONFIG' WHERE reason = 'PERMISSION_DENIED'",
        "gaps_sha differs: not the gaps of this run",
    ),
    "gap.gone": ("DELETE FROM gap WHERE reason = 'PERMISSION_DENIED'", "the entry counts 1 gaps, 0 are kept"),
    "gap.n": ("UPDATE gap SET n = 7", "the rows are not numbered in order"),
    "gap.stray": (
        "UPDATE gap SET seq = 2 WHERE reason = 'EXCLUDED_BY_CONFIG'",
        "gap at entry 2: no run is in the ledger at this entry",
    ),
    "head.sha256": (
        "UPDATE head SET sha256 = b.sha256 FROM blob b WHERE b.bid = 1 AND head.rid = 5",
        "head of aws.iam.user arn:aws:iam:::123456789012-u12: it is not the version in force",
    ),
    "head.bucket": ("UPDATE head SET bucket = bucket + 1 WHERE rid = 5", "it is not the version in force"),
    "head.gone": ("DELETE FROM head WHERE rid = 5", "u12: the version in force is missing"),
    "result_head.outcome": ("UPDATE result_head SET outcome = 5", "it is not the verdict in force"),
    "result_head.since_seq": ("UPDATE result_head SET since_seq = 1", "it is not the verdict in force"),
    "result_head.gone": ("DELETE FROM result_head", "the verdict in force is missing"),
    "map_cache": (
        "UPDATE map_cache SET hashes = o.hashes FROM map_cache o WHERE o.target_id = 2",
        "map_cache of prod, documents: it is not what the runs add up to",
    ),
    "map_cache.gone": ("DELETE FROM map_cache WHERE target_id = 2", "map_cache of lab, results: it is missing"),
}


@pytest.mark.parametrize("name", EDITS)
def test_edited_column(case: Case, name: str) -> None:
    """A changed, added or deleted row is found without anything from outside, and named."""
    statement, said = EDITS[name]
    with unguarded(case.url) as conn:
        assert conn.execute(text(statement)).rowcount > 0

    case.caught(0, said)


def test_foreign_trigger(case: Case) -> None:
    """A trigger that could change evidence while it is written is found."""
    with unguarded(case.url) as conn:
        if conn.dialect.name == "sqlite":
            conn.execute(text("CREATE TRIGGER quiet AFTER INSERT ON result BEGIN SELECT 1; END"))
        else:
            conn.execute(
                text(
                    "CREATE TRIGGER quiet AFTER INSERT ON result FOR EACH STATEMENT "
                    "EXECUTE FUNCTION suppress_redundant_updates_trigger()"
                )
            )

    case.caught(0, "trigger quiet: not one of ours: it can change what is written to result")


def test_rewritten_view(case: Case) -> None:
    """A view that hides failures from an auditor's own SQL is found, though the tables are untouched."""
    with unguarded(case.url) as conn:
        columns = "'2026' AS a"
        conn.execute(text("DROP VIEW v_gaps"))
        conn.execute(text(f"CREATE VIEW v_gaps AS SELECT {columns}"))

    case.caught(0, "view v_gaps: it is missing or not as this release made it")


def test_rewritten_guard_function(case: Case) -> None:
    """A guard whose function was emptied is found; SQLite has no functions, so its trigger is."""
    with unguarded(case.url) as conn:
        if conn.dialect.name == "postgresql":
            conn.execute(
                text(
                    "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$BEGIN RETURN NEW; END$$"
                )
            )
    said = "guard append_only()"
    if case.ledger.dialect == "sqlite":
        said = "guard ledger_no_delete"
        with unguarded(case.url, restore=False) as conn:
            conn.execute(text("CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger BEGIN SELECT 1; END"))

    case.caught(0, said)


def test_repeated_key_in_an_entry(case: Case) -> None:
    """An entry that says two things under one key is refused, whichever of them its columns repeat."""
    seq = case.runs[9]
    with unguarded(case.url) as conn:
        forged = Forgery(conn)
        row = forged.one("ledger", seq=seq)
        row["entry"] = row["entry"].replace(b'"status":', b'"status":"partial","status":', 1)
        forged.grow()
        forged.resign(case.ledger.signer)
        forged.write(conn)

    case.caught(0, f"ledger entry {seq}: entry repeats a key")


def test_entry_that_is_no_json(case: Case) -> None:
    """An entry of random bytes is a finding, and the verification goes on behind it."""
    with unguarded(case.url) as conn:
        conn.execute(text("UPDATE ledger SET entry = :entry WHERE seq = 3"), {"entry": b"\xff[[["})
        conn.execute(text("DELETE FROM head WHERE rid = 5"))

    case.caught(0, "ledger entry 3: entry is not JSON", "u12: the version in force is missing")


def test_gap_hidden_with_the_stolen_key(case: Case) -> None:
    """A gap that is taken out of table and entry still stands in the run's own record."""
    with forging(case.url, case.ledger.signer) as forged:
        seq = forged.one("gap", reason="PERMISSION_DENIED")["seq"]
        forged.drop("gap", lambda row: row["seq"] == seq)
        forged.say(seq, gaps=0, gaps_sha=seal.gaps_sha(()).hex(), status="complete")

    case.caught(0, f"gap of run {seq} of prod: the run's record lists other gaps")


def test_gap_entry_deleted_with_the_stolen_key(case: Case) -> None:
    """A missed slot whose gap entry is deleted and renumbered away shows as missed."""
    with forging(case.url, case.ledger.signer) as forged:
        seq = forged.one("ledger", type="gap")["seq"]
        forged.remove_entries(lambda at: at == seq)

    case.caught(0, "missed schedule slot without a gap entry: 2026-01-01T17:00:00.000000Z, every 3600 s")


def test_start_without_end(case: Case) -> None:
    """A run whose end was deleted and renumbered away shows by the run that was begun after it."""
    with forging(case.url, case.ledger.signer) as forged:
        aborted = forged.one("ledger", type="abort")
        forged.remove_entries(lambda at: at == aborted["seq"])

    case.caught(0, f"ledger entry {aborted['ref']}: the run has no end, but entry")


def test_two_ends_of_a_run(postgresql_case: Case) -> None:
    """A run that was aborted cannot have been sealed as well; only PostgreSQL lets go of the rule against it."""
    with unguarded(postgresql_case.url) as conn:
        conn.execute(text("ALTER TABLE ledger DROP CONSTRAINT ledger_ref_key"))
        forged = Forgery(conn)
        aborted, sealed = forged.all("ledger", type="abort")[1], forged.one("ledger", seq=postgresql_case.runs[10])
        aborted |= {"ref": sealed["ref"], "slot": sealed["slot"]}
        run_id = json.loads(sealed["entry"])["run_id"]
        forged.say(aborted["seq"], start=sealed["ref"], slot=sealed["slot"], run_id=run_id)
        forged.write(conn)

    where = f"ledger entry {aborted['seq']}"
    postgresql_case.caught(0, f"{where}: the run of entry {sealed['ref']} has ended already, in entry {sealed['seq']}")


def test_aborted_pages_deleted(case: Case) -> None:
    """The pages that a broken-off run had read are kept, and missed when they are gone."""
    with unguarded(case.url) as conn:
        conn.execute(text("DELETE FROM blob WHERE media LIKE '%staging%'"))

    case.caught(0, "the pages of the aborted run is not kept")


def test_policy_deleted(case: Case) -> None:
    """The text of a policy is kept, and missed when it is gone."""
    body = canon.sha256(canon.canonical({"every": 3600}))
    with unguarded(case.url) as conn:
        conn.execute(text("DELETE FROM blob WHERE sha256 = :digest"), {"digest": body})

    case.caught(0, "ledger entry 0: the schedule policy is not kept")


# Papers from outside


def note_of(case: Case, signer: notes.Signer, *, origin: str = ORIGIN, size: int | None = None) -> str:
    """A note over the real root of the whole ledger."""
    with open_store(case.url) as store, store.read() as conn:
        return notes.sign(origin, size or ledger.size(conn), ledger.root(conn), signer)


def said_about(case: Case, note: str) -> list[str]:
    """What a verifier with this one checkpoint finds."""
    from agent.verify import verify_at  # noqa: PLC0415 - one use

    found = verify_at(case.url, pubkeys=[case.ledger.signer.verifier_key()], checkpoints=[note])
    assert found.level == 2
    return [f"{one.where}: {one.what}" for one in found.findings]


def test_checkpoint_of_another_log(sqlite_case: Case) -> None:
    """A checkpoint that the same key signed for another log is refused, whatever its root."""
    note = note_of(sqlite_case, sqlite_case.ledger.signer, origin="proofkeep/elsewhere")

    assert said_about(sqlite_case, note) == [
        "external checkpoint 1: it is about the log 'proofkeep/elsewhere', not about 'proofkeep/tests'"
    ]


def test_checkpoint_signed_by_a_stranger(sqlite_case: Case, tmp_path: Path) -> None:
    """A checkpoint with the right root and a strange signature proves nothing."""
    note = note_of(sqlite_case, notes.open_key(tmp_path / "k", "stranger"))

    assert said_about(sqlite_case, note) == [
        "external checkpoint 1: no valid signature by the key that the ledger announces for it",
        "external checkpoint 1: no valid signature by a pinned key",
    ]


def test_checkpoint_with_a_spoilt_signature(sqlite_case: Case) -> None:
    """A checkpoint whose text was changed under its signature is refused."""
    genuine = sqlite_case.outside[0].split("\n")
    genuine[2] = sqlite_case.outside[1].split("\n")[2]
    differs = f"root differs from external checkpoint: the first {genuine[1]} entries are not the ones signed"

    assert said_about(sqlite_case, "\n".join(genuine)) == [
        f"external checkpoint 1: {differs}",
        "external checkpoint 1: no valid signature by the key that the ledger announces for it",
        "external checkpoint 1: no valid signature by a pinned key",
    ]


def test_malformed_checkpoint(sqlite_case: Case) -> None:
    """A file that is no checkpoint is a finding and does not pass for one."""
    assert said_about(sqlite_case, "nothing\n") == ["external checkpoint 1: note has no signature block"]


# Keys


def after_rotation(case: Case, tmp_path: Path, *, announce: bool) -> notes.Signer:
    """One more run, whose checkpoint another key signs."""
    clock = Clock()
    clock.time += 41 * 3_600_000_000
    new = notes.open_key(tmp_path / "new", "proofkeep-tests")
    with open_store(case.url, clock=clock) as store:
        estate = Estate(store, clock)
        estate.relive(range(41))
        estate.run(41)
        if announce:
            seal.append_key(store, new.verifier_key())
        ledger.checkpoint(store, new, ORIGIN)
    return new


def test_rotated_key(sqlite_case: Case, tmp_path: Path) -> None:
    """A new key that the ledger announces is accepted, and asked for by whoever pinned the old one only."""
    new = after_rotation(sqlite_case, tmp_path, announce=True)

    assert sqlite_case.verify(0).findings == ()
    assert [one.what for one in sqlite_case.verify(1).findings] == ["no valid signature by a pinned key"]
    assert _pinned(sqlite_case, new) == ()


def test_unannounced_key(sqlite_case: Case, tmp_path: Path) -> None:
    """A new key that the ledger does not announce is noticed without anything from outside."""
    after_rotation(sqlite_case, tmp_path, announce=False)

    sqlite_case.caught(0, "no valid signature by the key that the ledger announces for it")


def test_old_key_after_rotation(sqlite_case: Case, tmp_path: Path) -> None:
    """A retired key may sign the announcement of its successor and nothing after it."""
    clock = Clock()
    clock.time += 41 * 3_600_000_000
    new = notes.open_key(tmp_path / "new", "proofkeep-tests")
    with open_store(sqlite_case.url, clock=clock) as store:
        seal.append_key(store, new.verifier_key())
        ledger.checkpoint(store, sqlite_case.ledger.signer, ORIGIN)
        assert sqlite_case.verify(2).findings == ()
        seal.append_policy(store, "controls", b"{}")
        ledger.checkpoint(store, sqlite_case.ledger.signer, ORIGIN)

    sqlite_case.caught(0, "no valid signature by the key that the ledger announces for it")


def _pinned(case: Case, new: notes.Signer) -> tuple[Any, ...]:
    from agent.verify import verify_at  # noqa: PLC0415 - one use

    return verify_at(case.url, pubkeys=[case.ledger.signer.verifier_key(), new.verifier_key()]).findings
