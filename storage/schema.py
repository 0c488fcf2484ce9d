"""The whole schema as SQL: tables, indexes, guards, views, and the grants for roles that own none of it."""

from __future__ import annotations

from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from storage import guards, jobs, views
from storage.tables import EVIDENCE, OPERATIONAL, metadata

_DIALECTS: dict[str, type[Dialect]] = {"sqlite": sqlite.dialect, "postgresql": postgresql.dialect}


def ddl(dialect: str) -> list[str]:
    """Return every statement that makes an empty database into a store, for `sqlite` or `postgresql`."""
    compiler = _DIALECTS[dialect]()
    statements = []
    for table in metadata.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=compiler)).strip())
        statements += [
            str(CreateIndex(index).compile(dialect=compiler))
            for index in sorted(table.indexes, key=lambda index: str(index.name))
        ]
    if dialect == "postgresql":
        # Evidence arrives compressed; a second pass by the server would only cost time.
        statements += [
            "ALTER TABLE blob ALTER data SET STORAGE EXTERNAL",
            "ALTER TABLE volatile ALTER data SET STORAGE EXTERNAL",
        ]
    return statements + guards.ddl(dialect) + views.ddl(dialect)


def grants(app: str | None = None, reader: str | None = None, verifier: str | None = None) -> list[str]:
    """Return the PostgreSQL statements that give roles, which own no table, their rights; three roles for three needs.

    Run them as the owner of the tables, which is the role that runs migrations.  `app` runs the agent: it may add
    evidence but neither change nor delete it, and use the job queue, if there is one.  `reader` sees the public views
    and nothing else: a view reads with the rights of its owner.  `verifier` sees the evidence itself too, as
    `proofkeep verify` needs it, but no pages in flight and no alerts.
    """
    evidence = ", ".join(table.name for table in EVIDENCE)
    operational = ", ".join(table.name for table in OPERATIONAL)
    public = ", ".join(views.NAMES)
    statements = []
    if app is not None:
        statements += [
            f"GRANT SELECT, INSERT ON {evidence} TO {_quoted(app)}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {operational} TO {_quoted(app)}",
            f"GRANT SELECT ON {public}, alembic_version TO {_quoted(app)}",
            jobs.grants(_quoted(app)),
        ]
    if verifier is not None:
        statements.append(f"GRANT SELECT ON {evidence}, {public}, alembic_version TO {_quoted(verifier)}")
    if reader is not None:
        statements += [
            # Earlier releases let this role read the evidence.
            f"REVOKE ALL ON {evidence}, {operational}, alembic_version FROM {_quoted(reader)}",
            f"GRANT SELECT ON {public} TO {_quoted(reader)}",
        ]
    return statements


def _quoted(role: str) -> str:
    """A role's name as SQL takes it, whatever is in it."""
    return f'"{role.replace(chr(34), chr(34) * 2)}"'
