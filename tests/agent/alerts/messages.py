"""Alerts and receivers to test with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from agent.alerts.answer import Limits
from agent.alerts.delivery import Delivered
from agent.alerts.message import About, Alert, Change, Item, Mark
from agent.sections import AlertRoute
from storage import outbox
from storage.canon import canonical
from storage.engine import Store
from storage.rows import Alerts, Message, OutboxRow
from tests.conftest import JANUARY

SECRET = "hunter2-key-of-the-hook"
"""Never to be seen anywhere but in a signature."""

QUICK = Limits(connect=0.5, read=0.8)
"""For receivers that keep us waiting."""

BUCKET = Item(
    name="arn:aws:s3:::ledger",
    label="ledger",
    region="eu-west-1",
    check="exposure.object_store_public",
    reason="anybody can read it",
    since=JANUARY,
    mark=Mark.NEW,
)
OPENED = Alert(
    key="controls/prod/AC-09/1",
    condition="controls/prod/AC-09",
    about=About.CONTROLS,
    change=Change.OPENED,
    severity="high",
    title="AC-09 Object stores are private: 1 finding started to fail",
    control="AC-09",
    also=("AC-10",),
    criteria=("CC6.1", "CC6.6"),
    owner="Platform",
    cloud="aws",
    target="prod",
    account="123456789012",
    since=JANUARY,
    at=JANUARY,
    items=(BUCKET,),
    changed=1,
    failing=1,
    remediation=("Turn on block public access.",),
    commands=("proofkeep evidence --control AC-09 --resource arn:aws:s3:::ledger",),
    link="",
    note="",
)


def alert(number: int = 1, **fields: Any) -> Alert:
    """The alert above as event `number` of its condition, with other values."""
    return replace(OPENED, key=f"controls/prod/AC-09/{number}", **fields)


def hook(url: str, name: str = "hook", **filters: Any) -> AlertRoute:
    """A webhook."""
    return AlertRoute(name=name, webhook=SecretStr(url), secret=SecretStr(SECRET), **filters)


def mail(url: str, name: str = "mail", **filters: Any) -> AlertRoute:
    """A service behind an Apprise address."""
    return AlertRoute(name=name, url=SecretStr(url), **filters)


def message(route: str, one: Alert) -> Message:
    """The alert on its way to one receiver."""
    return Message(f"{one.key}@{route}", route, canonical(one.to_json()))


def queue(store: Store, route: str, *numbers: int) -> None:
    """Put these alerts into the outbox for one receiver."""
    with store.operate() as conn:
        outbox.queue(conn, store.now(), Alerts(messages=[message(route, alert(number)) for number in numbers]))


def row(one: Alert = OPENED, route: str = "hook", **fields: Any) -> OutboxRow:
    """The alert as the outbox holds it."""
    sent = message(route, one)
    given = OutboxRow(
        id=1,
        key=sent.key,
        route=route,
        payload=sent.payload,
        created_at=JANUARY,
        state="pending",
        attempts=0,
        next_at=JANUARY,
        settled_at=None,
        error=None,
    )
    return replace(given, **fields)


def expected(route: str, *numbers: int) -> list[str]:
    """Keys of these alerts."""
    return [f"controls/prod/AC-09/{number}@{route}" for number in numbers]


def left(store: Store) -> dict[str, OutboxRow]:
    """What is pending or was given up."""
    with store.read() as conn:
        return {one.key: one for one in outbox.waiting(conn)}


def counts(store: Store) -> dict[tuple[str, str], int]:
    """Messages by receiver and state."""
    with store.read() as conn:
        return outbox.counts(conn)


def numbers(done: Delivered) -> tuple[int, int, int]:
    """Sent, retried, parked."""
    return done.sent, done.retried, done.parked
