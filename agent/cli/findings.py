"""`proofkeep findings`: every verdict, now or at a time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from agent.cli.options import INSTANT, Given, common, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.standing import Finding, Promised
    from agent.wiring import Wiring
    from checks.library import Library
    from storage.engine import Store

OUTCOMES = ("PASS", "FAIL", "UNKNOWN", "ERROR", "NOT_APPLICABLE")


@click.command()
@click.option("--as-of", type=INSTANT, help="The moment to look at (ISO 8601, UTC); default: now.")
@click.option("--check", "checks", multiple=True, help="Only this check; may be given more than once.")
@click.option("--control", help="Only the checks of this control.")
@click.option("--criterion", help="Only the checks that carry this criterion.")
@click.option("--outcome", "outcomes", multiple=True, type=click.Choice(OUTCOMES), help="Only this outcome.")
@click.option("--resource", help="Only resources whose identifier or name contains this.")
@click.option("--target", help="Only this target.")
@common
def command(  # one argument per option
    given: Given,
    as_of: int | None,
    checks: tuple[str, ...],
    control: str | None,
    criterion: str | None,
    outcomes: tuple[str, ...],
    resource: str | None,
    target: str | None,
) -> None:
    """Every verdict, now or as it was known at a time: outcome, resource, reason and since when.

    With --as-of, controls, criteria and exceptions are those that were in force then.
    """
    from agent.standing import findings  # noqa: PLC0415  # brings the store

    wiring = given.wiring()
    with given.store() as store:
        library = promised_at(store, wiring, as_of).library
        known(control, library.controls, "--control")
        for check in checks:
            known(check, checks_of(wiring, library), "--check")
        found = findings(store, wiring, as_of=as_of)
    found = [
        each
        for each in found
        if (not checks or each.check in checks)
        and (control is None or control in each.control_ids)
        and (criterion is None or criterion in each.criteria)
        and (not outcomes or each.outcome in outcomes)
        and (resource is None or resource in each.resource or resource in each.name)
        and (target is None or target == each.target)
    ]
    if given.as_json:
        print_json([each.to_json() for each in found])
    else:
        show(found)


def promised_at(store: Store, wiring: Wiring, as_of: int | None) -> Promised:
    """The control library that a question about a moment is answered by; told on standard error when it stands in."""
    from agent.standing import promised  # noqa: PLC0415

    with store.read() as conn:
        found = promised(conn, wiring, as_of)
    if found.note:
        click.echo(f"proofkeep: {found.note}", err=True)
    return found


def checks_of(wiring: Wiring, library: Library) -> list[str]:
    """The checks that exist, and those that a library of the past names and that exist no more."""
    then = (check for control in library.controls.values() for check in control.checks)
    return list(dict.fromkeys((*wiring.checks, *then)))


def known(value: str | None, all_: Iterable[str], option: str) -> None:
    """Refuse a name that does not exist, with the nearest one that does."""
    from difflib import get_close_matches  # noqa: PLC0415

    names = list(all_)
    if value is not None and value not in names:
        near = get_close_matches(value, names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "; `proofkeep catalog` lists all"
        message = f"{option} {value!r}: there is none of that name{hint}"
        raise click.UsageError(message)


def show(found: list[Finding]) -> None:
    """Print the findings as a table, what fails first, and how many there are of each outcome."""
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line, table  # noqa: PLC0415

    order = {outcome: place for place, outcome in enumerate(("FAIL", "ERROR", "UNKNOWN", "PASS", "NOT_APPLICABLE"))}
    rows = sorted(found, key=lambda each: (order[each.outcome], each.check, each.region, each.name))
    table(
        ("outcome", "check", "resource", "region", "reason", "since"),
        [
            (
                f"{each.outcome} (waived {each.waiver})" if each.waived else each.outcome,
                each.check,
                each.name or each.resource,
                each.region,
                each.reason,
                clock.iso(each.since)[:19] + "Z",
            )
            for each in rows
        ],
    )
    counts = Counter(each.outcome.value for each in found)
    waived = sum(each.waived for each in found)
    line(
        f"{len(found)} findings: "
        + ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES)
        + (f"; {waived} of the FAIL waived" if waived else "")
    )
