"""What a set of policies lets somebody do, by the rules that AWS itself evaluates them by.

An explicit denial wins; of the rest, the policies of an identity, its boundary and each level of the organization must
all allow.  What only the moment of a request tells (the value of a condition key, the value of a policy variable) is
not guessed: the answer is then CONDITIONAL.  A policy that was not read makes it UNREAD, unless what was read settles
it.  Source: IAM User Guide, policy evaluation logic; JSON policy elements reference.

An action or a resource that is asked about may itself be a pattern, and then stands for all that matches it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any

from collectors.api import Body
from collectors.aws.statements import as_list

Context = Mapping[str, tuple[str, ...] | None]
"""Condition keys in lower case: their values, or None for a key that the request lacks.  Others are not known."""

EVERY_ACTION = "*:*"
EVERYTHING = tuple(f"arn:{partition}:*:*:*:*" for partition in ("aws", "aws-cn", "aws-us-gov"))
"""All resources, by partition; an account has those of one."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_ARN_PARTS = 6
_CACHED = 1 << 14
_SET = ("forallvalues:", "foranyvalue:")
_TEXT = frozenset({"stringequals", "stringlike", "arnequals", "arnlike", "bool"})
_NO_CASE = frozenset({"stringequalsignorecase", "bool"})
_WITH_WILDCARDS = frozenset({"stringlike", "arnequals", "arnlike"})
"""Operators whose values are patterns; the two for ARNs do the same."""


class Answer(StrEnum):
    """What the policies say about one action on one resource."""

    ALLOWED = "allowed"
    DENIED = "denied"
    CONDITIONAL = "conditional"
    UNREAD = "unread"


@dataclass(frozen=True)
class Statement:
    """One statement of a policy, with every single value in a list."""

    allows: bool
    actions: tuple[str, ...]
    """In lower case."""
    all_but_actions: bool
    """`actions` are those that it does not speak of."""
    resources: tuple[str, ...]
    """ARNs with all their parts, or patterns."""
    all_but_resources: bool
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """(operator, key, values), the first two in lower case; all of them must hold."""

    @cached_property
    def spoken(self) -> dict[str, bool]:
        """Whether it speaks of an action, for those that were asked about: many hold the policy, and it may be long."""
        return {}

    @cached_property
    def by_service(self) -> Mapping[str, tuple[str, ...]]:
        """The actions by the service that they name; those that name more than one are under `*`."""
        found: dict[str, list[str]] = defaultdict(list)
        for action in self.actions:
            service = action.partition(":")[0]
            found["*" if is_pattern(service) else service].append(action)
        return {service: tuple(actions) for service, actions in found.items()}


@dataclass(frozen=True, slots=True)
class Layer:
    """Policies that add up: those of an identity, its boundary, or those of one level of the organization."""

    statements: tuple[Statement, ...]
    complete: bool = True
    """Every policy of the layer was read."""


def parse(text: Body) -> tuple[Statement, ...]:
    """The statements of a policy.  Raises KeyError or TypeError for one that lacks what every statement has."""
    return tuple(_statement(raw) for raw in as_list(text["Statement"]))


def _statement(raw: Body) -> Statement:
    return Statement(
        allows={"Allow": True, "Deny": False}[raw["Effect"]],
        actions=tuple(str(action).lower() for action in as_list(raw["NotAction" if "NotAction" in raw else "Action"])),
        all_but_actions="NotAction" in raw,
        resources=tuple(
            _whole_arn(str(arn)) for arn in as_list(raw["NotResource" if "NotResource" in raw else "Resource"])
        ),
        all_but_resources="NotResource" in raw,
        conditions=tuple(
            (operator.lower(), key.lower(), tuple(_word(value) for value in as_list(values)))
            for operator, keys in raw.get("Condition", {}).items()
            for key, values in keys.items()
        ),
    )


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _whole_arn(arn: str) -> str:
    """AWS completes an ARN that lacks parts with wildcards."""
    missing = _ARN_PARTS - len(arn.split(":")) if arn.startswith("arn:") else 0
    return arn + ":*" * max(missing, 0)


def decide(
    layers: Iterable[Layer], action: str, resource: str, context: Context | None = None, *, whole: bool = True
) -> Answer:
    """The answer of all layers together, each of which must allow.

    Where `resource` is a pattern, an allowance must cover all of it, or with `whole` off some of it; a denial counts
    only when it covers all of it.
    """
    known = context or {}
    layers = tuple(layers)
    denied = [
        applies(each, action, resource, known) for layer in layers for each in layer.statements if not each.allows
    ]
    if True in denied:
        return Answer.DENIED
    allowed = [
        _any(applies(each, action, resource, known, whole=whole) for each in layer.statements if each.allows)
        for layer in layers
    ]
    if any(value is False and layer.complete for value, layer in zip(allowed, layers, strict=True)):
        return Answer.DENIED
    if not all(layer.complete for layer in layers):
        return Answer.UNREAD
    return Answer.CONDITIONAL if None in denied or None in allowed else Answer.ALLOWED


def applies(statement: Statement, action: str, resource: str, context: Context, *, whole: bool = True) -> bool | None:
    """The statement speaks of an action on a resource, all of it or (`whole` off) some of it; None: on a condition."""
    spoken = speaks_of(statement, action)
    if not spoken:
        return False
    named = _in_list(statement.resources, resource, context, excluded=statement.all_but_resources, whole=whole)
    if named is False:
        return False
    return _all([named, conditions_hold(statement, context)])


def conditions_hold(statement: Statement, context: Context) -> bool | None:
    """All conditions of a statement hold; None when the request alone tells."""
    return _all(_holds(*condition, context) for condition in statement.conditions)


def everywhere(statements: Iterable[Statement], action: str) -> bool:
    """Some one statement allows an action, or all that match it, on every resource of AWS.

    A condition does not take that away, since most can be met at will, and nor does a denial.  Grants that only add
    up over several statements are not seen.
    """
    return any(each.allows and _is_everywhere(each, action) for each in statements)


def _is_everywhere(statement: Statement, action: str) -> bool:
    """An account lies in one partition, so that one is enough, unless resources of some are left out."""
    found = [applies(statement, action, everything, {}) is not False for everything in EVERYTHING]
    return all(found) if statement.all_but_resources else any(found)


def speaks_of(statement: Statement, action: str) -> bool:
    """The statement's list of actions holds an action, or every action that matches a pattern."""
    wanted = action.lower()
    if wanted not in statement.spoken:
        matching = overlaps if statement.all_but_actions else covers
        listed = any(matching(each, wanted) for each in _candidates(statement, wanted))
        statement.spoken[wanted] = listed is not statement.all_but_actions
    return statement.spoken[wanted]


def _candidates(statement: Statement, action: str) -> Iterable[str]:
    """Those of a statement's actions that can match, since they name the same service."""
    service = action.partition(":")[0]
    if is_pattern(service):
        return statement.actions
    return (*statement.by_service.get(service, ()), *statement.by_service.get("*", ()))


def is_pattern(text: str) -> bool:
    """It holds a wildcard."""
    return "*" in text or "?" in text


def covers(pattern: str, text: str) -> bool:
    """Everything that `text` stands for matches `pattern`, in which `*` is any text and `?` any one character."""
    return pattern == "*" or _compiled(pattern).fullmatch(text) is not None


@lru_cache(_CACHED)
def _compiled(pattern: str) -> re.Pattern[str]:
    """A wildcard of the text asked about can only be covered by a star."""
    parts = {"*": ".*", "?": "[^*]"}
    return re.compile("".join(parts.get(letter) or re.escape(letter) for letter in pattern), re.DOTALL)


@lru_cache(_CACHED)
def overlaps(one: str, other: str) -> bool:
    """Some text matches both patterns."""
    reached = _stars({0}, other)
    for letter in one:
        if letter == "*":
            reached = set(range(min(reached), len(other) + 1)) if reached else set()
            continue
        step = {
            place if other[place] == "*" else place + 1
            for place in reached
            if place < len(other) and (letter == "?" or other[place] in {"*", "?", letter})
        }
        reached = _stars(step, other)
    return len(other) in reached


def _stars(places: set[int], text: str) -> set[int]:
    """The places, and those behind stars that stand for nothing."""
    found = set(places)
    for place in places:
        behind = place
        while behind < len(text) and text[behind] == "*":
            behind += 1
            found.add(behind)
    return found


def _in_list(patterns: tuple[str, ...], resource: str, context: Context, *, excluded: bool, whole: bool) -> bool | None:
    """A list of resources, or all but them, covers `resource` or (`whole` off) has something of it."""
    if not excluded:
        return _any(_matches(each, resource, context, whole=whole) for each in patterns)
    left_out = _any(_matches(each, resource, context, whole=not whole) for each in patterns)
    return None if left_out is None else not left_out


def _matches(pattern: str, text: str, context: Context, *, whole: bool) -> bool | None:
    """None when it depends on a variable that is not known, which has but one value and so covers no pattern."""
    filled, open_ended = filled_in(pattern, context)
    if open_ended and whole and is_pattern(text):
        return False
    hit = covers(filled, text) if whole or not is_pattern(text) else overlaps(filled, text)
    return None if hit and open_ended else hit


def filled_in(pattern: str, context: Context) -> tuple[str, bool]:
    """A pattern with its policy variables replaced, by a star where the value is not known; whether one was.

    A variable without a value matches nothing.  `${*}` and its like, which stand for the character itself, match any.
    """
    if "${" not in pattern:
        return pattern, False
    unknown = False

    def value(found: re.Match[str]) -> str:
        nonlocal unknown
        name, _, default = found[1].partition(",")
        key = name.strip().lower()
        if key in {"*", "?", "$"}:
            return "?"
        held = context.get(key, ("*",))
        unknown = unknown or key not in context
        if held is None:
            return default.strip().strip("'") or "\0"
        return held[0]

    return _VARIABLE.sub(value, pattern), unknown


def _holds(operator: str, key: str, values: tuple[str, ...], context: Context) -> bool | None:
    """One condition; None when the request alone tells."""
    if key not in context:
        return None
    held = context[key]
    sets = next((each for each in _SET if operator.startswith(each)), "")
    bare = operator.removeprefix(sets).removesuffix("ifexists")
    if bare == "null":
        return (held is None) == ("true" in {value.lower() for value in values})
    negated = "not" in bare
    bare = bare.replace("not", "")
    if bare not in _TEXT | _NO_CASE:
        return None
    if held is None:
        return negated or operator.endswith("ifexists") or sets == "forallvalues:"
    hits = [_any(_equal(bare, value, each, context) for value in values) for each in held]
    if negated:
        hits = [None if hit is None else not hit for hit in hits]
    # without a set operator one value is meant, so that of several none may break a negated condition
    return _all(hits) if sets == "forallvalues:" or (negated and not sets) else _any(hits)


def _equal(operator: str, value: str, held: str, context: Context) -> bool | None:
    filled, unknown = filled_in(value, context)
    if operator in _NO_CASE:
        filled, held = filled.lower(), held.lower()
    hit = covers(filled, held) if operator in _WITH_WILDCARDS or unknown else filled == held
    return None if hit and unknown else hit


def _any(values: Iterable[bool | None]) -> bool | None:
    found = set(values)
    return True if True in found else None if None in found else False


def _all(values: Iterable[bool | None]) -> bool | None:
    found = set(values)
    return False if False in found else None if None in found else True
