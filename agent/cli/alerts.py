"""`proofkeep alerts`: what is alerted now, who could be told, and what people say to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from agent.cli.options import INSTANT, Given, common, print_json
from agent.errors import Exit, OperatorError

if TYPE_CHECKING:
    from agent.alerts.watch import Open
    from agent.sections import AlertRoute
    from storage.engine import Store
    from storage.rows import OutboxRow


@click.group()
def command() -> None:
    """What is alerted now; test, acknowledge and snooze."""


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="List each message that waits, too.")
@common
def list_(given: Given, everything: bool) -> None:
    """Conditions that are alerted now, and the messages that wait or were given up.

    A message that its receiver refused for good is given up; `proofkeep alerts retry` sends it again.
    """
    from agent.alerts.watch import open_conditions  # noqa: PLC0415  # brings the store
    from storage import outbox  # noqa: PLC0415

    with given.store() as store, store.read() as conn:
        opened, waiting = open_conditions(conn), outbox.waiting(conn)
    if given.as_json:
        print_json(
            {
                "conditions": [_condition_json(each) for each in opened],
                "messages": [_message_json(row) for row in waiting],
            }
        )
    else:
        _show(opened, waiting, everything=everything)


@command.command()
@click.option("--route", "name", help="Only this receiver.")
@common
def test(given: Given, name: str | None) -> int:
    """Send a test message to each receiver now, and say who took it.

    It goes past the filters and the queue.  Exit code 2 when a receiver did not take it.
    """
    from agent import clock  # noqa: PLC0415
    from agent.alerts.trial import send_trial  # noqa: PLC0415  # brings the store

    answers = {route.name: send_trial(route, clock.now()) for route in _routes(given, name)}
    if given.as_json:
        print_json([{"route": route, "ok": not said.error, "error": said.error} for route, said in answers.items()])
    else:
        from agent.cli.render import table  # noqa: PLC0415

        table(
            ("receiver", "", ""),
            [(route, "FAILED" if said.error else "ok", said.error) for route, said in answers.items()],
        )
    return Exit.CONFIGURATION if any(said.error for said in answers.values()) else Exit.OK


@command.command()
@click.argument("condition")
@click.option("--by", required=True, help="Who acknowledges.")
@click.option("--note", required=True, help="What is being done about it.")
@common
def ack(given: Given, condition: str, by: str, note: str) -> None:
    """Acknowledge CONDITION: no reminders until it recovers; that it got worse is still told.

    CONDITION is the name that the alert and `alerts list` give, or its unique beginning.  Who said so and why is kept
    in the ledger.
    """
    from storage.seal import append_statement  # noqa: PLC0415  # brings the database library

    with given.store() as store:
        name = _named(store, condition)
        body = _body(condition=name, by=by, note=note)
        entry = append_statement(store, "alert-ack", body)
    _confirm(given, entry, name, "acknowledged")


@command.command()
@click.argument("condition")
@click.option("--until", type=INSTANT, help="Until this moment (ISO 8601, UTC).")
@click.option("--for", "period", help="For this long from now: a number with s, m, h or d, such as 8h.")
@click.option("--by", required=True, help="Who asks for it.")
@click.option("--note", required=True, help="Why.")
@common
def snooze(given: Given, condition: str, until: int | None, period: str | None, by: str, note: str) -> None:
    """Be silent about CONDITION for a while: only that it recovered is told before.

    What still fails then is told once more.  Who said so and why is kept in the ledger.
    """
    from agent import clock  # noqa: PLC0415
    from storage.seal import append_statement  # noqa: PLC0415  # brings the database library

    end = _end(until, period)
    with given.store() as store:
        name = _named(store, condition)
        body = _body(condition=name, by=by, note=note, until=clock.iso(end))
        entry = append_statement(store, "alert-snooze", body)
    _confirm(given, entry, name, f"snoozed until {clock.iso(end)}")


@command.command()
@click.option("--route", "name", help="Only messages to this receiver.")
@common
def retry(given: Given, name: str | None) -> None:
    """Send again what was given up, once the receiver is mended: the messages wait in their old order."""
    from storage import outbox  # noqa: PLC0415  # brings the database library

    if name is not None:
        _routes(given, name)
    with given.store() as store, store.operate() as conn:
        number = outbox.requeue(conn, store.now(), name)
    if given.as_json:
        print_json({"requeued": number})
    else:
        click.echo(f"{number} {'message waits' if number == 1 else 'messages wait'} to be sent again")


def _routes(given: Given, name: str | None) -> list[AlertRoute]:
    """The receivers of the configuration, or the one of that name."""
    from agent.cli.findings import known  # noqa: PLC0415

    routes = given.settings().alerts
    if not routes:
        message = "no receiver of alerts is configured; add a table [[alerts]] to the settings"
        raise OperatorError(message)
    known(name, (route.name for route in routes), "--route")
    return [route for route in routes if name in (None, route.name)]


def _named(store: Store, given: str) -> str:
    """The condition that is meant: its name, or a beginning that no other has."""
    from difflib import get_close_matches  # noqa: PLC0415

    from agent.alerts.watch import open_conditions  # noqa: PLC0415
    from agent.cli.render import printable  # noqa: PLC0415

    with store.read() as conn:
        names = [each.condition for each in open_conditions(conn)]
    if given in names:
        return given
    found = [name for name in names if given and name.startswith(given)]
    if len(found) == 1:
        return found[0]
    if found:
        said = f"{len(found)} open conditions begin so: {', '.join(found[:5])}"
    else:
        near = get_close_matches(given, names, n=3, cutoff=0.4)
        said = "no open condition has that name; " + (
            f"did you mean {' or '.join(map(repr, near))}?" if near else "`proofkeep alerts list` shows all"
        )
    raise OperatorError(printable(f"CONDITION {given!r}: {said}"))


def _end(until: int | None, period: str | None) -> int:
    """When the silence ends."""
    from agent import clock  # noqa: PLC0415
    from agent.sections import seconds  # noqa: PLC0415

    if (until is None) == (period is None):
        message = "give either --until or --for"
        raise click.UsageError(message)
    now = clock.now()
    if period is not None:
        try:
            return now + seconds(period) * 1_000_000
        except ValueError as error:
            message = f"--for: {error}"
            raise click.UsageError(message) from error
    if until is None or until <= now:
        message = f"--until: that moment has passed; it is {clock.iso(now)} now"
        raise click.UsageError(message)
    return until


def _body(**said: str) -> bytes:
    from storage.canon import canonical  # noqa: PLC0415

    for name in ("by", "note"):
        if not said[name].strip():
            message = f"--{name} is empty; the ledger keeps who said so and why"
            raise click.UsageError(message)
    return canonical(said)


def _confirm(given: Given, entry: int, condition: str, what: str) -> None:
    from agent.cli.render import line  # noqa: PLC0415

    if given.as_json:
        print_json({"entry": entry, "condition": condition})
    else:
        line(f"{condition}: {what} (ledger entry {entry})")


def _condition_json(each: Open) -> dict[str, Any]:
    from agent import clock  # noqa: PLC0415

    return {
        "condition": each.condition,
        "about": each.about,
        "severity": each.severity,
        "control": each.control,
        "target": each.target,
        "owner": each.owner,
        "title": each.title,
        "since": clock.iso(each.since),
        "failing": each.failing,
        "last_told": clock.iso_or_none(each.notified_at),
        "acknowledged_by": each.acknowledged_by,
        "snoozed_until": clock.iso_or_none(each.snoozed_until),
        "flapping": each.flapping,
    }


def _message_json(row: OutboxRow) -> dict[str, Any]:
    from agent import clock  # noqa: PLC0415

    return {
        "key": row.key,
        "route": row.route,
        "state": row.state,
        "written": clock.iso(row.created_at),
        "attempts": row.attempts,
        "next_attempt": clock.iso(row.next_at) if row.state == "pending" else None,
        "given_up": clock.iso_or_none(row.settled_at),
        "error": row.error or "",
    }


def _show(opened: Sequence[Open], waiting: Sequence[OutboxRow], *, everything: bool) -> None:
    from agent.cli.render import line, printable, table  # noqa: PLC0415

    if opened:
        table(
            ("severity", "condition", "control", "target", "since", "failing", "last told", "quiet", "title"),
            [
                (
                    each.severity,
                    each.condition,
                    each.control,
                    each.target,
                    _time(each.since),
                    each.failing,
                    _time(each.notified_at),
                    _quiet(each),
                    each.title,
                )
                for each in opened
            ],
        )
    line(f"{len(opened)} {'condition is' if len(opened) == 1 else 'conditions are'} open")
    for route in dict.fromkeys(row.route for row in waiting):
        own = [row for row in waiting if row.route == route]
        pending, parked = ([row for row in own if row.state == state] for state in ("pending", "failed"))
        if pending:
            why = f", last: {pending[0].error}" if pending[0].error else ""
            line(printable(f"{route}: {len(pending)} to be sent, the first {_attempts(pending[0])}{why}"))
        if parked:
            line(printable(f"{route}: {len(parked)} given up, last: {parked[-1].error}"), style="bold red")
    if everything and waiting:
        table(
            ("receiver", "message", "state", "written", "attempts", "next attempt", "error"),
            [
                (
                    row.route,
                    row.key,
                    "given up" if row.state == "failed" else "to be sent",
                    _time(row.created_at),
                    row.attempts,
                    _time(row.next_at) if row.state == "pending" else "",
                    row.error or "",
                )
                for row in waiting
            ],
        )


def _quiet(each: Open) -> str:
    """Why nothing is told at the moment."""
    said = []
    if each.acknowledged_by:
        said.append(f"acknowledged by {each.acknowledged_by}")
    if each.snoozed_until is not None:
        said.append(f"until {_time(each.snoozed_until)}")
    if each.flapping:
        said.append("comes and goes")
    return ", ".join(said)


def _attempts(row: OutboxRow) -> str:
    if not row.attempts:
        return "not tried yet"
    times = "once" if row.attempts == 1 else f"{row.attempts} times"
    return f"tried {times}, again at {_time(row.next_at)}"


def _time(micros: int | None) -> str:
    from agent import clock  # noqa: PLC0415

    return "" if micros is None else clock.iso(micros)[:19] + "Z"
