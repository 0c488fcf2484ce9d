"""Turns a step of a condition into the alert that people read.

Titles are one line; sentences are lower case and hold the numbers.  Everything that a cloud account's users can name
was cleaned when it was put into the state.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from urllib.parse import quote

from agent.alerts.conditions import resource_of
from agent.alerts.message import ITEMS, About, Alert, Change, Item, Mark
from agent.alerts.states import CONTROL, GAP, PERMISSION, TARGET, Entry, State, Subject
from agent.alerts.text import clean
from agent.alerts.transitions import SECOND, Context, Step
from checks.api import Check

FIRST = (Mark.NEW, Mark.WAIVER_ENDED, Mark.FIXED, Mark.OPEN)
"""Order of the items of an alert: what changed comes first."""
NOUNS = {CONTROL: "finding", PERMISSION: "permission", GAP: "read"}
UNITS = ((86400, "d"), (3600, "h"), (60, "min"))
EVIDENCE = 3
"""Most resources for which a command is given."""
REMEDIES = {
    TARGET: "see that the role, its trust policy and the address are right; `proofkeep doctor` asks step by step",
    PERMISSION: "grant the agent's role what is missing; `proofkeep iam aws` prints the whole policy",
}
DOORS = {
    "verification": "proofkeep verify",
    "anchor": "proofkeep checkpoint",
    "configuration": "proofkeep config show",
    "restart": "proofkeep gaps",
}
"""Command that leads on, by kind of trouble; for any other it is `proofkeep status`."""


def alert(step: Step, subject: Subject, context: Context, checks: Mapping[str, Check], link: str) -> Alert | None:
    """The alert of a step, if it is worth one."""
    if step.change is None:
        return None
    order = sorted(step.entries, key=lambda id_: (FIRST.index(step.marks[id_]), id_))
    changed = [id_ for id_ in order if step.marks[id_] is not Mark.OPEN]
    items = tuple(_item(step.entries[id_], step.marks[id_]) for id_ in order[:ITEMS])
    over = step.change is Change.RECOVERED
    return Alert(
        key=f"{subject.condition}/{step.number}",
        condition=subject.condition,
        about=subject.about,
        change=step.change,
        severity=step.severity,
        title=title(step, subject),
        control=subject.control,
        also=subject.also,
        criteria=subject.criteria,
        owner=subject.owner,
        cloud=subject.cloud,
        target=subject.target,
        account=subject.account,
        since=step.since,
        at=context.now,
        items=items,
        changed=len(changed),
        failing=step.failing,
        remediation=() if over else _remediation(step, subject, checks),
        commands=_commands(subject, order),
        link=address(link, subject),
        note=_note(step, subject, context),
    )


def notice(subject: Subject, entry: Entry, key: str, link: str) -> Alert:
    """The alert about something that happened once and is over."""
    return Alert(
        key=f"{subject.condition}/{key}",
        condition=subject.condition,
        about=About.COLLECTION,
        change=Change.NOTICE,
        severity=subject.severity,
        title=subject.head,
        control="",
        also=(),
        criteria=(),
        owner=subject.owner,
        cloud=subject.cloud,
        target=subject.target,
        account="",
        since=entry.since,
        at=entry.since,
        items=(_item(entry, Mark.NEW),),
        changed=1,
        failing=0,
        remediation=(),
        commands=_commands(subject, []),
        link=address(link, subject),
        note="",
    )


def address(link: str, subject: Subject) -> str:
    """The company's own page about a control; empty where none is configured."""
    return link.replace("{control}", quote(subject.control, safe="")).replace(
        "{target}", quote(subject.target, safe="")
    )


def standing(state: State) -> str:
    """One line that says how a condition stands."""
    subject, number = state.subject, len(state.items)
    said = {
        CONTROL: f"{subject.head}: {_counted(number, 'finding')} {_verb('fail', number)}",
        TARGET: f"{subject.head} cannot be read",
        PERMISSION: f"{subject.head}: {_counted(number, 'permission')} {_be(number)} missing",
        GAP: f"{subject.head}: {_counted(number, 'read')} {_verb('fail', number)} in every run",
    }
    return said.get(subject.kind, subject.head)


def title(step: Step, subject: Subject) -> str:
    """`AC-02 Signing in takes a second factor: 2 findings started to fail`."""
    match subject.kind:
        case "control" | "permission" | "gap" as kind:
            return f"{subject.head}: {_sentence(step, kind)}"
        case "target":
            return _unreachable(step, subject.head)
    match step.change:
        case Change.OPENED:
            return subject.head
        case Change.REMINDER:
            return f"still: {subject.head}"
        case Change.RECOVERED | Change.WAIVED:
            return f"over: {subject.head}"
        case Change.FLAPPING:
            return f"it comes and goes: {subject.head}"
        case _:
            return f"worse: {subject.head}"


def _unreachable(step: Step, head: str) -> str:
    match step.change:
        case Change.OPENED:
            return f"{head}: nothing can be read"
        case Change.REMINDER:
            return f"{head}: nothing can be read, still"
        case Change.RECOVERED | Change.WAIVED:
            return f"{head}: it can be read again"
        case Change.FLAPPING:
            return f"{head}: it comes and goes"
        case _:
            return f"{head}: nothing was read for more than two intervals" if step.why else f"{head}: it got worse"


def _sentence(step: Step, kind: str) -> str:
    """What happened to the items of a condition, with their numbers."""
    noun, failing = NOUNS[kind], step.failing
    new = sum(mark in (Mark.NEW, Mark.WAIVER_ENDED) for mark in step.marks.values())
    all_, fail = _counted(failing, noun), _predicate(kind, failing)
    match step.change:
        case Change.OPENED if Mark.NEW not in step.marks.values():
            return f"{all_} {fail}, and the waiver has ended"
        case Change.OPENED:
            return f"{all_} {'started to fail' if kind == CONTROL else fail}"
        case Change.WORSENED if new:
            return f"{_counted(new, 'more ' + noun)} {_predicate(kind, new)}, {failing} in all"
        case Change.WORSENED:
            return f"it is {step.severity} now, and {all_} {fail}"
        case Change.REMINDER:
            return f"{all_} still {fail}" if kind != PERMISSION else f"{all_} {_be(failing)} still missing"
        case Change.FLAPPING:
            return f"it comes and goes, and {all_} {fail} now"
        case Change.WAIVED:
            return f"all that still fails is waived, {_counted(len(step.entries) - _fixed(step), noun)}"
        case _:
            return f"no {noun} {_predicate(kind, 1)} any more"


def _note(step: Step, subject: Subject, context: Context) -> str:
    """What else there is to know, in sentences."""
    settle = _period(context.rules.settle)
    said = {
        "snooze": "the snooze is over",
        "settled": f"nothing has changed for {settle}",
        "restless": f"some of it comes and goes; it is not told of again until it has kept still for {settle}",
    }.get(step.why, "")
    notes = [said] if said else []
    if step.change is Change.FLAPPING:
        notes.append(f"nothing more is told of it until it has kept still for {settle}")
    if subject.kind == CONTROL and step.unseen:
        notes.append(f"{step.unseen} of {step.failing} could not be judged in this run and are as last known")
    if step.change is Change.REMINDER and not said:
        notes.append("told again, as nobody has acknowledged it")
    return "; ".join(notes)


def _remediation(step: Step, subject: Subject, checks: Mapping[str, Check]) -> tuple[str, ...]:
    """What to do about the checks that fail now, or about the collection."""
    if subject.kind != CONTROL:
        return (REMEDIES[subject.kind],) if subject.kind in REMEDIES else ()
    failing = {entry.check for id_, entry in step.entries.items() if step.marks[id_] is not Mark.FIXED}
    return tuple(dict.fromkeys(checks[id_].remediation for id_ in sorted(failing) if id_ in checks))


def _commands(subject: Subject, told: list[str]) -> tuple[str, ...]:
    """Commands that lead to the evidence, quoted for a shell."""
    target = _quoted(subject.target)
    match subject.kind:
        case "control":
            what = subject.condition.rpartition(":")[2]
            which = f"--control {_quoted(what)}" if subject.control else f"--check {_quoted(what)}"
            uids = list(dict.fromkeys(resource_of(id_)[2] for id_ in told))[:EVIDENCE]
            return (
                f"proofkeep findings {which} --outcome FAIL --target {target}",
                *(f"proofkeep evidence {which} --resource {_quoted(uid)}" for uid in uids),
            )
        case "target" | "permission":
            configured = _quoted(subject.target.partition("/")[0])
            return (f"proofkeep gaps --target {target}", f"proofkeep doctor --target {configured}")
        case "gap":
            return (f"proofkeep gaps --target {target}",)
        case _:
            return (DOORS.get(subject.condition.rpartition(":")[2], "proofkeep status"),)


def _quoted(text: str) -> str:
    return shlex.quote("".join(letter for letter in text if letter.isprintable()))


def _item(entry: Entry, mark: Mark) -> Item:
    return Item(entry.name, entry.label, entry.region, entry.check, clean(entry.reason), entry.since, mark)


def _fixed(step: Step) -> int:
    return sum(mark is Mark.FIXED for mark in step.marks.values())


def _predicate(kind: str, number: int) -> str:
    """What is wrong with the items of a condition."""
    if kind == PERMISSION:
        return f"{_be(number)} missing"
    return _verb("fail", number) + (" in every run" if kind == GAP else "")


def _period(micros: int) -> str:
    """An interval of the settings, as it was written."""
    seconds = micros // SECOND
    size, unit = next(((size, unit) for size, unit in UNITS if seconds % size == 0), (1, "s"))
    return f"{seconds // size} {unit}"


def _counted(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _verb(verb: str, number: int) -> str:
    return f"{verb}s" if number == 1 else verb


def _be(number: int) -> str:
    return "is" if number == 1 else "are"
