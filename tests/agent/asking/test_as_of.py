"""A library that changed between two runs: what is asked about the past is answered by the promises of the past."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from agent import clock
from storage import ledger
from storage.engine import open_store
from tests.agent.conftest import Account, Agent

OWN = """
[[control]]
id = "AC-02"
title = "Everybody carries a token"
text = "We let nobody sign in without a token of our own."
criteria = [{ id = "CC6.2", strength = "direct", why = "no token, no entry" }]
frequency = "daily"
owner = "Token Office"
kind = "automated"
key = true
severity = "high"
sla_days = 5
policy = "strict"
risk = "account takeover"
checks = ["identity.user_mfa"]
covers = "all"

[[control]]
id = "TK-01"
title = "Console users have a second device"
text = "We give each console user a second device."
criteria = [{ id = "CC6.1", strength = "direct", why = "the same, twice" }]
frequency = "daily"
owner = "Token Office"
kind = "automated"
key = true
severity = "low"
sla_days = 5
policy = "strict"
risk = "account takeover"
checks = ["identity.user_mfa"]
covers = "all"
"""


@dataclass(frozen=True)
class Changed:
    """An agent, and the moments at which its two runs were sealed."""

    agent: Agent
    before: str
    after: str


@pytest.fixture
def changed(agent: Agent, account: Account) -> Changed:
    """Between the runs the company rewrote AC-02, added TK-01, narrowed the scope, and raised a threshold."""
    account.client("iam").update_account_password_policy(MinimumPasswordLength=14)
    times = []
    for number in range(2):
        if number:
            (agent.folder / "controls.d").mkdir()
            (agent.folder / "controls.d" / "own.toml").write_text(OWN)
            settings = agent.folder / "proofkeep.toml"
            settings.write_text(settings.read_text() + '[scope]\ncategories = ["security"]\n')
        (report,) = agent("collect", "--json").json
        with open_store(agent.database) as store, store.read() as conn:
            (entry,) = ledger.entries(conn, report["entry"], report["entry"] + 1)
        times.append(clock.iso(entry.recorded_at))
    return Changed(agent, *times)


def test_everything_follows_the_library(changed: Changed) -> None:
    """Controls, criteria, titles, severity and scope, in each command that looks back."""
    ask = changed.agent

    def user(*words: str) -> tuple[list[str], list[str]]:
        (found,) = ask("findings", "--check", "identity.user_mfa", "--resource", "bob", "--json", *words).json
        return found["control_ids"], found["criteria"]

    assert user("--as-of", changed.before) == (["AC-02"], ["CC6.1", "CC6.6"])
    assert user("--as-of", changed.after) == user() == (["AC-02", "TK-01"], ["CC6.1", "CC6.2"])
    assert ask("findings", "--criterion", "CC6.6", "--check", "identity.user_mfa", "--json").json == []

    old, new = (ask("controls", "AC-02", "--as-of", at, "--json").json for at in (changed.before, changed.after))
    assert (old["title"], old["severity"], old["state"]) == ("Signing in takes a second factor", "critical", "FAIL")
    assert (new["title"], new["severity"], new["state"]) == ("Everybody carries a token", "high", "FAIL")
    matrix = [ask("controls", "--as-of", at).out for at in (changed.before, changed.after)]
    assert ["28 of 61 criteria are out of scope" in each for each in matrix] == [False, True]

    gone = ask("controls", "TK-01", "--as-of", changed.before)
    assert (gone.code, "'TK-01': there is none of that name" in gone.err) == (2, True)
    assert ask("evidence", "--control", "TK-01", "--as-of", changed.before).code == 2
    assert ask("findings", "--control", "TK-01", "--as-of", changed.before).code == 2


def test_evidence_names_the_version(changed: Changed) -> None:
    """The answer says by which entry of the library and by which text it judges, and the whole day names the change."""
    old, new = (
        changed.agent("evidence", "--control", "AC-02", "--as-of", at, "--json").json["answer"]
        for at in (changed.before, changed.after)
    )
    assert old["library"]["entry"] < new["library"]["entry"]
    assert old["promise"]["text"].startswith("We let nobody sign in to our clouds with a password alone")
    assert new["promise"]["text"] == "We let nobody sign in without a token of our own."
    day = changed.agent("evidence", "--control", "TK-01", "--on", changed.after[:10], "--json").json["answer"]
    assert new["library"]["entry"] in {each["entry"] for each in day["library_changes"]}


def test_settings_stand_in_where_nothing_is_on_record(changed: Changed) -> None:
    """Before the first library the settings' one is used, and that is said."""
    said = changed.agent("controls", "AC-02", "--as-of", "2020-01-01")

    assert said.code == 0
    assert "no control library was on record at 2020-01-01T00:00:00Z; that of the settings stands in for it" in said.err


def test_replay_with_the_thresholds_of_today(changed: Changed) -> None:
    """A threshold that was raised is named; the verdicts differ only when today's is asked for."""
    (changed.agent.folder / "controls.d" / "own.toml").write_text(OWN + _password(20))
    plain, today = (
        changed.agent("replay", "--as-of", changed.before, "--check", "identity.password_length", *words)
        for words in ((), ("--new-params", "--json"))
    )
    (told,) = today.json
    (pair,) = told["verdicts"]

    assert plain.code == 0
    assert "thresholds are not what they were (those of then are used): identity.password_length" in plain.out
    assert (today.code, told["new_params"], told["changed_params"]) == (1, True, ["identity.password_length"])
    assert (pair["then"]["outcome"], pair["now"]["outcome"]) == ("PASS", "FAIL")


def _password(length: int) -> str:
    return f"""
[[control]]
id = "AC-04"
title = "Password rules ask for hard and fresh passwords"
text = "We accept console passwords of {length} characters or more."
criteria = [{{ id = "CC6.1", strength = "partial", why = "weak passwords undo every lock that relies on them" }}]
frequency = "daily"
owner = "Platform Lead"
kind = "automated"
key = false
severity = "medium"
sla_days = 14
policy = "strict"
risk = "account takeover"
checks = ["identity.password_length"]
params = {{ "identity.password_length" = {{ min_length = {length} }} }}
covers = "all"
"""
