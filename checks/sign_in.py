"""Whether the sign-in rules of a directory together keep out everybody who has no second factor.

One rule must cover everyone.  What it leaves out is fine when the company's list names it, or when another rule covers
just that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from checks.api import Facts, Finding, fails, passes, unknown, unread_in
from collectors.facts.core import Unread
from collectors.facts.directory import EVERYONE, EVERYTHING, GUESTS, Clients, DirectorySettings, SignInRule

_APPLICATION = "application "
_SHOWN = 5
"""Exceptions that a reason names before it only counts the rest."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What the rules are asked about."""

    application: str
    """`everything`, `management`, or the id of one application."""
    clients: Clients
    says: str
    """The promise, behind "demands" and the like: `a second factor of everyone`."""


def judge_rules(directory: DirectorySettings, facts: Facts, demand: Demand, listed: tuple[str, ...]) -> Finding:
    """One finding about a directory; `listed` are the exceptions that the company accepts, as reasons name them."""
    rules = list(facts.of(SignInRule))
    serving = [rule for rule in rules if _serves(rule, demand) == ()]
    near: list[tuple[SignInRule, list[str]]] = []
    for rule in serving:
        if EVERYONE not in _known(rule.covers):
            continue
        left = _left_out(rule, demand, listed, serving)
        if not left:
            accepted = sorted(set(_relevant(rule, demand)))
            but = f", but for {_some(accepted)}" if accepted else ""
            return passes(directory, f'the rule "{rule.resource.name}" demands {demand.says}{but}', rule)
        near.append((rule, left))
    gaps = [gap for rule in rules for gap in _serves(rule, demand) or ()]
    if unlisted := facts.unlisted(SignInRule):
        gaps.append(unlisted)
    if gaps:
        return unknown(directory, *gaps)
    if near:
        rule, left = min(near, key=lambda pair: len(pair[1]))
        but = f"and leaves out {_some(left)}, which no list names"
        return fails(directory, f'the rule "{rule.resource.name}" demands {demand.says}, {but}', rule)
    return fails(directory, f"no rule in force demands {demand.says}", *rules)


def _serves(rule: SignInRule, demand: Demand) -> tuple[Unread, ...] | None:
    """Empty when it does what is asked for whomever it covers, None when it does not, otherwise why nobody can tell."""
    told: list[bool | Unread] = [
        rule.enforced,
        _either(rule.demands_mfa, rule.blocks),
        _holds(rule.clients, {demand.clients}),
        _holds(rule.applications, {EVERYTHING, demand.application}),
        rule.only_when if isinstance(rule.only_when, Unread) else not rule.only_when,
        rule.covers if isinstance(rule.covers, Unread) else True,
        rule.exceptions if isinstance(rule.exceptions, Unread) else True,
    ]
    return None if False in told else unread_in(*told)


def _either(one: bool | Unread, other: bool | Unread) -> bool | Unread:
    if True in (one, other):
        return True
    return one if isinstance(one, Unread) else other


def _holds(values: tuple[str, ...] | Unread, wanted: set[str]) -> bool | Unread:
    return values if isinstance(values, Unread) else not wanted.isdisjoint(values)


def _known(values: tuple[str, ...] | Unread) -> tuple[str, ...]:
    return () if isinstance(values, Unread) else values


def _relevant(rule: SignInRule, demand: Demand) -> list[str]:
    """Its exceptions but for applications that nobody asks about."""
    asked = demand.application
    return [
        each
        for each in _known(rule.exceptions)
        if asked == EVERYTHING or not each.startswith(_APPLICATION) or each == _APPLICATION + asked
    ]


def _left_out(rule: SignInRule, demand: Demand, listed: tuple[str, ...], serving: Iterable[SignInRule]) -> list[str]:
    """Exceptions that neither the list names nor another rule takes care of."""
    others = [each for each in serving if each is not rule and set(_relevant(each, demand)) <= set(listed)]
    return [
        each
        for each in _relevant(rule, demand)
        if each not in listed and not any(_covers(other, each) for other in others)
    ]


def _covers(rule: SignInRule, who: str) -> bool:
    covered = _known(rule.covers)
    return who in covered or (who.startswith(GUESTS) and GUESTS in covered)


def _some(names: list[str]) -> str:
    first = ", ".join(names[:_SHOWN])
    rest = len(names) - _SHOWN
    return f"{first} and {rest} more" if rest > 0 else first
