"""`proofkeep checkpoint`: sign the ledger as it stands and write the checkpoint to the anchor folder."""

from __future__ import annotations

import click

from agent.cli.options import Given, common, print_json
from agent.errors import OperatorError


@click.command()
@click.option("--show", is_flag=True, help="Sign nothing; print the newest checkpoint and the key in force.")
@common
def command(given: Given, show: bool) -> None:
    """Sign the ledger as it stands, write the checkpoint to the anchor folder, and print it with the public key.

    An auditor who keeps the key and a checkpoint can prove later that nothing before it was changed.
    """
    from agent import checkpoints  # noqa: PLC0415  # brings the store

    settings = given.settings()
    with given.store() as store:
        checkpoints.refuse_rollback(store, settings)
        if show:
            note, key = checkpoints.newest(store)
            file = None
        else:
            anchored = checkpoints.anchor(store, settings)
            note, key, file = anchored.note, anchored.verifier_key, str(anchored.file)
    if note is None or key is None:
        message = "nothing is signed yet; run `proofkeep collect` or `proofkeep checkpoint`"
        raise OperatorError(message)
    if given.as_json:
        print_json({"note": note, "verifier_key": key, "file": file})
        return
    click.echo(note, nl=False)
    click.echo()
    click.echo(f"key: {key}")
    if file:
        click.echo(f"written to {file}; keep a copy, and the key, where the agent cannot write")
