"""For authors of checks: make facts with few words, and judge them."""

from __future__ import annotations

from dataclasses import MISSING, fields
from datetime import UTC, datetime
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from checks.api import Check, Facts, Finding, Outcome
from collectors.facts.core import DocumentRef, Fact, Reason, Resource, Unread

F = TypeVar("F", bound=Fact)

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DENIED = Unread(Reason.PERMISSION_DENIED, "svc:ReadIt", "svc:ReadIt", "AccessDenied")


def fact(type_: type[F], name: str = "it", *, region: str = "us-east-1", **values: Any) -> F:
    """A fact about the resource `name`; every field that is not given, and can be unread, is unread."""
    hints = get_type_hints(type_)
    given: dict[str, Any] = {
        "resource": Resource("aws", "123456789012", region, type_.__name__.lower(), f"arn:{name}", name),
        "documents": (DocumentRef("test.document", f"arn:{name}"),),
    }
    for item in fields(type_):
        if (
            item.name not in given
            and item.name not in values
            and item.default is MISSING
            and unreadable(hints[item.name])
        ):
            given[item.name] = DENIED
    return type_(**{**given, **values})


def unreadable(hint: object) -> bool:
    """A field of this type can stand without a value."""
    return get_origin(hint) is UnionType and Unread in get_args(hint)


def judged(
    check: Check,
    *facts: Fact,
    unlisted: dict[tuple[type[Fact], str], Unread] | None = None,
    now: datetime = NOW,
    **params: Any,
) -> list[Finding]:
    """What `check` finds in `facts`, with its default parameters but for `params`."""
    return list(check.judge(Facts(facts, unlisted), now, {**check.defaults(), **params}))


def outcome(check: Check, *facts: Fact, now: datetime = NOW, **params: Any) -> Outcome:
    """The one outcome that `check` has for the one resource that `facts` give it to judge."""
    (finding,) = judged(check, *facts, now=now, **params)
    return finding.outcome
