"""The `proofkeep` command and its list of subcommands, each imported only when it is used."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from agent.errors import Exit

COMMANDS = {
    "demo": "See it work: a loopback account, one run, the control matrix.",
    "doctor": "Reach each target and name each missing permission and what it blinds.",
    "collect": "Read every target once, now, and seal what was found.",
    "run": "The daemon: read each target on schedule, and alert.",
    "worker": "Read for a daemon elsewhere; needs PostgreSQL.",
    "status": "When each target was last read, and how the ledger stands.",
    "controls": "Where each criterion and control stands, now or at a time.",
    "findings": "Every verdict, now or at a time.",
    "waive": "Approve a dated exception; list and revoke exceptions.",
    "attest": "Put manual evidence on record; list and show it.",
    "register": "Import lists that the company keeps: vendors, people, changes, ….",
    "evidence": "From a verdict down to the answer of the provider and its hash.",
    "timeline": "Everything that ever changed about one resource.",
    "gaps": "What should have been read and was not.",
    "population": "Who and what there was at any time in a period, and how complete that is.",
    "sample": "Which items of a frozen population to test, by a draw that anybody can repeat.",
    "period": "How each control operated over a period, with every deviation and gap.",
    "type1": "Whether each control was designed, and in place, at one instant.",
    "seal": "Freeze the evidence of a period; what comes later is told apart.",
    "bridge": "What happened since the last report: data for management's bridge letter, UNAUDITED.",
    "alerts": "What is alerted now; test, acknowledge and snooze.",
    "replay": "Judge stored evidence again and compare with the verdicts then.",
    "verify": "Recompute everything, from the bytes to the checkpoint.",
    "checkpoint": "Sign the ledger as it stands and write the checkpoint to the anchor folder.",
    "catalog": "All checks, collectors, controls and criteria.",
    "iam": "The least rights that the collectors need.",
    "db": "Create or upgrade the database.",
    "config": "The settings: schema and what is in force.",
}


class Lazy(click.Group):
    """A group that imports a subcommand when it is called, so that `--help` stays quick."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The commands in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; `agent/cli/<name>.py` holds it as `command`."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"agent.cli.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand.  A reader that has had enough, as `head` has, is no error.

        Click would end with 1, which is our word for failing controls.
        """
        try:
            answer = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return Exit.OK
        return answer

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415  # takes longer than the rest of --help

        click.echo(f"proofkeep {version('proofkeep')}")
        ctx.exit()


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--version", is_flag=True, callback=_version, expose_value=False, is_eager=True, help="Show the version.")
def cli() -> None:
    """Proofkeep keeps the proof behind a SOC 2 report.

    It reads cloud configuration with read-only rights, judges it against your own controls, and keeps every answer,
    verdict and gap in an append-only, verifiable store.
    """
