"""`proofkeep type1`: whether each control was designed, and in place, at one instant."""

from __future__ import annotations

import click

from agent.cli.options import INSTANT, Given, common, print_json
from agent.errors import OperatorError

FEW = 3
"""How many units of one control are named before the rest is only counted."""


@click.command()
@click.option("--at", "instant", type=INSTANT, required=True, help="The instant (ISO 8601, UTC).")
@click.option("--control", help="Only this control.")
@common
def command(given: Given, instant: int, control: str | None) -> None:
    """Design and implementation of each control in force at an instant, by what was on record then.

    A control that checks test is judged by the newest observation of each resource shortly before the instant, one of
    people by a performance, or by its approved procedure until it is first due.  Nothing is said of operation over
    time.  Results are this tool's evaluation of recorded evidence; the auditor concludes.
    """
    from agent import clock  # noqa: PLC0415
    from agent.evaluation import instants  # noqa: PLC0415  # brings the store

    if instant > clock.now():
        raise OperatorError(f"--at {clock.iso(instant)}: lies in the future; write an earlier time")
    wiring = given.wiring()
    with given.store() as store, store.read() as conn:
        limits = given.settings().audit.parameters()
        found = instants.evaluate(conn, wiring, instant, control=control, parameters=limits)
    if given.as_json:
        print_json(found.to_json())
        return
    from agent.cli.render import line, table  # noqa: PLC0415

    line(f"at {clock.iso(found.at)}, ledger entry {found.position}; {found.library.scope.words()}")
    line("results are this tool's evaluation of recorded evidence; the auditor concludes")
    table(
        ("control", "criteria", "result", "why", "units"),
        [
            (
                name,
                ", ".join(one.id for one in each.criteria),
                result.result.replace("_", " "),
                result.reason,
                ", ".join(result.units[:FEW]) + (f" and {more} more" if (more := len(result.units) - FEW) > 0 else ""),
            )
            for name, (each, result) in found.controls.items()
        ],
    )
