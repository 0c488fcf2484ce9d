"""A message that shows that a receiver can be reached, and says clearly that nothing is wrong."""

from __future__ import annotations

from agent.alerts.answer import Answer, Limits
from agent.alerts.delivery import sender
from agent.alerts.message import About, Alert, Change
from agent.sections import AlertRoute
from storage.canon import canonical
from storage.rows import OutboxRow


def send_trial(route: AlertRoute, now: int, limits: Limits | None = None) -> Answer:
    """Send a test message to one receiver at once, past outbox and filters; `now` in microseconds since the epoch."""
    key = f"test/{now}"
    alert = Alert(
        key=key,
        condition="test",
        about=About.COLLECTION,
        change=Change.NOTICE,
        severity="low",
        title=f"TEST: alerts reach the receiver {route.name!r}; nothing is wrong",
        control="",
        also=(),
        criteria=(),
        owner="",
        cloud="",
        target="",
        account="",
        since=now,
        at=now,
        items=(),
        changed=0,
        failing=0,
        remediation=(),
        commands=("proofkeep alerts list",),
        link="",
        note="Somebody typed `proofkeep alerts test`. Nothing has to be done.",
    )
    row = OutboxRow(
        id=0,
        key=f"{key}@{route.name}",
        route=route.name,
        payload=canonical(alert.to_json()),
        created_at=now,
        state="pending",
        attempts=0,
        next_at=now,
        settled_at=None,
        error=None,
    )
    return sender(route, limits or Limits())(row, now)
