"""`proofkeep worker`: reads for a daemon elsewhere."""

from __future__ import annotations

import click

from agent.cli.options import Given, common


@click.command()
@click.option("--target", "names", multiple=True, help="Only read this target; may be given more than once.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="Parts of runs that are read at once.",
)
@common
def command(given: Given, names: tuple[str, ...], concurrency: int) -> int:
    """Read for a `proofkeep run` elsewhere, on the same PostgreSQL database, until told to end.

    A worker takes work for the targets of its own settings only, so workers can sit where the credentials are.  It is
    used where the daemon's settings have workers.enabled.  With --json each log line is JSON.
    """
    from agent import collect, log  # noqa: PLC0415  # brings structlog, the store and the SDK
    from agent.wiring import wire  # noqa: PLC0415
    from agent.worker import Worker  # noqa: PLC0415

    settings = given.settings()
    logs = settings.log.model_copy(update={"format": "json"}) if given.as_json else settings.log
    log.configure(logs)
    targets = [target.name for target in collect.choose(settings, names)]
    with given.store() as store:
        return Worker(settings, wire(settings), store, targets=targets, parallel=concurrency).run()
