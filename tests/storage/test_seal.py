"""Sealing: a run is kept whole or not at all, and what it kept can be read back exactly."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from storage import canon, ledger, merkle, reads, staging, state
from storage import outbox as queued
from storage.engine import Store
from storage.errors import ClockWentBack, NotEncodable, RunUnknown, SlotSealed, StoreError
from storage.identity import key_hash, result_key, result_value
from storage.rows import Alerts, Key, Message, Outcome, Transition, Version
from storage.seal import (
    STAGING_MEDIA,
    abort,
    append_gap,
    append_key,
    append_policy,
    append_statement,
    gaps_sha,
    seal,
    start,
)
from storage.tables import OUTCOME_NUMBERS, blob, head, map_cache, outbox, result, result_head, version
from tests.conftest import JANUARY, Clock
from tests.storage.builders import GAP, HOUR, LAB, PROD, Parts, bucket, detail, document, run, run_start, sealed

AT_REST = "encryption.at_rest"
STORE_A = Key("object_store", "arn:aws:s3:::a")


def entry_of(store: Store, seq: int) -> dict[str, object]:
    """One ledger entry, read."""
    with store.read() as conn:
        return canon.parse_canonical(next(ledger.entries(conn, seq, seq + 1)).entry)


def test_sealed_documents_are_in_force(store: Store, clock: Clock) -> None:
    """After a run its documents are in force with their exact bytes, and target and run are known."""
    content = document("a", Encrypted=True)
    seq = run(store, clock, JANUARY, documents={bucket("a"): content, bucket("b"): document("b")})

    with store.read() as conn:
        current = reads.current_documents(conn, PROD)
        assert current[bucket("a")] == canon.sha256(content)
        assert dict(reads.documents_at(conn, PROD, seq)) == {bucket("a"): content, bucket("b"): document("b")}
        assert reads.targets(conn) == [PROD]
        assert [one.seq for one in reads.runs(conn, PROD)] == [seq]


def test_later_contents_are_patches(store: Store, clock: Clock) -> None:
    """The second content of a document is kept as a short patch of the first and reads back whole."""
    first, second = document("a", Encrypted=True), document("a", Encrypted=False)
    run(store, clock, JANUARY, documents={bucket("a"): first})
    seq = run(store, clock, JANUARY + HOUR, documents={bucket("a"): second})

    with store.read() as conn:
        row = conn.execute(select(blob).where(blob.c.sha256 == canon.sha256(second))).one()
        assert (row.codec, row.raw_len) == (2, len(second))
        assert len(row.data) < len(second) // 8
        assert dict(reads.documents_at(conn, PROD, seq)) == {bucket("a"): second}


def test_no_change_adds_no_version(store: Store, clock: Clock) -> None:
    """What equals the document or verdict in force, and a tombstone of nothing, leave no trace but the run."""
    parts: Parts = {
        "documents": {bucket("a"): document("a")},
        "verdicts": {(AT_REST, STORE_A): (Outcome.PASS, "is on")},
    }
    run(store, clock, JANUARY, **parts)
    seq = run(
        store, clock, JANUARY + HOUR,
        documents={bucket("a"): document("a"), bucket("never"): None},
        verdicts={**parts["verdicts"], ("other.check", Key("x", "y")): None},
    )  # fmt: skip

    with store.read() as conn:
        assert conn.scalar(select(func.count()).select_from(version)) == 1
        assert conn.scalar(select(func.count()).select_from(result)) == 1
    assert (entry_of(store, seq)["changes"], entry_of(store, seq)["result_changes"]) == (0, 0)
    assert entry_of(store, seq)["change_root"] == canon.sha256(b"").hex()


def test_tombstone_ends_a_document(store: Store, clock: Clock) -> None:
    """A tombstone takes the document out of force and leaves its history."""
    first = run(store, clock, JANUARY, documents={bucket("a"): document("a")})
    second = run(store, clock, JANUARY + HOUR, documents={bucket("a"): None})

    with store.read() as conn:
        assert reads.current_documents(conn, PROD) == {}
        assert [(row.seq, row.sha256) for row in reads.document_history(conn, "arn:aws:s3:::a")] == [
            (first, canon.sha256(document("a"))),
            (second, None),
        ]
        assert dict(reads.documents_at(conn, PROD, first)) == {bucket("a"): document("a")}
        assert dict(reads.documents_at(conn, PROD, second)) == {}


def test_roots_equal_a_full_rebuild(store: Store, clock: Clock) -> None:
    """State and result roots, kept up bucket by bucket, equal the roots over everything that is in force."""
    documents: dict[Key, bytes] = {}
    verdicts: dict[tuple[str, Key], tuple[Outcome, str]] = {}
    for step in range(6):
        fresh = {bucket(f"b{n}"): document(f"b{n}", Step=step) for n in range(step, step + 4)}
        judged = {(AT_REST, key): (list(Outcome)[(step + n) % 5], f"step {step}") for n, key in enumerate(fresh)}
        gone: dict[Key, bytes | None] = {bucket(f"b{step - 1}"): None} if step else {}
        closed = {(AT_REST, key): None for key in gone}
        seq = run(store, clock, JANUARY + step * HOUR, documents={**fresh, **gone}, verdicts={**judged, **closed})
        documents |= fresh
        verdicts |= judged
        for key in gone:
            del documents[key], verdicts[AT_REST, key]
        said = entry_of(store, seq)
        states = {key_hash(PROD, key): canon.sha256(content) for key, content in documents.items()}
        results = {
            result_key(check, key_hash(PROD, key)): result_value(OUTCOME_NUMBERS[outcome], canon.sha256(detail(reason)))
            for (check, key), (outcome, reason) in verdicts.items()
        }
        assert said["state_root"] == merkle.MerkleMap.of(states).root().hex()
        assert said["result_root"] == merkle.MerkleMap.of(results).root().hex()


def test_roots_survive_a_lost_cache(store: Store, clock: Clock) -> None:
    """Without the cached bucket hashes the next run computes the same root from what is in force."""
    run(store, clock, JANUARY, documents={bucket("a"): document("a"), bucket("b"): document("b")})
    with store.operate() as conn:
        conn.execute(map_cache.delete())
    seq = run(store, clock, JANUARY + HOUR, documents={bucket("c"): document("c")})

    states = {key_hash(PROD, bucket(n)): canon.sha256(document(n)) for n in "abc"}
    assert entry_of(store, seq)["state_root"] == merkle.MerkleMap.of(states).root().hex()


def test_change_root_covers_every_change(store: Store, clock: Clock) -> None:
    """The change root is the hash of all changed keys with their new hash, zeros for a tombstone."""
    run(store, clock, JANUARY, documents={bucket("a"): document("a")})
    seq = run(store, clock, JANUARY + HOUR, documents={bucket("a"): None, bucket("b"): document("b")})

    changes = {
        key_hash(PROD, bucket("a")): bytes(32),
        key_hash(PROD, bucket("b")): canon.sha256(document("b")),
    }
    plain = b"".join(key + changes[key] for key in sorted(changes))
    assert entry_of(store, seq)["change_root"] == canon.sha256(plain).hex()


def test_since_is_unbroken(store: Store, clock: Clock) -> None:
    """`since` stays while only the reason changes and moves when the outcome does."""
    judged = {bucket("a"): document("a")}
    runs = []
    for hour, (outcome, reason) in enumerate(
        [(Outcome.FAIL, "off"), (Outcome.FAIL, "still off"), (Outcome.PASS, "on"), (Outcome.FAIL, "off")]
    ):
        clock.advance(3600)
        runs.append(
            run(
                store,
                clock,
                JANUARY + hour * HOUR,
                documents=judged,
                verdicts={(AT_REST, STORE_A): (outcome, reason)},
            )
        )
        with store.read() as conn:
            (now,) = reads.results_at(conn, who=PROD)
            since_seq, since = now.since_seq, now.since
            assert (now.check_id, now.subject, now.outcome, now.detail) == (AT_REST, STORE_A, outcome, detail(reason))
            assert since_seq == runs[0 if hour < 2 else hour]
            assert since == JANUARY + (1 if hour < 2 else hour + 1) * HOUR
            at = reads.results_at(conn, seq=runs[-1])
            assert [(r.outcome, r.seq, r.since_seq, r.since) for r in at] == [(outcome, runs[-1], since_seq, since)]


def test_closed_verdict_is_gone(store: Store, clock: Clock) -> None:
    """A transition to nothing removes the verdict, and a later one begins anew."""
    run(store, clock, JANUARY, verdicts={(AT_REST, STORE_A): (Outcome.FAIL, "off")})
    run(store, clock, JANUARY + HOUR, verdicts={(AT_REST, STORE_A): None})
    with store.read() as conn:
        assert reads.current_verdicts(conn, PROD) == {}
        assert reads.results_at(conn) == []
        assert conn.scalar(select(func.count()).select_from(result_head)) == 0
    third = run(store, clock, JANUARY + 2 * HOUR, verdicts={(AT_REST, STORE_A): (Outcome.FAIL, "off")})
    with store.read() as conn:
        assert [row.since_seq for row in reads.results_at(conn)] == [third]
        outcomes = [row.outcome for row in reads.result_history(conn, STORE_A.uid)]
    assert outcomes == [Outcome.FAIL, None, Outcome.FAIL]


def test_second_seal_of_a_slot_is_refused(store: Store, clock: Clock) -> None:
    """A slot takes one run: the second seal raises and leaves nothing behind."""
    begun = run_start(clock, JANUARY)
    other = run_start(clock, JANUARY, run_id="the-other")
    first, second = start(store, begun), start(store, other)
    seal(store, sealed(begun, first, documents={bucket("a"): document("a")}))

    with pytest.raises(SlotSealed, match=r"2026-01-01T00:00:00\.000000Z was sealed already"):
        seal(store, sealed(other, second, documents={bucket("b"): document("b")}))
    with pytest.raises(SlotSealed):
        start(store, run_start(clock, JANUARY, run_id="third"))
    with store.read() as conn:
        assert ledger.size(conn) == 3
        assert list(reads.current_documents(conn, PROD)) == [bucket("a")]
        assert (
            conn.scalar(select(func.count()).select_from(blob).where(blob.c.sha256 == canon.sha256(document("b")))) == 0
        )


def test_same_slot_of_two_targets(store: Store, clock: Clock) -> None:
    """Two targets share a slot, keep their documents apart, and each knows its own last run."""
    one = run(store, clock, JANUARY, PROD, documents={bucket("a"): document("a")})
    two = run(store, clock, JANUARY, LAB, documents={bucket("b"): document("b")})

    with store.read() as conn:
        assert list(reads.current_documents(conn, PROD)) == [bucket("a")]
        assert list(reads.current_documents(conn, LAB)) == [bucket("b")]
        last = reads.last_run(conn, PROD), reads.last_run(conn, LAB)
        assert [found.seq for found in last if found] == [one, two]


def test_seal_needs_its_own_start(store: Store, clock: Clock) -> None:
    """A seal with a foreign, ended or invented start is refused."""
    begun = run_start(clock, JANUARY)
    seq = start(store, begun)
    with pytest.raises(RunUnknown):
        seal(store, sealed(begun, 99))
    with pytest.raises(RunUnknown, match="another run"):
        seal(store, sealed(run_start(clock, JANUARY, run_id="impostor"), seq))
    with pytest.raises(RunUnknown):
        seal(store, sealed(run_start(clock, JANUARY, LAB), seq))
    abort(store, seq, "AGENT_DOWN")
    with pytest.raises(RunUnknown, match="ended already"):
        seal(store, sealed(begun, seq))
    with pytest.raises(RunUnknown, match="ended already"):
        abort(store, seq, "AGENT_DOWN")


def test_two_contents_for_one_document_are_refused(store: Store, clock: Clock) -> None:
    """A run that names a document twice, or an outcome without detail, contradicts itself and is not kept."""
    begun = run_start(clock, JANUARY)
    seq = start(store, begun)
    twice = sealed(begun, seq)
    object.__setattr__(twice, "versions", [Version(bucket("a"), b"{}"), Version(bucket("a"), b"[]")])
    with pytest.raises(NotEncodable, match="twice"):
        seal(store, twice)
    bare = sealed(begun, seq)
    object.__setattr__(bare, "transitions", [Transition(AT_REST, STORE_A, Outcome.PASS, None)])
    with pytest.raises(NotEncodable, match="go together"):
        seal(store, bare)


def test_manifest_record_and_volatile_read_back(store: Store, clock: Clock) -> None:
    """Manifest, record and volatile readings of each run come back as given, the later ones from patches."""
    readings = [canon.dumps({"aws.iam.user": {f"u{n}": {"LastUsed": hour} for n in range(40)}}) for hour in range(3)]
    runs = [
        run(store, clock, JANUARY + hour * HOUR, volatile=readings[hour], record=readings[hour] + b" ")
        for hour in range(3)
    ]

    with store.read() as conn:
        for hour, seq in enumerate(runs):
            assert reads.volatile_at(conn, PROD, seq) == readings[hour]
            assert reads.run_record(conn, seq) == readings[hour] + b" "
            assert entry_of(store, seq)["volatile_sha"] == canon.sha256(readings[hour]).hex()
        assert b'"check":"encryption.at_rest"' in reads.manifest(conn, runs[0])
        assert entry_of(store, runs[0])["manifest_sha"] == canon.sha256(reads.manifest(conn, runs[0])).hex()
        assert reads.volatile_at(conn, PROD, 0) is None
        with pytest.raises(StoreError, match="not a sealed run"):
            reads.manifest(conn, 0)


def test_gaps_are_kept_and_committed_to(store: Store, clock: Clock) -> None:
    """Gap rows are mirrored in their table and the entry carries their hash."""
    seq = run(store, clock, JANUARY, gaps=[GAP])

    with store.read() as conn:
        assert [(one.seq, one.entry, one.gap) for one in reads.gaps(conn)] == [(seq, "run", GAP)]
        assert reads.runs(conn)[0].status == "partial"
    assert entry_of(store, seq)["gaps_sha"] == gaps_sha([GAP]).hex()


def test_alerts_are_queued_once(store: Store, clock: Clock) -> None:
    """An alert key that is queued already is not queued again."""
    run(store, clock, JANUARY, alerts=Alerts(messages=[Message("k1", "mail", b"one")]))
    again = [Message("k1", "mail", b"again"), Message("k2", "chat", b"two")]
    run(store, clock, JANUARY + HOUR, alerts=Alerts({"AC-01": b"{}"}, again))

    with store.read() as conn:
        rows = conn.execute(
            select(outbox.c.key, outbox.c.route, outbox.c.payload, outbox.c.state).order_by(outbox.c.id)
        )
        assert [tuple(row) for row in rows] == [("k1", "mail", b"one", "pending"), ("k2", "chat", b"two", "pending")]
        assert queued.states(conn) == queued.states(conn, ["AC-01"]) == {"AC-01": b"{}"}


def test_a_condition_is_replaced_and_forgotten(store: Store, clock: Clock) -> None:
    """The newest state of a condition is the one that is kept, and None forgets it."""
    run(store, clock, JANUARY, alerts=Alerts({"a": b"1", "b": b"1"}))
    run(store, clock, JANUARY + HOUR, alerts=Alerts({"a": b"2", "b": None}))

    with store.read() as conn:
        assert queued.states(conn) == {"a": b"2"}


def test_statements_are_kept_in_order(store: Store, clock: Clock) -> None:
    """What people state is read back by kind, with its place and time in the ledger."""
    first = append_statement(store, "waiver", b'{"n":1}')
    clock.advance(60)
    append_statement(store, "note", b"{}")
    second = append_statement(store, "waiver", b'{"n":1}')

    with store.read() as conn:
        found = reads.statements(conn, {"waiver"})
    assert [(one.seq, one.at, one.body) for one in found] == [
        (first, JANUARY, b'{"n":1}'),
        (second, JANUARY + 60_000_000, b'{"n":1}'),
    ]


def test_staging_is_idempotent_and_cleared(store: Store, clock: Clock) -> None:
    """Pages come back in order, a repeated page changes nothing, and sealing removes them."""
    begun = run_start(clock, JANUARY)
    seq = start(store, begun)
    staging.put(store, begun.run_id, [staging.Page("s3", 1, b"two"), staging.Page("s3", 0, b"one")])
    staging.put(store, begun.run_id, [staging.Page("s3", 1, b"twice"), staging.Page("iam", 0, b"first")])
    with store.read() as conn:
        found = [(page.task, page.page, page.payload) for page in staging.pages(conn, begun.run_id)]
    assert found == [("iam", 0, b"first"), ("s3", 0, b"one"), ("s3", 1, b"two")]
    seal(store, sealed(begun, seq))
    with store.read() as conn:
        assert list(staging.pages(conn, begun.run_id)) == []
        assert staging.orphans(conn) == []


def test_abort_keeps_the_pages(store: Store, clock: Clock) -> None:
    """An aborted run leaves no document in force, but what it had read can be found by hash."""
    begun = run_start(clock, JANUARY)
    seq = start(store, begun)
    staging.put(store, begun.run_id, [staging.Page("s3", 0, b"page")])
    with store.read() as conn:
        assert [(one.start_seq, one.run_id, one.target) for one in staging.orphans(conn)] == [(seq, begun.run_id, PROD)]
    ended = abort(store, seq, "AGENT_DOWN")

    said = entry_of(store, ended)
    with store.read() as conn:
        kept = reads.blob_by_sha(conn, str(said["staging_sha"]))
        assert (kept.media, kept.content) == (
            STAGING_MEDIA,
            canon.dumps([{"task": "s3", "page": 0, "payload": b"page"}]),
        )
        assert list(staging.pages(conn, begun.run_id)) == []
        assert staging.orphans(conn) == []
        assert reads.current_documents(conn, PROD) == {}
        assert [(one.entry, one.gap.reason) for one in reads.gaps(conn)] == [("abort", "AGENT_DOWN")]
    assert (said["start"], said["reason"], said["pages"]) == (seq, "AGENT_DOWN", 1)


def test_the_slot_can_be_run_again_after_an_abort(store: Store, clock: Clock) -> None:
    """An abort ends the attempt, not the slot."""
    abort(store, start(store, run_start(clock, JANUARY, run_id="crashed")), "AGENT_DOWN")
    seq = run(store, clock, JANUARY)
    assert entry_of(store, seq)["slot"] == JANUARY


def test_clock_may_not_go_back(store: Store, clock: Clock) -> None:
    """An append by a clock that went back names both times; a small step between machines is evened out."""
    run(store, clock, JANUARY)
    clock.advance(-0.5)
    start(store, run_start(clock, JANUARY + HOUR))
    clock.advance(-3600)
    with pytest.raises(ClockWentBack, match=r"2025-12-31T22:59:59\.500000Z.*2026-01-01T00:00:00\.000000Z"):
        start(store, run_start(clock, JANUARY + 2 * HOUR))
    with store.read() as conn:
        assert [one.recorded_at for one in ledger.entries(conn)] == [JANUARY] * 3


def test_gap_entries_settle_slots(store: Store, clock: Clock) -> None:
    """A missed slot is recorded once per reason and counts as settled."""
    seq = append_gap(store, PROD, JANUARY, "AGENT_DOWN", "the agent was not running")
    assert append_gap(store, PROD, JANUARY, "AGENT_DOWN", "said again") == seq
    with store.read() as conn:
        assert reads.last_slot(conn, PROD) == JANUARY
        assert reads.last_slot(conn, LAB) is None
    run(store, clock, JANUARY + HOUR)
    with store.read() as conn:
        assert reads.last_slot(conn, PROD) == JANUARY + HOUR
        assert [one.gap.error for one in reads.gaps(conn, PROD)] == ["the agent was not running"]
        assert reads.gaps(conn, since=clock() + 1) == []


def test_policies_and_keys_are_recorded_on_change(store: Store) -> None:
    """A policy or key is an entry only when it differs from the newest of its kind."""
    first = append_policy(store, "controls", b"[1]")
    assert append_policy(store, "controls", b"[1]") is None
    assert append_policy(store, "schedule", b"[1]") is not None
    changed = append_policy(store, "controls", b"[2]")
    assert first is not None
    assert changed is not None
    assert append_policy(store, "controls", b"[1]") is not None
    assert append_key(store, "log+00000000+AAAA") is not None
    assert append_key(store, "log+00000000+AAAA") is None
    with store.read() as conn:
        assert reads.blob_by_sha(conn, str(entry_of(store, changed)["body_sha"])).content == b"[2]"


def test_failure_in_the_middle_keeps_nothing(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last write of a seal fails, the ledger, the documents and the heads are as before."""
    run(store, clock, JANUARY, documents={bucket("a"): document("a")})
    begun = run_start(clock, JANUARY + HOUR)
    seq = start(store, begun)

    def broken(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(staging, "clear", broken)
    with pytest.raises(OSError, match="gone"):
        seal(store, sealed(begun, seq, documents={bucket("a"): document("a", Changed=True)}))
    monkeypatch.undo()
    with store.read() as conn:
        assert ledger.size(conn) == seq + 1
        assert reads.current_documents(conn, PROD) == {bucket("a"): canon.sha256(document("a"))}
    again = seal(store, sealed(begun, seq, documents={bucket("a"): document("a", Changed=True)}))
    assert entry_of(store, again)["prev"] == 1
    with store.read() as conn:
        assert conn.scalar(select(func.count()).select_from(head)) == 1


def test_identity_without_zero_bytes(store: Store, clock: Clock) -> None:
    """A zero byte in an identity, which would let two identities share a hash, is refused."""
    with pytest.raises(NotEncodable, match="zero byte"):
        run(store, clock, JANUARY, documents={Key("aws.s3.bucket", "a\0b"): b"{}"})


def test_change_root_of_nothing() -> None:
    """A run without changes commits to the hash of nothing."""
    assert state.change_root({}) == canon.sha256(b"")
