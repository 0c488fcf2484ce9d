"""`period` and `seal` on the command line: text, JSON, what they put on record, and the words they never use."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from agent import clock as agent_clock
from agent.evaluation import seals
from storage import attachments, canon, notes, reads
from storage.engine import Store, open_store
from tests.agent.conftest import Said, say
from tests.agent.evaluation.planted import DAY, END, plant
from tests.conftest import JANUARY, Clock

FROM, TO = agent_clock.iso(JANUARY), agent_clock.iso(END)


@pytest.fixture
def told(planted_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Said:
    """What `period` prints of the planted history."""
    at_end(clock, monkeypatch, tmp_path)
    return say("period", "--from", FROM, "--to", TO, "--database", planted_url)


def at_end(clock: Clock, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """It is an hour after the period."""
    clock.time = END + 3_600_000_000
    monkeypatch.setattr(agent_clock, "now", clock)
    monkeypatch.chdir(folder)


def test_text(told: Said) -> None:
    """Control, conclusion, coverage and deviations, the way down, and the sentence about conclusions."""
    assert (told.code, told.err) == (0, "")
    assert told.out.count("conclusions are this tool's evaluation of recorded evidence; the auditor concludes") == 1
    row = next(line for line in told.out.splitlines() if line.startswith(" AC-02 "))
    assert "effective with deviations" in row
    assert "96.25%" in row
    assert "proofkeep evidence --control AC-02 --check identity.user_mfa --resource bob --as-of 2026-01-15" in told.out
    assert "gap: 2026-02-14T00:00:00Z … 2026-02-24T00:00:00Z (10 slots), ACCOUNT_NOT_ONBOARDED" in told.out
    assert "failing: identity.user_mfa, prod, alice: in time, not counted\n" in told.out
    assert "failing: identity.user_mfa, prod, bob: late, counted\n" in told.out
    assert "excused by W-0001" in told.out
    assert "segment 2026-03-03T00:00:00Z … 2026-03-22T00:00:00Z" in told.out


@pytest.fixture
def own(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """The planted history in a store of the test's own."""
    plant(store, clock)
    at_end(clock, monkeypatch, tmp_path)
    return store


def test_an_evaluation_on_record(own: Store, database_url: str) -> None:
    """Its statement says with what it was asked; its file is the result, and asking as of then gives the same."""
    words = ("period", "--from", FROM, "--to", TO, "--as-of", TO, "--database", database_url, "--json")
    said = say(*words, "--store").json
    with own.read() as conn:
        (row,) = reads.statements(conn, {"evaluation"})
        body = json.loads(row.body)
        (content,) = attachments.contents(conn, attachments.attached(body))
    assert said["stored"] == {"entry": row.seq, "result_sha256": body["result_sha256"]}
    assert sha256(content).hexdigest() == body["result_sha256"]
    assert (body["begins"], body["ends"], body["ledger_entry"]) == (JANUARY, END, said["ledger_entry"])
    assert body["library"] == {"digest": f"{3:064x}", "entry": said["library"]["entry"]}
    assert body["parameters"]["coverage_min"] == 0.95
    again = say(*words).json
    assert again.pop("stored") is None
    assert canon.dumps(again) == content
    verified = say("verify", "--database", database_url, "--json").json
    assert [each for each in verified["findings"] if "statement" in str(each)] == []


def test_a_seal_tells_additions_apart(own: Store, database_url: str, clock: Clock, tmp_path: Path) -> None:
    """What is attested after the seal counts by its time and is told as added; a period is sealed once, when over."""
    asked = ("--from", FROM, "--to", TO, "--database", database_url)
    made = say("seal", *asked, "--reason", "end of fieldwork", "--json").json
    assert (made["reason"], made["position"] + 1) == ("end of fieldwork", made["entry"])
    signed = notes.verify(made["checkpoint"]["note"], made["checkpoint"]["verifier_key"])
    assert signed.size > made["entry"]
    assert Path(made["checkpoint"]["file"]).read_text(encoding="utf-8") == made["checkpoint"]["note"]
    again = say("seal", *asked)
    assert (again.code, "was sealed at" in again.err) == (2, True)
    early = say("seal", "--from", FROM, "--to", "2027-01-01", "--database", database_url)
    assert (early.code, "lies in the future" in early.err) == (2, True)
    clock.time += DAY
    path = tmp_path / "late.pdf"
    path.write_bytes(b"%PDF late")
    attest = (
        "attest", "AC-10", "--file", str(path), "--performed-by", "Ana", "--performed-at", "2026-03-20",
        "--reviewed-by", "Carl", "--database", database_url,
    )  # fmt: skip
    mute = say(*attest)
    assert (mute.code, "was sealed at 2026-03-22T01:00:00Z: say why it is added" in mute.err) == (2, True)
    attested = say(*attest, "--note", "found in the old share")
    assert attested.err == ""
    control = say("period", *asked, "--control", "AC-10", "--json").json
    assert control["sealed"]["entry"] == made["entry"]
    (told,) = control["controls"]
    assert "M-0002: added after the evidence of the period was sealed" in told["notes"]
    (added,) = control["added_after_seal"]
    assert added == {
        "evidence": "M-0002, evidence for AC-10",
        "received": "2026-03-23T01:00:00Z",
        "reason": "found in the old share",
        "entry": added["entry"],
    }
    assert added["entry"] > made["entry"]
    with open_store(database_url) as store, store.read() as conn:
        assert [each.reason for each in seals.load(conn)] == ["end of fieldwork"]
