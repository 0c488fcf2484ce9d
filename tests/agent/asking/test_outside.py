"""What a checkpoint kept elsewhere proves about an answer, and what it shows of a database that was changed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent import clock, config, evidence
from agent.asking.answer import ask
from agent.asking.outside import Outside, prove
from agent.asking.question import Question, Span
from agent.wiring import Wiring, wire
from checks.api import Facts, Finding, Params, fails
from collectors.facts.identity import User
from storage import merkle, notes
from storage.engine import open_store
from tests.agent.conftest import ACCOUNT, History, Said, say

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"


def anchors(history: History) -> list[Path]:
    """The checkpoints that were kept outside, oldest first."""
    return sorted((history.agent.folder / "anchors").glob("*.note"))


def key(history: History) -> str:
    """The public key."""
    return str(history.agent("checkpoint", "--show", "--json").json["verifier_key"])


def steps(said: Said) -> dict[str, list[str]]:
    """By step: what is wrong."""
    return {each["step"]: each["faults"] for each in said.json["outside"]["steps"]}


def test_one_command_from_question_to_checkpoint(history: History) -> None:
    """The newest checkpoint and the key prove every entry, byte and verdict, in text and for programs."""
    words = ("evidence", "--control", "AC-02", "--as-of", history.times[0], "--checkpoint", str(anchors(history)[-1]))
    said = history.agent(*words, "--pubkey", key(history), "--all")

    assert (said.code, said.err) == (0, "")
    first, *rest = said.out.splitlines()
    assert first == f"AC-02 Signing in takes a second factor, as of {history.times[0]}: FAIL"
    assert rest[0] == "judged: 4 resources, 6 verdicts: 1 FAIL, 2 PASS, 3 NOT_APPLICABLE"
    assert "listing of users: 2 in force, complete (the provider's own total (acme): 2;" in said.out
    assert "nobody could look at: nothing" in said.out
    assert "iam:ListMFADevices UserName=bob" in said.out
    assert "signed by the given key" in said.out
    assert said.out.splitlines()[-1].startswith("verified: every entry that the answer rests on is among the 10 ")


def test_anybody_can_follow_the_paths(history: History) -> None:
    """The root of the note itself is reached from each leaf by the path that is given, with nothing of ours between."""
    note = anchors(history)[-1]
    words = ("evidence", "--control", "AC-02", "--as-of", history.times[1], "--checkpoint", str(note), "--json")
    told = history.agent(*words).json["outside"]
    root = notes.verify(note.read_text(encoding="utf-8"), key(history)).root

    assert (told["verified"], told["later"], told["checkpoint"]["root"]) == (True, [], root.hex())
    assert {each["entry"] for each in told["included"]} >= {history.entries[1], 1}
    for each in told["included"]:
        path = [bytes.fromhex(step) for step in each["path"]]
        assert merkle.verify_inclusion(bytes.fromhex(each["leaf"]), each["entry"], 10, path, root)


def test_what_nobody_could_look_at_is_named(history: History) -> None:
    """The refused listing leaves two users and the whole account open, each with operation and permission."""
    told = history.agent("evidence", "--control", "AC-02", "--as-of", history.times[1], "--json").json["answer"]

    assert (told["state"], told["outcomes"]["UNKNOWN"], told["outcomes"]["PASS"]) == ("UNKNOWN", 3, 1)
    assert {each["resource"] for each in told["could_not_look"]} >= {BOB}
    reasons = {(one["reason"], one["operation"]) for each in told["could_not_look"] for one in each["unread"]}
    assert reasons == {("PERMISSION_DENIED", "iam:ListUsers")}
    (gap,) = told["gaps"]
    assert (gap["operation"], gap["permission"], gap["whole_listing"]) == ("iam:ListUsers", "iam:ListUsers", True)
    (users,) = told["populations"]
    assert (users["population"], users["count"], users["complete"]) == ("users", 2, False)


def test_the_day_shows_every_lapse(history: History) -> None:
    """All three runs in one: bob failed, then nobody could look, then all was well; each is proven at its worst."""
    words = ("evidence", "--control", "AC-02", "--on", history.times[0][:10], "--checkpoint", str(anchors(history)[-1]))
    said = history.agent(*words, "--json")
    told = said.json

    assert said.code == 0
    worst = {pair["name"]: [each["outcome"] for each in pair["held"]] for pair in told["answer"]["pairs"]}
    assert worst["bob"] == ["FAIL", "UNKNOWN", "PASS"]
    assert worst["alice"] == ["PASS", "UNKNOWN", "PASS"]
    judged = {proof["verdict"]["resource"]: proof["judged"]["entry"] for proof in told["proofs"]}
    assert (judged[BOB], judged[ALICE]) == (history.entries[0], history.entries[1])


def test_an_older_checkpoint_covers_less(history: History) -> None:
    """What lies after it is named, and nothing more is claimed for it."""
    oldest = anchors(history)[0]
    words = ("evidence", "--control", "AC-02", "--as-of", history.times[2], "--checkpoint", str(oldest))
    said = history.agent(*words, "--json")

    assert said.code == 0
    assert history.entries[2] in said.json["outside"]["later"]
    assert said.json["outside"]["line"].startswith("verified; entries after the checkpoint rest on the database")


def test_another_key_is_refused(history: History, tmp_path: Path) -> None:
    """A note that the given key did not sign proves nothing."""
    other = notes.open_key(tmp_path / "other", "somebody").verifier_key()
    words = ("evidence", "--control", "AC-02", "--checkpoint", str(anchors(history)[-1]), "--pubkey", other)
    said = history.agent(*words)

    assert said.code == 4
    assert said.out.splitlines()[-1].startswith("NOT verified: ")
    assert "no valid signature by a pinned key" in said.out


DEVICES = "SELECT rid FROM resource WHERE kind = 'aws.iam.user_mfa_devices' AND uid LIKE '%user/{name}'"
SWAPPED = (
    f"UPDATE version SET bid = (SELECT bid FROM version WHERE rid = ({DEVICES.format(name='alice')}) LIMIT 1) "  # noqa: S608
    f"WHERE seq = 4 AND rid = ({DEVICES.format(name='bob')})"
)
TAMPER = {
    "a verdict": (
        "UPDATE result SET outcome = 1 WHERE outcome = 2 AND rid IN (SELECT rid FROM resource WHERE uid LIKE '%/bob')",
        "runs",
        "the verdicts in force are not what was sealed",
    ),
    "a document": (SWAPPED, "runs", "the documents in force are not what was sealed"),
    "a gap": ("DELETE FROM gap WHERE seq = 4 AND n = 0", "runs", "its gaps are not what was sealed"),
    "an entry": (
        """UPDATE ledger SET entry = CAST(REPLACE(CAST(entry AS TEXT), '"gaps":', '"gaps":1') AS BLOB) WHERE seq = 4""",
        "ledger",
        "the leaf hash does not belong to the entry",
    ),
}
"""What somebody changes, the step that finds it, and what that says."""


@pytest.mark.parametrize("what", TAMPER)
def test_a_changed_database_is_told(history: History, tmp_path: Path, what: str) -> None:
    """Whoever owns the file can change it; the checkpoint elsewhere shows what."""
    change, step, fault = TAMPER[what]
    copy = shutil.copy(history.agent.folder / "evidence.db", tmp_path / "copy.db")
    with sqlite3.connect(copy) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute(change)
        assert raw.execute("SELECT changes()").fetchone() != (0,)
    raw.close()
    said = say(
        "evidence", "--control", "AC-02", "--as-of", history.times[0], "--json", "--database", f"sqlite:///{copy}",
        "--checkpoint", str(anchors(history)[-1]),
    )  # fmt: skip

    assert said.code == 4
    assert any(fault in each for each in steps(said)[step])
    assert said.json["outside"]["line"].startswith("NOT verified: ")


def everybody_fails(facts: Facts, now: Any, params: Params) -> Iterator[Finding]:
    """A stricter check."""
    for user in facts.of(User):
        yield fails(user, "nobody is good enough")


def test_a_verdict_that_comes_out_otherwise_is_told(history: History) -> None:
    """Evidence is whole, the code is another: that is a difference, and no tampering."""
    wiring = wire(config.Settings())
    check = replace(wiring.checks["identity.user_mfa"], judge=everybody_fails)
    found = proven(history, replace(wiring, checks={**wiring.checks, check.id: check}))

    assert (found.intact, found.verified) == (True, False)
    changed = "the code of the check is not what it was"
    assert sorted(found.judged_again.faults) == [
        f"identity.user_mfa on {ALICE}: PASS then, FAIL now; {changed}",
        f"identity.user_mfa on {BOB}: FAIL both times, for another reason; {changed}",
    ]
    assert found.line().endswith(f"{changed} (and 1 more)")
    assert proven(history, wiring).verified


def proven(history: History, wiring: Wiring) -> Outside:
    """The proof of the first run's answer, judged again by these checks."""
    moment = clock.parse(history.times[0])
    with open_store(history.agent.database) as store:
        question = Question("AC-02", None, None, Span(moment, moment + 1))
        answer, verdicts = ask(store, wiring, question)
        proofs = list(evidence.proofs(store, wiring, verdicts[moment], moment))
        texts = [anchors(history)[-1].read_text(encoding="utf-8")]
        return prove(store, wiring, proofs, answer.entries, checkpoints=texts)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--as-of", "2026-01-01", "--on", "2026-01-01"), "--on: stands beside --as-of"),
        (("--on", "2126-01-01"), "--on 2126-01-01: nothing was recorded since"),
        (("--on", "yesterday"), "'yesterday' does not match the format"),
        (("--checkpoint", "none.note"), "--checkpoint none.note: cannot be read"),
        (("--control", "AC-10"), "AC-10: no check tests it; `proofkeep attest list --control AC-10` shows what people"),
        (("--check", "exposure.database_public"), "does not test AC-02; it has identity.legacy_sign_in, "),
    ],
)
def test_bad_questions_are_refused(history: History, words: tuple[str, ...], message: str) -> None:
    """One line that says what is wrong, and exit code 2."""
    said = history.agent("evidence", "--control", "AC-02", *words)

    assert (said.code, said.out) == (2, "")
    assert message in said.err
