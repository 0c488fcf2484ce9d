"""`proofkeep waive`: approve a dated exception, see all that were ever approved, end one early."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from agent.cli.options import INSTANT, Given, common, print_json
from agent.errors import OperatorError

if TYPE_CHECKING:
    from agent.standing import Finding
    from agent.waivers import Terms, Waiver


@click.group()
def command() -> None:
    """Approve a dated exception; list and revoke exceptions.

    A waived finding still fails and is still shown; it only says that somebody approved that for a time.
    """


@command.command()
@click.argument("control")
@click.option("--target", required=True, help="Name of the one target it is for; * for all.")
@click.option(
    "--resource",
    required=True,
    help="The provider's identifier, whole; each * in it stands for any text, no other sign is special.",
)
@click.option("--reason", required=True, help="Why the finding cannot be fixed for now.")
@click.option("--risk", required=True, help="What may happen meanwhile.")
@click.option("--compensating", default="", help="What makes up for it meanwhile.")
@click.option("--requested-by", required=True, help="Who asks for it.")
@click.option("--approved-by", required=True, help="Who approved it: somebody else.")
@click.option("--approved-at", type=INSTANT, help="When it was approved (ISO 8601, UTC); default: now.")
@click.option("--from", "valid_from", type=INSTANT, help="First moment; default: now.  It never reaches back.")
@click.option(
    "--to",
    "valid_to",
    type=INSTANT,
    help="First moment at which it no longer holds; default: 90 days after --from, at most 365.",
)
@click.option("--dry-run", is_flag=True, help="Show what it would match, and save nothing.")
@click.option("--allow-no-match", is_flag=True, help="Save it although nothing that it speaks of fails now.")
@common
def grant(
    given: Given,
    control: str,
    target: str,
    resource: str,
    reason: str,
    risk: str,
    compensating: str,
    requested_by: str,
    approved_by: str,
    approved_at: int | None,
    valid_from: int | None,
    valid_to: int | None,
    dry_run: bool,
    allow_no_match: bool,
) -> None:
    """Put on record that somebody approved an exception from CONTROL, the id of a control or of one check.

    Prints the failing findings that it matches before it saves anything.  It holds from when it was recorded, approved
    and valid, whichever comes last, until --to; whoever needs it longer has a new one approved.
    """
    from agent import checkpoints, clock, standing, waivers  # noqa: PLC0415  # brings the store

    now = clock.now()
    begins = now if valid_from is None else valid_from
    terms = waivers.Terms(
        control=control,
        target=target,
        resource=resource,
        reason=reason,
        risk=risk,
        compensating=compensating,
        requested_by=requested_by,
        approved_by=approved_by,
        approved_at=now if approved_at is None else approved_at,
        valid_from=begins,
        valid_to=begins + waivers.DEFAULT_DAYS * waivers.DAY if valid_to is None else valid_to,
    )
    wiring = given.wiring()
    terms = waivers.checked(terms, wiring, now)
    with given.store() as store:
        matched = _matched(terms, standing.findings(store, wiring), given, save=not (dry_run or allow_no_match))
        waiver = None
        if not dry_run:
            checkpoints.refuse_rollback(store, given.settings())
            waiver = waivers.grant(store, wiring, terms)
        if given.as_json:
            told = None if waiver is None else waiver.to_json(store.now())
            print_json({"waiver": told, "matches": [each.to_json() for each in matched]})
        else:
            _show_granted(waiver, now)


def _matched(terms: Terms, found: list[Finding], given: Given, *, save: bool) -> list[Finding]:
    """The failing findings that the terms speak of, printed for people.

    When there is none: a warning, or OperatorError if it were to be saved like that.
    """
    from agent.cli.findings import show  # noqa: PLC0415
    from checks.api import Outcome  # noqa: PLC0415

    about = [each for each in found if terms.match(each.check, each.control_ids, each.target, each.resource)]
    failing = [each for each in about if each.outcome is Outcome.FAIL]
    if not failing:
        why = f"none of the {len(about)} findings that it speaks of fails" if about else "it speaks of no finding"
        said = f"{terms.control}, target {terms.target!r}, resource {terms.resource!r}: {why} now"
        if save:
            message = f"{said}; nothing was saved; correct the names, or add --allow-no-match"
            raise OperatorError(message)
        click.echo(f"proofkeep: warning: {said}", err=True)
    elif not given.as_json:
        show(failing)
    return failing


def _show_granted(waiver: Waiver | None, now: int) -> None:
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line  # noqa: PLC0415

    if waiver is None:
        line("Nothing was saved.")
        return
    holds = "holds" if waiver.begins <= max(now, waiver.recorded_at) else "will hold"
    line(
        f"{waiver.id} {holds} from {clock.iso(waiver.begins)} until {clock.iso(waiver.ends)} "
        f"(ledger entry {waiver.seq})."
    )


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that ended or were revoked.")
@common
def list_(given: Given, everything: bool) -> None:
    """Every waiver that holds or will hold; with --all, every one that was ever approved."""
    from agent import waivers  # noqa: PLC0415  # brings the store

    with given.store() as store:
        now = store.now()
        with store.read() as conn:
            granted = waivers.load(conn).all
    over = (waivers.State.ENDED, waivers.State.REVOKED)
    shown = [each for each in granted if everything or each.state(now) not in over]
    if given.as_json:
        print_json([each.to_json(now) for each in shown])
    else:
        _show(shown, now, hidden=len(granted) - len(shown))


def _show(shown: list[Waiver], now: int, *, hidden: int) -> None:
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line, table  # noqa: PLC0415

    columns = ("waiver", "state", "control", "target", "resource", "from", "until", "approved by", "reason", "risk")
    table(
        columns,
        [
            (
                each.id,
                each.state(now),
                each.control,
                each.target,
                each.resource,
                clock.iso(each.begins)[:19] + "Z",
                clock.iso(each.ends)[:19] + "Z",
                f"{each.approved_by} for {each.requested_by}",
                each.reason,
                each.risk,
            )
            for each in shown
        ],
    )
    states = Counter(each.state(now).value for each in shown)
    counted = ", ".join(f"{number} {state}" for state, number in states.items())
    line(
        f"{len(shown)} waivers"
        + (f": {counted}" if counted else "")
        + (f"; {hidden} more ended or were revoked, --all shows them" if hidden else "")
    )


@command.command()
@click.argument("identifier", metavar="ID")
@click.option("--by", required=True, help="Who revokes it.")
@click.option("--reason", required=True, help="Why.")
@common
def revoke(given: Given, identifier: str, by: str, reason: str) -> None:
    """End a waiver now, before its time; it stays on record with what it covered until then.  ID: such as W-0001."""
    from agent import checkpoints, clock, waivers  # noqa: PLC0415  # brings the store

    with given.store() as store:
        checkpoints.refuse_rollback(store, given.settings())
        waiver = waivers.revoke(store, identifier, by, reason)
        now = store.now()
    if given.as_json:
        print_json(waiver.to_json(now))
    else:
        click.echo(f"{waiver.id} is revoked since {clock.iso(waiver.ends)}")
