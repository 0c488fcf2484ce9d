"""Alerts and daemons: the outbox knows its receivers; watched conditions and signs of life have tables.

No release wrote to the outbox before this one, so it is made anew.
"""

from __future__ import annotations

from storage.migrations.frozen import run

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Replace the outbox and add both tables."""
    run("r0002")
