"""`proofkeep db`: create or upgrade the database."""

from __future__ import annotations

import click

from agent.cli.options import Given, common, print_json


@click.group()
def command() -> None:
    """Create or upgrade the database."""


@command.command()
@common
def upgrade(given: Given) -> None:
    """Bring the tables to this release's form; make them, and an SQLite file, where there are none."""
    from storage.engine import REVISIONS, masked, parse_url  # noqa: PLC0415  # brings the database library
    from storage.engine import upgrade as bring_up  # noqa: PLC0415

    url = given.settings().database.get_secret_value()
    bring_up(url)
    where = masked(parse_url(url))
    if given.as_json:
        print_json({"database": where, "schema": REVISIONS[-1]})
    else:
        click.echo(f"{where}: schema {REVISIONS[-1]}, current")
