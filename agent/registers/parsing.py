"""From the bytes of a CSV or JSON file to the rows of a register: all of them, or a line for each that is bad."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from agent.errors import OperatorError
from agent.registers.cells import quoted
from agent.registers.kinds import MODELS, Fault, Row

CSV, JSON = "csv", "json"
MOST_ROWS = 200_000
"""Rows of the longest register."""
LISTED = 50
"""Bad rows that are listed; further ones are counted."""


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a row may refer to."""

    criteria: Collection[str]
    controls: Collection[str]


class BadRows(Exception):
    """Some rows cannot be imported, so none is."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        """Keep one line for each bad row: file, line, column, what is wrong and what to do."""
        super().__init__(*lines)
        self.lines = lines


def parse(kind: str, name: str, content: bytes, known: Known | None = None) -> tuple[Row, ...]:
    """The rows of a file.  With `known`, what they refer to must exist.

    `name` is the file's, and its ending says whether it is CSV or JSON.  Raises OperatorError when the file as a whole
    cannot be read, BadRows when rows are bad.
    """
    model, text = MODELS[kind], _decoded(name, content)
    raw = _from_json(name, text) if format_of(name) == JSON else _from_csv(name, text, model)
    rows: list[Row] = []
    bad: list[str] = []
    seen: dict[tuple[object, ...], int] = {}
    for line, cells in raw:
        row, faults = _row(model, cells)
        if row is not None:
            faults += [*row.faults(), *_strangers(row, known)]
            first = seen.setdefault(row.key(), line)
            if first != line:
                faults.append(Fault(model.KEY[0], f"is the same as in line {first}", "keep one of the two rows"))
            rows.append(row)
        if faults:
            more = f" (and {len(faults) - 1} more in this row)" if len(faults) > 1 else ""
            bad.append(f"{name}: line {line}: {faults[0].column}: {faults[0].problem}; {faults[0].fix}{more}")
        if len(rows) > MOST_ROWS:
            raise OperatorError(f"{name}: has more than {MOST_ROWS} rows; import a shorter period")
    if bad:
        hidden = len(bad) - LISTED
        raise BadRows((*bad[:LISTED], *([f"{name}: {hidden} more bad rows are not listed"] if hidden > 0 else [])))
    return tuple(rows)


def format_of(name: str) -> str:
    """`csv` or `json`, by the ending of a file's name.  Raises OperatorError for any other."""
    for known in (CSV, JSON):
        if name.lower().endswith(f".{known}"):
            return known
    raise OperatorError(f"{name}: is neither .csv nor .json; export it as CSV in UTF-8")


def header(kind: str) -> tuple[str, ...]:
    """The columns of a register, in order."""
    return tuple(MODELS[kind].model_fields)


def _decoded(name: str, content: bytes) -> str:
    """The text of a file; a byte order mark is dropped."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise OperatorError(f"{name}: line {line}: is not UTF-8; export it as CSV or JSON in UTF-8") from error


def _from_csv(name: str, text: str, model: type[Row]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line and cells of each row; empty cells are left out, and so are empty lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise OperatorError(f"{name}: line {line}: is no CSV ({error}); export it anew, with commas") from error
        if cells is None:
            break
        if not any(cell.strip() for cell in cells):
            continue
        if not columns:
            columns = _columns(name, line, cells, model)
        elif len(cells) != len(columns):
            yield line, {"": f"has {len(cells)} cells below {len(columns)} columns"}
        else:
            yield line, {column: cell for column, cell in zip(columns, cells, strict=True) if cell.strip()}
    if not columns:
        raise OperatorError(f"{name}: is empty; its first line names the columns: {', '.join(model.model_fields)}")


def _columns(name: str, line: int, cells: list[str], model: type[Row]) -> list[str]:
    """The columns that the first line names."""
    columns, known = [cell.strip().lower() for cell in cells], model.model_fields
    place = f"{name}: line {line}"
    if len(columns) == 1 and set(columns[0]) & set(";\t|"):
        raise OperatorError(f"{place}: its columns are not divided by commas; export it with commas")
    for column in columns:
        if column not in known:
            near = get_close_matches(column, known, n=1)
            fix = f"did you mean {near[0]}?" if near else f"use {', '.join(known)}"
            raise OperatorError(f"{place}: {quoted(column)}: is no column of this register; {fix}")
        if columns.count(column) > 1:
            raise OperatorError(f"{place}: {column}: is there twice; keep one of the two")
    for column, field in known.items():
        if field.is_required() and column not in columns:
            raise OperatorError(f"{place}: {column}: is missing; add the column ({field.description})")
    return columns


def _from_json(name: str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line and values of each object of a list; null and empty texts are left out."""
    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_number)
    place, line, counted = _skip(text, 0), 1, 0
    if text[place : place + 1] != "[":
        raise OperatorError(f"{name}: is no list; write [{{…}}, {{…}}], one object a row")
    place, first = _skip(text, place + 1), True
    while text[place : place + 1] != "]":
        if not first:
            if text[place : place + 1] != ",":
                raise _no_json(name, text, place, "a comma or ] is missing")
            place = _skip(text, place + 1)
        first = False
        line, counted = line + text.count("\n", counted, place), place
        try:
            value, end = decoder.raw_decode(text, place)
        except json.JSONDecodeError as error:
            raise _no_json(name, text, error.pos, error.msg) from error
        except (ValueError, RecursionError) as error:
            raise _no_json(name, text, place, str(error)) from error
        place = _skip(text, end)
        if isinstance(value, dict):
            yield line, {key: cell for key, cell in value.items() if cell is not None and cell != ""}
        else:
            yield line, {"": f"{quoted(value)} is no object"}
    if text[_skip(text, place + 1) :]:
        raise _no_json(name, text, _skip(text, place + 1), "something stands behind the list")


def _no_json(name: str, text: str, place: int, why: str) -> OperatorError:
    line = text.count("\n", 0, place) + 1
    return OperatorError(f"{name}: line {line}: is no JSON ({why}); export it anew")


def _skip(text: str, place: int) -> int:
    """The place of the next sign that is no white space."""
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object names one column twice")
    return found


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON")


def _row(model: type[Row], cells: Mapping[str, Any]) -> tuple[Row | None, list[Fault]]:
    """The row, or what is wrong with its cells."""
    if "" in cells:
        return None, [Fault("the row", str(cells[""]), "give each column one cell")]
    try:
        return model.model_validate(cells), []
    except ValidationError as error:
        return None, [_fault(each, model) for each in error.errors(include_url=False)]


def _fault(error: ErrorDetails, model: type[Row]) -> Fault:
    """What the model says about one cell, in our words."""
    column = str(error["loc"][0]) if error["loc"] else "the row"
    match error["type"]:
        case "missing":
            return Fault(column, "is empty", "fill it in")
        case "extra_forbidden":
            return Fault(quoted(column), "is no column of this register", f"use {', '.join(model.model_fields)}")
        case "literal_error":
            allowed = str(error["ctx"]["expected"])
            return Fault(column, f"{quoted(error['input'])} is no value of this column", f"use {allowed}")
        case "value_error":
            problem, _, fix = str(error["ctx"]["error"]).rpartition("; ")
            return Fault(column, problem, fix)
        case _:
            return Fault(column, f"{quoted(error['input'])} does not fit: {error['msg']}", "correct it")


def _strangers(row: Row, known: Known | None) -> Iterator[Fault]:
    """What the row refers to and nobody knows."""
    if known is None:
        return
    for what, named, names in (
        ("criterion", row.criteria_named(), known.criteria),
        ("control", row.controls_named(), known.controls),
    ):
        for column, name in named:
            if name not in names:
                near = get_close_matches(name, names, n=1)
                yield Fault(
                    column,
                    f"there is no {what} {quoted(name)}",
                    f"did you mean {near[0]}?" if near else "correct or remove it",
                )
