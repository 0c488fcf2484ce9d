"""Conditions told as scripts: each word is one item in one slot, as in `a ~b ?c` for failing, waived and unknown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from agent.alerts.message import Change
from agent.alerts.states import CONTROL, Entry, State, Subject, decode, encode
from agent.alerts.transitions import Answer, Context, Look, Rules, Step, step

HOUR = 3_600_000_000
START = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z."""
ITEMS = "abc"
RULES = Rules(reminder=24 * HOUR, flaps=3, settle=24 * HOUR)
SUBJECT = Subject("prod:AC-02", CONTROL, "AC-02", "AC-02 Two factors", "high", "it", "aws", "prod", "1")


def entry(name: str, now: int) -> Entry:
    """An item that fails now."""
    return Entry(name, "", "east", "toy.good", f"{name} is bad", now, now)


def look(script: str, now: int) -> Look:
    """What one slot of a script shows; an item that it does not name has passed."""
    words = script.split()
    failing = {word: entry(word, now) for word in words if word[0] not in "~?"}
    waived = {word[1:]: entry(word[1:], now) for word in words if word[0] == "~"}
    unseen = {word[1:] for word in words if word[0] == "?"}
    ended = {item: f"{item} is good" for item in ITEMS if item not in {*failing, *waived, *unseen}}
    return Look(failing, waived, ended)


@dataclass
class Player:
    """Plays slots one after the other, an hour apart, through the kept form of the state."""

    rules: Rules = RULES
    subject: Subject = SUBJECT
    now: int = START
    state: State | None = None
    ack: Answer | None = None
    snooze: Answer | None = None
    steps: list[Step] = field(default_factory=list)
    answers: int = 0

    def play(self, script: str | Look) -> str:
        """One slot; return what is told.  A script `-` is a slot in which nobody looks."""
        self.now += HOUR
        if script == "-":
            return ""
        seen = script if isinstance(script, Look) else look(script, self.now)
        context = Context(self.subject, self.now, self.now, self.rules, self.ack, self.snooze)
        found = step(self.state, seen, context)
        assert step(self.state, seen, context) == found
        self.steps.append(found)
        self.state = decode(encode(found.state)) if found.state else None
        assert self.state == found.state
        return found.change.value if found.change else ""

    def said(self, kind: str, until: int | None = None) -> None:
        """Somebody acknowledges, or with `until` hours snoozes, right after the newest slot."""
        self.answers += 1
        end = None if until is None else self.now + until * HOUR
        answer = Answer(self.answers, self.now + 1, "jo", end)
        if kind == "ack":
            self.ack = answer
        else:
            self.snooze = answer

    def graver(self) -> None:
        """The control becomes critical."""
        self.subject = replace(self.subject, severity="critical")

    @property
    def changes(self) -> list[Change]:
        """All that was told."""
        return [one.change for one in self.steps if one.change]
