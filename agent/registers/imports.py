"""Imports of registers: each a statement in the ledger with what makes it reliable, and the exact bytes of its file.

The newest import of a kind is the register from then on; what was known before stays as it was.  Rows are read from
the kept bytes each time, so that nothing stands between the file and the answer.

Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from agent import clock, statements
from agent.errors import OperatorError
from agent.registers import KINDS
from agent.registers.kinds import Event, Row
from agent.registers.parsing import BadRows, Known, format_of, parse
from agent.wiring import Wiring
from checks.criteria import all_criteria
from storage import attachments, reads
from storage.attachments import FILES, Attached, Attachment
from storage.engine import Store
from storage.errors import IntegrityError
from storage.rows import StatementRow

EVENTS = "events"
"""The register of which each import stands for some controls only, since their lists come from different systems."""
KIND = "register"
"""Kind of the statements in the ledger."""
FORM = 1
"""Number of the grammar that a body, and the file below it, is written in."""

_OPTIONS = {
    "source": "--source",
    "query": "--query",
    "parameters": "--parameters",
    "performed_by": "--performed-by",
    "uploaded_by": "the system account",
}
_OPTIONAL = ("query", "parameters")
_FIELDS: dict[str, tuple[type, ...]] = {
    "register": (str,),
    **dict.fromkeys(_OPTIONS, (str,)),
    "counted": (int, type(None)),
    "as_of": (int,),
    "rows": (int,),
    "controls": (list,),
    FILES: (list,),
}
"""Every field of a body, with its types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Where a list comes from and how it was drawn: what makes it information that an auditor can rely on."""

    register: str
    """A kind of `KINDS`."""
    source: str
    """The system of record."""
    performed_by: str
    """Who drew it."""
    uploaded_by: str
    """System account that imported it."""
    as_of: int
    """The moment that it speaks of."""
    query: str = ""
    parameters: str = ""
    """Filters and the like, with which the query was run."""
    counted: int | None = None
    """Rows that the system of record counts itself; None when nobody looked."""
    controls: tuple[str, ...] = ()
    """For `events`: the controls of which it lists every occasion; empty for the other registers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Extract):
    """One import on the record."""

    id: str
    """`R-0001`, counted from the first one that the ledger has."""
    seq: int
    """Ledger entry that holds it."""
    recorded_at: int
    rows: int
    file: Attached

    def to_json(self) -> dict[str, Any]:
        """The public form of `register list --json`."""
        return {
            "id": self.id,
            "register": self.register,
            "source": self.source,
            "query": self.query,
            "parameters": self.parameters,
            "performed_by": self.performed_by,
            "uploaded_by": self.uploaded_by,
            "as_of": clock.iso(self.as_of),
            "recorded_at": clock.iso(self.recorded_at),
            "rows": self.rows,
            "counted": self.counted,
            "controls": list(self.controls),
            "file": {**asdict(self.file), "modified": clock.iso(self.file.modified)},
            "entry": self.seq,
        }


def load(conn: Connection) -> tuple[Import, ...]:
    """All imports, oldest first.  Raises IntegrityError for a statement that this program never writes."""
    return tuple(_read(row, f"R-{number:04d}") for number, row in enumerate(reads.statements(conn, {KIND}), 1))


def in_force(conn: Connection, kind: str, at: int | None = None, control: str = "") -> Import | None:
    """The import that was the register of this kind at a moment, or is now; None before the first.

    With `control`, the newest one that lists the events of that control.
    """
    return newest(load(conn), kind, at, control)


def newest(made: Iterable[Import], kind: str, at: int | None = None, control: str = "") -> Import | None:
    """The one of these imports, oldest first, that was the register of a kind at a moment, or is now."""
    found = [
        each
        for each in made
        if each.register == kind
        and (at is None or each.recorded_at <= at)
        and (not control or control in each.controls)
    ]
    return found[-1] if found else None


def rows(conn: Connection, chosen: Import) -> tuple[Row, ...]:
    """The rows of an import, read from its kept bytes.  Raises IntegrityError when they are not what was imported."""
    (content,) = attachments.contents(conn, [chosen.file])
    try:
        found = parse(chosen.register, chosen.file.name, content)
    except (OperatorError, BadRows) as error:
        raise IntegrityError(f"ledger entry {chosen.seq}: this register cannot be read any more: {error}") from error
    if len(found) != chosen.rows:
        raise IntegrityError(f"ledger entry {chosen.seq}: {len(found)} rows instead of {chosen.rows}")
    return found


def record(store: Store, wiring: Wiring, extract: Extract, file: Attachment) -> Import:
    """Put an import on record.  Raises OperatorError when a rule is broken, BadRows when a row is; then nothing is."""
    said = asdict(extract)
    for name, option in _OPTIONS.items():
        said[name] = statements.one_line(option, said[name], optional=name in _OPTIONAL)
    extract = Extract(**said)
    known = Known(all_criteria(), wiring.library.controls)
    parsed = parse(extract.register, file.name, file.content, known)
    number = len(parsed)
    _refuse_wrong_count(extract.counted, number, file.name)
    _refuse_wrong_controls(extract, parsed, file.name, known)
    with store.read() as conn:
        made = load(conn)
    for control in extract.controls or ("",):
        _refuse_wrong_time(extract.as_of, store.now(), newest(made, extract.register, control=control))
    said |= {"controls": list(extract.controls)}
    seq = attachments.append(store, KIND, {"form": FORM, **said, "rows": number}, [file])
    with store.read() as conn:
        return next(each for each in load(conn) if each.seq == seq)


def _refuse_wrong_count(counted: int | None, number: int, name: str) -> None:
    if counted is not None and counted != number:
        raise OperatorError(f"--rows {counted}: {name} has {number}; export all of them, and count again")
    if not number and counted is None:
        raise OperatorError(f"{name}: has no rows; add --rows 0 when the source has none either")


def _refuse_wrong_controls(extract: Extract, rows: Iterable[Row], name: str, known: Known) -> None:
    """A list of events says of which controls it has every one, so that a control without a row had none."""
    if extract.register != EVENTS:
        if extract.controls:
            raise OperatorError(
                f"--for {extract.controls[0]}: only a list of events is for single controls; leave it out"
            )
        return
    if not extract.controls:
        raise OperatorError("--for: is missing; name each control of which the file lists every event")
    if strange := [each for each in extract.controls if each not in known.controls]:
        raise OperatorError(f"--for {strange[0]!r}: there is no control of that name; `proofkeep catalog` lists all")
    if more := [each.control for each in rows if isinstance(each, Event) and each.control not in extract.controls]:
        raise OperatorError(f"{name}: has events of {more[0]}; add --for {more[0]}, or leave these rows out")


def _refuse_wrong_time(as_of: int, now: int, before: Import | None) -> None:
    if as_of > now:
        raise OperatorError(f"--as-of {clock.iso(as_of)}: lies in the future; write when the list was drawn")
    if as_of < 0:
        raise OperatorError(f"--as-of {clock.iso(as_of)}: lies before 1970; write when the list was drawn")
    if before is not None and as_of < before.as_of:
        raise OperatorError(
            f"--as-of {clock.iso(as_of)}: is older than {before.id}, which speaks of {clock.iso(before.as_of)}; "
            "import a newer list"
        )


def _read(row: StatementRow, id_: str) -> Import:
    """One import from its statement."""
    # The first releases knew no list for single controls.
    said = {"controls": [], **statements.body(row, FORM)}
    statements.expect(row, said, _FIELDS)
    fields: dict[str, Any] = {name: value for name, value in said.items() if name != FILES}
    if fields["register"] not in KINDS:
        raise statements.malformed(row, f"there is no register {fields['register']!r}")
    fields["controls"] = tuple(fields["controls"])
    if bool(fields["controls"]) != (fields["register"] == EVENTS) or not all(
        isinstance(each, str) for each in fields["controls"]
    ):
        raise statements.malformed(row, f"it is for the controls {fields['controls']!r}")
    try:
        (file,) = attachments.attached(said)
        format_of(file.name)
    except (ValueError, OperatorError) as error:
        raise statements.malformed(row, f"its file: {error}") from error
    return Import(**fields, file=file, id=id_, seq=row.seq, recorded_at=row.at)
