"""`proofkeep evidence`: what it prints and what it refuses."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.agent.conftest import ACCOUNT, History, say

BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"


def test_the_whole_way_is_printed(history: History) -> None:
    """Verdict, reason, fact, document, call, hash, entry and checkpoint, for people."""
    said = history.agent("evidence", "--check", "identity.user_mfa", "--resource", "bob", "--as-of", history.times[0])

    assert said.code == 0
    for text in (
        "FAIL identity.user_mfa: bob",
        "user has a console password and no MFA device",
        "controls AC-02; criteria CC6.1, CC6.6",
        "iam:ListMFADevices UserName=bob",
        f"by arn:aws:sts::{ACCOUNT}:user/moto",
        "provider's date",
        "proofkeep/ledger, 6 entries",
    ):
        assert text in said.out


def test_json_holds_answer_and_proofs(history: History) -> None:
    """Everything of a control, for programs."""
    told = history.agent("evidence", "--control", "AC-02", "--json").json
    said = [proof for proof in told["proofs"] if proof["verdict"]["outcome"] != "NOT_APPLICABLE"]

    assert told.keys() == {"answer", "proofs", "outside"}
    assert told["outside"] is None
    assert {proof["verdict"]["check"] for proof in said} == {"identity.sign_in_factors", "identity.user_mfa"}
    assert {proof["verdict"]["resource"] for proof in said} >= {BOB}
    assert {proof["judged"]["entry"] for proof in said} == {history.entries[2]}


def test_many_verdicts_are_cut_and_counted(history: History) -> None:
    """The first ten, and how many there are; --all prints them."""
    few = history.agent("evidence", "--resource", "arn:aws")
    every = history.agent("evidence", "--resource", "arn:aws", "--all")

    assert "more verdicts; narrow the question" in few.out
    assert "more verdicts" not in every.out
    assert len(every.out) > len(few.out)


def test_a_document_is_shown_with_its_hash(history: History) -> None:
    """By the id that findings name."""
    (proof,) = [
        each
        for each in history.agent("evidence", "--check", "identity.user_mfa", "--json").json["proofs"]
        if each["verdict"]["resource"] == BOB
    ]
    (document,) = [each for each in proof["documents"] if each["kind"] == "aws.iam.user_mfa_devices"]
    said = history.agent("evidence", "show", document["id"])
    plain = history.agent("evidence", "show", document["id"], "--json").json
    raw = history.agent("evidence", "show", document["id"], "--raw").raw

    assert f"sha256 {document['sha256']}, hashed anew and equal" in said.out
    assert f'"uid": "{BOB}"' in said.out
    assert plain["sha256"] == document["sha256"]
    assert plain["content"]["kind"] == "aws.iam.user_mfa_devices"
    assert hashlib.sha256(raw).hexdigest() == document["sha256"]


def test_fields_that_change_by_themselves_are_shown(history: History) -> None:
    """They are kept with the run, so the run is named."""
    proofs = history.agent("evidence", "--check", "identity.user_mfa", "--json").json["proofs"]
    (digest,) = {each["id"] for each in proofs[0]["documents"] if each["kind"] == "aws.iam.credential_report"}
    said = history.agent("evidence", "show", digest, "--as-of", history.times[0])

    assert f"as read for acme in ledger entry {history.entries[0]}" in said.out
    assert '"user": "alice"' in said.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("evidence",), "say which verdicts"),
        (("evidence", "--control", "AC-99"), "--control 'AC-99': there is none of that name"),
        (("evidence", "--check", "identity.user_mfaa"), "did you mean 'identity.user_mfa'"),
        (("evidence", "--resource", "nobody"), "no verdict was in force for that"),
        (("evidence", "--resource", "bob", "--as-of", "yesterday"), "'yesterday' is no time"),
        (("evidence", "--resource", "bob", "--as-of", "2020-01-01"), "no verdict was in force for that"),
        (("evidence", "show", "abc"), "'abc' is not 8 to 64 hexadecimal digits"),
        (("evidence", "show", "0123456789ab"), "nothing is kept under a hash"),
        (("evidence", "--json", "show", "0123456789ab"), "write the options behind `evidence show`"),
    ],
)
def test_bad_questions_are_refused(history: History, words: tuple[str, ...], message: str) -> None:
    """One line that says what is wrong, and exit code 2."""
    said = history.agent(*words)

    assert (said.code, said.out) == (2, "")
    assert message in said.err


def test_no_database_is_refused(tmp_path: Path) -> None:
    """The line says how to make one."""
    said = say("evidence", "--resource", "bob", "--database", f"sqlite:///{tmp_path}/none.db")

    assert said.code == 2
    assert said.err.endswith("create the store first (proofkeep db upgrade)\n")


def test_altered_bytes_end_with_four(history: History, tmp_path: Path) -> None:
    """Somebody with access to the file changed a document; it is not printed."""
    proof = history.agent("evidence", "--check", "identity.user_mfa", "--json").json["proofs"][0]
    digest = proof["documents"][0]["sha256"]
    copy = shutil.copy(history.agent.folder / "evidence.db", tmp_path / "copy.db")
    with sqlite3.connect(copy) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute(
            "UPDATE blob SET data = zeroblob(raw_len), codec = 0, base_bid = NULL WHERE hex(sha256) = ?",
            (digest.upper(),),
        )
        assert raw.execute("SELECT changes()").fetchone() == (1,)
    raw.close()
    said = say("evidence", "show", digest[:16], "--database", f"sqlite:///{copy}")

    assert (said.code, said.out) == (4, "")
    assert "hash" in said.err
