"""`proofkeep run`: the daemon."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from agent.cli.options import Given, common

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.daemon import Daemon

FLUSH = 0.5
"""Seconds in which the last traces may be sent."""


@click.command()
@click.option("--once", is_flag=True, help="Run each slot that is due, deliver alerts, and end.")
@common
def command(given: Given, once: bool) -> int:
    """Read each target in its slots until told to end, and alert when something starts to fail.

    SIGTERM ends it within seconds, SIGHUP reads the settings again.  With --json each log line is JSON.  Exit codes of
    --once are those of `collect`.
    """
    from agent import log  # noqa: PLC0415  # brings structlog
    from agent.daemon import Daemon  # noqa: PLC0415  # brings the store and the SDK

    settings = given.settings()
    logs = settings.log.model_copy(update={"format": "json"}) if given.as_json else settings.log
    log.configure(logs)
    with given.store(create=True) as store:
        daemon = Daemon(given.settings, settings, store)
        _obey(daemon)
        if once:
            return daemon.once()
        with _observed(daemon, settings.daemon.listen):
            return daemon.run()


@contextmanager
def _observed(daemon: Daemon, listen: str) -> Iterator[None]:
    """Serve /healthz, /readyz and /metrics, and send traces, while the block runs."""
    from agent import telemetry  # noqa: PLC0415
    from agent.health import Health  # noqa: PLC0415

    telemetry.configure()
    health = Health(listen, daemon.live, daemon.ready, daemon.metrics.text) if listen else None
    try:
        yield
    finally:
        if health is not None:
            health.close()
        telemetry.shutdown(FLUSH)


def _obey(daemon: Daemon) -> None:
    """Signals only set flags; the daemon looks at them where it may end."""

    def end(_number: int, _frame: Any) -> None:
        daemon.stop.set()

    def reload(_number: int, _frame: Any) -> None:
        daemon.reload()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGHUP, reload)
