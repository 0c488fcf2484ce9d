"""Whether the policy of a key lets only measured enclaves have something decrypted.

A Nitro enclave hands its measurements to KMS, and a policy can ask for them: AWS KMS Developer Guide, condition keys
for attested platforms.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from collectors.api import Body, Kind
from collectors.aws.statements import as_list
from collectors.facts.core import Reason, Unread

OPENING = ("kms:decrypt", "kms:derivesharedsecret", "kms:generatedatakey", "kms:generatedatakeypair")
"""What gives out plaintext, and takes measurements into account."""
PREFIX = "kms:recipientattestation:"
"""Begins the condition keys, `kms:RecipientAttestation:PCR0`."""
IMAGE = "imagesha384"
"""Another name of the first measurement."""
EQUAL = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})
DIFFERENT = frozenset({"stringnotequals", "stringnotequalsignorecase", "stringnotlike"})
IS_NULL = "null"
ANYTHING = "*"
"""Stands for a measurement of whatever value."""

Asked = Mapping[str, frozenset[str]]
"""By measurement (`PCR0`) the values that are let in."""


@dataclass(frozen=True, slots=True)
class Way:
    """One statement that lets somebody have something decrypted."""

    name: str
    asked: Asked


@dataclass(frozen=True, slots=True)
class Attested:
    """What the policy of a key asks for."""

    ways: tuple[Way, ...]
    unclear: bool
    """A denial asks for measurements in a form that this does not work out, so it may close a way that looks open."""

    @property
    def asks(self) -> bool:
        """Measurements count for something."""
        return self.unclear or any(way.asked for way in self.ways)

    @property
    def without(self) -> tuple[str, ...]:
        """Names of the statements that ask for none."""
        return tuple(way.name for way in self.ways if not way.asked)

    @property
    def pinned(self) -> tuple[str, ...]:
        """Measurements of which each way names the values, those apart that ask for nothing."""
        every = [{name for name, values in way.asked.items() if ANYTHING not in values} for way in self._asking]
        return tuple(sorted(set.intersection(*every))) if every else ()

    @property
    def values(self) -> tuple[str, ...]:
        """Each value that is named, `PCR0 ab12…`."""
        found = {
            f"{name} {value}"
            for way in self._asking
            for name, values in way.asked.items()
            for value in values
            if value != ANYTHING
        }
        return tuple(sorted(found))

    @property
    def _asking(self) -> list[Way]:
        return [way for way in self.ways if way.asked]


def attested(policy: str) -> Attested:
    """What a policy asks for.  Raises ValueError, KeyError for one that is malformed."""
    statements = list(enumerate(as_list(json.loads(policy)["Statement"]), 1))
    denials = [each for _, each in statements if each["Effect"] == "Deny" and _about_attestation(each)]
    understood = {action: _demands(denials, action) for action in OPENING}
    ways: list[Way] = []
    for number, each in statements:
        if each["Effect"] != "Allow":
            continue
        for asked in _ways(each, understood):
            way = Way(str(each.get("Sid") or f"statement {number}"), asked)
            if way not in ways:
                ways.append(way)
    return Attested(tuple(ways), unclear=any(_demanded(each) is None for each in denials))


def unattested(found: Attested, kind: Kind) -> tuple[str, ...] | Unread:
    """Names of the statements that let somebody in without measurements, unless a denial leaves that open."""
    if found.unclear and found.without:
        return Unread(
            Reason.SERVICE_UNSUPPORTED, kind.call, kind.needs, "a denial by measurements that only AWS can weigh"
        )
    return found.without


def _ways(statement: Body, understood: Mapping[str, Asked]) -> Iterator[Asked]:
    """What a statement and the denials together ask for, for each action that the statement allows."""
    own = _together({name: values} for name, values in _positive(statement))
    for action in OPENING:
        if _covers(statement, action):
            yield _together([own, understood[action]])


def _covers(statement: Body, action: str) -> bool:
    if "NotAction" in statement:
        return not _any(statement["NotAction"], action)
    return _any(statement["Action"], action)


def _any(patterns: Any, action: str) -> bool:
    return any(fnmatchcase(action, str(pattern).lower()) for pattern in as_list(patterns))


def _conditions(statement: Body) -> list[tuple[str, str, list[Any]]]:
    return [
        (operator.lower(), key.lower(), as_list(value))
        for operator, keys in statement.get("Condition", {}).items()
        for key, value in keys.items()
    ]


def _about_attestation(statement: Body) -> bool:
    return any(key.startswith(PREFIX) for _, key, _ in _conditions(statement))


def _positive(statement: Body) -> Iterator[tuple[str, frozenset[str]]]:
    """Measurements that an Allow demands.  Operators with IfExists demand nothing of whoever has none."""
    for operator, key, values in _conditions(statement):
        if not key.startswith(PREFIX):
            continue
        if operator in EQUAL:
            yield _named(key), _exact(values)
        elif operator == IS_NULL and _says(values, truth=False):
            yield _named(key), frozenset({ANYTHING})


def _demands(denials: Iterable[Body], action: str) -> Asked:
    """What has to be shown so that no denial of `action` holds.  Each that is understood names one measurement."""
    demanded = ((each, _demanded(each)) for each in denials)
    return _together({found[0]: found[1]} for each, found in demanded if found and _covers(each, action))


def _together(demands: Iterable[Asked]) -> Asked:
    """What meets all of some demands."""
    found: dict[str, frozenset[str]] = {}
    for demand in demands:
        for name, values in demand.items():
            before = found.get(name, values)
            found[name] = values if ANYTHING in before else before if ANYTHING in values else before & values
    return found


def _demanded(denial: Body) -> tuple[str, frozenset[str]] | None:
    """The measurement that everybody has to show lest this denial hold; None when it holds under more conditions."""
    conditions = _conditions(denial)
    principal = denial.get("Principal")
    everybody = principal == "*" or (isinstance(principal, dict) and "*" in as_list(principal.get("AWS", [])))
    if len(conditions) != 1 or not everybody:
        return None
    ((operator, key, values),) = conditions
    # A denial of what differs also denies whoever shows nothing: IAM User Guide, negated matching.
    if operator in DIFFERENT:
        return _named(key), _exact(values)
    if operator == IS_NULL and _says(values, truth=True):
        return _named(key), frozenset({ANYTHING})
    return None


def _named(key: str) -> str:
    """`PCR0`, which has two names."""
    name = key.removeprefix(PREFIX)
    return "PCR0" if name == IMAGE else name.upper()


def _exact(values: Iterable[Any]) -> frozenset[str]:
    return frozenset(ANYTHING if set("*?") & set(str(value)) else str(value).lower() for value in values)


def _says(values: Iterable[Any], *, truth: bool) -> bool:
    return [str(value).lower() for value in values] == [str(truth).lower()]
