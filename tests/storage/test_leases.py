"""Leases: one holder at a time, across threads and processes, and free again when the holder dies."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.engine import Store, open_store
from storage.errors import LeaseHeld
from storage.leases import lease

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys, time
from storage.engine import open_store
from storage.leases import lease
with open_store(sys.argv[1]) as store, lease(store, "prod"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_second_holder_is_refused(store: Store) -> None:
    """While one has the lease another is refused at once; other names are free; afterwards it is free."""
    with lease(store, "prod"):
        with pytest.raises(LeaseHeld, match="'prod'"), lease(store, "prod"):
            pytest.fail("two holders")
        with lease(store, "lab"):
            pass
    with lease(store, "prod"):
        pass


def test_lease_in_memory() -> None:
    """In memory the lease holds within the process, per store."""
    with open_store("sqlite://", create=True) as store, open_store("sqlite://", create=True) as other:
        with lease(store, "prod"):
            with pytest.raises(LeaseHeld), lease(store, "prod"):
                pytest.fail("two holders")
            with lease(other, "prod"):
                pass
        with lease(store, "prod"):
            pass


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_holder_notices_that_the_server_forgot(store: Store) -> None:
    """When the server ends the session behind a lease, somebody else may have it, and the holder can tell."""
    with lease(store, "prod") as held:
        assert held()
        with store.operate() as conn:
            conn.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks "
                    "WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database "
                    "WHERE datname = current_database())"
                )
            )
        assert not held()
        assert not held()
        with lease(store, "prod") as again:
            assert again()


def test_lease_ends_with_an_error(store: Store) -> None:
    """A failing holder gives the lease back."""
    with pytest.raises(OSError, match="broken"), lease(store, "prod"):
        raise OSError("broken")
    with lease(store, "prod"):
        pass


def test_killed_holder_frees_the_lease(database_url: str, store: Store) -> None:
    """Another process that holds the lease blocks us, and its death by kill -9 frees it."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, database_url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LeaseHeld), lease(store, "prod"):
            pytest.fail("two holders")
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    until = time.monotonic() + 20
    while True:
        try:
            with lease(store, "prod"):
                break
        except LeaseHeld:
            assert time.monotonic() < until
            time.sleep(0.05)
