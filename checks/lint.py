"""What an auditor would stumble over in a control library: wording, policy, mapping, due dates, compensation.

A library file that cannot be understood at all is refused when it is read (`checks.controls`); this is about libraries
that can be read and still promise badly.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from checks.api import SUPPORTING, Check
from checks.library import WITH_SLOTS, Control, Frequency, Kind, Library, Policy

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WITHIN = re.compile(r"\bwithin (\w+)(?: business)? days?\b")
_ANY_DAYS = re.compile(r"\b(\w+)(?: business)? days?\b")
_OUTSIDE_RULE = re.compile(r"\b(law|contract)\b")
"""Somebody else sets the date; the rule in numbers is then the company's own reading of it."""
_GRACE = re.compile(r"\b(\w+) days? of grace\b")
_ABSOLUTE = re.compile(
    r"\b(all|always|each|every|everyone|everything|never|no|nobody|none|nothing|only)\b", re.IGNORECASE
)
_WHOLE_LIBRARY = "the library"
"""Stands for the file where a fault has no single one."""


class Level(StrEnum):
    """How much an issue matters."""

    ERROR = "error"
    """An auditor could not test the control, or would test something else than it promises."""
    WARNING = "warning"
    """Worth a look; it may be meant."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing to mend."""

    level: Level
    file: str
    control: str
    """Id of the control, of the criterion or of the check that it is about."""
    key: str
    problem: str
    fix: str

    def line(self) -> str:
        """All of it in one line."""
        return f"{self.level}: {self.file}: {self.control}: {self.key}: {self.problem}; {self.fix}"


def lint(library: Library, checks: Mapping[str, Check], approved: Collection[str] = ()) -> list[Issue]:
    """Every issue of a library, errors first, otherwise in the order of its controls.

    `checks` are the known ones, `approved` the controls that somebody approved on record, as they stand.
    """
    found = [
        issue
        for control in library.controls.values()
        for issue in (
            *_wording(control, library),
            *_due(control, library),
            *_occasions(control, library),
            *_checks(control, library, checks),
            *_approval(control, library, approved),
            *_compensation(control, library),
        )
    ]
    found += [*_criteria(library), *_orphans(library, checks)]
    return sorted(found, key=lambda issue: issue.level is Level.WARNING)


def _error(library: Library, control: Control, key: str, problem: str, fix: str) -> Issue:
    return Issue(Level.ERROR, library.files.get(control.id, _WHOLE_LIBRARY), control.id, key, problem, fix)


def _warning(library: Library, control: Control, key: str, problem: str, fix: str) -> Issue:
    return Issue(Level.WARNING, library.files.get(control.id, _WHOLE_LIBRARY), control.id, key, problem, fix)


def _wording(control: Control, library: Library) -> Iterator[Issue]:
    """The same facts are a deviation under one policy and none under the other, so text and policy say the same."""
    promised = _days(_WITHIN, control.text)
    if control.policy is Policy.REMEDIATE_WITHIN_SLA:
        if control.sla_days not in promised:
            yield _error(
                library,
                control,
                "text",
                f"{_said(control, promised)}, and the policy forgives what is repaired in {_in_days(control.sla_days)}",
                f'write "within {_in_days(control.sla_days)}", change sla_days, or write policy = "strict"',
            )
    elif control.by_people or control.frequency is Frequency.EVENT:
        deadlines = _days(_ANY_DAYS, control.due) if control.by_people else {control.sla_days}
        for days in sorted(promised - deadlines):
            where = "due" if control.by_people else "sla_days"
            problem = f"says within {_in_days(days)}, and {where} does not"
            yield _error(library, control, "text", problem, f"write the same number in text and {where}")
    else:
        numbers = {value for params in control.params.values() for value in params.values()}
        for days in sorted(promised - numbers):
            yield _error(
                library,
                control,
                "text",
                f"says within {_in_days(days)}, and the policy strict counts each failure at once",
                'write policy = "remediate_within_sla", or a text without a time for repair',
            )
    for check_id, params in control.params.items():
        for name, value in params.items():
            if not isinstance(value, tuple) and str(value) not in control.text:
                problem = f"is {value}, and the text does not say so"
                yield _warning(library, control, f"params.{check_id}.{name}", problem, "write the number into the text")


def _said(control: Control, promised: Collection[int]) -> str:
    """What the text of a control says instead of the time for repair."""
    if promised:
        return f"says within {_in_days(min(promised))}"
    absolute = _ABSOLUTE.search(control.text)
    return f"says {absolute[0]!r} without a time for repair" if absolute else "gives no time for repair"


def _due(control: Control, library: Library) -> Iterator[Issue]:
    """What people do can be told late from missing only by a procedure and a date."""
    if not control.by_people:
        return
    if not control.procedure:
        yield _error(library, control, "procedure", "is missing", "say what people do and which record they keep")
    rule = control.due_rule
    if rule is None:
        yield _error(library, control, "due_days", "is missing", "write the days after the slot or the event, or 0")
        return
    said = _days(_GRACE, control.due)
    if said and rule.grace_days not in said:
        problem = f"says {_in_days(min(said))} of grace, and grace_days is {rule.grace_days}"
        yield _error(library, control, "due", problem, "write the same number in both")
    named = _days(_ANY_DAYS, control.due)
    if rule.days and rule.days not in named and not _OUTSIDE_RULE.search(control.due):
        problem = f"does not say {_in_days(rule.days)}, as the rule in numbers does"
        yield _error(library, control, "due", problem, "write the same number in both")


def _occasions(control: Control, library: Library) -> Iterator[Issue]:
    """What people do at each event can be missed unseen when nothing lists the events."""
    if control.by_people and control.frequency not in WITH_SLOTS and not control.population:
        problem = f"is missing, so nothing lists the occasions of this {control.frequency} control"
        fix = 'name what lists them, or write population = "events" and import them'
        yield _warning(library, control, "population", problem, fix)


def _checks(control: Control, library: Library, checks: Collection[str]) -> Iterator[Issue]:
    for check_id in control.checks:
        if check_id not in checks:
            problem = f"there is no check {check_id!r}"
            yield _error(library, control, "checks", problem, "remove it, or bring its plugin")
    if control.kind is Kind.MANUAL and control.checks:
        yield _error(library, control, "kind", "is manual, and checks test it", 'write kind = "hybrid"')


def _approval(control: Control, library: Library, approved: Collection[str]) -> Iterator[Issue]:
    """That the meaning stayed is somebody's word: in the control itself, or on record for this very wording."""
    if control.editorial and not (control.approved_by or control.id in approved):
        problem = "is true, and nobody approved that the meaning stayed"
        yield _error(
            library, control, "editorial", problem, "write approved_by, have it approved on record, or remove it"
        )


def _compensation(control: Control, library: Library) -> Iterator[Issue]:
    """What makes up for a deviation works while the other fails, and does not fail with it."""
    for name in library.compensating(control.id):
        other = library.controls[name]
        if other.not_applicable:
            problem = f"{name} makes up for it and does not apply"
            yield _error(library, control, "compensated_by", problem, "name one that applies, or none")
        if shared := sorted({*control.checks} & {*other.checks}):
            problem = f"{name} is tested by {shared[0]} as well, so that both fail together"
            yield _error(library, control, "compensated_by", problem, "name one that is tested by something else")
        if control.id in library.compensating(name):
            problem = f"it and {name} make up for each other"
            yield _warning(library, control, "compensated_by", problem, "keep one direction, unless both are meant")


def _criteria(library: Library) -> Iterator[Issue]:
    """A criterion stands on its key controls; without one it would stand on nothing."""
    for name in library.scope.criteria():
        serving = [control for control in library.serving(name) if not control.not_applicable]
        if not any(control.key for control in serving):
            names = ", ".join(each.id for each in serving)
            mapped = f"of {names} none is a key control" if serving else "no control serves it"
            fix = "map a control with key = true to it, or leave it out of scope with a reason"
            yield Issue(Level.ERROR, _WHOLE_LIBRARY, name, "criteria", mapped, fix)
        elif all(each.strength is SUPPORTING for control in serving for each in control.criteria if each.id == name):
            problem = "its controls only support it, and none carries it"
            yield Issue(Level.WARNING, _WHOLE_LIBRARY, name, "criteria", problem, "map one to it as direct or partial")


def _orphans(library: Library, checks: Collection[str]) -> Iterator[Issue]:
    used = {check_id for control in library.controls.values() for check_id in control.checks}
    for check_id in sorted(set(checks) - used):
        problem = "runs, and no control promises what it tests"
        yield Issue(Level.WARNING, _WHOLE_LIBRARY, check_id, "checks", problem, "name it in a control")


def _days(pattern: re.Pattern[str], text: str) -> set[int]:
    """The numbers that the pattern finds, written in digits or, up to ten, in words."""
    found = set()
    for word in pattern.findall(text.lower()):
        if word.isdecimal():
            found.add(int(word))
        elif word in _NUMBERS:
            found.add(_NUMBERS.index(word) + 1)
    return found


def _in_days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
