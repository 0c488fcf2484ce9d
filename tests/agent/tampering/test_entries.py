"""Entries, policies and records that say something untrue, rehashed and signed with the real key all the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from storage import canon
from tests.agent.tampering.attacker import Forgery, forging, unguarded
from tests.agent.tampering.conftest import Case

SAID: dict[str, tuple[str, dict[str, Any], str]] = {
    "run before": ("run", {"prev": 3}, "the run before it is said to be entry 3, but is"),
    "status": ("run", {"status": "complete"}, "its status is complete, which does not fit its 1 gaps"),
    "unknown status": ("run", {"status": "fine"}, "its status 'fine' is unknown"),
    "run id": ("run", {"run_id": "x"}, "its run_id is not the one that the run was started with"),
    "documents changed": ("run", {"changes": 99}, "the entry counts 99 document versions"),
    "verdicts changed": ("run", {"result_changes": 99}, "the entry counts 99 results"),
    "gaps": ("run", {"gaps": 0}, "the entry counts 0 gaps, 1 are kept"),
    "finished": ("run", {"finished": 1 << 52}, "time goes backwards: it did not finish between"),
    "readings": ("run", {"volatile_sha": "0" * 64}, "the entry has another volatile_sha"),
    "text for a number": ("run", {"documents": "60"}, "its field documents is not a whole number"),
    "clock": ("run", {"clock": {"calls": 1, "median": "0", "worst": 0}}, "its field clock is not an object of calls,"),
    "started": ("run-start", {"started": 1 << 52}, "time goes backwards: recorded before the run started"),
    "pages": ("abort", {"pages": 3}, "it does not hold the 3 pages of the aborted run"),
    "no pages": ("abort", {"staging_sha": None}, "it counts 2 pages but keeps none"),
    "run id of an abort": ("abort", {"run_id": "x"}, "its run_id is not the one"),
    "key": ("key", {"verifier_key": "x"}, "verifier key is not of the form"),
    "hash of a policy": ("policy", {"body_sha": "zz"}, "'zz' is not a SHA-256"),
    "slot of a gap": ("gap", {"slot": 5}, "the entry says slot 5, its row says"),
}


def entry(forged: Forgery, case: Case, kind: str) -> int:
    """Position of an entry of a type; the run is the one that had gaps."""
    seq: int = case.runs[11] if kind == "run" else forged.one("ledger", type=kind)["seq"]
    return seq


@pytest.mark.parametrize("name", SAID)
def test_untrue_entry(sqlite_case: Case, name: str) -> None:
    """What an entry says is held against everything else, whoever signed it."""
    kind, fields, said = SAID[name]
    with unguarded(sqlite_case.url) as conn:
        forged = Forgery(conn)
        seq = entry(forged, sqlite_case, kind)
        forged.say(seq, **fields)
        forged.grow()
        forged.resign(sqlite_case.ledger.signer)
        forged.write(conn)

    found = sqlite_case.verify(1).findings
    assert [one for one in found if said in one.what], found
    assert not [one for one in found if "root differs from checkpoint" in one.what]


def test_slot_outside_the_schedule(sqlite_case: Case) -> None:
    """A scheduled run takes a slot of the schedule, not a moment of its own."""
    with forging(sqlite_case.url, sqlite_case.ledger.signer) as forged:
        for seq in (sqlite_case.runs[30] - 1, sqlite_case.runs[30]):
            slot = forged.one("ledger", seq=seq)["slot"] + 1
            forged.one("ledger", seq=seq)["slot"] = slot
            forged.say(seq, slot=slot)

    sqlite_case.caught(0, "is not one of its schedule, every 3600 s", "missed schedule slot without a gap entry")


def test_schedule_without_an_interval(sqlite_case: Case) -> None:
    """A schedule that asks for nothing would hide every missed slot."""
    with forging(sqlite_case.url, sqlite_case.ledger.signer) as forged:
        bid = forged.keep(b'{"every":0}')
        forged.say(0, body_sha=forged.one("blob", bid=bid)["sha256"].hex())

    sqlite_case.caught(
        0, f"blob {bid}: as a schedule policy it names neither an interval in whole seconds nor a crontab line"
    )


@pytest.mark.parametrize("content", [b"[1]", b"plain"])
def test_detail_of_another_form(sqlite_case: Case, content: bytes) -> None:
    """The reason of a verdict is a JSON object, or nobody can show it."""
    with forging(sqlite_case.url, sqlite_case.ledger.signer) as forged:
        bid = forged.all("result", outcome=2)[0]["detail_bid"]
        forged.replace(bid, content)

    sqlite_case.caught(0, f"blob {bid}: as the detail of a verdict it is not a JSON object")


def test_record_without_gaps(sqlite_case: Case) -> None:
    """A record that does not say what could not be read is no record."""
    seq = sqlite_case.runs[11]
    with forging(sqlite_case.url, sqlite_case.ledger.signer) as forged:
        beat = forged.one("heartbeat", seq=seq)
        record = json.loads(forged.content(beat["record_bid"]))
        del record["gaps"]
        beat["record_bid"] = forged.keep(canon.dumps(record))

    sqlite_case.caught(0, f"gap of run {seq} of prod: the run's record lists other gaps")


@pytest.mark.parametrize("manifest", [b'{"checks":[]}', b"{}"])
def test_manifest_that_counts_nothing(sqlite_case: Case, manifest: bytes) -> None:
    """A heartbeat without checks does not pass for one in which all ran."""
    seq = sqlite_case.runs[11]
    with unguarded(sqlite_case.url) as conn:
        forged = Forgery(conn)
        bid = forged.keep(manifest)
        forged.one("heartbeat", seq=seq)["manifest_bid"] = bid
        forged.say(seq, manifest_sha=forged.one("blob", bid=bid)["sha256"].hex())
        forged.grow()
        forged.resign(sqlite_case.ledger.signer)
        forged.write(conn)

    sqlite_case.caught(0, f"heartbeat of run {seq} of prod: the manifest does not count the verdicts in force: ")
