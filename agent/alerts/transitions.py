"""What one more look at a condition changes, and whether anybody is told.  Pure: no clock, no database.

A condition is open while anything fails.  What the receivers know of it is kept beside that, so that a silence, for
whatever reason, ends with exactly the difference being told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from agent.alerts.message import Change, Mark
from agent.alerts.routing import WORST_FIRST
from agent.alerts.states import Entry, State, Subject

SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a condition showed.

    An item that is nowhere in it could not be looked at and stays as it was: that neither opens nor ends anything.
    """

    failing: Mapping[str, Entry] = field(default_factory=dict)
    waived: Mapping[str, Entry] = field(default_factory=dict)
    """Failing, or last known to fail, under an approved exception."""
    ended: Mapping[str, str] = field(default_factory=dict)
    """Why an item does not fail any more."""
    pending: Mapping[str, Entry] = field(default_factory=dict)
    """All that fails but is not worth a message yet."""
    stage: int = 0
    """Rises when a condition is told again for having lasted."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered to an alert: an acknowledgement, or with `until` a snooze."""

    seq: int
    at: int
    by: str
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """When a condition is worth a message; intervals in microseconds."""

    reminder: int | None
    flaps: int
    settle: int


@dataclass(frozen=True, slots=True)
class Context:
    """What a step depends on beside the look itself."""

    subject: Subject
    now: int
    slot: int
    """The slot of the run, or `now` outside of runs: reminders count in slots, so that none is late by a jitter."""
    rules: Rules
    ack: Answer | None = None
    snooze: Answer | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The condition after a look, and the message that it is worth."""

    state: State | None
    """None: there is nothing to remember."""
    change: Change | None
    """None: nobody is told."""
    marks: Mapping[str, Mark]
    entries: Mapping[str, Entry]
    """What the message names, with the marks of the same keys."""
    failing: int
    unseen: int
    """How many of these could not be looked at and are as last known."""
    since: int
    number: int
    severity: str
    why: str = ""
    """More about the change: `snooze`, `settled`, `restless` or `lasting`."""


def step(state: State | None, look: Look, context: Context) -> Step:
    """Follow a condition through one look.  The same arguments give the same step, and so the same message key."""
    before = state or State(context.subject)
    after = _follow(before, look, context)
    change, why = _change(before, after, look, context)
    after = replace(after, flapping=_flaps(before, change))
    news = _news(before, after)
    marks, entries = _named(before, after, look, change, news)
    closes = change in (Change.RECOVERED, Change.WAIVED)
    known = before.severity if before.is_told else context.subject.severity
    gravest = min(known, context.subject.severity, key=WORST_FIRST.index)
    number = max(before.number + 1, context.slot // SECOND)
    if change is not None:
        after = replace(
            after,
            told=() if closes else tuple(sorted(after.items)),
            is_told=not closes,
            severity="" if closes else gravest,
            stage=0 if closes else max(before.stage, look.stage),
            notified_at=context.now,
            notified_slot=context.slot,
            number=number,
        )
    return Step(
        state=None if _forgettable(after) else after,
        change=change,
        marks=marks,
        entries=entries,
        failing=len(after.items),
        unseen=len(after.items.keys() - look.failing.keys()),
        since=after.since,
        number=number,
        severity=gravest if closes else context.subject.severity,
        why=why,
    )


def snoozed_until(state: State, snooze: Answer | None) -> int | None:
    """Until when nothing but the recovery is told; None without a snooze since the condition opened."""
    return snooze.until if snooze is not None and snooze.at >= state.since else None


def is_acknowledged(state: State, ack: Answer | None) -> bool:
    """Whether somebody has taken the condition on since it opened."""
    return ack is not None and ack.at >= state.since


def _follow(before: State, look: Look, context: Context) -> State:
    """The condition with what the look showed; what the receivers know is not touched but for what has ended."""
    known = {**before.pending, **before.waived, **before.items}

    def first(found: Mapping[str, Entry]) -> dict[str, Entry]:
        return {
            id_: replace(entry, since=known[id_].since, slot=known[id_].slot) if id_ in known else entry
            for id_, entry in found.items()
        }

    failing, waived = first(look.failing), first(look.waived)
    items = _without(before.items, {*look.ended, *waived}) | failing
    kept = _without(before.waived, {*look.ended, *failing}) | waived
    lately = context.now - context.rules.settle
    openings = tuple(time for time in before.openings if time > lately)
    opens, closes = bool(items) and not before.items, bool(before.items) and not items
    fixed = {id_: times for id_ in before.fixed if (times := tuple(t for t in before.fixed[id_] if t > lately))}
    for id_ in before.items.keys() - items.keys() - kept.keys():
        fixed[id_] = (*fixed.get(id_, ()), context.now)
    restless = {id_ for id_, times in fixed.items() if len(times) >= context.rules.flaps and id_ in items}
    returned = before.waived.keys() & items.keys()
    told = (set(before.told) - returned) | restless
    return replace(
        before,
        subject=context.subject,
        since=context.now if opens else before.since,
        items=items,
        waived=kept,
        pending=first(look.pending),
        fixed=fixed,
        told=tuple(sorted(told & (items.keys() | kept.keys()))),
        openings=(*openings, context.now) if opens else openings,
        changed_at=context.now if opens or closes else before.changed_at,
    )


def _change(before: State, after: State, look: Look, context: Context) -> tuple[Change | None, str]:
    """What is told, and why."""
    rules, now = context.rules, context.now
    until = snoozed_until(after, context.snooze)
    snoozed = until is not None and now < until and after.is_open
    if before.flapping:
        if snoozed or now - after.changed_at < rules.settle:
            return None, ""
        return (Change.REMINDER if after.is_open else _end(after)), "settled"
    if not after.is_open:
        return (_end(after) if before.is_told else None), ""
    if not before.is_told:
        return (Change.FLAPPING if len(after.openings) >= rules.flaps else Change.OPENED), ""
    if snoozed:
        return None, ""
    news = _news(before, after)
    if news:
        return Change.WORSENED, "restless" if any(_last_time(after, id_, rules) for id_ in news) else ""
    if look.stage > before.stage:
        return Change.WORSENED, "lasting"
    if WORST_FIRST.index(context.subject.severity) < WORST_FIRST.index(before.severity):
        return Change.WORSENED, ""
    return _reminder(before, after, until, context)


def _reminder(before: State, after: State, until: int | None, context: Context) -> tuple[Change | None, str]:
    """Whether it is time to say it again.  Of an acknowledgement and a snooze the later one counts."""
    ack, snooze = context.ack, context.snooze
    acknowledged = is_acknowledged(after, ack)
    if until is not None and snooze is not None and before.notified_at < until and snooze.at < until:
        silent = acknowledged and ack is not None and ack.seq > snooze.seq
        return (None if silent else Change.REMINDER), "snooze"
    due = context.rules.reminder is not None and context.slot - before.notified_slot >= context.rules.reminder
    return (Change.REMINDER if due and not acknowledged else None), ""


def _end(after: State) -> Change:
    """How a condition ended: with the receivers knowing of something that is waived now, it was not repaired."""
    return Change.WAIVED if after.waived.keys() & set(after.told) else Change.RECOVERED


def _flaps(before: State, change: Change | None) -> bool:
    """A flapping condition stays so until its state is told."""
    return change is Change.FLAPPING or (before.flapping and change is None)


def _news(before: State, after: State) -> set[str]:
    """The items that the receivers have not been told of."""
    return set(after.items) - set(after.told if before.is_told else ())


def _last_time(after: State, id_: str, rules: Rules) -> bool:
    """An item that has come back so often that it is told this once more and then not until it settles."""
    return len(after.fixed.get(id_, ())) == rules.flaps - 1


def _named(
    before: State, after: State, look: Look, change: Change | None, news: Collection[str]
) -> tuple[dict[str, Mark], dict[str, Entry]]:
    """What a message names: all that fails, what has just ended, and what was waived if that is the news."""
    entries = {**after.items, **(after.waived if change is Change.WAIVED else {})}
    marks = dict.fromkeys(entries, Mark.OPEN)
    for id_ in news:
        marks[id_] = Mark.WAIVER_ENDED if id_ in before.waived else Mark.NEW
    for id_, why in look.ended.items():
        if id_ in before.items:
            entries[id_], marks[id_] = replace(before.items[id_], reason=why), Mark.FIXED
    return marks, entries


def _without(entries: Mapping[str, Entry], ids: Collection[str]) -> dict[str, Entry]:
    return {id_: entry for id_, entry in entries.items() if id_ not in ids}


def _forgettable(state: State) -> bool:
    """Nothing fails, nothing waits, and nobody would tell this opening from the first one."""
    return not (state.items or state.waived or state.pending or state.is_told or state.flapping or state.openings)
