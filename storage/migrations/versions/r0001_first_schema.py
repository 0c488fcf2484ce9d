"""The first schema: every table, guard and view, as frozen SQL beside this module."""

from __future__ import annotations

from importlib.resources import files

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of this database; an empty line ends each statement."""
    conn = op.get_bind()
    script = files("storage.migrations.versions").joinpath(f"r0001_{conn.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n\n"):
        conn.exec_driver_sql(statement)
