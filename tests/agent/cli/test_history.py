"""`timeline`, `gaps` and `replay`: what was, what is missing, and whether it was judged rightly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checks.registry import all_checks
from storage.engine import upgrade
from tests.agent.conftest import ACCOUNT, History, say
from tests.agent.test_replay import everybody_fails

LEDGER = "arn:aws:s3:::ledger"


def test_a_timeline_is_printed(history: History) -> None:
    """Times, entries, documents and verdicts, with the changed field and the reason."""
    said = history.agent("timeline", LEDGER)

    assert said.code == 0
    for text in (history.times[1], "aws.s3.versioning", "changed", "Status", "UNKNOWN", "GetEncryptionConfiguration"):
        assert text in said.out


def test_a_timeline_for_programs(history: History) -> None:
    """By name as well; steps in order."""
    said = history.agent("timeline", "ledger", "--json").json

    assert said["resource"] == LEDGER
    assert [step["entry"] for step in said["steps"]] == history.entries
    assert said["steps"][1]["documents"][0]["paths"] == ["Status"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("timeline", "nobody-at-all"), "nothing called 'nobody-at-all' is in the store"),
        (("timeline",), "Missing argument 'RESOURCE'"),
        (("gaps", "--since", "noon"), "'noon' is no time"),
        (("gaps", "--target", "acmee"), "did you mean 'acme'"),
        (("replay", "--as-of", "2020-01-01"), "no run was recorded at or before 2020-01-01T00:00:00Z"),
        (("replay", "--check", "nothing.at_all"), "--check 'nothing.at_all': there is none of that name"),
        (("replay", "--target", "other"), "--target 'other': there is none of that name"),
    ],
)
def test_bad_questions_are_refused(history: History, words: tuple[str, ...], message: str) -> None:
    """One line that says what is wrong, and exit code 2."""
    said = history.agent(*words)

    assert (said.code, said.out) == (2, "")
    assert message in said.err


@pytest.mark.parametrize("words", [("timeline", "x"), ("gaps",), ("replay",)])
def test_no_database_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    """The line says how to make one."""
    said = say(*words, "--database", f"sqlite:///{tmp_path}/none.db")

    assert said.code == 2
    assert said.err.endswith("create the store first (proofkeep db upgrade)\n")


def test_gaps_are_grouped(history: History) -> None:
    """What was refused, the right that it needs, how many resources and runs, and whether it still is."""
    said = history.agent("gaps")
    (row,) = [line for line in said.out.splitlines() if "GetBucketEncryption" in line]

    assert said.code == 0
    assert row.split()[:3] == ["acme", "PERMISSION_DENIED", "s3:GetBucketEncryption"]
    assert "s3:GetEncryptionConfiguration" in row
    assert row.split()[-1] == "no"
    assert "enabled regions that the configuration leaves out" in said.out
    assert "eu-west-1" in said.out


def test_each_gap_is_listed_on_request(history: History) -> None:
    """One line for each bucket, with its uid."""
    said = history.agent("gaps", "--all")

    assert LEDGER in said.out
    assert "arn:aws:s3:::scratch" in said.out
    assert "enabled regions that the configuration leaves out" in said.out


def test_gaps_for_programs_say_everything(history: History) -> None:
    """Also what the configuration leaves out, marked by its reason."""
    said = history.agent("gaps", "--json").json
    refused = [gap for gap in said if gap["operation"] == "s3:GetBucketEncryption"]

    assert {gap["resource"] for gap in refused} == {LEDGER, "arn:aws:s3:::scratch"}
    assert {gap["entry"] for gap in refused} == {history.entries[1]}
    assert {gap["in_newest_run"] for gap in refused} == {False}
    assert any(gap["reason"] == "EXCLUDED_BY_CONFIG" and gap["in_newest_run"] for gap in said)


def test_gaps_of_a_span(history: History) -> None:
    """From a moment on, and before another."""
    before = history.agent("gaps", "--until", history.times[1], "--json").json
    after = history.agent("gaps", "--since", history.times[1], "--json").json

    assert {gap["entry"] for gap in before} == {history.entries[0]}
    assert {gap["entry"] for gap in after} == set(history.entries[1:])


def test_gaps_of_a_moment(history: History) -> None:
    """Those of the run that was the newest then, and of no other."""
    then = history.agent("gaps", "--as-of", history.times[1], "--json").json
    both = history.agent("gaps", "--as-of", history.times[1], "--since", history.times[0])

    assert {gap["entry"] for gap in then} == {history.entries[1]}
    assert all(gap["in_newest_run"] for gap in then)
    assert (both.code, "--as-of: stands beside" in both.err) == (2, True)


def test_no_gap_is_said(tmp_path: Path) -> None:
    """An empty store has none."""
    url = f"sqlite:///{tmp_path}/empty.db"
    upgrade(url)

    assert say("gaps", "--database", url).out == "0 reads that failed, or slots without a run\n"


@pytest.mark.parametrize("run", [0, 1, 2])
def test_a_replay_that_agrees_ends_with_zero(history: History, run: int) -> None:
    """Same code, same evidence, same verdicts."""
    said = history.agent("replay", "--as-of", history.times[run])

    assert said.code == 0
    assert f"ledger entry {history.entries[run]}" in said.out
    assert "0 differ; judged then by same code" in said.out


def test_a_replay_shows_all_on_request(history: History) -> None:
    """Then and now, side by side."""
    said = history.agent("replay", "--all", "--json", "--check", "identity.user_mfa").json
    (replayed,) = said

    assert replayed["different"] == 0
    assert {(each["then"]["outcome"], each["now"]["outcome"]) for each in replayed["verdicts"]} == {("PASS", "PASS")}
    assert {each["resource"] for each in replayed["verdicts"]} == {
        f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("alice", "bob")
    }


def test_a_replay_that_differs_ends_with_one(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that became stricter: the old verdict, the new one, and the check whose code changed."""
    real = all_checks()
    stricter = replace(real["identity.user_mfa"], judge=everybody_fails)
    monkeypatch.setattr("agent.wiring.all_checks", lambda: {**real, stricter.id: stricter})
    said = history.agent("replay")

    assert said.code == 1
    assert "code is not what it was: identity.user_mfa" in said.out
    assert "2 differ; judged then by other code than now" in said.out
    assert "nobody is good enough" in said.out
