"""The registers that a company imports, as they stood at the evidence cut-off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from agent import clock
from agent.registers import imports
from agent.registers.imports import Import
from agent.registers.kinds import Row


@dataclass(frozen=True, slots=True)
class Register:
    """The rows of a register and the import that they come from."""

    made: Import
    rows: tuple[Row, ...]

    def to_json(self) -> dict[str, Any]:
        """Where the rows come from, as results show it."""
        return {
            "import": self.made.id,
            "entry": self.made.seq,
            "source": self.made.source,
            "as_of": clock.iso(self.made.as_of),
            "rows": self.made.rows,
            "sha256": self.made.file.sha256,
        }


def load(conn: Connection, kind: str, as_of: int) -> Register | None:
    """The register of a kind that was in force by then; None when none was imported.  Raises IntegrityError."""
    made = imports.in_force(conn, kind, as_of)
    return None if made is None else Register(made, imports.rows(conn, made))
