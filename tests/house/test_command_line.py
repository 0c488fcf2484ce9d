"""Every command explains itself, and the pages name only commands and options that exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from agent.cli.main import cli
from tests.house.tree import ROOT

PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md")


NAMES = cli.list_commands(click.Context(cli))


def found(group: click.Group, name: str) -> click.Command:
    """The command of that name in a group."""
    command = group.get_command(click.Context(group), name)
    assert command is not None, f"no command {name}"
    return command


def family(command: click.Command) -> Iterator[click.Command]:
    """The command and everything below it."""
    yield command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from family(found(command, name))


def shown() -> list[str]:
    """Each `proofkeep ...` line of a console block and each one quoted in the text."""
    lines: list[str] = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        lines += re.findall(r"^ *\$ (?:\.venv/bin/)?(proofkeep [^#>\n]*)", text, re.MULTILINE)
        lines += re.findall(r"`(proofkeep [^`]+)`", text)
    return [" ".join(line.split()) for line in lines]


@pytest.mark.parametrize("name", NAMES)
def test_commands_have_help(name: str) -> None:
    """A command says what it does, and so do the commands below it."""
    assert [command.name for command in family(found(cli, name)) if not (command.help or "").strip()] == []


@pytest.mark.parametrize("name", NAMES)
def test_options_have_help(name: str) -> None:
    """Each option says what it is for."""
    silent = [
        f"{command.name} {option.opts[0]}"
        for command in family(found(cli, name))
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]

    assert silent == []


def test_the_pages_show_commands() -> None:
    """The search below finds something to look at."""
    assert len(shown()) > 8


@pytest.mark.parametrize("line", sorted(set(shown())))
def test_shown_commands_exist(line: str) -> None:
    """A command or option that the pages show can be typed."""
    words = shlex.split(line)[1:]
    command: click.Command = cli
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        command = found(command, words.pop(0))
    known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {"--help"}

    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known
