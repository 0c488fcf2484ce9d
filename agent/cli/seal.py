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

    Nothing is refused afterwards; `period` shows what people add later as added.  Run `proofkeep checkpoint` after it
    and keep the checkpoint outside, so that the moment of the seal can be proven.
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
    if given.as_json:
        print_json(made.to_json())
        return
    from agent.cli.render import line  # noqa: PLC0415

    line(f"sealed from {clock.iso(begins)} until {clock.iso(ends)} (ledger entry {made.seq})")
    line(f"the evidence ends with entry {made.position}; sign it now: proofkeep checkpoint")
