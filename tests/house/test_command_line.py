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


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command and group below `group` with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


COMMANDS = dict(commands(cli))


def shown() -> list[str]:
    """Each `proofkeep ...` line of a console block and each one quoted in the text."""
    lines: list[str] = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        lines += re.findall(r"^ *\$ (?:\.venv/bin/)?(proofkeep [^#>\n]*)", text, re.MULTILINE)
        lines += re.findall(r"`(proofkeep [^`]+)`", text)
    return lines


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_commands_have_help(path: tuple[str, ...]) -> None:
    """A command says what it does, in a sentence that fits the list of commands."""
    command = COMMANDS[path]

    assert command.help
    assert command.get_short_help_str(limit=200).rstrip(".")


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_options_have_help(path: tuple[str, ...]) -> None:
    """So does each option."""
    silent = [p.name for p in COMMANDS[path].params if isinstance(p, click.Option) and not p.help]

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
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None
        command = found
    known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {"--help"}

    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known
