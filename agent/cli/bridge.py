"""`proofkeep bridge`: what happened since the last report, as data for a letter that management writes."""

from __future__ import annotations

import json
from pathlib import Path

import click

from agent.cli.options import INSTANT, Given, common
from agent.errors import OperatorError


@click.command()
@click.option("--from", "begins", type=INSTANT, help="End of the last report; default: of the newest sealed period.")
@click.option("--to", "ends", type=INSTANT, help="First moment after the time asked about; default: now.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file.")
@common
def command(given: Given, begins: int | None, ends: int | None, out: Path | None) -> None:
    """Conclusions, changes, incidents and gaps since the last report.  UNAUDITED.

    Management writes and signs the bridge letter, never the agent and never the auditor; this is the data for it.  Each
    control stands as the recorded evidence since the last report shows it; changes of controls and accounts come from
    the ledger, changes of the system and incidents from the registers that the company imports.
    """
    from agent import clock  # noqa: PLC0415  # brings the store
    from agent.evaluation import bridge  # noqa: PLC0415
    from agent.evaluation.periods import Question  # noqa: PLC0415

    now = clock.now()
    if ends is not None and ends > now:
        raise OperatorError(f"--to {clock.iso(ends)}: lies in the future; write an earlier time")
    until = now if ends is None else ends
    wiring, parameters = given.wiring(), given.settings().audit.parameters()
    with given.store() as store, store.read() as conn:
        first = bridge.since(conn, now) if begins is None else begins
        found = bridge.pack(conn, wiring, Question(begins=first, ends=until, as_of=now, parameters=parameters))
    if given.as_json:
        text = json.dumps(found.to_json(), indent=2, ensure_ascii=False)
    else:
        from agent.cli.render import printable  # noqa: PLC0415

        text = "\n".join(printable(line) for line in found.lines())
    if out is None:
        click.echo(text)
        return
    try:
        out.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"--out {out}: cannot be written ({error.strerror})") from error
    click.echo(f"written to {out}: UNAUDITED")
