"""The caches that the agent reads from day to day, against the state that the replay arrived at."""

from __future__ import annotations

from agent.verification.contents import Contents
from agent.verification.inspection import Inspection
from agent.verification.names import Names
from agent.verification.replay import State
from storage.merkle import bucket_of
from storage.state import DOCUMENTS, RESULTS
from storage.tables import head, map_cache, result_head

_HEAD = ("rid", "target_id", "seq", "sha256", "bucket")
_RESULT_HEAD = (
    "chk",
    "rid",
    "target_id",
    "seq",
    "since_seq",
    "outcome",
    "detail_bid",
    "detail_sha",
    "bucket",
)


def check_caches(inspection: Inspection, names: Names, contents: Contents, state: State) -> None:
    """Compare all three caches, row by row."""
    _heads(inspection, names, state)
    _result_heads(inspection, names, contents, state)
    expected = {
        (target_id, which): built.packed()
        for target_id, one in state.targets.items()
        for which, built in ((DOCUMENTS, one.documents), (RESULTS, one.results))
    }
    for target_id, which, hashes in inspection.rows(map_cache, ("target_id", "map", "hashes"), "target_id, map"):
        if expected.pop((target_id, which), None) != hashes:
            inspection.add(f"map_cache of {names.target(target_id)}, {which}", "it is not what the runs add up to")
    for target_id, which in expected:
        inspection.add(f"map_cache of {names.target(target_id)}, {which}", "it is missing")


def _heads(inspection: Inspection, names: Names, state: State) -> None:
    """The version in force of each document."""
    missing = set(state.heads)
    for rid, *kept in inspection.rows(head, _HEAD, "rid"):
        missing.discard(rid)
        known, current = names.resources.get(rid), state.heads.get(rid)
        right = known and current and [known.target_id, *current, bucket_of(known.key_hash)]
        if kept != right:
            inspection.add(f"head of {names.resource(rid)}", "it is not the version in force")
    for rid in sorted(missing):
        inspection.add(f"head of {names.resource(rid)}", "the version in force is missing")


def _result_heads(inspection: Inspection, names: Names, contents: Contents, state: State) -> None:
    """The verdict in force of each check and resource."""
    total = inspection.count(result_head)
    missing = set(state.verdicts)
    for done, (chk, rid, *kept) in enumerate(inspection.rows(result_head, _RESULT_HEAD, "chk, rid")):
        missing.discard((chk, rid))
        current, known = state.verdicts.get((chk, rid)), names.resources.get(rid)
        right = (
            current
            and known
            and [
                known.target_id,
                current.seq,
                current.since,
                current.outcome,
                current.detail_bid,
                contents.hashes.get(current.detail_bid),
                bucket_of(current.key),
            ]
        )
        if kept != right:
            inspection.add(
                f"result_head of {names.check(chk)} on {names.resource(rid)}", "it is not the verdict in force"
            )
        if not done % 5000:
            inspection.progress("caches", done, total)
    for chk, rid in sorted(missing):
        inspection.add(f"result_head of {names.check(chk)} on {names.resource(rid)}", "the verdict in force is missing")
    inspection.progress("caches", total, total)
