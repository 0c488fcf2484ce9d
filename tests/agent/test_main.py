"""Where the program ends: exit codes and the one line that goes with them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from agent import __main__ as program
from agent.cli.main import cli
from agent.errors import OperatorError
from collectors.errors import ConfigurationFault
from storage.errors import IntegrityError, StoreLocked
from tests.house.tree import ROOT


def raising(error: BaseException) -> Callable[..., None]:
    """A command line that ends with this error."""

    def main(*_: object, **__: object) -> None:
        raise error

    return main


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OperatorError("mend this"), 2, "proofkeep: mend this\n"),
        (ConfigurationFault("mend that"), 2, "proofkeep: mend that\n"),
        (StoreLocked("busy"), 2, "proofkeep: busy\n"),
        (IntegrityError("was changed"), 4, "proofkeep: was changed\n"),
        (click.ClickException("no such option"), 2, "Error: no such option\n"),
        (click.exceptions.Abort(), 130, ""),
        (KeyboardInterrupt(), 130, ""),
        (program.Ended(143), 143, ""),
        (SystemExit("words"), 2, ""),
    ],
)
def test_each_kind_of_end_has_its_code_and_its_line(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What an operator can fix is one line on standard error; signals need none."""
    monkeypatch.setattr(cli, "main", raising(error))

    assert program.run([]) == code
    assert capsys.readouterr() == ("", said)


def test_bug_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody planned for keeps its traceback."""
    monkeypatch.setattr(cli, "main", raising(ZeroDivisionError()))

    with pytest.raises(ZeroDivisionError):
        program.run([])


@pytest.mark.parametrize(("returned", "code"), [(3, 3), (0, 0), (None, 0), ("text", 0)])
def test_command_without_a_code_is_fine(returned: object, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands return their exit code, or nothing."""
    monkeypatch.setattr(cli, "main", lambda *_, **__: returned)

    assert program.run([]) == code


@pytest.mark.parametrize("arguments", [["nonsense"], ["collect", "--nonsense"], ["collect", "--fail-on", "often"]])
def test_wrong_command_line_is_configuration(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and help instead of a traceback."""
    assert program.run(arguments) == 2
    assert "Error: " in capsys.readouterr().err


@pytest.mark.parametrize("buffering", ["1", ""])
def test_reader_that_closes_the_pipe_is_no_error(tmp_path: Path, buffering: str) -> None:
    """`proofkeep catalog | head -1` ends quietly, whether the rest was written already or not."""
    process = subprocess.Popen(
        [sys.executable, "-m", "agent", "catalog", "--json"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": buffering},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()

    assert process.wait(30) == 0
    assert said == ""
