"""The control library: what the company promises, which criteria that serves and which checks test it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from hashlib import sha256
from importlib.resources import files
from math import inf
from pathlib import Path
from typing import Any, cast, get_args

from checks.api import SUPPORTING, Check, Criterion, Outcome, Param, Params, Severity, Strength
from checks.criteria import all_criteria, fault

FILE = "controls.toml"
_ID = re.compile(r"[A-Z][A-Z0-9]*-[0-9]+")
_CONTROL_ENVIRONMENT = ("CC1.", "CC2.", "CC3.")
"""Series about people and judgment: the configuration of a cloud can support them, never meet them."""


class Frequency(StrEnum):
    """How often the company promises that the control operates."""

    CONTINUOUS = "continuous"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"
    EVENT = "event"


class Kind(StrEnum):
    """Who shows that a control operates: the checks, people, or both."""

    AUTOMATED = "automated"
    HYBRID = "hybrid"
    MANUAL = "manual"


class Policy(StrEnum):
    """What counts as a deviation: each failing interval, or only one that was not repaired in time."""

    STRICT = "strict"
    REMEDIATE_WITHIN_SLA = "remediate_within_sla"


class Covers(StrEnum):
    """How much of the promise the checks of a control test."""

    ALL = "all"
    PART = "part"
    NONE = "none"


class ControlState(StrEnum):
    """Where a control or a criterion stands, the worst first."""

    FAIL = "FAIL"
    ERROR = "ERROR"
    UNKNOWN = "UNKNOWN"
    PASS = "PASS"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    MANUAL = "MANUAL"
    """Only people can show it."""
    NOT_AUTOMATED = "NOT_AUTOMATED"
    """Checks could show it, and none does so far."""


_WORST_FIRST = tuple(ControlState)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One promise of the company."""

    id: str
    title: str
    text: str
    """The promise in the company's voice, to be tested word by word."""
    criteria: tuple[Criterion, ...]
    frequency: Frequency
    owner: str
    kind: Kind
    key: bool
    """The criterion is not met when this control is not effective."""
    severity: Severity
    """Of one resource that fails."""
    sla_days: int
    """Days from detection to repair."""
    policy: Policy
    checks: tuple[str, ...]
    params: Mapping[str, Params] = field(hash=False)
    """The promise's own numbers, by check id and parameter."""
    covers: Covers
    not_covered: str
    """What of the promise the checks do not see; empty unless `covers` is part."""
    procedure: str
    """What people do and which record they keep; empty for an automated control."""
    due: str
    not_yet: str
    """Why no check tests a control that is not manual; empty when one does."""


@dataclass(frozen=True, slots=True)
class Library:
    """The controls in force."""

    controls: Mapping[str, Control] = field(hash=False)
    """By id, in the order of the files."""
    disabled: Mapping[str, str] = field(hash=False)
    """Why the company does without a control of the default library, by id."""
    digest: str
    """SHA-256, in hex, of all that the controls say; comments and the order of controls do not count."""

    def for_check(self, check_id: str) -> tuple[Control, ...]:
        """The controls that a check tests."""
        return tuple(control for control in self.controls.values() if check_id in control.checks)

    def params_for(self, check: Check) -> dict[str, int | float | str | tuple[str, ...]]:
        """Every parameter of `check`: the number that a control promises, otherwise the check's default."""
        values = check.defaults()
        for control in self.for_check(check.id):
            values.update(control.params.get(check.id, {}))
        return values


def load(paths: Iterable[Path], checks: Mapping[str, Check]) -> Library:
    """The default library with the company's own files on top.

    A company control replaces the default one of the same id; `disabled = true` with a `reason` removes it.
    `checks` are the known checks by id.  Raises ValueError: one line that names file, control, key and fix.
    """
    default = files("checks").joinpath(FILE).read_text("utf-8")
    controls, disabled = _parse(default, FILE, checks)
    shipped, seen = set(controls), dict.fromkeys(controls, FILE)
    for path in paths:
        file = str(path)
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise fault(file, "the file", "path", f"cannot be read: {error}", "name a readable TOML file") from error
        own, without = _parse(text, file, checks)
        for name in (*own, *without):
            if seen.get(name, FILE) != FILE:
                raise fault(file, name, "id", f"is in {seen[name]} as well", "keep one of the two")
            seen[name] = file
        for name, reason in without.items():
            if name not in shipped:
                raise fault(file, name, "disabled", "there is no default control of this id", _suggest(name, shipped))
            del controls[name]
            disabled[name] = reason
        controls.update(own)
    _refuse_two_numbers(controls, seen)
    return Library(controls, disabled, _digest(controls, disabled))


def outcomes_of(control: Control, by_check: Mapping[str, Iterable[Outcome]]) -> Iterator[Outcome]:
    """The outcomes of a control's checks; one that did not run, or said nothing, counts as UNKNOWN."""
    for check_id in control.checks:
        yield from tuple(by_check.get(check_id, ())) or (Outcome.UNKNOWN,)


def state_of(control: Control, outcomes: Iterable[Outcome]) -> ControlState:
    """The worst of the outcomes of a control's checks; UNKNOWN when none of them ran.

    Make `outcomes` with `outcomes_of`, so that a check that did not run cannot hide behind one that passed.
    A control without checks is MANUAL or NOT_AUTOMATED, whatever the outcomes.
    """
    if not control.checks:
        return ControlState.MANUAL if control.kind is Kind.MANUAL else ControlState.NOT_AUTOMATED
    return _worst((ControlState(outcome) for outcome in outcomes), otherwise=ControlState.UNKNOWN)


def criterion_state(mapped: Iterable[tuple[Strength, ControlState]]) -> ControlState:
    """The worst state of a criterion's controls, each given with the strength of its mapping.

    A control that only supports a criterion can pull it down, never make it pass: with nothing but such
    passes it is left to people (MANUAL).  A criterion without any control is NOT_AUTOMATED.
    """
    given = list(mapped)
    good = (ControlState.PASS, ControlState.NOT_APPLICABLE)
    carrying = [state for strength, state in given if state not in good or strength is not SUPPORTING]
    return _worst(carrying, otherwise=ControlState.MANUAL if given else ControlState.NOT_AUTOMATED)


def criterion_states(library: Library, states: Mapping[str, ControlState]) -> dict[str, ControlState]:
    """The state of each of the 61 criteria, in canonical order, from the state of each control by id.

    A control without a state in `states` counts as UNKNOWN.
    """
    mapped: dict[str, list[tuple[Strength, ControlState]]] = {name: [] for name in all_criteria()}
    for control in library.controls.values():
        state = states.get(control.id, ControlState.UNKNOWN)
        for criterion in control.criteria:
            mapped[criterion.id].append((criterion.strength, state))
    return {name: criterion_state(pairs) for name, pairs in mapped.items()}


def _worst(states: Iterable[ControlState], *, otherwise: ControlState) -> ControlState:
    return min(states, key=_WORST_FIRST.index, default=otherwise)


def _digest(controls: Mapping[str, Control], disabled: Mapping[str, str]) -> str:
    said = {
        "controls": {name: asdict(control) for name, control in controls.items()},
        "disabled": dict(disabled),
    }
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(canonical.encode()).hexdigest()


def _refuse_two_numbers(controls: Mapping[str, Control], files_of: Mapping[str, str]) -> None:
    """A check runs once for all of its controls, so they cannot promise different numbers."""
    first: dict[tuple[str, str], Control] = {}
    for control in controls.values():
        for check_id, params in control.params.items():
            for name, value in params.items():
                other = first.setdefault((check_id, name), control)
                if (before := other.params[check_id][name]) != value:
                    raise fault(
                        files_of[control.id],
                        control.id,
                        f"params.{check_id}.{name}",
                        f"is {value!r}, and {other.id} promises {before!r}",
                        "write the same value in both",
                    )


def _suggest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else "remove it, or name one that exists"


def _parse(text: str, file: str, checks: Mapping[str, Check]) -> tuple[dict[str, Control], dict[str, str]]:
    """The controls of one file, and the reasons of those that it disables, by id."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise fault(file, "the file", "syntax", str(error), "write it as TOML 1.0") from error
    if strange := sorted(set(document) - {"control"}):
        raise fault(file, "the file", strange[0], "is not a key of a library", "use [[control]] entries only")
    entries = document.get("control", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise fault(file, "the file", "control", "is no list of tables", "use [[control]] entries")
    controls: dict[str, Control] = {}
    disabled: dict[str, str] = {}
    for raw in entries:
        entry = _Entry(file, raw)
        if entry.name in controls or entry.name in disabled:
            raise entry.fault("id", "is given twice", "keep one of the two")
        if entry.flag("disabled", missing=False):
            disabled[entry.name] = entry.text("reason")
        else:
            controls[entry.name] = _control(entry, checks)
        entry.refuse_rest()
    return controls, disabled


class _Entry:
    """One [[control]] table: hands out each value once, checked, and knows where it stands."""

    def __init__(self, file: str, raw: Mapping[str, Any]) -> None:
        self.file = file
        self._rest = dict(raw)
        name = self._rest.pop("id", None)
        self.name = name if isinstance(name, str) else "a control without an id"
        if not _ID.fullmatch(self.name):
            raise self.fault("id", "is missing or no control id", 'write one like "AC-01"')

    def fault(self, key: str, problem: str, fix: str) -> ValueError:
        return fault(self.file, self.name, key, problem, fix)

    def take(self, key: str, type_: type, fix: str, *, missing: Any = None) -> Any:
        value = self._rest.pop(key, missing)
        if not isinstance(value, type_) or (isinstance(value, bool) and type_ is not bool):
            raise self.fault(key, "is missing or of the wrong type", fix)
        return value

    def flag(self, key: str, *, missing: bool | None = None) -> bool:
        return bool(self.take(key, bool, "write true or false", missing=missing))

    def text(self, key: str) -> str:
        value = str(self.take(key, str, "write a text in quotes"))
        if not value.strip() or "\n" in value:
            raise self.fault(key, "is empty or has a line break", "write one line")
        return value

    def sentence(self, key: str) -> str:
        value = self.text(key)
        if not value.endswith("."):
            raise self.fault(key, "is no sentence", "end it with a full stop")
        return value

    def one_of(self, key: str, allowed: Iterable[str]) -> str:
        value, known = self.text(key), tuple(allowed)
        if value not in known:
            raise self.fault(key, f"is {value!r}", f"use {', '.join(known)}")
        return value

    def refuse_rest(self) -> None:
        for key in self._rest:
            raise self.fault(key, "is not a key of a control, or not of this kind of control", "remove it")


def _control(entry: _Entry, checks: Mapping[str, Check]) -> Control:
    kind = Kind(entry.one_of("kind", Kind))
    tested = _checks(entry, kind, checks)
    covers = Covers(entry.one_of("covers", (Covers.ALL, Covers.PART)) if tested else Covers.NONE)
    by_people = kind is not Kind.AUTOMATED
    title = entry.text("title")
    if title.endswith("."):
        raise entry.fault("title", "ends with a full stop", "remove it")
    sla_days = int(entry.take("sla_days", int, "write a whole number of days"))
    if sla_days < 1:
        raise entry.fault("sla_days", f"is {sla_days}", "write 1 or more")
    return Control(
        id=entry.name,
        title=title,
        text=entry.sentence("text"),
        criteria=_criteria(entry, by_machine=bool(tested) or not by_people),
        frequency=Frequency(entry.one_of("frequency", Frequency)),
        owner=entry.text("owner"),
        kind=kind,
        key=entry.flag("key"),
        severity=cast("Severity", entry.one_of("severity", get_args(Severity))),
        sla_days=sla_days,
        policy=Policy(entry.one_of("policy", Policy)),
        checks=tested,
        params=_params(entry, tested, checks),
        covers=covers,
        not_covered=entry.sentence("not_covered") if covers is Covers.PART else "",
        procedure=entry.sentence("procedure") if by_people else "",
        due=entry.sentence("due") if by_people else "",
        not_yet=entry.sentence("not_yet") if not tested and kind is not Kind.MANUAL else "",
    )


def _checks(entry: _Entry, kind: Kind, checks: Mapping[str, Check]) -> tuple[str, ...]:
    tested = [str(check_id) for check_id in entry.take("checks", list, "write a list of check ids", missing=[])]
    if kind is Kind.MANUAL and tested:
        raise entry.fault("checks", "stand in a manual control", 'remove them, or write kind = "hybrid"')
    for check_id in tested:
        if check_id not in checks:
            raise entry.fault("checks", f"there is no check {check_id!r}", _suggest(check_id, checks))
        if tested.count(check_id) > 1:
            raise entry.fault("checks", f"{check_id} is given twice", "keep one of the two")
    return tuple(tested)


def _criteria(entry: _Entry, *, by_machine: bool) -> tuple[Criterion, ...]:
    """What a control serves.  Settings of a cloud at most support CC1 to CC3, which are about people."""
    found: dict[str, Criterion] = {}
    for row in entry.take("criteria", list, "write a list of { id, strength, why }"):
        if not isinstance(row, dict) or set(row) != {"id", "strength", "why"}:
            raise entry.fault("criteria", f"has the entry {row!r}", "write { id, strength, why }")
        name, strength, why = str(row["id"]), row["strength"], row["why"]
        if name not in all_criteria():
            raise entry.fault("criteria", f"there is no criterion {name!r}", _suggest(name, all_criteria()))
        if name in found:
            raise entry.fault("criteria", f"{name} is given twice", "keep one of the two")
        if strength not in tuple(Strength):
            raise entry.fault("criteria", f"{name} has strength {strength!r}", f"use {', '.join(Strength)}")
        if not isinstance(why, str) or not why.strip():
            raise entry.fault("criteria", f"{name} has no why", "say in one line how the control serves it")
        if by_machine and name.startswith(_CONTROL_ENVIRONMENT) and strength != SUPPORTING:
            problem = f"{name} is {strength}, and no setting of a cloud can carry CC1 to CC3"
            raise entry.fault("criteria", problem, f"use {SUPPORTING}")
        found[name] = Criterion(name, Strength(strength), why)
    if not found:
        raise entry.fault("criteria", "is empty", "name at least one criterion")
    return tuple(found.values())


def _params(entry: _Entry, tested: tuple[str, ...], checks: Mapping[str, Check]) -> dict[str, Params]:
    found: dict[str, Params] = {}
    for check_id, values in entry.take("params", dict, "write { check id = { name = value } }", missing={}).items():
        key = f"params.{check_id}"
        if check_id not in tested:
            raise entry.fault(key, "the control has no such check", "add it to checks, or remove its params")
        if not isinstance(values, dict):
            raise entry.fault(key, "is no table", "write { name = value }")
        known = {param.name: param for param in checks[check_id].params}
        for name in values:
            if name not in known:
                raise entry.fault(f"{key}.{name}", "the check has no such parameter", _suggest(name, known))
        found[check_id] = {name: _value(entry, check_id, known[name], given) for name, given in values.items()}
    return found


def _value(entry: _Entry, check_id: str, param: Param, given: object) -> int | float | str | tuple[str, ...]:
    """A parameter's value, of the same type as its default."""
    match param.default, given:
        case _, bool():
            pass
        case tuple(), list() if all(isinstance(word, str) for word in given):
            return tuple(given)
        case str(), str():
            return given
        case (int(), int() as number) | (float(), int() | float() as number) if 0 <= number < inf:
            return number
    fix = f"write a value like {param.default!r} ({param.unit})"
    raise entry.fault(f"params.{check_id}.{param.name}", f"is {given!r}", fix)
