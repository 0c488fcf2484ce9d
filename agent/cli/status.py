"""`proofkeep status`: when each target was last read, and how the ledger stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.options import Given, common, print_json
from agent.errors import Exit

if TYPE_CHECKING:
    from agent.status import Status


@click.command()
@click.option("--healthy", is_flag=True, help="Only tell, by the exit code, whether every target was read recently.")
@click.option("--alive", is_flag=True, help="Only tell, by the exit code, whether a daemon or worker here is at work.")
@common
def command(given: Given, healthy: bool, alive: bool) -> int:
    """When each target was last read and with what result, who is at work, and how ledger and alerts stand.

    With --healthy: exit code 0 when every configured target has a run younger than two intervals, otherwise 3.  With
    --alive: exit code 0 when a process of this machine left a sign of life within a minute, otherwise 3.
    """
    from agent.status import is_alive, status  # noqa: PLC0415  # brings the store

    settings = given.settings()
    with given.store() as store:
        if alive:
            return Exit.OK if is_alive(store) else Exit.EVIDENCE_MISSING
        now = status(store, settings)
    if healthy:
        for late in now.late:
            click.echo(f"proofkeep: {late}", err=True)
        return Exit.EVIDENCE_MISSING if now.late else Exit.OK
    print_json(now.to_json()) if given.as_json else _show(now)
    return Exit.OK


def _show(now: Status) -> None:
    from agent.cli.render import line, printable, table  # noqa: PLC0415

    rows: list[dict[str, Any]] = now.to_json()["targets"]
    columns = (
        "target",
        "account",
        "last run",
        "age",
        "status",
        "pass",
        "fail",
        "unknown",
        "error",
        "n/a",
        "gaps",
    )
    table(
        columns,
        [
            (
                row["target"],
                row["account"],
                row["started"],
                row["age"],
                row["status"],
                *(row["findings"][name] for name in ("PASS", "FAIL", "UNKNOWN", "ERROR", "NOT_APPLICABLE")),
                row["gaps"],
            )
            for row in rows
        ],
    )
    said = now.to_json()["ledger"]
    line(f"ledger: {said['entries']} entries, newest checkpoint covers {said['checkpoint']}, anchor {said['anchor']}")
    told = now.to_json()
    for row in told["processes"]:
        running = f", reading {', '.join(row['running'])}" if row["running"] else ""
        said = f"{row['version']}, seen {row['seen']} ago" if row["alive"] else f"dead, last seen {row['seen']} ago"
        line(printable(f"{row['role']} {row['process']}: {said}{running if row['alive'] else ''}"))
    if told["alerts"]:
        counts = ", ".join(f"{number} {severity}" for severity, number in told["alerts"].items())
        line(f"alerts open: {counts}; see `proofkeep alerts list`")
    for row in told["outbox"]:
        lost = row["state"] == "failed"
        state = "given up; see `proofkeep alerts retry`" if lost else "waiting"
        line(f"outbox {row['route']}: {row['messages']} {state}", style="bold yellow" if lost else "")
    for late in now.late:
        line(late, style="bold yellow")
