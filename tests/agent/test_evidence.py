"""The way down from a verdict to the call that answered, and the signature above it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from agent import clock, config, evidence, standing
from agent.errors import OperatorError
from agent.wiring import Wiring, wire
from storage import ledger, reads
from storage.engine import Store, open_store
from storage.errors import StoreError
from tests.agent.conftest import ACCOUNT, History

LEDGER = "arn:aws:s3:::ledger"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    """All checks, the default library."""
    return wire(config.Settings())


def prove(history: History, wiring: Wiring, check: str, uid: str, run: int) -> evidence.Proof:
    """The one proof of a check's verdict on a resource, as of a run of the history."""
    moment = clock.parse(history.times[run])
    with open_store(history.agent.database) as store:
        found = [
            each
            for each in standing.findings(store, wiring, as_of=moment)
            if (each.check, each.resource) == (check, uid)
        ]
        (proof,) = evidence.proofs(store, wiring, found, moment)
    return proof


def test_a_verdict_shows_facts_documents_and_calls(history: History, wiring: Wiring) -> None:
    """From PASS on a bucket's encryption down to s3:GetBucketEncryption and its answer."""
    proof = prove(history, wiring, "encryption.object_store_at_rest", LEDGER, 0)
    (fact,) = proof.facts
    (source,) = [each for each in proof.documents if each.kind == "aws.s3.encryption"]

    assert proof.finding.outcome == "PASS"
    assert dict(evidence.values(fact))["encrypted_at_rest"] is True
    assert source.uid == LEDGER
    assert (source.call["service"], source.call["operation"]) == ("s3", "GetBucketEncryption")
    assert source.call["parameters"] == {"Bucket": "ledger"}
    assert source.call["endpoint"].startswith("http://127.0.0.1:")
    assert source.call["attempts"] == source.call["pages"] == 1
    assert source.call["request_ids"]
    assert source.call["provider_date"].endswith("GMT")
    assert ACCOUNT in source.caller


def test_the_hash_is_of_the_bytes_that_are_kept(history: History, wiring: Wiring) -> None:
    """Whoever follows the id finds bytes with that very hash, about that very resource."""
    proof = prove(history, wiring, "encryption.object_store_at_rest", LEDGER, 0)
    with open_store(history.agent.database) as store:
        for source in proof.documents:
            kept, _ = evidence.show(store, source.sha256)
            assert hashlib.sha256(kept.content).hexdigest() == source.sha256
            assert source.uid.encode() in kept.content


def test_a_document_keeps_the_run_that_saw_it_first(history: History, wiring: Wiring) -> None:
    """Versioning changed in run 1, the bucket itself never: each names its own first run and call."""
    proof = prove(history, wiring, "backup.object_store_versioning", LEDGER, 2)
    first = {source.kind: source.first.seq for source in proof.documents}

    assert proof.finding.outcome == "PASS"
    assert first["aws.s3.versioning"] == history.entries[1]
    assert first["aws.s3.bucket"] == history.entries[0]
    assert (proof.since.seq, proof.judged.seq) == (history.entries[1], history.entries[2])


def test_every_entry_is_covered_by_the_first_checkpoint_above_it(history: History, wiring: Wiring) -> None:
    """Leaf and checkpoint are those of the ledger."""
    proof = prove(history, wiring, "backup.object_store_versioning", LEDGER, 2)
    with open_store(history.agent.database) as store, store.read() as conn:
        for sealed in (proof.since, proof.judged, *(source.first for source in proof.documents)):
            (entry,) = ledger.entries(conn, sealed.seq, sealed.seq + 1)
            assert sealed.leaf == bytes(entry.leaf).hex()
            assert sealed.checkpoint is not None
            assert sealed.checkpoint > sealed.seq
            assert (sealed.origin, sealed.recorded) == ("proofkeep/ledger", entry.recorded_at)


def test_a_field_that_was_not_read_stays_unread(history: History, wiring: Wiring) -> None:
    """The refused encryption of run 1 is no fact then, although an older answer is still in force."""
    proof = prove(history, wiring, "encryption.object_store_at_rest", LEDGER, 1)
    (fact,) = proof.facts
    said = {name: evidence.plain(value) for name, value in evidence.values(fact)}

    assert proof.finding.outcome == "UNKNOWN"
    assert said["encrypted_at_rest"]["unread"] == "PERMISSION_DENIED"
    assert said["encrypted_at_rest"]["permission"] == "s3:GetEncryptionConfiguration"
    assert said["versioned"] is True
    assert "aws.s3.encryption" not in {source.kind for source in proof.documents}


def test_redactions_are_told(history: History, wiring: Wiring) -> None:
    """A password in a key's description is gone from the bytes, and the proof says by which rule."""
    moment = clock.parse(history.times[0])
    with open_store(history.agent.database) as store:
        found = [
            each for each in standing.findings(store, wiring, as_of=moment) if each.check == "encryption.key_rotation"
        ]
        (proof,) = evidence.proofs(store, wiring, found, moment)
        (source,) = [source for source in proof.documents if source.redacted]
        kept, _ = evidence.show(store, source.sha256)

    assert source.redacted == (("KeyMetadata.Description", "assigned-secret"),)
    assert b"hunter2" not in kept.content


def test_fields_that_change_by_themselves_are_found_with_their_run(history: History, wiring: Wiring) -> None:
    """The credential report is kept with each run; the proof says so and `show` finds it."""
    proof = prove(history, wiring, "identity.user_mfa", ALICE, 0)
    (report,) = [source for source in proof.documents if source.kind == "aws.iam.credential_report"]
    with open_store(history.agent.database) as store:
        _, readings = evidence.show(store, report.sha256, clock.parse(history.times[0]))
    (reading,) = readings

    assert report.volatile == ("*",)
    assert (reading.target, reading.seq) == ("acme", history.entries[0])
    assert {row["user"] for row in reading.values["*"]["Rows"]} >= {"alice", "bob"}


def test_json_holds_the_whole_way(history: History, wiring: Wiring) -> None:
    """Verdict, facts, documents with their calls, entries and checkpoints, as plain values."""
    said: dict[str, Any] = prove(history, wiring, "identity.user_mfa", ALICE, 0).to_json()

    assert said["verdict"]["resource"] == ALICE
    assert said["facts"][0]["fields"]["has_mfa"] is True
    assert {document["id"] for document in said["documents"]} == set(said["verdict"]["evidence"])
    assert all(document["sha256"].startswith(document["id"]) for document in said["documents"])
    assert said["judged"]["checkpoint"]["size"] > said["judged"]["entry"]


def test_an_empty_ledger_has_no_moment(store: Store) -> None:
    """Before the first run there is nothing to ask about, and the answer says what to do."""
    with pytest.raises(OperatorError, match="proofkeep collect"):
        evidence.pin(store, None)


def test_the_moment_is_the_newest_entry(history: History) -> None:
    """Two questions without a time are asked of the same state."""
    with open_store(history.agent.database) as store:
        newest = evidence.pin(store, None)
        with store.read() as conn:
            assert reads.seq_at(conn, newest) == ledger.size(conn) - 1
        assert evidence.pin(store, 5) == 5


def test_an_unknown_hash_is_refused(history: History) -> None:
    """Digits that name nothing are not an empty answer."""
    with open_store(history.agent.database) as store, pytest.raises(StoreError, match="nothing is kept"):
        evidence.show(store, "0123456789")
