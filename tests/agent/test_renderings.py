"""Every rendering of every command: no word that is the auditor's to say, and no estimate without its label."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from agent import clock as agent_clock
from agent.audit.readiness import LABEL
from agent.cli.main import COMMANDS, cli
from tests.agent.conftest import History, Said, say
from tests.agent.evaluation.conftest import planted_url
from tests.agent.evaluation.planted import END
from tests.conftest import JANUARY, Clock
from tests.house.test_command_line import found
from tests.house.test_files import OPINION
from tests.house.tree import relative, text_files

__all__ = ["planted_url"]

ESTIMATE = re.compile(r"\b(unqualified|qualified|adverse|disclaimer)\b", re.IGNORECASE)
"""The words of an opinion: beside the label they are an estimate, and elsewhere nothing of ours."""
ANOTHERS = re.compile(r"\b(the vendor's auditor|its auditor's opinion)\b")
"""What another company's auditor said of it is a fact about a vendor, and no estimate."""
OPERATED = re.compile(r"\boperat\w+ effectively\b|\beffective\b", re.IGNORECASE)
"""What only a period can show, never one instant."""
FROM, TO = agent_clock.iso(JANUARY), agent_clock.iso(END)
PERIOD = ("--from", FROM, "--to", TO)

ASKED_OF_A_COMPANY: tuple[tuple[str, ...], ...] = (
    ("period", *PERIOD),
    ("period", *PERIOD, "--criterion", "CC6.6"),
    ("period", *PERIOD, "--control", "AC-02"),
    ("type1", "--at", TO),
    ("bridge", *PERIOD),
    ("controls",),
    ("controls", "AC-02"),
    ("controls", "--as-of", TO),
    ("controls", "lint"),
    ("controls", "approve", "--list"),
    ("findings",),
    ("timeline", "bob"),
    ("gaps",),
    ("population",),
    ("population", "accounts", *PERIOD),
    ("waive", "list", "--all"),
    ("attest", "list", "--all"),
    ("register", "list"),
    ("alerts", "list"),
    ("status",),
    ("verify",),
)
ASKED_OF_AN_AGENT: tuple[tuple[str, ...], ...] = (
    ("evidence", "--control", "AC-02", "--all"),
    ("replay",),
    ("checkpoint", "--show"),
    ("doctor",),
    ("catalog",),
    ("config", "show"),
    ("iam", "aws"),
)
QUIET = {
    "collect": "tests/agent/cli/test_collect.py reads an account with it",
    "demo": "a matrix of the states that `controls` shows; the simulated year has a test of its own",
    "run": "the daemon prints its log only",
    "worker": "a reading process prints its log only",
    "sample": "prints ids of a frozen population",
    "seal": "prints a number and a hash",
    "db": "prints SQL",
}
"""Commands that are not rendered here, and why."""


def faults(said: str) -> list[str]:
    """Everything that may not be said so; in text the label stands in the line of the word."""
    lines = [line for line in said.splitlines() if OPINION.search(line)]
    return lines + [
        line for line in said.splitlines() if ESTIMATE.search(line) and LABEL not in line and not ANOTHERS.search(line)
    ]


def faults_of_json(said: str) -> list[str]:
    """The same for programs: an object that has such a word has the label too."""
    return [line for line in said.splitlines() if OPINION.search(line)] + list(_unlabeled(json.loads(said)))


def _unlabeled(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        own = [each for each in value.values() if isinstance(each, str)]
        if LABEL not in own:
            yield from (each for each in own if ESTIMATE.search(each) and not ANOTHERS.search(each))
        inner: list[object] = [each for each in value.values() if not isinstance(each, str)]
    else:
        inner = list(value) if isinstance(value, list) else []
        yield from (each for each in inner if isinstance(each, str) and ESTIMATE.search(each) and LABEL not in each)
    for each in inner:
        yield from _unlabeled(each)


@pytest.mark.parametrize("planted_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("words", ASKED_OF_A_COMPANY, ids=" ".join)
def test_renderings_of_a_company(
    planted_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Text and JSON over eighty days with deviations, gaps, exceptions and an estimate."""
    clock.time = END + 3_600_000_000
    monkeypatch.setattr(agent_clock, "now", clock)
    monkeypatch.chdir(tmp_path)
    text, programs = (say(*words, "--database", planted_url, *more) for more in ((), ("--json",)))
    _judge(words, text, programs)


@pytest.mark.parametrize("words", ASKED_OF_AN_AGENT, ids=" ".join)
def test_renderings_of_an_agent(history: History, words: tuple[str, ...]) -> None:
    """Text and JSON of what needs real evidence."""
    _judge(words, history.agent(*words), history.agent(*words, "--json"))


def _judge(words: tuple[str, ...], text: Said, programs: Said) -> None:
    assert (text.code, programs.code) != (2, 2)
    assert faults(text.out + text.err) == []
    assert faults_of_json(programs.out) == []
    if words[0] == "type1":
        assert not OPERATED.search(text.out + programs.out)
    estimated = words == ("period", *PERIOD)
    assert (bool(ESTIMATE.search(text.out)), bool(ESTIMATE.search(programs.out))) == (estimated, estimated)
    assert (LABEL in text.out, LABEL in programs.out) == (estimated, estimated)


def test_every_command_is_rendered() -> None:
    """A new command is rendered here, or says why not."""
    rendered = {words[0] for words in (*ASKED_OF_A_COMPANY, *ASKED_OF_AN_AGENT)}

    assert set(COMMANDS) == rendered | QUIET.keys()
    assert not rendered & QUIET.keys()


def helps(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    """The help of a command and of everything below it."""
    context = click.Context(command, info_name=path)
    yield path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield from helps(found(command, name), f"{path} {name}")


def test_help() -> None:
    """No help text says more than the command does, and neither does the schema of the settings."""
    assert faults(say("config", "schema").out) == []
    assert {path: faults(text) for path, text in helps(cli, "proofkeep") if faults(text)} == {}


def test_files() -> None:
    """Pages, settings, deployment files and dashboards; code and vectors hold the words because they are about them."""
    explained = {"LICENSE": "the license's own words", "tests/agent/audit/vectors.json": "the worked examples"}
    wrong = {
        relative(path): faults(path.read_text(encoding="utf-8"))
        for path in text_files()
        if path.suffix != ".py" and relative(path) not in explained
    }
    looked_at = set(wrong)

    assert {name: lines for name, lines in wrong.items() if lines} == {}
    assert looked_at >= {"README.md", "storage/README.md", "config.example.toml", "checks/controls.toml"}
    assert looked_at >= {"deploy/README.md", "deploy/monitoring/grafana-dashboard.json"}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (f"{LABEL}: adverse", False),
        ("the estimate is adverse", True),
        ("an Unqualified opinion", True),
        ("its auditor's opinion is qualified", False),
        ("a fully staffed team", False),
    ],
)
def test_the_rule_finds_its_words(said: str, wrong: bool) -> None:
    """The patterns match what they are there to match, in a line and in an object."""
    assert bool(faults(said)) == wrong
    told = {"label": LABEL, "estimate": "adverse"} if LABEL in said else {"estimate": said}
    assert bool(faults_of_json(json.dumps([told]))) == wrong
