"""`proofkeep register`: import lists that the company keeps elsewhere, and show what they say now or said at a time."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.cli.options import INSTANT, Given, common, print_json
from agent.errors import OperatorError
from agent.registers import KINDS

if TYPE_CHECKING:
    from agent.registers.imports import Import
    from agent.registers.kinds import Row

_KIND = click.Choice(tuple(KINDS))


@click.group()
def command() -> None:
    """Import registers: commitments, vendors, incidents, changes, people, approvals, availability, events.

    An import takes the place of the one before it, from then on; nothing that was imported is ever lost.
    """


@command.command("import")
@click.argument("kind", type=_KIND)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", required=True, help="The system of record that it comes from.")
@click.option("--performed-by", required=True, help="Who drew it there.")
@click.option("--query", default="", help="The query or report that drew it.")
@click.option("--parameters", default="", help="Filters and the like that it was drawn with.")
@click.option("--rows", "counted", type=click.IntRange(min=0), help="How many rows the source itself counts.")
@click.option("--as-of", type=INSTANT, help="The moment that it speaks of; default: the last change of the file.")
@click.option("--for", "controls", multiple=True, help="For events: a control of which it has every one; repeatable.")
@common
def import_(
    given: Given,
    kind: str,
    file: Path,
    source: str,
    performed_by: str,
    query: str,
    parameters: str,
    counted: int | None,
    as_of: int | None,
    controls: tuple[str, ...],
) -> None:
    """Import FILE, CSV or JSON in UTF-8, as the register KIND.  When any row is bad, nothing is imported.

    The file is kept for good and to the byte: secrets in it are warned about, not taken out.
    """
    from agent import checkpoints, clock, uploads  # noqa: PLC0415  # brings the store
    from agent.cli.attest import warn_of_secrets  # noqa: PLC0415
    from agent.registers import imports  # noqa: PLC0415
    from agent.registers.parsing import BadRows  # noqa: PLC0415

    read = uploads.read(file, clock.now(), option="FILE", largest=uploads.LARGEST)
    extract = imports.Extract(
        register=kind,
        source=source,
        performed_by=performed_by,
        uploaded_by=uploads.uploader(),
        as_of=read.modified if as_of is None else as_of,
        query=query,
        parameters=parameters,
        counted=counted,
        controls=tuple(dict.fromkeys(controls)),
    )
    with given.store() as store:
        checkpoints.refuse_rollback(store, given.settings())
        with store.read() as conn:
            before = imports.in_force(conn, kind, control=controls[0] if controls else "")
        try:
            made = imports.record(store, given.wiring(), extract, read)
        except BadRows as error:
            for line in error.lines:
                click.echo(f"proofkeep: {line}", err=True)
            message = f"{read.name}: nothing was imported; correct the rows above, and import it again"
            raise OperatorError(message) from error
    warn_of_secrets([read])
    if made.counted is None:
        click.echo(
            f"proofkeep: warning: {made.id} was not counted against its source; give --rows to show that it is "
            "complete",
            err=True,
        )
    if given.as_json:
        print_json(made.to_json())
        return
    replaced = f"; it takes the place of {before.id} ({before.source}, {before.rows} rows)" if before else ""
    named = f" of {', '.join(made.controls)}" if made.controls else ""
    click.echo(f"{made.id} is the register {kind}{named} now (ledger entry {made.seq}): {made.rows} rows{replaced}")


@command.command("list")
@click.option("--kind", type=_KIND, help="Only imports of this register.")
@common
def list_(given: Given, kind: str | None) -> None:
    """Every import there ever was, oldest first."""
    from agent.cli.render import line, table  # noqa: PLC0415
    from agent.registers import imports  # noqa: PLC0415  # brings the store

    with given.store() as store, store.read() as conn:
        found = [each for each in imports.load(conn) if kind in (None, each.register)]
    if given.as_json:
        print_json([each.to_json() for each in found])
        return
    columns = ("id", "register", "source", "rows", "counted", "as of", "recorded", "by", "query", "sha256")
    table(columns, [_summary(each) for each in found])
    counted = ", ".join(f"{number} {name}" for name, number in Counter(each.register for each in found).items())
    line(f"{len(found)} imports" + (f": {counted}" if counted else ""))


def _summary(each: Import) -> tuple[object, ...]:
    from agent import clock  # noqa: PLC0415

    return (
        each.id,
        each.register,
        each.source,
        each.rows,
        "no" if each.counted is None else "yes",
        clock.iso(each.as_of)[:19] + "Z",
        clock.iso(each.recorded_at)[:19] + "Z",
        each.performed_by,
        each.query,
        each.file.sha256[:12],
    )


@command.command()
@click.argument("kind", type=_KIND)
@click.option("--as-of", type=INSTANT, help="As it was known at this moment (ISO 8601, UTC); default: now.")
@click.option("--for", "control", default="", help="For events: the control whose list it is.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV in which no cell is taken for a formula.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write the imported file to, hashed anew.")
@common
def show(given: Given, kind: str, as_of: int | None, control: str, as_csv: bool, out: Path | None) -> None:
    """The rows of the register KIND, with where they come from."""
    from agent import clock, uploads  # noqa: PLC0415  # brings the store
    from agent.cli.render import line, table  # noqa: PLC0415
    from agent.registers import imports  # noqa: PLC0415
    from storage import attachments  # noqa: PLC0415

    with given.store() as store, store.read() as conn:
        chosen = imports.in_force(conn, kind, as_of, control)
        if chosen is None:
            when = "" if as_of is None else f" by {clock.iso(as_of)}"
            message = f"{kind}: nothing was imported{when}; `proofkeep register import {kind} FILE` does"
            raise OperatorError(message)
        rows = imports.rows(conn, chosen)
        contents = attachments.contents(conn, [chosen.file])
    written = [] if out is None else uploads.write(out, chosen.id, [(chosen.file, contents[0])])
    if given.as_json:
        print_json({**chosen.to_json(), "data": [row.model_dump(mode="json") for row in rows]})
        return
    columns, cells = _filled(kind, rows)
    if as_csv:
        _print_csv(columns, cells)
        return
    table(columns, cells)
    line(
        f"{chosen.id}: {chosen.rows} rows from {chosen.source}, as of {clock.iso(chosen.as_of)}, drawn by "
        f"{chosen.performed_by}, recorded {clock.iso(chosen.recorded_at)} (ledger entry {chosen.seq})"
    )
    for path in written:
        line(f"written: {path}")


def _filled(kind: str, rows: tuple[Row, ...]) -> tuple[list[str], list[list[str]]]:
    """The columns in which anything stands, or all when nothing does, and the cells below them as text."""
    from agent.registers.parsing import header  # noqa: PLC0415

    told = [row.model_dump(mode="json") for row in rows]
    columns = [name for name in header(kind) if any(row[name] not in ("", None, []) for row in told)]
    columns = columns or list(header(kind))
    return columns, [[_cell(row[name]) for name in columns] for row in told]


def _cell(value: Any) -> str:
    """A value as it would stand in a file to import."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return f"{value['text']} -> {', '.join(value['controls'])}" if value["controls"] else str(value["text"])
    if isinstance(value, list):
        return "; ".join(map(_cell, value))
    return "" if value is None else str(value)


def _print_csv(columns: list[str], cells: list[list[str]]) -> None:
    from agent.registers.cells import spreadsheet_safe  # noqa: PLC0415

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([spreadsheet_safe(cell) for cell in row] for row in cells)


@command.command()
@click.argument("kind", type=_KIND)
@click.option("--describe", is_flag=True, help="Tell what each column holds, instead.")
def template(kind: str, describe: bool) -> None:
    """Print an empty CSV of the register KIND, to fill in and import."""
    from agent.cli.render import line, table  # noqa: PLC0415
    from agent.registers.kinds import MODELS  # noqa: PLC0415  # pydantic takes long to import

    fields = MODELS[kind].model_fields
    if not describe:
        csv.writer(sys.stdout, lineterminator="\n").writerow(fields)
        return
    line(KINDS[kind])
    table(
        ("column", "needed", "what it holds"),
        [(name, "yes" if field.is_required() else "", field.description) for name, field in fields.items()],
    )
    line("Times are ISO 8601, UTC.  Entries of a list have semicolons between them.  Yes and no are yes and no.")
