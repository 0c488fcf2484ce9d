"""`proofkeep db`: create or upgrade the database, and say who may do what in it."""

from __future__ import annotations

import click

from agent.cli.options import Given, common, print_json


@click.group()
def command() -> None:
    """Create or upgrade the database, and say who may do what in it."""


@command.command()
@common
def upgrade(given: Given) -> None:
    """Bring the tables to this release's form; make them, and an SQLite file, where there are none.

    On PostgreSQL the job queue of the workers is made too, or renewed, where its library is installed.
    """
    from storage import jobs  # noqa: PLC0415  # brings the database library
    from storage.engine import REVISIONS, masked, parse_url  # noqa: PLC0415
    from storage.engine import upgrade as bring_up  # noqa: PLC0415

    url = given.settings().database.get_secret_value()
    bring_up(url)
    where = masked(parse_url(url))
    if parse_url(url).get_backend_name() == "postgresql" and jobs.is_installed():
        with given.store() as store:
            jobs.prepare(store, renew=True)
    if given.as_json:
        print_json({"database": where, "schema": REVISIONS[-1]})
    else:
        click.echo(f"{where}: schema {REVISIONS[-1]}, current")


@command.command()
@click.option("--app", help="PostgreSQL role of the agent: adds evidence, cannot change or delete it.")
@click.option("--reader", help="PostgreSQL role for auditors' own SQL: sees the public views and no table.")
@click.option("--verifier", help="PostgreSQL role that may also run `proofkeep verify`: reads evidence and views.")
@click.option("--apply", "at_once", is_flag=True, help="Also run them; the database URL must be the owner's.")
@common
def grants(given: Given, app: str | None, reader: str | None, verifier: str | None, at_once: bool) -> None:
    """Print the statements that let PostgreSQL roles, which own no table, work, read or verify.

    Run them as the owner of the tables, after each upgrade: a new table has no grants yet.
    """
    named = [role for role in (app, reader, verifier) if role is not None]
    if not named:
        raise click.UsageError("say which role: --app, --reader or --verifier")
    if len(set(named)) < len(named):
        raise click.UsageError("one role has two uses; make a role for each")
    from storage.schema import grants as statements  # noqa: PLC0415  # brings the database library

    wanted = statements(app, reader, verifier)
    if at_once:
        _apply(given, wanted)
    if given.as_json:
        print_json({"statements": wanted, "applied": at_once})
    else:
        click.echo("".join(f"{statement};\n" for statement in wanted), nl=False)


def _apply(given: Given, statements: list[str]) -> None:
    """Run the statements in one transaction."""
    from sqlalchemy import text  # noqa: PLC0415
    from sqlalchemy.exc import ProgrammingError  # noqa: PLC0415

    from agent.errors import OperatorError  # noqa: PLC0415

    with given.store() as store:
        if store.dialect != "postgresql":
            message = f"{store.where}: an SQLite file has no roles; its grants are the file's permissions"
            raise OperatorError(message)
        try:
            with store.operate() as conn:
                for statement in statements:
                    conn.execute(text(statement.replace(":", r"\:")))
        except ProgrammingError as error:  # what the store has no name for: above all, no such role
            message = f"{store.where}: {str(error.orig).splitlines()[0]}; nothing was granted"
            raise OperatorError(message) from error
