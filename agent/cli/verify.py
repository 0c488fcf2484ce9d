"""`proofkeep verify`: recompute everything, from the bytes to the checkpoint."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from agent.cli.options import Given, common, print_json
from agent.errors import Exit, OperatorError

if TYPE_CHECKING:
    from agent.verify import Verdict

REMAINS = (
    (
        "Somebody who can write the database could have rebuilt all of it and signed it with a key of their own: "
        "bring the public key (--pubkey) and a checkpoint that somebody else kept (--checkpoint)."
    ),
    (
        "The owner of the key could have rebuilt all of it, or cut off its newest entries: bring a checkpoint that "
        "somebody else kept (--checkpoint)."
    ),
    (
        "Entries newer than the newest checkpoint that was brought (the first {covered} of {size} are covered) rest "
        "on the database and its key alone."
    ),
)
"""What a level leaves open."""
NEVER = "No level can tell whether an answer of the provider, or the agent that read it, was honest at the time."
BRING = ("nothing from outside", "--pubkey", "--checkpoint")
LEVELS = click.IntRange(0, len(REMAINS) - 1)


@click.command()
@click.option("--pubkey", "pubkeys", multiple=True, help="Public key from outside: its text, or a file that holds it.")
@click.option(
    "--checkpoint", "places", multiple=True, type=click.Path(path_type=Path),
    help="Checkpoint from outside: a note, or a folder of notes.",
)  # fmt: skip
@click.option("--level", type=LEVELS, help="Refuse to verify at less than this level: 1 needs a key, 2 a checkpoint.")
@common
def command(given: Given, pubkeys: tuple[str, ...], places: tuple[Path, ...], level: int | None) -> int:
    """Recompute everything, from the bytes to the checkpoint, and name whatever disagrees.

    What can be proven depends on what you hold besides the database: nothing (level 0), the public key (level 1) or
    an earlier checkpoint (level 2).  Exit code 4 when anything disagrees.
    """
    from agent.verify import verify_at  # noqa: PLC0415  # brings the store

    keys = [key for given_key in pubkeys for key in keys_of(given_key)]
    outside = [note for place in places for note in notes_in(place)]
    reached = 2 if outside else 1 if keys else 0
    if level is not None and reached < level:
        message = f"level {level} needs {BRING[level]}; with what was given only level {reached} can be verified"
        raise OperatorError(message)
    url = given.settings().database.get_secret_value()
    with _Bar() as bar:
        verdict = verify_at(url, pubkeys=keys, checkpoints=outside, progress=bar.tell)
    remains = REMAINS[verdict.level].format(size=verdict.size, covered=_covered(outside))
    if given.as_json:
        print_json({"clean": verdict.clean, **asdict(verdict), "not_excluded": [remains, NEVER]})
    else:
        _show(verdict, remains)
    return Exit.OK if verdict.clean else Exit.INTEGRITY


def keys_of(given: str) -> list[str]:
    """The verifier keys of a text, or of each line of a file.  Raises OperatorError."""
    from storage import notes  # noqa: PLC0415
    from storage.errors import NoteInvalid  # noqa: PLC0415

    try:
        notes.decode_verifier_key(given)
    except NoteInvalid:
        lines = [line.removeprefix("key:").strip() for line in _read(Path(given), "--pubkey").splitlines()]
    else:
        return [given.strip()]
    found = [line for line in lines if line.count("+") >= 2]  # noqa: PLR2004  # name+keyid+base64
    if not found:
        message = f"--pubkey {given}: holds no public key of the form name+keyid+base64"
        raise OperatorError(message)
    return found


def notes_in(place: Path) -> list[str]:
    """The notes of a file or folder.  Raises OperatorError."""
    if not place.is_dir():
        return [_read(place, "--checkpoint")]
    found = sorted(place.glob("*.note"))
    if not found:
        message = f"--checkpoint {place}: there is no *.note file in this folder"
        raise OperatorError(message)
    return [_read(file, "--checkpoint") for file in found]


def _read(file: Path, option: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        message = f"{option} {file}: cannot be read ({reason})"
        raise OperatorError(message) from error


def _covered(outside: list[str]) -> int:
    """Entries that the newest of the given checkpoints speaks of; malformed ones are findings, not ours."""
    from storage import notes  # noqa: PLC0415
    from storage.errors import NoteInvalid  # noqa: PLC0415

    newest = 0
    for note in outside:
        try:
            newest = max(newest, notes.parse(note).checkpoint.size)
        except NoteInvalid:
            continue
    return newest


def _show(verdict: Verdict, remains: str) -> None:
    from agent.cli.render import line, table  # noqa: PLC0415
    from agent.verify import LEVELS as MEANS  # noqa: PLC0415

    if verdict.findings:
        line(f"{len(verdict.findings)} things are wrong", style="bold red")
        table(("where", "what"), [(finding.where, finding.what) for finding in verdict.findings])
    counted = ("runs", "resources", "versions", "results", "gaps", "contents", "bytes", "checkpoints", "outside")
    table(("entries", *counted), [(verdict.size, *(f"{getattr(verdict, name):,}" for name in counted))])
    if verdict.root:
        line(f"root over {verdict.size} entries, recomputed: {verdict.root}")
    if verdict.clean:
        line("everything agrees", style="bold green")
    line(f"level {verdict.level}: {MEANS[verdict.level]}")
    line(f"not excluded: {remains}")
    line(f"not excluded: {NEVER}")


class _Bar:
    """Progress on standard error, when that is a terminal."""

    def __init__(self) -> None:
        from rich.progress import Progress  # noqa: PLC0415

        from agent.cli.render import console  # noqa: PLC0415

        shown = console(stderr=True)
        self._progress = Progress(console=shown, transient=True, disable=not shown.is_terminal)
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, stage: str, done: int, total: int) -> None:
        """A stage has come so far."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage)
        self._progress.update(self._tasks[stage], completed=done, total=total)
