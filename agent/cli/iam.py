"""`proofkeep iam`: the least rights that the collectors need."""

from __future__ import annotations

import click

from agent.cli.options import Given, common, print_json


@click.command()
@click.argument("cloud", type=click.Choice(("aws",)))
@common
def command(given: Given, cloud: str) -> None:  # noqa: ARG001  # the one choice there is
    """The least rights that the collectors need, as a policy document for CLOUD.

    Made from what the collectors declare, plug-ins included.
    """
    from agent.catalog import aws_policy  # noqa: PLC0415

    print_json(aws_policy(given.wiring().collectors.values()))
