"""Database triggers that keep evidence append-only, made from one list for both databases.

They stop accidents and careless SQL, not somebody who owns the tables and may drop them; that is what the
signed ledger is for.  `altered` tells a verifier which guards are missing, switched off or rewritten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import UniqueConstraint, text

from storage.tables import EVIDENCE, ledger

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

_FUNCTIONS = {
    "append_only": (
        "BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'restrict_violation'; END"
    ),
    "ledger_dense": (
        "BEGIN IF NEW.seq <> (SELECT COALESCE(MAX(seq) + 1, 0) FROM ledger) THEN "
        "RAISE EXCEPTION 'ledger seq must be dense' USING ERRCODE = 'restrict_violation'; END IF; "
        "RETURN NEW; END"
    ),
}


def expected(dialect: str) -> dict[str, str]:
    """Return every guard by name, as the statement that creates it and as the catalog gives it back."""
    if dialect == "sqlite":
        return {name: statement for table in EVIDENCE for name, statement in _sqlite(table).items()}
    triggers = {name: statement for table in EVIDENCE for name, statement in _postgresql(table).items()}
    triggers["ledger_dense"] = (
        "CREATE TRIGGER ledger_dense BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_dense()"
    )
    return triggers


def ddl(dialect: str) -> list[str]:
    """Return the statements that install all guards, functions first."""
    guards = expected(dialect)
    if dialect == "sqlite":
        return list(guards.values())
    functions = [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$" for name, body in _FUNCTIONS.items()
    ]
    # ALWAYS, so that replication mode does not silently switch a guard off.
    always = [
        f"ALTER TABLE {statement.split(' ON ')[1].split()[0]} ENABLE ALWAYS TRIGGER {name}"
        for name, statement in guards.items()
    ]
    return functions + list(guards.values()) + always


def altered(conn: Connection) -> list[str]:
    """Names of the guards that are missing, disabled or not as this release made them."""
    dialect = conn.dialect.name
    if dialect == "sqlite":
        rows = conn.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        installed = {row.name: row.sql for row in rows}
        return [name for name, statement in expected(dialect).items() if installed.get(name) != statement]
    rows = conn.execute(
        text(
            "SELECT tgname, pg_get_triggerdef(t.oid, true), tgenabled FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE NOT tgisinternal AND n.nspname = current_schema()"
        )
    )
    found = {name: sql for name, sql, enabled in rows if enabled in ("A", b"A")}
    bodies = conn.execute(
        text(
            "SELECT proname, prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
            "WHERE n.nspname = current_schema()"
        )
    )
    sources = {row.proname: row.prosrc for row in bodies}
    return [name for name, statement in expected(dialect).items() if found.get(name) != statement] + [
        f"{name}()" for name, body in _FUNCTIONS.items() if sources.get(name) != body
    ]


def _sqlite(table: Table) -> dict[str, str]:
    """Guards of one table; INSERT OR REPLACE deletes without a DELETE trigger, so inserts are watched."""
    name = table.name
    refusal = f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
    clash = " OR ".join(f"({' AND '.join(f'{column} = NEW.{column}' for column in key)})" for key in _keys(table))
    if table is ledger:
        clash += " OR (NEW.type = 'run' AND type = 'run' AND target_id = NEW.target_id AND slot = NEW.slot)"
    guards = {
        f"{name}_no_update": f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} {refusal}",
        f"{name}_no_delete": f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} {refusal}",
        f"{name}_no_replace": (
            f"CREATE TRIGGER {name}_no_replace BEFORE INSERT ON {name} "  # noqa: S608 - our own names
            f"WHEN EXISTS (SELECT 1 FROM {name} WHERE {clash}) {refusal}"
        ),
    }
    if table is ledger:
        guards["ledger_dense"] = (
            "CREATE TRIGGER ledger_dense BEFORE INSERT ON ledger "
            "WHEN NEW.seq <> (SELECT COALESCE(MAX(seq) + 1, 0) FROM ledger) "
            "BEGIN SELECT RAISE(ABORT, 'ledger seq must be dense'); END"
        )
    return guards


def _postgresql(table: Table) -> dict[str, str]:
    """Guards of one table: no UPDATE, no DELETE, no TRUNCATE."""
    name = table.name
    return {
        f"{name}_append_only": (
            f"CREATE TRIGGER {name}_append_only BEFORE DELETE OR UPDATE ON {name} "
            "FOR EACH ROW EXECUTE FUNCTION append_only()"
        ),
        f"{name}_no_truncate": (
            f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        ),
    }


def _keys(table: Table) -> list[list[str]]:
    """Columns of the primary key and of each unique constraint, in a stable order."""
    unique = sorted(
        [column.name for column in constraint.columns]
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    )
    return [[column.name for column in table.primary_key.columns], *unique]
