"""What questions about a period need: calls in numbers, and views of calls, controls, waivers and populations."""

from __future__ import annotations

from storage.migrations.frozen import run

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables, one index and the views."""
    run("r0003")
