"""Which events a rule of EventBridge takes, as `ChangeAlert.events` has them.

Events are left out that the rule takes only under a further condition, and those that this does not understand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

from collectors.aws.filter_patterns import of_fields

API_CALL = "AWS API Call via CloudTrail"
SIGN_IN = "AWS Console Sign In via CloudTrail"
HEALTH, THREATS, HUB = "aws.health", "aws.guardduty", "aws.securityhub"
KNOWN = frozenset({"source", "detail-type", "detail"})
CATEGORIES = {"issue": "incident"}
"""Kinds of events in the provider's own services, where the neutral word is another one."""
BANDS = {"low": (1.0, 3.9), "medium": (4.0, 6.9), "high": (7.0, 8.9), "critical": (9.0, 10.0)}
"""Least and greatest severity of each word: GuardDuty, "Severity levels of findings"."""
LABELS = ("low", "medium", "high", "critical")
WORK = {
    "aws.states": ("Step Functions Execution Status Change", "status", "statemachinearn", "state_machine"),
    "aws.glue": ("Glue Job State Change", "state", "jobname", "data_job"),
}
"""Services that report each run: type of the event, its fields with the outcome and with what ran, and our word."""
FRESH = {"findings.workflow.status": "NEW", "findings.recordstate": "ACTIVE"}
"""What every new finding of Security Hub says of itself."""


def events(pattern: str) -> tuple[str, ...]:
    """What sets a rule off.  Raises ValueError for a text that is no JSON."""
    said: Mapping[str, Any] = json.loads(pattern)
    if not said.keys() <= KNOWN:
        return ()
    detail = said.get("detail") or {}
    found: set[str] = set()
    for source in said.get("source") or ("*",):
        if source == HEALTH:
            found.update(_health(detail))
        elif source == THREATS:
            found.update(_threats(detail))
        elif source == HUB:
            found.update(_hub(detail))
        elif isinstance(source, str) and _of_trail(said.get("detail-type")):
            found.update(_calls(source.removeprefix("aws."), detail))
    found.update(_failed_runs(said, detail))
    return tuple(sorted(found))


def _of_trail(types: Iterable[object] | None) -> bool:
    """Calls that the audit trail records are among the types of events."""
    return types is None or not {API_CALL, SIGN_IN}.isdisjoint(each for each in types if isinstance(each, str))


def _calls(service: str, detail: Mapping[str, Any]) -> Iterator[str]:
    """Calls of one service, or of those that the detail names."""
    fields = dict(flat(detail))
    values: list[list[tuple[str, str]]] = []
    for field, given in fields.items():
        texts = [text for text in map(_text, given) if text is not None]
        if not texts:
            return
        values.append([(field, text) for text in texts])
    for chosen in product(*values):
        equal = dict(chosen)
        if service != "*" and not {"useridentity.type", "errorcode"} & equal.keys():
            equal.setdefault("eventsource", service)
        yield from of_fields(equal)


def flat(detail: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Each field with what it may be, in lower case and with dots."""
    for key, value in detail.items():
        name = f"{above}{key}".lower()
        if isinstance(value, dict):
            yield from flat(value, f"{name}.")
        else:
            yield name, value


def _text(given: object) -> str | None:
    """One alternative with `*` for any text; None for what this does not understand."""
    if isinstance(given, str):
        return given.lower()
    match given:
        case {"prefix": str(text)}:
            return f"{text.lower()}*"
        case {"suffix": str(text)}:
            return f"*{text.lower()}"
        case {"wildcard": str(text)} | {"equals-ignore-case": str(text)}:
            return text.lower()
    return None


def _health(detail: Mapping[str, Any]) -> Iterator[str]:
    """Which services the company uses, and so chose, is its own matter."""
    fields = dict(flat(detail))
    fields.pop("service", None)
    categories = fields.pop("eventtypecategory", ["*"])
    if not fields:
        yield from (f"health:{CATEGORIES.get(each, each).lower()}" for each in categories if isinstance(each, str))


def _threats(detail: Mapping[str, Any]) -> Iterator[str]:
    """Findings of the severities of which every number is taken."""
    fields = dict(flat(detail))
    asked = fields.pop("severity", None)
    if not fields:
        for word, ends in BANDS.items():
            if asked is None or any(all(_meets(each, end) for end in ends) for each in asked):
                yield f"finding:{word}"


def _meets(condition: object, number: float) -> bool:
    """A number is in the one stretch that a condition names; single numbers are no stretch."""
    match condition:
        case {"numeric": [*parts]}:
            tests = zip(parts[::2], parts[1::2], strict=True)
            return all(_compares(str(operator), number, float(limit)) for operator, limit in tests)
    return False


def _compares(operator: str, number: float, limit: float) -> bool:
    return {">=": number >= limit, ">": number > limit, "<=": number <= limit, "<": number < limit}.get(operator, False)


def _hub(detail: Mapping[str, Any]) -> Iterator[str]:
    """Findings of the severities that are named."""
    fields = dict(flat(detail))
    labels = fields.pop("findings.severity.label", None)
    if all(name in FRESH and FRESH[name] in given for name, given in fields.items()):
        words = LABELS if labels is None else [str(each).lower() for each in labels]
        yield from (f"finding:{word}" for word in LABELS if word in words)


def _failed_runs(said: Mapping[str, Any], detail: Mapping[str, Any]) -> Iterator[str]:
    """Work of which a run that fails sets the rule off."""
    for source, (type_, outcome, thing, word) in WORK.items():
        if source in said.get("source", (source,)) and type_ in said.get("detail-type", (type_,)):
            fields = dict(flat(detail))
            outcomes, things = fields.pop(outcome, ["FAILED"]), fields.pop(thing, ["*"])
            if not fields and any(map(_takes_failed, outcomes)):
                yield from (f"failed:{word} {text}" for text in map(_text, things) if text is not None)


def _takes_failed(given: object) -> bool:
    """An alternative takes the word that both services have for a run that failed."""
    match given:
        case {"anything-but": [*others]}:
            return "FAILED" not in others
        case {"anything-but": str(other)}:
            return other != "FAILED"
    text = _text(given)
    return text is not None and fnmatchcase("failed", text)
