"""The database around the evidence: its file and indexes, the guards, the views that auditors query."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

from agent.verification.inspection import Inspection
from storage import guards, views
from storage.engine import Store
from storage.errors import StoreReadOnly
from storage.tables import metadata

_PROBE = "proofkeep_verify_probe"


def check_database(inspection: Inspection) -> None:
    """Look at the file itself, its indexes, and the guards that keep evidence append-only.

    The views of a PostgreSQL database are left to `check_parsed_views`.
    """
    conn = inspection.conn
    inspection.progress("database", 0, 1)
    for name in guards.altered(conn):
        inspection.add(f"guard {name}", "this append-only guard is missing, switched off or rewritten")
    for name, table in _foreign_triggers(conn):
        inspection.add(f"trigger {name}", f"not one of ours: it can change what is written to {table}")
    if conn.dialect.name == "sqlite":
        for (said,) in conn.execute(text("PRAGMA integrity_check")):
            if said != "ok":
                inspection.add("database", f"integrity check: {said}")
        query = text("SELECT name, sql FROM sqlite_master WHERE type = 'view'")
        kept = {row.name: row.sql for row in conn.execute(query)}
        _compare_views(inspection, kept, dict(zip(views.NAMES, views.ddl("sqlite"), strict=True)))
    else:
        # Tables are read as they lie, so that a rewritten index cannot hide a row.
        for scan in ("indexscan", "indexonlyscan", "bitmapscan"):
            conn.execute(text(f"SET LOCAL enable_{scan} = off"))
    inspection.progress("database", 1, 1)


def check_parsed_views(inspection: Inspection, store: Store) -> None:
    """Compare the views of a PostgreSQL database with ours.

    PostgreSQL keeps a view parsed, so ours are made anew as temporary ones, compared and dropped.
    """
    try:
        with store.operate() as conn:
            kept, ours = _parsed_views(conn)
    except StoreReadOnly:
        inspection.unchecked.append("the views: this role may not make temporary ones to compare them with")
    else:
        _compare_views(inspection, kept, ours)


def _compare_views(inspection: Inspection, kept: Mapping[str, str], ours: Mapping[str, str]) -> None:
    """Auditors query views, so a rewritten one could hide what the tables hold."""
    for name in views.NAMES:
        if kept.get(name) != ours[name]:
            inspection.add(f"view {name}", "it is missing or not as this release made it")


def _parsed_views(conn: Connection) -> tuple[dict[str, str], dict[str, str]]:
    """Definitions of the views as PostgreSQL holds them, and as it would hold ours; nothing is left behind."""
    query = text("SELECT viewname, definition FROM pg_views WHERE schemaname = current_schema()")
    kept = {row.viewname: row.definition for row in conn.execute(query)}
    ours = {}
    trial = conn.begin_nested()
    for name, statement in zip(views.NAMES, views.ddl("postgresql"), strict=True):
        head, body = statement.split("\n", 1)
        conn.exec_driver_sql(f"{head.replace(f'VIEW {name} AS', f'TEMPORARY VIEW {_PROBE} AS')}\n{body}")
        ours[name] = str(conn.execute(text(f"SELECT pg_get_viewdef('{_PROBE}'::regclass)")).scalar_one())
        conn.execute(text(f"DROP VIEW {_PROBE}"))
    trial.rollback()
    return kept, ours


def _foreign_triggers(conn: Connection) -> list[tuple[str, str]]:
    """(name, table) of every trigger or rule on our tables that this release did not make."""
    if conn.dialect.name == "sqlite":
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = (
            "SELECT tgname, relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE NOT tgisinternal AND n.nspname = current_schema() "
            "UNION ALL SELECT rulename, tablename FROM pg_rules WHERE schemaname = current_schema()"
        )
    ours = guards.expected(conn.dialect.name)
    found = [(str(name), str(table)) for name, table in conn.execute(text(query))]
    return [(name, table) for name, table in found if name not in ours and table in metadata.tables]
