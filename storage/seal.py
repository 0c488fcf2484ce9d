"""Everything that is ever added to the ledger: starts, sealed runs, aborts, gaps, policies, statements and keys.

A run is one transaction: documents, verdicts, gaps, heartbeat, alerts and the ledger entry that commits to
all of them are there together or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, select

from storage import blobs, calls, canon, heads, identity, ledger, outbox, staging, state
from storage.engine import Store
from storage.errors import RunUnknown, SlotSealed, instant
from storage.identity import Resource
from storage.prepare import Prepared, prepare
from storage.rows import GapRow, Key, RunStart, Seal, Target
from storage.tables import (
    gap,
    heartbeat,
    volatile,
)
from storage.tables import (
    ledger as ledger_table,
)

STAGING_MEDIA = "application/x-proofkeep-staging+json"


def start(store: Store, run: RunStart) -> int:
    """Announce a run before its first call; return the entry's position.

    SlotSealed when the slot has its run.
    """
    with store.write() as conn:
        target_id = identity.add_target(conn, run.target)
        _refuse_sealed(conn, target_id, run.target, run.slot)
        fields = {
            "run_id": run.run_id,
            "target": asdict(run.target),
            "scheduled": run.scheduled,
            "started": run.started,
            "code_digest": run.code_digest,
            "config_digest": run.config_digest,
        }
        return ledger.append(conn, store.now(), "run-start", fields, target_id=target_id, slot=run.slot)


def seal(store: Store, run: Seal) -> int:
    """Write all that a run adds in one transaction; return the position of its `run` entry.

    Documents and verdicts equal to the ones in force are left out, and so are tombstones of what is not
    there. SlotSealed when the slot has its run, RunUnknown when the start does not fit or has ended; nothing
    is written.
    """
    with store.read() as conn:
        target_id = identity.find_target(conn, run.start.target)
        if target_id is None:
            raise RunUnknown(f"no run of {run.start.target.name} was ever started")
        prepared = prepare(conn, run, target_id)
    with store.write() as conn:
        _refuse_sealed(conn, target_id, run.start.target, run.start.slot)
        _refuse_ended(conn, run.start_seq, run.start.run_id, target_id)
        return _write(conn, store.now(), run, target_id, prepared)


def abort(store: Store, start_seq: int, reason: str, text: str = "") -> int:
    """End an announced run without a result, keeping the pages that it had read; return the entry's position.

    RunUnknown when there is no such start or it has ended already.
    """
    with store.write() as conn:
        begun = conn.execute(select(ledger_table).where(ledger_table.c.seq == start_seq)).first()
        if begun is None or begun.type != "run-start":
            raise RunUnknown(f"ledger entry {start_seq} does not start a run")
        said = canon.parse_canonical(bytes(begun.entry))
        run_id = str(said["run_id"])
        _refuse_ended(conn, start_seq, run_id, begun.target_id)
        pages = [asdict(page) for page in staging.pages(conn, run_id)]
        fields: dict[str, object] = {
            "run_id": run_id,
            "target": said["target"],
            "reason": reason,
            "text": text,
            "pages": len(pages),
            "staging_sha": None,
        }
        if pages:
            packed = blobs.Packer().pack(canon.dumps(pages))
            blobs.put(conn, [packed], STAGING_MEDIA)
            fields["staging_sha"] = packed.sha256.hex()
        seq = ledger.append(
            conn, store.now(), "abort", fields, target_id=begun.target_id, slot=begun.slot, ref=start_seq
        )
        staging.clear(conn, run_id)
        return seq


def append_gap(store: Store, who: Target, slot: int, reason: str, text: str) -> int:
    """Record that a whole slot has no run, and why.

    Return the entry's position, the first one's if repeated.
    """
    with store.write() as conn:
        target_id = identity.add_target(conn, who)
        same = (ledger_table.c.type == "gap") & (ledger_table.c.target_id == target_id) & (ledger_table.c.slot == slot)
        for row in conn.execute(select(ledger_table.c.seq, ledger_table.c.entry).where(same)):
            if canon.parse_canonical(bytes(row.entry))["reason"] == reason:
                return int(row.seq)
        fields = {"target": asdict(who), "reason": reason, "text": text}
        return ledger.append(conn, store.now(), "gap", fields, target_id=target_id, slot=slot)


def append_policy(store: Store, kind: str, body: bytes) -> int | None:
    """Record a policy of this kind (controls, schedule, …) when it differs from the one in force.

    Else None.  The body is kept as it is, so that the views can read it if it is JSON.
    """
    with store.write() as conn:
        packed = blobs.plain(body)
        digest = packed.sha256.hex()
        last = _newest(conn, "policy", "kind", kind)
        if last is not None and last["body_sha"] == digest:
            return None
        blobs.put(conn, [packed])
        return ledger.append(conn, store.now(), "policy", {"kind": kind, "body_sha": digest})


def append_statement(store: Store, kind: str, body: bytes) -> int:
    """Put on record what somebody stated (a waiver, an acknowledgement, …); return the entry's position.

    The body is kept as it is, so that the views can read it if it is JSON.
    """
    with store.write() as conn:
        packed = blobs.plain(body)
        blobs.put(conn, [packed])
        return ledger.append(conn, store.now(), "statement", {"kind": kind, "body_sha": packed.sha256.hex()})


def append_key(store: Store, verifier_key: str) -> int | None:
    """Record the public key that signs checkpoints from here on, unless it is the one in force already."""
    with store.write() as conn:
        last = _newest(conn, "key", None, None)
        if last is not None and last["verifier_key"] == verifier_key:
            return None
        return ledger.append(conn, store.now(), "key", {"verifier_key": verifier_key})


def _newest(conn: Connection, kind: str, field: str | None, value: str | None) -> dict[str, object] | None:
    """Newest entry of a type, whose `field` has this value if one is named."""
    query = select(ledger_table.c.entry).where(ledger_table.c.type == kind).order_by(ledger_table.c.seq.desc())
    for entry in conn.scalars(query):
        said = canon.parse_canonical(bytes(entry))
        if field is None or said[field] == value:
            return said
    return None


def _refuse_sealed(conn: Connection, target_id: int, who: Target, slot: int) -> None:
    """SlotSealed when this target already has a run for the slot."""
    same = (ledger_table.c.type == "run") & (ledger_table.c.target_id == target_id) & (ledger_table.c.slot == slot)
    seq = conn.scalar(select(ledger_table.c.seq).where(same))
    if seq is not None:
        raise SlotSealed(f"{who.name}: the slot {instant(slot)} was sealed already, as ledger entry {seq}")


def _refuse_ended(conn: Connection, start_seq: int, run_id: str, target_id: int) -> None:
    """RunUnknown unless this entry starts this run of this target and nothing has ended it."""
    begun = conn.execute(select(ledger_table).where(ledger_table.c.seq == start_seq)).first()
    if begun is None or begun.type != "run-start" or begun.target_id != target_id:
        raise RunUnknown(f"ledger entry {start_seq} does not start this run")
    if canon.parse_canonical(bytes(begun.entry))["run_id"] != run_id:
        raise RunUnknown(f"ledger entry {start_seq} starts another run than {run_id}")
    ended = conn.scalar(select(ledger_table.c.seq).where(ledger_table.c.ref == start_seq))
    if ended is not None:
        raise RunUnknown(f"run {run_id} has ended already, as ledger entry {ended}")


def _write(conn: Connection, now: int, run: Seal, target_id: int, prepared: Prepared) -> int:
    """Write the run; the ledger is held and the slot free."""
    last = ledger.head(conn)
    seq = 0 if last is None else last.seq + 1
    known = _resources(conn, run.start.target, target_id, prepared, seq)
    documents = heads.changed_documents(conn, known, prepared.documents)
    verdicts, current = heads.changed_verdicts(conn, target_id, known, prepared.verdicts)

    document_changes = {known[key].key_hash: digest for key, digest in documents.items()}
    result_changes = {
        identity.result_key(check_id, known[subject].key_hash): identity.result_value(verdict.outcome, verdict.detail)
        if verdict is not None
        else None
        for (check_id, subject), verdict in verdicts.items()
    }
    document_map = state.next_map(conn, target_id, state.DOCUMENTS, document_changes)
    result_map = state.next_map(conn, target_id, state.RESULTS, result_changes)
    fields = {
        "run_id": run.start.run_id,
        "target": asdict(run.start.target),
        "scheduled": run.start.scheduled,
        "started": run.start.started,
        "finished": run.finished,
        "status": str(run.status),
        "prev": _previous(conn, target_id),
        "documents": run.documents,
        "changes": len(documents),
        "result_changes": len(verdicts),
        "gaps": len(run.gaps),
        "code_digest": run.start.code_digest,
        "config_digest": run.start.config_digest,
        "state_root": document_map.root().hex(),
        "change_root": state.change_root(document_changes).hex(),
        "result_root": result_map.root().hex(),
        "result_change_root": state.change_root(result_changes).hex(),
        "volatile_sha": prepared.volatile.sha256.hex(),
        "manifest_sha": prepared.manifest.hex(),
        "record_sha": prepared.record.hex(),
        "gaps_sha": gaps_sha(run.gaps).hex(),
        "clock": None if run.clock is None else run.clock._asdict(),
    }
    ledger.append(conn, now, "run", fields, target_id=target_id, slot=run.start.slot, ref=run.start_seq)

    bids = blobs.put(conn, prepared.packs)
    needed = {digest for digest in documents.values() if digest} | {v.detail for v in verdicts.values() if v}
    bids |= blobs.find(conn, (needed | {prepared.manifest, prepared.record}) - bids.keys())
    place = heads.Place(seq, target_id, known, bids)
    heads.write_documents(conn, place, documents)
    heads.write_verdicts(conn, place, verdicts, current)
    state.keep_map(conn, target_id, state.DOCUMENTS, document_map)
    state.keep_map(conn, target_id, state.RESULTS, result_map)
    conn.execute(
        volatile.insert(),
        {
            "seq": seq,
            "sha256": prepared.volatile.sha256,
            "codec": prepared.volatile.codec,
            "base_seq": prepared.volatile_base,
            "raw_len": prepared.volatile.raw_len,
            "data": prepared.volatile.data,
        },
    )
    beat = {"seq": seq, "manifest_bid": bids[prepared.manifest], "record_bid": bids[prepared.record]}
    conn.execute(heartbeat.insert(), beat)
    if run.gaps:
        conn.execute(gap.insert(), [{"seq": seq, "n": n, **_gap_fields(one)} for n, one in enumerate(run.gaps)])
    calls.write(conn, target_id, seq, run.asked)
    outbox.queue(conn, now, run.alerts)
    staging.clear(conn, run.start.run_id)
    return seq


def gaps_sha(gaps: Sequence[GapRow]) -> bytes:
    """Hash that ties the rows of the gap table to the run's entry: SHA-256 of their JSON, in order."""
    return canon.sha256(canon.dumps([_gap_fields(one) for one in gaps]))


def _gap_fields(one: GapRow) -> dict[str, str | None]:
    """Columns of one gap.

    An error's text comes from outside: what no database takes must not cost us the run.
    """
    fields: dict[str, str | None] = asdict(one)
    return {
        name: value and value.replace("\0", "\ufffd").encode(errors="replace").decode()
        for name, value in fields.items()
    }


def _previous(conn: Connection, target_id: int) -> int | None:
    """Position of the target's last sealed run."""
    runs = select(ledger_table.c.seq).where(ledger_table.c.type == "run", ledger_table.c.target_id == target_id)
    found: int | None = conn.scalar(runs.order_by(ledger_table.c.seq.desc()).limit(1))
    return found


def _resources(conn: Connection, who: Target, target_id: int, prepared: Prepared, seq: int) -> dict[Key, Resource]:
    """Row numbers of everything that the run names and that exists, or begins to exist, in the store."""
    named = set(prepared.documents) | {subject for _, subject in prepared.verdicts}
    present = {key for key, digest in prepared.documents.items() if digest is not None}
    present |= {subject for (_, subject), verdict in prepared.verdicts.items() if verdict is not None}
    gone = identity.find_resources(conn, target_id, named - present)
    return identity.add_resources(conn, who, target_id, present, seq) | gone
