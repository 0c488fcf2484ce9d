"""`proofkeep iam`: the least rights that the collectors need."""

from __future__ import annotations

import click

from agent.cli.options import Given, common

MEMBER_ROLE = "ProofkeepRead"
"""What the settings call the role in each account, unless they say otherwise."""


@click.command()
@click.argument("cloud", type=click.Choice(("aws", "azure", "gcp")))
@click.option(
    "--format",
    "form",
    type=click.Choice(("json", "terraform")),
    default="json",
    show_default=True,
    help="json: the policy document, or the custom role with what the directory has to grant.  "
    "terraform: the same, with the role that is assumed or assigned.",
)
@click.option(
    "--organization",
    is_flag=True,
    help="Also list the organization and assume the member role in each of its accounts: for the one account that "
    "has `organization = true`.",
)
@click.option("--member-role", metavar="NAME", help=f"With --organization: `member_role`, if not {MEMBER_ROLE}.")
@click.option(
    "--partition",
    type=click.Choice(("aws", "aws-us-gov", "aws-cn")),
    help="With --organization: where the accounts are, if not in aws.",
)
@common
def command(
    given: Given, cloud: str, form: str, *, organization: bool, member_role: str | None, partition: str | None
) -> None:
    """The least rights that the collectors need, as a policy document for CLOUD.

    Made from what the collectors declare, plug-ins included.
    """
    from agent.catalog import aws_organization  # noqa: PLC0415  # brings every collector
    from agent.roles import CLOUDS  # noqa: PLC0415

    if given.as_json and form != "json":
        message = f"--json and --format {form} ask for two different things"
        raise click.UsageError(message)
    if organization and cloud != "aws":
        message = "--organization is for aws; grant the role above the subscriptions or projects instead"
        raise click.UsageError(message)
    if (member_role or partition) and not organization:
        message = "--member-role and --partition say how an organization is entered; add --organization"
        raise click.UsageError(message)
    written = CLOUDS[cloud]
    rights = written.rights(given.wiring().collectors.values())
    if organization:
        rights["Statement"] += aws_organization(member_role or MEMBER_ROLE, partition or "aws")
    click.echo(written.forms[form].write(rights), nl=False)
