"""`proofkeep gaps`: what should have been read and was not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.options import INSTANT, Given, common, print_json

if TYPE_CHECKING:
    from storage.rows import GapSeen

CHOSEN = "EXCLUDED_BY_CONFIG"
"""The one reason that is a choice and no failure."""


@click.command()
@click.option("--since", type=INSTANT, help="Only gaps recorded at or after this moment (ISO 8601, UTC).")
@click.option("--until", type=INSTANT, help="Only gaps recorded before this moment.")
@click.option("--as-of", type=INSTANT, help="Only gaps in force at this moment: of the newest run then, and since it.")
@click.option("--target", help="Only this target.")
@click.option("--all", "everything", is_flag=True, help="Print each gap, not only groups of them.")
@common
def command(
    given: Given, since: int | None, until: int | None, as_of: int | None, target: str | None, everything: bool
) -> None:
    """What should have been read and was not: grouped, with the right that was missing.

    Regions that the configuration leaves out stand apart: leaving them out is a choice, not a failure.
    """
    from agent import stored  # noqa: PLC0415  # brings the database library
    from agent.cli.findings import known  # noqa: PLC0415
    from storage import reads  # noqa: PLC0415

    if as_of is not None and (since is not None or until is not None):
        raise click.UsageError("--as-of: stands beside --since or --until; leave those out")
    with given.store() as store, store.read() as conn:
        targets = reads.targets(conn)
        known(target, (who.name for who in targets), "--target")
        runs = {who: run for who in targets if (run := stored.run_at(conn, who, as_of)) is not None}
        recorded = reads.gaps(conn, None, since, until if as_of is None else as_of + 1)
        found = [each for each in recorded if target in (None, each.target.name)]
        newest = {run.seq for run in runs.values()}
    if as_of is not None:
        slots = {who: run.slot for who, run in runs.items()}
        found = [
            each
            for each in found
            if each.seq in newest or (each.entry != "run" and each.slot > slots.get(each.target, -1))
        ]
    if given.as_json:
        print_json([_to_json(each, newest) for each in found])
    else:
        _show(found, newest, everything=everything)


def _to_json(each: GapSeen, newest: set[int]) -> dict[str, Any]:
    from agent import clock  # noqa: PLC0415

    return {
        "target": each.target.name,
        "cloud": each.target.cloud,
        "account": each.target.account,
        "entry": each.seq,
        "entry_type": each.entry,
        "recorded": clock.iso(each.at),
        "slot": clock.iso(each.slot),
        "reason": each.gap.reason,
        "collector": each.gap.collector,
        "region": each.gap.region,
        "kind": each.gap.kind,
        "resource": each.gap.uid,
        "operation": each.gap.operation,
        "permission": each.gap.permission,
        "error": each.gap.error,
        "in_newest_run": each.seq in newest,
    }


def _show(found: list[GapSeen], newest: set[int], *, everything: bool) -> None:
    from agent.cli.render import line  # noqa: PLC0415

    failures = [each for each in found if each.gap.reason != CHOSEN]
    chosen = [each for each in found if each.gap.reason == CHOSEN]
    if everything:
        _each(failures)
    elif failures:
        _groups(failures, newest)
    line(f"{len(failures)} reads that failed, or slots without a run")
    if chosen:
        _choices(chosen, newest)


def _groups(gaps: list[GapSeen], newest: set[int]) -> None:
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import table  # noqa: PLC0415

    groups: dict[tuple[str, ...], list[GapSeen]] = {}
    for each in gaps:
        gap = each.gap
        what = (each.target.name, gap.reason, gap.operation or each.entry, gap.permission, gap.error)
        groups.setdefault(what, []).append(each)
    table(
        ("target", "reason", "operation", "needs", "said", "regions", "resources", "runs", "first", "last", "still"),
        [
            (
                *what,
                ", ".join(sorted({each.gap.region for each in group})),
                len({each.gap.uid for each in group if each.gap.uid}) or "",
                len({each.seq for each in group}),
                clock.iso(group[0].at)[:19] + "Z",
                clock.iso(group[-1].at)[:19] + "Z",
                "yes" if group[-1].seq in newest else "no",
            )
            for what, group in sorted(groups.items(), key=lambda item: (-item[1][-1].seq, item[0]))
        ],
    )


def _choices(gaps: list[GapSeen], newest: set[int]) -> None:
    """One row per target: the regions that its newest run did not read because nobody asked for them."""
    from agent.cli.render import table  # noqa: PLC0415

    regions: dict[str, set[str]] = {}
    for each in gaps:
        if each.seq in newest:
            regions.setdefault(each.target.name, set()).add(each.gap.region)
    table(
        ("target", "enabled regions that the configuration leaves out"),
        [(target, ", ".join(sorted(names))) for target, names in sorted(regions.items())],
    )


def _each(gaps: list[GapSeen]) -> None:
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import table  # noqa: PLC0415

    table(
        ("recorded", "entry", "target", "reason", "region", "kind", "resource", "operation", "needs", "said"),
        [
            (
                clock.iso(each.at)[:19] + "Z",
                each.seq,
                each.target.name,
                each.gap.reason,
                each.gap.region,
                each.gap.kind or each.entry,
                each.gap.uid or "",
                each.gap.operation,
                each.gap.permission,
                each.gap.error,
            )
            for each in gaps
        ],
    )
