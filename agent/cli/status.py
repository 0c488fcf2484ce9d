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
@common
def command(given: Given, healthy: bool) -> int:
    """When each target was last read and with what result, and how the ledger stands.

    With --healthy: exit code 0 when every configured target has a run younger than two intervals, otherwise 3.
    """
    from agent.status import status  # noqa: PLC0415  # brings the store

    settings = given.settings()
    with given.store() as store:
        now = status(store, settings)
    if healthy:
        for late in now.late:
            click.echo(f"proofkeep: {late}", err=True)
        return Exit.EVIDENCE_MISSING if now.late else Exit.OK
    print_json(now.to_json()) if given.as_json else _show(now)
    return Exit.OK


def _show(now: Status) -> None:
    from agent.cli.render import line, table  # noqa: PLC0415

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
    for late in now.late:
        line(late, style="bold yellow")
