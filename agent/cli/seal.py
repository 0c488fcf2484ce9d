"""`proofkeep seal`: freeze the evidence of a period, so that what comes later is told apart."""

from __future__ import annotations

import click

from agent.cli.options import INSTANT, Given, common, print_json
from agent.errors import OperatorError


@click.command()
@click.option("--from", "begins", type=INSTANT, required=True, help="First moment of the period (ISO 8601, UTC).")
@click.option("--to", "ends", type=INSTANT, required=True, help="First moment after the period.")
@click.option("--reason", default="", help="Why now, if not for the end of the engagement's collection.")
@common
def command(given: Given, begins: int, ends: int, reason: str) -> None:
    """Freeze the evidence of a period that is over.

    Nothing is refused afterwards; `period` lists what is added later, with its date and reason.  The ledger is signed
    right after the seal and the checkpoint printed: whoever keeps it outside can prove what the evidence was.
    """
    from agent import checkpoints, clock  # noqa: PLC0415  # brings the store
    from agent.audit.periods import Period  # noqa: PLC0415
    from agent.evaluation import seals  # noqa: PLC0415

    try:
        period = Period(begins, ends)
    except ValueError as error:
        raise OperatorError(f"--to: {error}; write a later end") from error
    with given.store() as store:
        checkpoints.refuse_rollback(store, given.settings())
        made = seals.put(store, period, reason)
        signed = checkpoints.anchor(store, given.settings())
    if given.as_json:
        kept = {"note": signed.note, "file": str(signed.file), "verifier_key": signed.verifier_key}
        print_json({**made.to_json(), "checkpoint": kept})
        return
    from agent.cli.render import line  # noqa: PLC0415

    line(f"sealed from {clock.iso(begins)} until {clock.iso(ends)} (ledger entry {made.seq})")
    line(f"the evidence ends with entry {made.position}; this checkpoint covers it, and is in {signed.file}:")
    click.echo(signed.note)
    click.echo(f"key: {signed.verifier_key}")
