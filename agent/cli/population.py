"""`proofkeep population`: who and what there was at any time in a period, and how complete that is."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.cli.options import INSTANT, Given, common, print_json
from agent.errors import OperatorError

if TYPE_CHECKING:
    from agent.census import Cover
    from agent.populations import Frozen, Item, Population

COLUMNS = (
    "id",
    "cloud",
    "target",
    "account",
    "kind",
    "resource",
    "region",
    "name",
    "first_seen",
    "last_seen",
    "gone",
    "still_there",
    "stretches",
)
"""Columns of the CSV file, before those that only one population has."""


@click.command()
@click.argument("kind", required=False)
@click.option("--from", "begins", type=INSTANT, help="First moment of the period (ISO 8601, UTC).")
@click.option("--to", "ends", type=INSTANT, help="First moment after the period; default: now.")
@click.option("--target", help="Only this target.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the items to this new CSV file.")
@click.option("--freeze", is_flag=True, help="Put it on record, so that a sample can be drawn from it.")
@common
def command(
    given: Given,
    kind: str | None,
    begins: int | None,
    ends: int | None,
    target: str | None,
    out: Path | None,
    freeze: bool,
) -> None:
    """Everything of one KIND that existed at any time in a period, gone things included; without KIND, the kinds.

    Each item has first and last seen.  With it goes what an auditor asks for: the query, the number of items, the hash
    of their ids, which runs listed all of them and which did not, and what a second source counted.
    """
    if kind is None:
        _kinds(given)
        return
    if begins is None:
        raise OperatorError("--from: is missing; write the first moment of the period, such as 2026-01-01")
    from agent import checkpoints, clock, populations  # noqa: PLC0415  # brings the store

    wiring = given.wiring()
    with given.store() as store:
        with store.read() as conn:
            period = begins, clock.now() if ends is None else ends
            found = populations.population(conn, wiring, kind, *period, only=target)
        if out is not None:
            _write(out, found)
        kept = None
        if freeze:
            checkpoints.refuse_rollback(store, given.settings())
            kept = populations.put_on_record(store, found)
    if given.as_json:
        print_json({**found.to_json(), "frozen": kept and {"id": kept.id, "entry": kept.seq}})
    else:
        _show(found, kept)


def _kinds(given: Given) -> None:
    from agent.population_kinds import DEFINITIONS  # noqa: PLC0415

    if given.as_json:
        print_json(
            [{"population": each.name, "title": each.title, "query": each.query} for each in DEFINITIONS.values()]
        )
        return
    from agent.cli.render import table  # noqa: PLC0415

    table(("population", "what"), [(each.name, each.title) for each in DEFINITIONS.values()])


def _write(path: Path, found: Population) -> None:
    """Write the items as CSV.  No cell is taken for a formula, and no file is replaced.  Raises OperatorError."""
    from agent.registers.cells import spreadsheet_safe  # noqa: PLC0415

    shown = list(found.definition.shown) or sorted({name for item in found.items for name in item.shown})
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow([*COLUMNS, *(f"shown_{name}" for name in shown)])
    for item in found.items:
        said = item.to_json()
        cells = [said[name] for name in COLUMNS] + [item.shown.get(name, "") for name in shown]
        rows.writerow([spreadsheet_safe(_cell(cell)) for cell in cells])
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text.getvalue())
    except OSError as error:
        raise OperatorError(f"--out {path}: cannot be written ({error.strerror}); name a new file") from error


def _cell(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "yes", False: "no"}[value]
    return str(value)


def _show(found: Population, kept: Frozen | None) -> None:
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line, table  # noqa: PLC0415

    definition = found.definition
    columns = list(definition.shown) or sorted({name for item in found.items for name in item.shown})
    table(
        ("target", "region", "name", "first seen", "last seen", "still there", *columns),
        [_row(item, columns) for item in found.items],
        title=definition.title,
    )
    line(f"{len(found.items)} items from {clock.iso(found.begins)} until {clock.iso(found.ends)}")
    line(f"hash of the ids: {found.hash}")
    line(f"asked for: {definition.query}; ledger up to entry {found.as_of}")
    line("complete: yes, every run of the period listed all" if found.complete else "complete: NOT PROVEN, see below")
    for cover in found.covers:
        for text in _holes(cover):
            line(f"  {cover.target.name}: {text}")
    if not found.covers:
        line("  no run was recorded before the end of the period")
    for each in found.second:
        told = f"{each.counted} against {each.listed} listed" if each.counted is not None else f"not read: {each.why}"
        line(f"second source, {each.target.name}, {each.source}: {told} ({clock.iso(each.at)})")
    for limit in definition.limits:
        line(f"limit: {limit}")
    if kept is not None:
        line(f"{kept.id} is frozen (ledger entry {kept.seq})")


def _row(item: Item, columns: list[str]) -> tuple[Any, ...]:
    from agent import clock  # noqa: PLC0415

    there = {True: "yes", False: f"gone by {clock.iso(item.gone or 0)[:19]}Z", None: "unknown"}[item.still_there]
    times = (clock.iso(at)[:19] + "Z" for at in (item.first_seen, item.last_seen))
    return (item.target.name, item.region, item.name, *times, there, *(item.shown.get(name, "") for name in columns))


def _holes(cover: Cover) -> list[str]:
    """What keeps a target's listing from being complete, a line each; its number of runs first."""
    from agent import clock  # noqa: PLC0415

    said = [f"{cover.complete} of {cover.runs} runs were complete"]
    if cover.read_since is not None:
        said.append(f"read since {clock.iso(cover.read_since)} only; what was gone by then is not known")
    said += [
        f"{gap.reason} in {gap.region}, {gap.operation} needs {gap.permission}: {gap.runs} runs "
        f"from {clock.iso(gap.first)} until {clock.iso(gap.last)}"
        for gap in cover.gaps
    ]
    if cover.missed:
        first, last = cover.missed[0], cover.missed[-1]
        reasons = ", ".join(sorted({each.reason for each in cover.missed}))
        said.append(
            f"{len(cover.missed)} slots without a result ({reasons}), {clock.iso(first.slot)} … {clock.iso(last.slot)}"
        )
    if cover.left_out:
        said.append(f"left out by the configuration: {', '.join(cover.left_out)}")
    return said
