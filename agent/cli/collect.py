"""`proofkeep collect`: read every target once, now, and seal what was found."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import click

from agent.cli.options import Given, common, print_json
from agent.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress

    from agent.collect import Failed, Skipped
    from agent.judge import Judged
    from agent.run import Report
    from agent.waivers import Waivers
    from checks.library import Library

LEVELS = ("never", "critical", "high", "medium", "low")
FEW = 10
"""How many gaps are printed before the rest is only counted."""


@click.command()
@click.option("--target", "names", multiple=True, help="Only this target; may be given more than once.")
@click.option("--scheduled", is_flag=True, help="Take the slot that is due; record missed ones; skip one already run.")
@click.option(
    "--fail-on", type=click.Choice(LEVELS), default="never", show_default=True,
    help="Exit with 1 when a finding of this severity or above fails.",
)  # fmt: skip
@common
def command(given: Given, names: tuple[str, ...], scheduled: bool, fail_on: str) -> int:
    """Read every target once, now, and seal what was found.

    Exit code 3 when something that should have been read was not, 1 when findings fail at --fail-on.  What waivers in
    force excuse is told and does not count for --fail-on.
    """
    from agent import clock, collect, waivers  # noqa: PLC0415  # brings the store and the SDK
    from agent.alerts.delivery import Delivery  # noqa: PLC0415
    from agent.alerts.watch import Watch  # noqa: PLC0415
    from agent.run import Report  # noqa: PLC0415

    settings = given.settings()
    wiring = given.wiring()
    targets = collect.choose(settings, names)
    done: list[Report | Skipped | Failed] = []
    granted = waivers.Waivers(())
    try:
        with given.store(create=True) as store, Bar() as bar:
            collection = collect.Collection(settings, wiring, store, Watch(settings, wiring))
            for each in collect.collect(collection, targets, scheduled=scheduled, progress=bar.of):
                done.append(each)  # noqa: PERF402  # what was sealed before an error is still told
            Delivery(settings.alerts, store).deliver(clock.now())
            with store.read() as conn:
                granted = waivers.load(conn)
    finally:
        excused = Excused(granted, wiring.library, clock.now())
        for each in done:
            if isinstance(each, collect.Failed):
                click.echo(f"proofkeep: {each.said}", err=True)
        if given.as_json:
            print_json([_to_json(each, excused) for each in done])
        else:
            for each in done:
                show(each, excused)
    if any(isinstance(each, collect.Failed) for each in done):
        return Exit.CONFIGURATION
    return exit_code([each for each in done if isinstance(each, Report)], fail_on, excused)


@dataclass(frozen=True, slots=True)
class Excused:
    """Which failures somebody has approved for the time being."""

    granted: Waivers
    library: Library
    at: int

    def by(self, report: Report, judged: Judged) -> list[set[str]]:
        """For each failing finding of a check that is excused under every control that it fails: the waivers' ids."""
        controls = tuple(control.id for control in self.library.for_check(judged.check.id))
        found = []
        for (_, uid), finding in judged.findings.items():
            if finding.outcome == "FAIL":
                about = report.target.name, uid, self.at
                holding = [self.granted.covering(judged.check.id, (each,), *about) for each in controls or ("",)]
                named = {waiver.id for waiver in holding if waiver is not None}
                if None not in holding:
                    found.append(named)
        return found

    def in_all(self, report: Report) -> list[set[str]]:
        """The same over all checks of a run."""
        return [each for judged in report.judged for each in self.by(report, judged)]


def exit_code(reports: list[Report], fail_on: str, excused: Excused) -> int:
    """3 for missing evidence, which may hide anything; then 1 for failures at the level asked for; then 0.

    A failure that waivers in force excuse under every control that it fails does not count.
    """
    from checks.api import Outcome  # noqa: PLC0415

    if any(report.status == "partial" for report in reports):
        return Exit.EVIDENCE_MISSING
    if fail_on != "never":
        worst = set(LEVELS[1 : LEVELS.index(fail_on) + 1])
        for report in reports:
            for judged in report.judged:
                fails = judged.counts[Outcome.FAIL] if judged.check.severity in worst else 0
                if fails and fails > len(excused.by(report, judged)):
                    return Exit.FAILING
    return Exit.OK


def _counts(report: Report) -> dict[str, int]:
    total: Counter[str] = Counter()
    for judged in report.judged:
        total.update({outcome.value: number for outcome, number in judged.counts.items()})
    return {outcome: total[outcome] for outcome in ("PASS", "FAIL", "UNKNOWN", "ERROR", "NOT_APPLICABLE")}


def _to_json(each: Report | Skipped | Failed, excused: Excused) -> dict[str, Any]:
    from agent import clock  # noqa: PLC0415
    from agent.collect import Failed  # noqa: PLC0415
    from agent.run import Report  # noqa: PLC0415

    if isinstance(each, Failed):
        return {"target": each.name, "failed": each.said}
    if not isinstance(each, Report):
        return {"target": each.name, "skipped": True, "slot": clock.iso(each.slot)}
    waived = excused.in_all(each)
    return {
        "target": each.target.name,
        "account": each.target.account,
        "skipped": False,
        "status": each.status.value,
        "entry": each.seq,
        "calls": len(each.page.calls),
        "documents": each.documents,
        "changed": each.changed,
        "findings": _counts(each),
        "excused": len(waived),
        "excused_by": sorted(set().union(*waived)),
        "gaps": len(each.page.gaps),
    }


def show(each: Report | Skipped | Failed, excused: Excused | None = None) -> None:
    """Print what a run found, or that there was nothing to do; why one came to nothing stands on standard error."""
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line, table  # noqa: PLC0415
    from agent.collect import Failed  # noqa: PLC0415
    from agent.run import Report  # noqa: PLC0415

    if isinstance(each, Failed):
        return
    if not isinstance(each, Report):
        line(f"{each.name}: slot {clock.iso(each.slot)} was run before; nothing to do")
        return
    line(
        f"{each.target.name} ({each.target.cloud} {each.target.account}): {each.status}, "
        f"{len(each.page.calls)} calls, {each.documents} documents ({each.changed} new or changed), "
        f"ledger entry {each.seq}"
    )
    table(list(_counts(each)), [list(_counts(each).values())])
    if waived := excused.in_all(each) if excused else []:
        by = ", ".join(sorted(set().union(*waived)))
        line(f"{len(waived)} of the FAIL are excused by waivers in force ({by}); they stay FAIL")
    gaps = [gap for gap in each.page.gaps if gap.reason != "EXCLUDED_BY_CONFIG"]
    if gaps:
        grouped = Counter((gap.reason.value, gap.operation, gap.permission, gap.region) for gap in gaps)
        table(
            ("gap", "operation", "needs", "region", "times"),
            [(*gap, number) for gap, number in grouped.most_common(FEW)],
        )
        if len(grouped) > FEW:
            line(f"and {len(grouped) - FEW} more; see `proofkeep gaps`")


class Bar:
    """Progress of the runs on standard error, when that is a terminal."""

    def __init__(self) -> None:
        """Nothing is drawn before it is entered."""
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

            from agent.cli.render import console  # noqa: PLC0415

            columns = (
                SpinnerColumn(),
                TextColumn("{task.description} {task.fields[said]}"),
                TimeElapsedColumn(),
            )
            self._progress = Progress(*columns, console=console(stderr=True), transient=True)
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def of(self, name: str) -> Callable[[str, int], None]:
        """What a run reports its progress to."""
        progress = self._progress
        if progress is None:
            return _quiet
        task = progress.add_task(name, total=None, said="")

        def tell(stage: str, done: int) -> None:
            said = f"{done} reads done" if stage == "fetch" else {"judge": "judging", "seal": "sealing"}[stage]
            progress.update(task, said=said)

        return tell


def _quiet(_stage: str, _done: int) -> None:
    """Nobody watches."""
