"""`proofkeep evidence`: from a question down to the answer of the provider, its hash, the ledger and a checkpoint."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.cli.findings import checks_of, known, promised_at
from agent.cli.options import INSTANT, Given, common, print_json
from agent.errors import Exit, OperatorError

if TYPE_CHECKING:
    from agent.asking.answer import Answer
    from agent.asking.outside import Outside
    from agent.asking.question import Span
    from agent.evidence import Proof, Readings
    from agent.standing import Finding
    from agent.wiring import Wiring
    from storage.engine import Store
    from storage.rows import BlobRow

FEW = 10
"""How many verdicts are printed before the rest is only counted."""


@click.group(invoke_without_command=True)
@click.option("--control", help="Only the checks of this control.")
@click.option("--check", help="Only this check.")
@click.option("--resource", help="Only resources whose identifier or name contains this.")
@click.option("--as-of", type=INSTANT, help="The moment to look at (ISO 8601, UTC; a date is its first moment).")
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The whole day (UTC) to look at, moment by moment."
)
@click.option(
    "--checkpoint", "places", multiple=True, type=click.Path(path_type=Path),
    help="Prove it against this checkpoint, kept elsewhere: a note, or a folder of notes.",
)  # fmt: skip
@click.option("--pubkey", "pubkeys", multiple=True, help="Public key from outside: its text, or a file that holds it.")
@click.option("--all", "everything", is_flag=True, help=f"Print every verdict, not only the first {FEW}.")
@common
@click.pass_context
def command(
    context: click.Context,
    given: Given,
    control: str | None,
    check: str | None,
    resource: str | None,
    as_of: int | None,
    day: datetime | None,
    places: tuple[Path, ...],
    pubkeys: tuple[str, ...],
    everything: bool,
) -> int:
    """From a question down to verdicts, facts, documents, the calls that answered them, ledger entries, checkpoints.

    First comes the answer: who was judged, what came out, what nobody could look at, by which version of the control.
    With --on, each verdict counts as the worst that it was on that day.  With --checkpoint, everything that the answer
    rests on is hashed anew and proven against it, and the verdicts are judged again from the kept documents: exit code
    4 when something was changed, 1 when a verdict comes out otherwise.

    `evidence show ID` prints one document.
    """
    asked = control or check or resource or as_of is not None or day or places or pubkeys or everything
    if context.invoked_subcommand is not None:
        if given != Given(None, None, as_json=False) or asked:
            message = f"write the options behind `evidence {context.invoked_subcommand}`"
            raise click.UsageError(message)
        return Exit.OK
    if not (control or check or resource):
        message = "say which verdicts: --control, --check or --resource"
        raise click.UsageError(message)
    if as_of is not None and day is not None:
        raise click.UsageError("--on: stands beside --as-of; give one of them")
    from agent.asking import answer, outside  # noqa: PLC0415  # brings the store
    from agent.asking.question import Question  # noqa: PLC0415
    from agent.cli.verify import keys_of, notes_in  # noqa: PLC0415

    keys = [key for each in pubkeys for key in keys_of(each)]
    notes = [note for place in places for note in notes_in(place)]
    wiring = given.wiring()
    with given.store() as store:
        span = _span(store, as_of, day)
        promises = promised_at(store, wiring, span.last).library
        known(control, promises.controls, "--control")
        known(check, checks_of(wiring, promises), "--check")
        found, verdicts = answer.ask(store, wiring, Question(control, check, resource, span))
        proofs = _proofs(store, wiring, found, verdicts, most=None if everything or given.as_json else FEW)
        proven = None
        if keys or notes:
            every = proofs if len(proofs) == len(found.pairs) else _proofs(store, wiring, found, verdicts, most=None)
            proven = outside.prove(store, wiring, every, found.entries, pubkeys=keys, checkpoints=notes)
    if given.as_json:
        print_json(
            {
                "answer": found.to_json(),
                "proofs": [proof.to_json() for proof in proofs],
                "outside": proven and proven.to_json(),
            }
        )
    else:
        _print_all(found, proofs, proven)
    if proven is None or proven.verified:
        return Exit.OK
    return Exit.FAILING if proven.intact else Exit.INTEGRITY


def _span(store: Store, as_of: int | None, day: datetime | None) -> Span:
    """What is asked about: a moment, the newest one, or as much of a day as is on record.  Raises OperatorError."""
    from agent import clock, evidence  # noqa: PLC0415
    from agent.asking.question import Span  # noqa: PLC0415

    if day is None:
        moment = evidence.pin(store, as_of)
        return Span(moment, moment + 1)
    newest = evidence.pin(store, None)
    begins = clock.from_datetime(day.replace(tzinfo=UTC))
    if begins > newest:
        message = f"--on {day.date()}: nothing was recorded since; the newest ledger entry is of {clock.iso(newest)}"
        raise OperatorError(message)
    return Span(begins, min(clock.from_datetime(day.replace(tzinfo=UTC) + timedelta(days=1)), newest + 1))


def _proofs(
    store: Store, wiring: Wiring, found: Answer, verdicts: dict[int, list[Finding]], *, most: int | None
) -> list[Proof]:
    """What the first so many pairs of an answer rest on, in its order."""
    from agent import evidence  # noqa: PLC0415
    from agent.asking.question import id_of  # noqa: PLC0415

    order = {pair.id: number for number, pair in enumerate(found.pairs[:most])}
    proofs = [
        proof
        for moment, some in verdicts.items()
        for proof in evidence.proofs(store, wiring, [each for each in some if id_of(each) in order], moment)
    ]
    return sorted(proofs, key=lambda proof: order[id_of(proof.finding)])


def _print_all(found: Answer, proofs: list[Proof], proven: Outside | None) -> None:
    from agent.cli.proofs import show as show_proof  # noqa: PLC0415
    from agent.cli.proofs import show_answer, show_outside  # noqa: PLC0415
    from agent.cli.render import line  # noqa: PLC0415

    show_answer(found)
    for proof in proofs:
        show_proof(proof)
    if len(proofs) < len(found.pairs):
        line(f"and {len(found.pairs) - len(proofs)} more verdicts; narrow the question, or add --all or --json")
    if proven is not None:
        show_outside(proven)


@command.command()
@click.argument("identifier", metavar="ID")
@click.option("--as-of", type=INSTANT, help="The moment whose volatile fields are shown; default: now.")
@click.option("--raw", is_flag=True, help="Write the exact bytes that the hash is of, and nothing else.")
@common
def show(given: Given, identifier: str, as_of: int | None, raw: bool) -> None:
    """Print one kept document, after hashing it anew.  ID: 8 or more first digits of its SHA-256."""
    from agent import evidence  # noqa: PLC0415  # brings the store

    with given.store() as store:
        kept, readings = evidence.show(store, identifier, as_of)
    if raw:
        sys.stdout.buffer.write(kept.content)
    elif given.as_json:
        print_json(
            {
                "sha256": kept.sha256.hex(),
                "media": kept.media,
                "bytes": len(kept.content),
                "content": _content(kept),
                "volatile": [
                    {"target": each.target, "entry": each.seq, "volatile_sha": each.sha256, "values": dict(each.values)}
                    for each in readings
                ],
            }
        )
    else:
        _print(kept, readings)


def _content(kept: BlobRow) -> Any:
    """What a kept content says; None for a file that somebody handed in, which can be anything."""
    import orjson  # noqa: PLC0415

    try:
        return orjson.loads(kept.content)
    except orjson.JSONDecodeError:
        return None


def _print(kept: BlobRow, readings: list[Readings]) -> None:
    from agent.cli.render import line  # noqa: PLC0415

    line(f"sha256 {kept.sha256.hex()}, hashed anew and equal; {kept.media}, {len(kept.content)} bytes", style="bold")
    content = _content(kept)
    if content is None:
        line("a file as it was handed in; --raw writes its bytes")
    else:
        _pretty(content)
    for each in readings:
        line(
            f"fields that change by themselves, as read for {each.target} in ledger entry {each.seq} "
            f"(all readings of that run: sha256 {each.sha256})",
            style="bold",
        )
        _pretty(dict(each.values))


def _pretty(value: Any) -> None:
    import orjson  # noqa: PLC0415

    from agent.cli.render import printable  # noqa: PLC0415

    for text in orjson.dumps(value, option=orjson.OPT_INDENT_2).decode().split("\n"):
        click.echo(printable(text))
