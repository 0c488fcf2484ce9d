"""`proofkeep doctor`: reach each target and name each missing permission and what it blinds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from agent.cli.options import Given, common, print_json
from agent.errors import Exit

if TYPE_CHECKING:
    from agent.doctor import Examined, Right, Setting


@click.command()
@click.option("--target", "names", multiple=True, help="Only this target; may be given more than once.")
@click.option("--all", "everything", is_flag=True, help="List every permission, also those that are granted.")
@common
def command(given: Given, names: tuple[str, ...], everything: bool) -> int:
    """Reach each target, read it once without keeping anything, and name each missing permission.

    Exit code 3 when something cannot be read, 2 when the configuration is wrong.
    """
    from agent import doctor  # noqa: PLC0415  # brings the store and the SDK
    from agent.cli.render import line, printable  # noqa: PLC0415
    from agent.collect import choose  # noqa: PLC0415

    settings = given.settings()
    wiring = given.wiring()
    targets = choose(settings, names)
    own = list(doctor.settings(settings))
    expanded = [doctor.accounts(target) for target in targets]
    unlisted = [said for _, said in expanded if said]
    examined = [doctor.examine(member, wiring) for members, _ in expanded for member in members]
    if given.as_json:
        print_json(
            {
                "settings": [{"name": each.name, "ok": each.ok, "said": each.said} for each in own],
                "unlisted": unlisted,
                "targets": [each.to_json() for each in examined],
            }
        )
    else:
        _show_settings(own)
        for said in unlisted:
            line(printable(said), style="bold red")
        for each in examined:
            _show(each, everything=everything)
    return _exit_code(own, examined, unlisted)


def _exit_code(own: list[Setting], examined: list[Examined], unlisted: list[str]) -> Exit:
    if not all(each.ok for each in own) or any(each.misconfigured for each in examined):
        return Exit.CONFIGURATION
    if unlisted or any(each.fault or each.missing or each.skewed for each in examined):
        return Exit.EVIDENCE_MISSING
    return Exit.OK


def _show_settings(own: list[Setting]) -> None:
    from agent.cli.render import table  # noqa: PLC0415

    table(("", "", ""), [("ok" if each.ok else "WRONG", each.name, each.said) for each in own])


def _show(each: Examined, *, everything: bool) -> None:
    from agent.cli.render import line, printable, table  # noqa: PLC0415

    if each.identity is None:
        line(printable(f"{each.name}: {each.fault}"), style="bold red")
        return
    line(printable(f"{each.name}: {each.identity.caller}"), style="bold")
    line(
        f"account {each.identity.account}, partition {each.identity.partition}, regions {', '.join(each.regions)}, "
        f"clock {_clock(each)}"
    )
    counts = Counter(right.state.value for right in each.rights)
    line("permissions: " + ", ".join(f"{number} {state}" for state, number in sorted(counts.items())))
    shown = each.rights if everything else each.missing
    if shown:
        table(("permission", "state", "reads", "said", "blinds"), [_row(right) for right in shown])


def _clock(each: Examined) -> str:
    if each.skew is None:
        return "not compared"
    said = f"differs by {each.skew / 1_000_000:.0f} s"
    return f"{said}, so our times prove nothing" if each.skewed else said if each.skew else "agrees"


def _row(right: Right) -> tuple[str, ...]:
    reads = f"{right.failed} of {right.answered + right.failed} failed" if right.failed else str(right.answered)
    blinds = ", ".join(right.blinds) or ("no check" if right.failed else "")
    return right.permission, right.state.value, reads, ", ".join(right.said), blinds
