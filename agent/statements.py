"""The grammar of what people put on record: texts in one line, exact fields, a numbered form."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from agent.errors import OperatorError
from storage import canon
from storage.errors import IntegrityError, NotEncodable
from storage.rows import StatementRow


def one_line(option: str, text: str, *, optional: bool = False) -> str:
    """The text in one line.  Raises OperatorError when nothing is left of it, or something that no terminal shows."""
    folded = " ".join(text.split())
    if not (folded or optional):
        raise OperatorError(f"{option}: is empty; write a name or a sentence")
    if not folded.isprintable():
        raise OperatorError(f"{option} {folded!r}: has a control character; write plain text")
    return folded


def same_person(one: str, other: str) -> bool:
    """Whether two names are one, whatever their case and spaces."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def body(row: StatementRow, form: int) -> dict[str, object]:
    """What a statement says, without the number of its form.  Raises IntegrityError when it has another form."""
    try:
        said = canon.parse_canonical(row.body)
    except NotEncodable as error:
        raise malformed(row, str(error)) from error
    found = said.pop("form", None)
    if type(found) is not int or found != form:
        raise malformed(row, f"its form is {found!r}, and this release writes {form}")
    return said


def expect(row: StatementRow, said: Mapping[str, object], fields: Mapping[str, Collection[type]]) -> None:
    """Raise IntegrityError unless `said` has exactly these fields, each of one of its types, texts in one line."""
    if said.keys() != fields.keys():
        raise malformed(row, f"it has the fields {', '.join(sorted(said))}")
    for name, types in fields.items():
        value = said[name]
        if type(value) not in types:
            raise malformed(row, f"{name} is {value!r}")
        if isinstance(value, str) and (value != " ".join(value.split()) or not value.isprintable()):
            raise malformed(row, f"{name} is no single line")


def malformed(row: StatementRow, why: str) -> IntegrityError:
    """The error for a statement that this program never writes."""
    return IntegrityError(f"ledger entry {row.seq}: this {row.kind} statement is none that proofkeep writes: {why}")
