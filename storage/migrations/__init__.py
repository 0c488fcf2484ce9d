"""Alembic revisions; they ship inside the package and need no configuration file."""
