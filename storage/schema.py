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


def grants(role_app: str, role_reader: str) -> list[str]:
    """Return the PostgreSQL statements that let one role run the agent and another one only read.

    Run them as the owner of the tables, which is the role that runs migrations.  The agent may add evidence
    but neither change nor delete it, and use the job queue, if there is one; the reader sees evidence and views, but
    no pages in flight and no alerts.
    """
    app, reader = (f'"{role.replace(chr(34), chr(34) * 2)}"' for role in (role_app, role_reader))
    evidence = ", ".join(table.name for table in EVIDENCE)
    operational = ", ".join(table.name for table in OPERATIONAL)
    public = ", ".join((*views.NAMES, "alembic_version"))
    return [
        f"GRANT SELECT, INSERT ON {evidence} TO {app}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {operational} TO {app}",
        f"GRANT SELECT ON {public} TO {app}",
        jobs.grants(app),
        f"GRANT SELECT ON {evidence}, {public} TO {reader}",
    ]
