"""Runs the frozen SQL of a revision: one file for each database, an empty line ends each statement."""

from __future__ import annotations

from importlib.resources import files

from alembic import op


def run(name: str) -> None:
    """Run `<name>_<database>.sql` from this folder on the migration's connection."""
    conn = op.get_bind()
    script = files("storage.migrations.versions").joinpath(f"{name}_{conn.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").rstrip().split("\n\n"):
        conn.exec_driver_sql(statement)
