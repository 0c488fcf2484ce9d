"""Who approved which controls, each in exactly one wording: a changed control needs a new approval.

An approval is a statement in the ledger that names, for each control, the digest of all that the control said.  It
counts from the moment at which it was recorded, and as long as the control says the same.  A control whose file names
who approved it (`approved_by`) needs none.

Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection

from agent import clock, statements
from agent.attest import version_of
from agent.errors import OperatorError
from agent.library import Version
from checks.library import Control, Library
from storage import canon, reads, seal
from storage.engine import Store
from storage.rows import StatementRow

KIND = "control-approval"
"""Kind of the statements in the ledger."""
FORM = 1
"""Number of the grammar that a body is written in."""
THE_FILE = "the control's own file"
"""Where the approval stands when the control itself names who approved it."""

_FIELDS: Mapping[str, tuple[type, ...]] = {
    "by": (str,),
    "reason": (str,),
    "recorded_by": (str,),
    "controls": (dict,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One approval on the record."""

    by: str
    """Who approved."""
    reason: str
    recorded_by: str
    """The system account that recorded it."""
    controls: Mapping[str, str]
    """By control: SHA-256, in hexadecimal, of all that it said (`agent.attest.version_of`)."""
    id: str
    """`A-0001`, counted from the first one that the ledger has."""
    seq: int
    """Ledger entry that holds it."""
    recorded_at: int

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "id": self.id,
            "by": self.by,
            "reason": self.reason,
            "recorded_by": self.recorded_by,
            "recorded_at": clock.iso(self.recorded_at),
            "entry": self.seq,
            "controls": dict(self.controls),
        }


@dataclass(frozen=True, slots=True)
class Approved:
    """Who approved a control as it stands, and where that is written."""

    by: str
    where: str
    """Id of the approval, or `THE_FILE`."""
    at: int | None
    """When it was recorded; None for one in the file, which the version of the library dates."""

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"by": self.by, "where": self.where, "at": clock.iso_or_none(self.at)}


def load(conn: Connection) -> tuple[Approval, ...]:
    """All approvals, oldest first.  Raises IntegrityError for a statement that this program never writes."""
    return tuple(_read(row, f"A-{number:04d}") for number, row in enumerate(reads.statements(conn, {KIND}), 1))


def covers(one: Approval, control: Control) -> bool:
    """Whether an approval is of a control exactly as it stands."""
    return one.controls.get(control.id) == version_of(control)


def of(control: Control, known: Iterable[Approval], at: int) -> Approved | None:
    """Who had approved this very wording of a control by a moment, the newest approval first; None when nobody had."""
    if control.approved_by:
        return Approved(control.approved_by, THE_FILE, None)
    version = version_of(control)
    holding = [each for each in known if each.recorded_at <= at and each.controls.get(control.id) == version]
    return Approved(holding[-1].by, holding[-1].id, holding[-1].recorded_at) if holding else None


def all_of(library: Library, known: Collection[Approval], at: int) -> dict[str, Approved]:
    """Those controls of a library that were approved as they stand in it, by id."""
    found = {name: of(control, known, at) for name, control in library.controls.items()}
    return {name: each for name, each in found.items() if each is not None}


def applied(versions: Iterable[Version], known: Collection[Approval], at: int) -> tuple[Version, ...]:
    """The versions with the approvals of their editorial changes that were on record by a moment.

    Without one such a change splits a period (`agent.library.substantive`).
    """
    return tuple(_applied(each, known, at) for each in versions)


def _applied(version: Version, known: Collection[Approval], at: int) -> Version:
    promised = version.library
    if promised is None:
        return version
    controls = dict(promised.controls)
    for name, control in promised.controls.items():
        approved = of(control, known, at) if control.editorial and not control.approved_by else None
        if approved is not None:
            controls[name] = replace(control, approved_by=approved.by)
    return version if controls == promised.controls else replace(version, library=replace(promised, controls=controls))


def approve(
    store: Store, library: Library, wanted: Collection[str], *, by: str, reason: str, recorded_by: str
) -> Approval | None:
    """Put on record that somebody approved these controls as they stand; None when each was approved already.

    Raises OperatorError when a control does not exist, or nobody is named.
    """
    by = statements.one_line("--by", by)
    reason = statements.one_line("--reason", reason, optional=True)
    for name in wanted:
        if name not in library.controls:
            near = get_close_matches(name, library.controls, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "`proofkeep catalog controls` lists all"
            raise OperatorError(f"CONTROL {name!r}: there is no control of that name; {hint}")
    with store.read() as conn:
        done = all_of(library, load(conn), store.now())
    versions = {name: version_of(library.controls[name]) for name in sorted(set(wanted) - done.keys())}
    if not versions:
        return None
    said = {"form": FORM, "by": by, "reason": reason, "recorded_by": recorded_by, "controls": versions}
    seq = seal.append_statement(store, KIND, canon.canonical(said))
    with store.read() as conn:
        return next(each for each in load(conn) if each.seq == seq)


def _read(row: StatementRow, id_: str) -> Approval:
    said = statements.body(row, FORM)
    statements.expect(row, said, _FIELDS)
    fields: dict[str, Any] = said
    versions = fields["controls"]
    if not fields["by"] or not versions or not all(isinstance(each, str) for each in versions.values()):
        raise statements.malformed(row, "it names nobody, or no version of a control")
    return Approval(**fields, id=id_, seq=row.seq, recorded_at=row.at)
