"""Reads the control library: the default promises, and the files that a company lays over them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from hashlib import sha256
from importlib.resources import files
from math import inf
from pathlib import Path
from typing import Any, cast, get_args

from checks.api import SUPPORTING, Check, Criterion, Param, Params, Severity, Strength
from checks.criteria import all_criteria, fault
from checks.library import (
    JOINS,
    MONITORED,
    POPULATIONS,
    WITH_SLOTS,
    Control,
    ControlState,
    Covers,
    DueRule,
    Frequency,
    Kind,
    Library,
    Policy,
    criterion_state,
    criterion_states,
    outcomes_of,
    state_of,
)
from checks.scope import Scope, profiles

__all__ = [
    "FILE",
    "Control",
    "ControlState",
    "Covers",
    "DueRule",
    "Frequency",
    "Kind",
    "Library",
    "Policy",
    "company_files",
    "criterion_state",
    "criterion_states",
    "load",
    "outcomes_of",
    "state_of",
]

FILE = "controls.toml"
_ID = re.compile(r"[A-Z][A-Z0-9]*-[0-9]+")
_CONTROL_ENVIRONMENT = ("CC1.", "CC2.", "CC3.")
"""Series about people and judgment: the configuration of a cloud can support them, never meet them."""
_MONTHS = 12


def company_files(folder: Path) -> tuple[Path, ...]:
    """The company's own files in `controls.d` under `folder`, the one with the settings file, in the order of names."""
    return tuple(sorted((folder / "controls.d").glob("*.toml")))


@dataclass(frozen=True, slots=True)
class _File:
    """What one file says, by control id."""

    controls: dict[str, Control]
    disabled: dict[str, str]
    """Why the company does without it."""
    marked: dict[str, str]
    """Why a default control, otherwise unchanged, does not apply."""


def load(paths: Iterable[Path], checks: Mapping[str, Check], scope: Scope | None = None) -> Library:
    """The default library with the company's own files on top.

    A company control replaces the default one of the same id; `disabled = true` with a `reason` removes it, and
    `not_applicable` with a reason alone keeps it in sight.  So do the controls that the profile of `scope` switches
    off.  `checks` are the known checks by id.  Raises ValueError: one line that names file, control, key and fix.
    """
    chosen = Scope() if scope is None else scope
    default = _parse(files("checks").joinpath(FILE).read_text("utf-8"), FILE, checks)
    controls, disabled = dict(default.controls), dict(default.disabled)
    if chosen.profile:
        for name, reason in profiles()[chosen.profile].off.items():
            controls[name] = replace(controls[name], not_applicable=reason)
    shipped, seen = set(controls), dict.fromkeys(controls, FILE)
    for path in paths:
        own = _parse(_text(path), str(path), checks)
        _refuse_misplaced(own, str(path), shipped, seen)
        for name, reason in own.disabled.items():
            del controls[name]
            disabled[name] = reason
        for name, reason in own.marked.items():
            controls[name] = replace(controls[name], not_applicable=reason)
        controls.update(own.controls)
    _refuse_two_numbers(controls, seen)
    _refuse_strange_compensation(controls, seen)
    return Library(controls, disabled, _digest(controls, disabled, chosen), chosen, seen)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = f"cannot be read: {error}"
        raise fault(str(path), "the file", "path", problem, "name a readable TOML file") from error


def _refuse_misplaced(own: _File, file: str, shipped: set[str], seen: dict[str, str]) -> None:
    """One company file speaks of a control, and only a default control can be switched off.  Notes the file."""
    for name in (*own.controls, *own.disabled, *own.marked):
        if seen.get(name, FILE) != FILE:
            raise fault(file, name, "id", f"is in {seen[name]} as well", "keep one of the two")
        seen[name] = file
    for key, names in (("disabled", own.disabled), ("not_applicable", own.marked)):
        for name in names:
            if name not in shipped:
                raise fault(file, name, key, "there is no default control of this id", _suggest(name, shipped))


def _digest(controls: Mapping[str, Control], disabled: Mapping[str, str], scope: Scope) -> str:
    said = {
        "controls": {name: asdict(control) for name, control in controls.items()},
        "disabled": dict(disabled),
        "scope": asdict(scope),
    }
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=date.isoformat)
    return sha256(canonical.encode()).hexdigest()


def _refuse_two_numbers(controls: Mapping[str, Control], files_of: Mapping[str, str]) -> None:
    """A check runs once for all of its controls, so they cannot promise different numbers."""
    first: dict[tuple[str, str], Control] = {}
    for control in controls.values():
        if control.not_applicable:
            continue
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


def _refuse_strange_compensation(controls: Mapping[str, Control], files_of: Mapping[str, str]) -> None:
    """What makes up for a deviation exists and answers the same danger: it can lift a grave finding."""
    for control in controls.values():
        for key in ("compensates_for", "compensated_by"):
            for name in getattr(control, key):
                other, where = controls.get(name), (files_of[control.id], control.id, key)
                if other is None:
                    raise fault(*where, f"there is no control {name!r}", _suggest(name, controls))
                if other is control:
                    raise fault(*where, "names the control itself", "name another one")
                if not control.risk or control.risk != other.risk:
                    problem = f"its risk is {control.risk!r}, and that of {name} is {other.risk!r}"
                    raise fault(*where, problem, "name a control that answers the same risk")


def _suggest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else "remove it, or name one that exists"


def _parse(text: str, file: str, checks: Mapping[str, Check]) -> _File:
    """The controls of one file, and the reasons of those that it disables or marks."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise fault(file, "the file", "syntax", str(error), "write it as TOML 1.0") from error
    if strange := sorted(set(document) - {"control"}):
        raise fault(file, "the file", strange[0], "is not a key of a library", "use [[control]] entries only")
    entries = document.get("control", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise fault(file, "the file", "control", "is no list of tables", "use [[control]] entries")
    found = _File({}, {}, {})
    for raw in entries:
        entry = _Entry(file, raw)
        if entry.name in found.controls or entry.name in found.disabled or entry.name in found.marked:
            raise entry.fault("id", "is given twice", "keep one of the two")
        if entry.flag("disabled", missing=False):
            found.disabled[entry.name] = entry.text("reason")
        elif set(raw) == {"id", "not_applicable"}:
            found.marked[entry.name] = entry.sentence("not_applicable")
        else:
            found.controls[entry.name] = _control(entry, checks)
        entry.refuse_rest()
    return found


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

    def optional(self, key: str) -> str:
        """A text that may be missing, but not be empty."""
        return self.text(key) if key in self._rest else ""

    def whole(self, key: str, least: int, most: float = inf) -> int | None:
        """A whole number within limits; None where there is none."""
        if key not in self._rest:
            return None
        value = int(self.take(key, int, "write a whole number"))
        if not least <= value <= most:
            limit = f"{least} or more" if most == inf else f"{least} to {most}"
            raise self.fault(key, f"is {value}", f"write {limit}")
        return value

    def day(self, key: str) -> date | None:
        """A date without a time; None where there is none."""
        value = self._rest.pop(key, None)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            raise self.fault(key, f"is {value!r}, no date", "write it without quotes: 2026-01-01")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        """A list of control ids, each once; it may be missing."""
        given = self.take(key, list, "write a list of control ids", missing=[])
        if len(set(map(str, given))) < len(given) or not all(isinstance(name, str) for name in given):
            raise self.fault(key, "is no list of different control ids", 'write a list like ["AC-01"]')
        return tuple(given)

    def one_of(self, key: str, allowed: Iterable[str]) -> str:
        value, known = self.text(key), tuple(allowed)
        if value not in known:
            raise self.fault(key, f"is {value!r}", f"use {', '.join(known)}")
        return value

    def known(self, key: str, allowed: Iterable[str]) -> str:
        """One of some names, or empty where the key is missing."""
        value, names = self.optional(key), tuple(allowed)
        if value and value not in names:
            near = get_close_matches(value, names, n=1)
            raise self.fault(key, f"is {value!r}", f"did you mean {near[0]}?" if near else f"use {', '.join(names)}")
        return value

    def refuse_rest(self) -> None:
        for key in self._rest:
            raise self.fault(key, "is not a key of a control, or not of this kind of control", "remove it")


def _control(entry: _Entry, checks: Mapping[str, Check]) -> Control:
    kind = Kind(entry.one_of("kind", Kind))
    tested = _checks(entry, kind, checks)
    covers = Covers(entry.one_of("covers", (Covers.ALL, Covers.PART)) if tested else Covers.NONE)
    by_people = kind is not Kind.AUTOMATED
    begins, ends = entry.day("effective_from"), entry.day("effective_to")
    if begins is not None and ends is not None and begins >= ends:
        raise entry.fault("effective_to", f"is {ends}, not after {begins}", "write a later day")
    frequency = Frequency(entry.one_of("frequency", Frequency))
    title = entry.text("title")
    if title.endswith("."):
        raise entry.fault("title", "ends with a full stop", "remove it")
    sla_days = entry.whole("sla_days", 1)
    if sla_days is None:
        raise entry.fault("sla_days", "is missing or of the wrong type", "write a whole number of days")
    return Control(
        id=entry.name,
        title=title,
        text=entry.sentence("text"),
        criteria=_criteria(entry, by_machine=bool(tested) or not by_people),
        frequency=frequency,
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
        due_rule=_due_rule(entry) if by_people else None,
        risk=entry.optional("risk"),
        compensates_for=entry.names("compensates_for"),
        compensated_by=entry.names("compensated_by"),
        not_applicable=entry.optional("not_applicable"),
        effective_from=begins,
        effective_to=ends,
        editorial=entry.flag("editorial", missing=False),
        approved_by=entry.optional("approved_by"),
        monitors=entry.known("monitors", MONITORED) if by_people else "",
        **_occasions(entry, frequency, by_people=by_people),
    )


def _occasions(entry: _Entry, frequency: Frequency, *, by_people: bool) -> dict[str, str]:
    """What lists the occasions of a control, and what each is held against: both may be missing."""
    population, join = entry.known("population", POPULATIONS), entry.known("join", JOINS)
    if population and not by_people:
        raise entry.fault("population", "stands in an automated control", 'remove it, or write kind = "hybrid"')
    if population and frequency in WITH_SLOTS:
        raise entry.fault("population", f"stands beside the frequency {frequency}, which has slots", "remove it")
    if join and population not in JOINS[join]:
        fitting = " or ".join(JOINS[join])
        raise entry.fault("join", f"{join!r} does not fit {population or 'no population'!r}", f"use it with {fitting}")
    return {"population": population, "join": join}


def _due_rule(entry: _Entry) -> DueRule | None:
    """`due` in numbers, where the file gives them."""
    days, business = entry.whole("due_days", 0), entry.whole("due_business_days", 0)
    grace, month = entry.whole("grace_days", 0), entry.whole("fiscal_month", 1, _MONTHS)
    if days is not None and business is not None:
        raise entry.fault("due_business_days", "stands beside due_days", "keep one of the two")
    counted = business if days is None else days
    if counted is None:
        if grace is not None or month is not None:
            raise entry.fault("due_days", "is missing beside grace_days or fiscal_month", "write 0 or more")
        return None
    return DueRule(days=counted, business=days is None, grace_days=grace, fiscal_month=month or 1)


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
