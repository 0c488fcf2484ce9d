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
    from collections.abc import Iterable, Sequence

    from agent.audit.periods import Period
    from agent.census import Cover
    from agent.evaluation.events_listed import Listed
    from agent.populations import Frozen, Item, Population
    from storage.engine import Store

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
@click.argument("kind", required=False, metavar="[KIND|CONTROL]")
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

    The occasions on which people perform a control are populations too: leavers, changes, incidents and the like from
    the registers, or what the library names for a CONTROL.
    """
    if kind is None:
        _kinds(given)
        return
    if begins is None:
        raise OperatorError("--from: is missing; write the first moment of the period, such as 2026-01-01")
    from agent import checkpoints, clock, populations  # noqa: PLC0415  # brings the store
    from checks.library import EVENTS, POPULATIONS  # noqa: PLC0415

    wiring = given.wiring()
    if kind in wiring.library.controls or kind.partition(":")[0] in {*POPULATIONS, EVENTS}:
        if target is not None:
            raise click.UsageError("--target: a list of occasions is of the whole company; leave it out")
        _occasions(given, kind, (begins, clock.now() if ends is None else ends), out, freeze=freeze)
        return
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


def freeze_occasions(given: Given, name: str, period: tuple[int, int]) -> Frozen:
    """Put the occasions of a control, or of a list of them, on record."""
    from agent import checkpoints, populations  # noqa: PLC0415  # brings the store

    with given.store() as store:
        checkpoints.refuse_rollback(store, given.settings())
        found, asked, _ = _listed(given, store, name, period)
        return populations.freeze_ids(store, found.extract(asked), [each.id for each in found.occasions])


def _listed(given: Given, store: Store, name: str, period: tuple[int, int]) -> tuple[Listed, Period, Period]:
    """The occasions, the period that was asked for, and the part of it that is over."""
    from agent import clock  # noqa: PLC0415
    from agent.evaluation import events_listed, gather  # noqa: PLC0415

    wiring, now = given.wiring(), clock.now()
    wanted = events_listed.Wanted.called(name, wiring.library.controls)
    asked, part = gather.period_of(*period, now)
    with store.read() as conn:
        return events_listed.load(conn, wiring, [wanted], part, now).listed(wanted, part), asked, part


def _occasions(given: Given, name: str, period: tuple[int, int], out: Path | None, *, freeze: bool) -> None:
    """The occasions of a control, or of every control that is performed on the same ones."""
    from agent import clock  # noqa: PLC0415  # brings the store
    from agent.cli.occasions import doubts  # noqa: PLC0415
    from agent.cli.render import line, table  # noqa: PLC0415

    with given.store() as store:
        found, asked, part = _listed(given, store, name, period)
    rows = [(each.id, "" if each.at is None else clock.iso(each.at), each.what) for each in found.occasions]
    if out is not None:
        _write_rows(out, ("id", "occurred_at", "what"), rows)
    kept = freeze_occasions(given, name, period) if freeze else None
    if given.as_json:
        items = [dict(zip(("id", "occurred_at", "what"), each, strict=True)) for each in rows]
        print_json({**found.to_json(), "items": items, "frozen": kept and {"id": kept.id, "entry": kept.seq}})
        return
    table(("id", "occurred", "what"), rows, title=found.query)
    line(f"{len(rows)} occasions from {clock.iso(asked.begins)} until {clock.iso(part.ends)}")
    line(f"hash of the ids: {found.hash}")
    for text in doubts(found, found.doubts):
        line(text)
    if kept is not None:
        line(f"{kept.id} is frozen (ledger entry {kept.seq})")


def _kinds(given: Given) -> None:
    from agent.population_kinds import DEFINITIONS  # noqa: PLC0415
    from checks.library import POPULATIONS  # noqa: PLC0415

    told = [(each.name, each.title, each.query) for each in DEFINITIONS.values()]
    told += [(name, f"{what[0].upper()}{what[1:]}", what) for name, what in POPULATIONS.items()]
    if given.as_json:
        print_json([dict(zip(("population", "title", "query"), each, strict=True)) for each in told])
        return
    from agent.cli.render import table  # noqa: PLC0415

    table(("population", "what"), [each[:2] for each in told])


def _write(path: Path, found: Population) -> None:
    """Write the items as CSV."""
    shown = list(found.definition.shown) or sorted({name for item in found.items for name in item.shown})
    rows = []
    for item in found.items:
        said = item.to_json()
        rows.append([said[name] for name in COLUMNS] + [item.shown.get(name, "") for name in shown])
    _write_rows(path, [*COLUMNS, *(f"shown_{name}" for name in shown)], rows)


def _write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write CSV.  No cell is taken for a formula, and no file is replaced.  Raises OperatorError."""
    from agent.registers.cells import spreadsheet_safe  # noqa: PLC0415

    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([spreadsheet_safe(_cell(cell)) for cell in row] for row in rows)
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
