"""Watches the conditions of every target and of the agent itself: reads and keeps their states, queues messages.

The only part of the alert engine that touches the store.  What a run changes is sealed with the run; what happens
outside of runs has a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from agent import clock, waivers
from agent.alerts import wording
from agent.alerts.collection import STALE, Trouble, of_collection, of_trouble
from agent.alerts.conditions import Seen, key_of, of_controls
from agent.alerts.message import Alert
from agent.alerts.routing import WORST_FIRST, routes
from agent.alerts.states import TARGET, State, Subject, decode, encode
from agent.alerts.transitions import (
    SECOND,
    Answer,
    Context,
    Look,
    Rules,
    is_acknowledged,
    snoozed_until,
    step,
)
from agent.config import Settings
from agent.sections import seconds
from agent.wiring import Wiring
from storage import outbox, reads
from storage.canon import dumps
from storage.engine import Store
from storage.rows import Alerts, Message

__all__ = ["Open", "Seen", "Trouble", "Watch", "open_conditions"]

ACK, SNOOZE = "alert-ack", "alert-snooze"
"""Kinds of statement by which people answer to an alert."""

Answers = Mapping[tuple[str, str], Answer]
"""The newest answer of each kind, by kind and condition."""


@dataclass(frozen=True, slots=True)
class Open:
    """One condition that is open now."""

    condition: str
    about: str
    """`controls` or `collection`."""
    control: str
    target: str
    owner: str
    severity: str
    title: str
    since: int
    """Microseconds since the epoch."""
    failing: int
    notified_at: int | None
    """When the receivers were last told; None while that has not happened."""
    acknowledged_by: str
    """Empty while nobody has."""
    snoozed_until: int | None
    """None when that is over."""
    flapping: bool


class Watch:
    """Follows every condition, by the rules of one configuration."""

    def __init__(self, settings: Settings, wiring: Wiring) -> None:
        """Nothing is read yet."""
        self._settings, self._wiring = settings, wiring
        alerting = settings.alerting
        self._rules = Rules(
            reminder=seconds(alerting.reminder) * SECOND if alerting.reminder else None,
            flaps=alerting.flaps,
            settle=seconds(alerting.settle) * SECOND,
        )
        self._owners = {target.name: target.owner for target in settings.targets}

    def of_run(self, store: Store, seen: Seen) -> Alerts:
        """The new states of a target's conditions, and the messages that they are worth, to be sealed with the run.

        Raises StoreError.
        """
        name = seen.target.name
        if self._is_maintained(name, seen.now):
            return Alerts()
        with store.read() as conn:
            known = _states(conn, name)
            answers = _answers(conn) if known else {}
            exceptions = waivers.load(conn)
        owner = self._owners.get(name.partition("/")[0], "")
        looks = of_controls(seen, self._wiring.library, known, exceptions, owner)
        looks |= of_collection(seen, known, owner)
        return self._follow(known, looks, answers, now=seen.now, slot=seen.slot)

    def trouble(self, store: Store, trouble: Trouble, *, failing: bool) -> bool:
        """Note that something outside of runs is wrong, or that it is over; costs one read while nothing changes.

        False while the target's maintenance lasts: nothing was noted, so ask again.  Raises StoreError.
        """
        now = clock.now()
        if trouble.target and self._is_maintained(trouble.target, now):
            return False
        with store.read() as conn:
            alerts = self._of_trouble(conn, trouble, now, failing=failing)
        if alerts.states or alerts.messages:
            with store.operate() as conn:
                outbox.queue(conn, now, self._of_trouble(conn, trouble, now, failing=failing))
        return True

    def notice(self, store: Store, trouble: Trouble, key: str) -> None:
        """Tell of something that happened once and is over.  `key` is unique to it.  Raises StoreError."""
        now = clock.now()
        subject, _ = of_trouble(trouble, None, now=now, failing=True)
        messages = self._messages([wording.notice(subject, trouble.entry(now), key, self._settings.alerting.link)])
        if messages:
            with store.operate() as conn:
                outbox.queue(conn, now, Alerts({}, messages))

    def _of_trouble(self, conn: Connection, trouble: Trouble, now: int, *, failing: bool) -> Alerts:
        """What a look at some trouble changes.  A target that is out of reach is not called silent as well."""
        keys = {trouble.condition, key_of(trouble.target, TARGET)}
        known = _decoded(outbox.states(conn, keys))
        state = known.get(trouble.condition)
        unreachable = known.get(key_of(trouble.target, TARGET))
        if trouble.kind == STALE and failing and unreachable is not None and unreachable.is_open:
            return Alerts()
        if state is None and not failing:
            return Alerts()
        answers = _answers(conn) if state is not None else {}
        looks = {trouble.condition: of_trouble(trouble, state, now=now, failing=failing)}
        return self._follow(known, looks, answers, now=now, slot=now)

    def _follow(
        self,
        known: Mapping[str, State],
        looks: Mapping[str, tuple[Subject, Look]],
        answers: Answers,
        *,
        now: int,
        slot: int,
    ) -> Alerts:
        """Follow each condition by one look."""
        states: dict[str, bytes | None] = {}
        alerts: list[Alert] = []
        for condition, (subject, look) in sorted(looks.items()):
            before = known.get(condition)
            context = Context(
                subject, now, slot, self._rules, answers.get((ACK, condition)), answers.get((SNOOZE, condition))
            )
            found = step(before, look, context)
            if found.state != before:
                states[condition] = encode(found.state) if found.state is not None else None
            told = wording.alert(found, subject, context, self._wiring.checks, self._settings.alerting.link)
            if told is not None:
                alerts.append(told)
        return Alerts(states, self._messages(alerts))

    def _messages(self, alerts: Iterable[Alert]) -> list[Message]:
        """One message for each alert and each receiver that wants it, the worst first."""
        return [
            Message(f"{alert.key}@{route}", route, dumps(alert.to_json()))
            for alert in sorted(alerts, key=lambda one: WORST_FIRST.index(one.severity))
            for route in routes(alert, self._settings.alerts)
        ]

    def _is_maintained(self, target: str, now: int) -> bool:
        moment = clock.to_datetime(now)
        return any(
            window.begins <= moment < window.ends
            and (not window.targets or target in window.targets or target.partition("/")[0] in window.targets)
            for window in self._settings.maintenance
        )


def open_conditions(conn: Connection) -> list[Open]:
    """Every condition that is open now, the worst and then the oldest first."""
    opened = [state for state in _decoded(outbox.states(conn)).values() if state.is_open]
    answers = _answers(conn) if opened else {}
    found = []
    for state in opened:
        subject = state.subject
        ack = answers.get((ACK, subject.condition))
        until = snoozed_until(state, answers.get((SNOOZE, subject.condition)))
        found.append(
            Open(
                condition=subject.condition,
                about=subject.about.value,
                control=subject.control,
                target=subject.target,
                owner=subject.owner,
                severity=subject.severity,
                title=wording.standing(state),
                since=state.since,
                failing=len(state.items),
                notified_at=state.notified_at or None,
                acknowledged_by=ack.by if ack is not None and is_acknowledged(state, ack) else "",
                snoozed_until=until if until is not None and until > clock.now() else None,
                flapping=state.flapping,
            )
        )
    return sorted(found, key=lambda one: (WORST_FIRST.index(one.severity), one.since, one.condition))


def _states(conn: Connection, target: str) -> dict[str, State]:
    """What is known of the conditions of one target."""
    every = outbox.states(conn, prefix=f"{target}:")
    return _decoded({key: kept for key, kept in every.items() if key.rpartition(":")[0] == target})


def _decoded(kept: Mapping[str, bytes]) -> dict[str, State]:
    return {key: state for key, one in kept.items() if (state := decode(one)) is not None}


def _answers(conn: Connection) -> dict[tuple[str, str], Answer]:
    """The newest acknowledgement and the newest snooze of each condition.  One that cannot be read silences nothing."""
    found = {}
    for row in reads.statements(conn, (ACK, SNOOZE)):
        with suppress(ValueError, TypeError, KeyError):
            said = orjson.loads(row.body)
            until = clock.parse(said["until"]) if row.kind == SNOOZE else None
            found[row.kind, said["condition"]] = Answer(row.seq, row.at, said["by"], until)
    return found
