"""The first schema: every table, guard and view."""

from __future__ import annotations

from storage.migrations.frozen import run

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    run("r0001")
