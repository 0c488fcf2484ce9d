"""`waive`, and how findings and controls show what is waived."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from agent import clock as agent_clock
from checks.api import Outcome
from storage.engine import Store
from tests.agent.conftest import Agent, History, Said, say
from tests.agent.test_standing import CHECK, keep, verdict
from tests.conftest import Clock

BOB, EVE = "arn:aws:iam::123456789012:user/bob", "arn:aws:iam::123456789012:user/eve"
ASKED = {
    "--target": "prod",
    "--resource": BOB,
    "--reason": "in the mail",
    "--risk": "a stolen password",
    "--requested-by": "Dana Dev",
    "--approved-by": "Carl Ciso",
}


class Shell:
    """The command line on one database, at the time of the test's clock."""

    def __init__(self, url: str) -> None:
        """Remember the database."""
        self._url = url

    def __call__(self, *words: str) -> Said:
        """Run one command."""
        return say(*words, "--database", self._url)

    def grant(self, *words: str, control: str = "AC-02", **changes: str) -> Said:
        """Run `waive grant` with these options changed; an underscore stands for a dash."""
        asked = ASKED | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
        return self("waive", "grant", control, *(word for pair in asked.items() for word in pair), *words)

    def listed(self, *words: str) -> Any:
        """What `waive list` says for programs."""
        return self("waive", "list", "--json", *words).json


@pytest.fixture
def shell(store: Store, clock: Clock, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    """Bob and Eve fail, Alice passes, and it is one hour later."""
    monkeypatch.setattr(agent_clock, "now", clock)
    monkeypatch.chdir(tmp_path)
    users = {"alice": Outcome.PASS, "bob": Outcome.FAIL, "eve": Outcome.FAIL}
    said = [verdict(BOB.replace("bob", name), outcome, "so it is") for name, outcome in users.items()]
    keep(store, clock, 1, *said, documents={})
    clock.advance(3600)
    return Shell(database_url)


def test_granting_shows_what_it_matches(shell: Shell) -> None:
    """Bob alone, then from when until when: 90 days unless said otherwise."""
    said = shell.grant()

    assert (said.code, said.err) == (0, "")
    assert "bob" in said.out
    assert "eve" not in said.out
    assert "alice" not in said.out
    assert said.out.splitlines()[-1] == (
        "W-0001 holds from 2026-01-01T01:00:00Z until 2026-04-01T01:00:00Z (ledger entry 2)."
    )


def test_granting_for_programs(shell: Shell) -> None:
    """The waiver as the list shows it, and the findings as `findings` does, not waived yet."""
    said = shell.grant("--json", resource="*", compensating="sign-ins are watched").json

    assert [said["waiver"]] == shell.listed()
    assert [(each["resource"], each["outcome"], each["waived"]) for each in said["matches"]] == [
        (BOB, "FAIL", False),
        (EVE, "FAIL", False),
    ]
    assert said["waiver"] == {
        "id": "W-0001",
        "state": "in force",
        "control": "AC-02",
        "target": "prod",
        "resource": "*",
        "reason": "in the mail",
        "risk": "a stolen password",
        "compensating": "sign-ins are watched",
        "requested_by": "Dana Dev",
        "approved_by": "Carl Ciso",
        "approved_at": "2026-01-01T01:00:00Z",
        "valid_from": "2026-01-01T01:00:00Z",
        "valid_to": "2026-04-01T01:00:00Z",
        "recorded_at": "2026-01-01T01:00:00Z",
        "begins": "2026-01-01T01:00:00Z",
        "ends": "2026-04-01T01:00:00Z",
        "revoked_at": None,
        "revoked_by": "",
        "revoked_because": "",
        "entry": 2,
    }


def test_given_times_are_used(shell: Shell) -> None:
    """A date is its first moment in UTC, and the default end counts from the given start."""
    said = shell.grant("--json", "--from", "2026-02-01", "--approved-at", "2025-12-31T23:00:00+01:00").json["waiver"]

    assert (said["state"], said["begins"], said["ends"]) == ("pending", "2026-02-01T00:00:00Z", "2026-05-02T00:00:00Z")
    assert said["approved_at"] == "2025-12-31T22:00:00Z"


def test_a_waiver_of_the_future_says_so(shell: Shell) -> None:
    """It will hold."""
    said = shell.grant("--from", "2026-02-01", "--to", "2026-02-02")

    assert said.out.splitlines()[-1].startswith("W-0001 will hold from 2026-02-01T00:00:00Z until 2026-02-02T00:00:00Z")


def test_a_dry_run_saves_nothing(shell: Shell) -> None:
    """The matches are shown; the list stays empty, for people and for programs."""
    said = shell.grant("--dry-run")
    programs = shell.grant("--dry-run", "--json").json

    assert said.code == 0
    assert "bob" in said.out
    assert said.out.splitlines()[-1] == "Nothing was saved."
    assert programs["waiver"] is None
    assert [each["resource"] for each in programs["matches"]] == [BOB]
    assert shell.listed("--all") == []


@pytest.mark.parametrize(
    ("control", "changes", "why"),
    [
        ("AC-02", {"resource": "bob"}, "resource 'bob': it speaks of no finding now"),
        ("AC-02", {"target": "prd"}, "target 'prd'"),
        ("AC-05", {}, "AC-05, target 'prod'"),
        ("AC-02", {"resource": "*/alice"}, "none of the 1 findings that it speaks of fails now"),
    ],
)
def test_a_waiver_that_matches_nothing_is_refused(
    shell: Shell, control: str, changes: dict[str, str], why: str
) -> None:
    """Most likely a name is wrong: saved only when that is asked for, and never without a warning."""
    refused = shell.grant(control=control, **changes)
    tried = shell.grant("--dry-run", control=control, **changes)
    before = shell.listed("--all")
    forced = shell.grant("--allow-no-match", control=control, **changes)

    assert (refused.code, refused.out) == (2, "")
    assert why in refused.err
    assert "nothing was saved; correct the names, or add --allow-no-match" in refused.err
    assert len(refused.err.splitlines()) == 1
    assert before == []
    assert tried.code == forced.code == 0
    for said in (tried, forced):
        assert said.err.startswith("proofkeep: warning: ")
        assert why in said.err
    assert [each["id"] for each in shell.listed()] == ["W-0001"]


@pytest.mark.parametrize(
    ("control", "changes", "message"),
    [
        ("AC-99", {}, "CONTROL 'AC-99': there is no control and no check of that name"),
        ("AC-02", {"approved_by": "dana dev"}, "--approved-by 'dana dev': is who requested it"),
        ("AC-02", {"to": "2027-02-01"}, "--to 2027-02-01T00:00:00Z: is more than 365 days after --from"),
    ],
)
def test_a_broken_rule_is_refused_before_anything_is_shown(
    shell: Shell, control: str, changes: dict[str, str], message: str
) -> None:
    """One line, exit code 2, nothing saved."""
    said = shell.grant(control=control, **changes)

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"proofkeep: {message}")
    assert len(said.err.splitlines()) == 1
    assert shell.listed("--all") == []


@pytest.mark.parametrize("option", list(ASKED))
def test_what_an_approval_needs_must_be_said(shell: Shell, option: str) -> None:
    """Scope, reason, risk and both people have no default."""
    words = [word for pair in ASKED.items() if pair[0] != option for word in pair]
    said = shell("waive", "grant", "AC-02", *words)

    assert said.code == 2
    assert f"Missing option '{option}'" in said.err


def test_the_list_shows_what_holds_and_with_all_what_ever_did(shell: Shell, clock: Clock) -> None:
    """Each state once: the default leaves out what is over and says so."""
    shell.grant("--to", "2026-01-02")
    shell.grant()
    shell.grant()
    shell.grant("--from", "2026-03-01")
    clock.advance(86400)
    shell("waive", "revoke", "W-0002", "--by", "Carl Ciso", "--reason", "it came")

    short, full = shell("waive", "list"), shell("waive", "list", "--all")

    assert [(each["id"], each["state"]) for each in shell.listed("--all")] == [
        ("W-0001", "ended"),
        ("W-0002", "revoked"),
        ("W-0003", "in force"),
        ("W-0004", "pending"),
    ]
    assert [each["id"] for each in shell.listed()] == ["W-0003", "W-0004"]
    assert short.out.splitlines()[-1] == (
        "2 waivers: 1 in force, 1 pending; 2 more ended or were revoked, --all shows them"
    )
    assert "W-0001" not in short.out
    assert full.out.splitlines()[-1] == "4 waivers: 1 ended, 1 revoked, 1 in force, 1 pending"
    assert "Carl Ciso for Dana Dev" in full.out


def test_an_empty_list(shell: Shell) -> None:
    """Nothing was ever waived."""
    assert shell("waive", "list").out.splitlines()[-1] == "0 waivers"


def test_revoking(shell: Shell, clock: Clock) -> None:
    """It ends now, with who and why on record, and cannot be ended twice."""
    shell.grant()
    clock.advance(60)
    said = shell("waive", "revoke", "W-0001", "--by", "Carl Ciso", "--reason", "it came")
    again = shell("waive", "revoke", "W-0001", "--by", "Carl Ciso", "--reason", "it came")
    (kept,) = shell.listed("--all")

    assert (said.code, said.out) == (0, "W-0001 is revoked since 2026-01-01T01:01:00Z\n")
    assert again.code == 2
    assert "W-0001: was revoked at 2026-01-01T01:01:00Z" in again.err
    assert (kept["state"], kept["ends"], kept["valid_to"]) == (
        "revoked",
        "2026-01-01T01:01:00Z",
        "2026-04-01T01:00:00Z",
    )
    assert (kept["revoked_at"], kept["revoked_by"], kept["revoked_because"]) == (kept["ends"], "Carl Ciso", "it came")


def test_revoking_for_programs(shell: Shell) -> None:
    """The waiver as the list shows it."""
    shell.grant()
    said = shell("waive", "revoke", "W-0001", "--by", "Carl", "--reason", "it came", "--json")

    assert [said.json] == shell.listed("--all")


def test_findings_name_the_waiver(shell: Shell) -> None:
    """Bob is waived, Eve is not, and both fail."""
    shell.grant()
    said = shell("findings").out
    told = {each["resource"]: each for each in shell("findings", "--json").json}

    (bob,) = [line for line in said.splitlines() if " bob " in line]
    (eve,) = [line for line in said.splitlines() if " eve " in line]
    assert bob.split("  ")[0] == " FAIL (waived W-0001)"
    assert "waived" not in eve
    assert said.splitlines()[-1] == (
        "3 findings: 1 PASS, 2 FAIL, 0 UNKNOWN, 0 ERROR, 0 NOT_APPLICABLE; 1 of the FAIL waived"
    )
    assert (told[BOB]["waived"], told[BOB]["waiver"], told[BOB]["outcome"]) == (True, "W-0001", "FAIL")
    assert (told[EVE]["waived"], told[EVE]["waiver"]) == (False, "")


def test_findings_of_before_are_not_waived(shell: Shell) -> None:
    """The moment before the grant, and the moment of it."""
    shell.grant()

    before = shell("findings", "--as-of", "2026-01-01T00:59:59.999999Z", "--check", CHECK)
    at = shell("findings", "--as-of", "2026-01-01T01:00:00Z", "--check", CHECK)

    assert "waived" not in before.out
    assert "FAIL (waived W-0001)" in at.out


def test_controls_count_what_is_waived(shell: Shell) -> None:
    """The control fails all the same; without a waiver the word does not appear."""
    clean = shell("controls").out
    shell.grant()
    one, matrix = shell("controls", "AC-02"), shell("controls")
    told = shell("controls", "AC-02", "--json").json

    assert "waived" not in clean
    assert (told["state"], told["outcomes"]["FAIL"], told["waived"]) == ("FAIL", 2, 1)
    assert one.out.splitlines()[-1] == "1 of the FAIL waived; `proofkeep waive list` tells why and until when"
    assert {row.split()[0] for row in matrix.out.splitlines() if "2 (1 waived)" in row} == {"FAIL"}
    assert all("AC-02" in row for row in matrix.out.splitlines() if "waived" in row)
    assert shell("controls", "AC-05", "--json").json["waived"] == 0


def test_a_renewal_shows_what_is_waived_already(shell: Shell) -> None:
    """Granting once more for the time after lists Bob with the waiver that holds now."""
    shell.grant("--to", "2026-02-01")
    said = shell.grant("--from", "2026-02-01", "--to", "2026-03-01")

    assert "FAIL (waived W-0001)" in said.out
    assert "W-0002 will hold from 2026-02-01T00:00:00Z" in said.out


@pytest.mark.parametrize("words", [("waive", "list"), ("waive", "revoke", "W-0001", "--by", "x", "--reason", "y")])
def test_no_database_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    """The line says how to make one."""
    said = say(*words, "--database", f"sqlite:///{tmp_path}/none.db")

    assert said.code == 2
    assert "none.db" in said.err


@pytest.fixture
def copy(history: History, tmp_path: Path) -> Agent:
    """A copy of the history, with its key and anchors, to change at will."""
    for name in ("evidence.db", "signing.key"):
        shutil.copy(history.agent.folder / name, tmp_path / name)
    shutil.copytree(history.agent.folder / "anchors", tmp_path / "anchors")
    return Agent.at(tmp_path, "http://127.0.0.1:9")


def a_failure(agent: Agent) -> tuple[str, ...]:
    """The words that waive the first finding that fails."""
    worst = agent("findings", "--outcome", "FAIL", "--json").json[0]
    asked = ASKED | {"--target": "acme", "--resource": worst["resource"]}
    return ("waive", "grant", worst["check"], *(word for pair in asked.items() for word in pair))


def test_the_ledger_of_real_runs_stays_sound(copy: Agent) -> None:
    """Granted, revoked, signed and verified against the anchors from outside."""
    granted = copy(*a_failure(copy))
    copy("waive", "revoke", "W-0001", "--by", "Carl Ciso", "--reason", "it came")
    copy("checkpoint")
    said = copy("verify", "--checkpoint", str(copy.folder / "anchors"), "--json")

    assert granted.code == 0
    assert [each["state"] for each in copy("waive", "list", "--all", "--json").json] == ["revoked"]
    assert said.code == 0
    assert said.json["findings"] == []


@pytest.mark.parametrize("words", [(), ("waive", "revoke", "W-0001", "--by", "x", "--reason", "y")])
def test_a_database_that_was_rolled_back_takes_no_statement(copy: Agent, words: tuple[str, ...]) -> None:
    """An anchor speaks of more entries than there are: nothing is added to a second history."""
    asked = a_failure(copy)
    copy(*asked)
    kept = (copy.folder / "evidence.db").read_bytes()
    copy(*asked)
    copy("checkpoint")
    (copy.folder / "evidence.db").write_bytes(kept)

    said = copy(*(words or asked))

    assert said.code == 4
    assert [each["state"] for each in copy("waive", "list", "--all", "--json").json] == ["in force"]
