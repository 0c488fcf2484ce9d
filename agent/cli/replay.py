"""`proofkeep replay`: judge stored evidence again and compare with the verdicts of then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agent.cli.findings import known
from agent.cli.options import INSTANT, Given, common, print_json
from agent.errors import Exit

if TYPE_CHECKING:
    from agent.replay import Replay, Verdict


@click.command()
@click.option("--as-of", type=INSTANT, help="Replay the newest run at or before this moment; default: now.")
@click.option("--check", help="Only this check.")
@click.option("--target", help="Only this target.")
@click.option("--new-params", is_flag=True, help="Judge with today's thresholds, not with those of the run.")
@click.option("--all", "everything", is_flag=True, help="Show every verdict, not only those that differ.")
@common
def command(
    given: Given, as_of: int | None, check: str | None, target: str | None, new_params: bool, everything: bool
) -> int:
    """Shape and judge the stored evidence of a run again, with today's code, and show where verdicts differ.

    The clock stands at that run's start and the thresholds are its own, unless --new-params asks what today's would
    have said.  Exit code 1 when a verdict differs.
    """
    from agent.replay import replay  # noqa: PLC0415  # brings the store
    from storage import reads  # noqa: PLC0415

    wiring = given.wiring()
    known(check, wiring.checks, "--check")
    with given.store() as store:
        with store.read() as conn:
            known(target, (who.name for who in reads.targets(conn)), "--target")
        done = list(replay(store, wiring, as_of, check_id=check, target=target, new_params=new_params))
    if given.as_json:
        print_json([each.to_json(everything=everything) for each in done])
    else:
        for each in done:
            _show(each, everything=everything)
    return Exit.FAILING if any(each.differences for each in done) else Exit.OK


def _show(each: Replay, *, everything: bool) -> None:
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line, table  # noqa: PLC0415

    run = each.run
    line(f"{run.target.name}: ledger entry {run.seq}, run of {clock.iso(run.started)}", style="bold")
    code = "same code" if each.same_code else "other code than now"
    line(f"{len(each.compared)} verdicts judged again, {len(each.differences)} differ; judged then by {code}")
    used = "now" if each.new_params else "then"
    for said, checks in (
        ("code is not what it was", each.changed_code),
        (f"thresholds are not what they were (those of {used} are used)", each.changed_params),
        ("judged then, exist no more", each.gone),
        ("did not judge then", each.added),
    ):
        if checks:
            line(f"{said}: {', '.join(checks)}")
    shown = each.compared if everything else each.differences
    if shown:
        table(
            ("check", "resource", "then", "now", "reason then", "reason now"),
            [
                (
                    pair.check,
                    pair.subject.uid,
                    _outcome(pair.then),
                    _outcome(pair.now),
                    pair.then.reason if pair.then else "",
                    pair.now.reason if pair.now and pair.differs else "same" if pair.now else "",
                )
                for pair in shown
            ],
        )


def _outcome(verdict: Verdict | None) -> str:
    return "none" if verdict is None else verdict.outcome
