"""`proofkeep checkpoint`: sign the ledger as it stands and write the checkpoint to the anchor folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from agent.cli.options import Given, common, print_json
from agent.errors import OperatorError

if TYPE_CHECKING:
    from storage.engine import Store


@click.command()
@click.option("--show", is_flag=True, help="Sign nothing; print the newest checkpoint and the key in force.")
@common
def command(given: Given, show: bool) -> None:
    """Sign the ledger as it stands, write the checkpoint to the anchor folder, and print it with the public key.

    An auditor who keeps the key and a checkpoint can prove later that nothing before it was changed.
    """
    from agent import checkpoints  # noqa: PLC0415  # brings the store

    settings = given.settings()
    file: str | None = None
    with given.store() as store:
        if show:
            note, key = _newest(store)
        else:
            checkpoints.refuse_rollback(store, settings)
            anchored = checkpoints.anchor(store, settings)
            note, key, file = anchored.note, anchored.verifier_key, str(anchored.file)
    if given.as_json:
        print_json({"note": note, "verifier_key": key, "file": file})
        return
    click.echo(note)
    click.echo(f"key: {key}")
    if file:
        click.echo(f"written to {file}; keep a copy of it, and the key, where the agent cannot write")


def _newest(store: Store) -> tuple[str, str]:
    """The newest checkpoint and the public key in force, as the database has them."""
    from storage import ledger  # noqa: PLC0415

    with store.read() as conn:
        note = ledger.newest_checkpoint(conn)
        keys = [str(json.loads(each.entry)["verifier_key"]) for each in ledger.entries(conn) if each.type == "key"]
    if note is None or not keys:
        message = f"{store.where}: nothing is signed yet; run `proofkeep collect` or `proofkeep checkpoint`"
        raise OperatorError(message)
    return note, keys[-1]
