"""Which events of the audit trail a filter pattern of CloudWatch Logs takes.

The grammar is that of "Filter pattern syntax for metric filters", JSON log events: comparisons of one field, joined by
`&&` and `||`, with parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

TOKEN = re.compile(
    r"\s*(\|\||&&|[()]|NOT EXISTS\b|IS NOT\b|EXISTS\b|IS\b|!=|<=|>=|=|<|>|\"(?:[^\"\\]|\\.)*\"|[^\s()=!<>|&\"]+)"
)
FAILED = "failed"
"""What follows a name where only calls that fail count."""


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison."""

    field: str
    """In lower case and without `$.`: `eventname`."""
    operator: str
    value: str
    """In lower case; `*` stands for any text."""


NOISE = frozenset(
    {
        ("eventtype", "awsserviceevent"),
        ("sourceipaddress", "delivery.logs.amazonaws.com"),
        ("eventname", "headbucket"),
    }
)
"""What may be left out: events that AWS itself causes, and one that changes nothing."""

All = tuple[Term, ...]
"""Terms that have to hold together."""


def events(pattern: str) -> tuple[str, ...]:
    """What sets a filter off, as `ChangeAlert.events` has it; nothing, for a pattern that looks for words.

    Raises ValueError for a pattern that is not understood.
    """
    text = pattern.strip()
    if not text.startswith("{"):
        return ()
    if not text.endswith("}"):
        raise ValueError("the pattern is not closed")
    found = {each for terms in Parser(text[1:-1]).whole() for each in of_terms(terms)}
    return tuple(sorted(found))


class Parser:
    """Reads an expression into alternatives, each of them terms that have to hold together."""

    def __init__(self, text: str) -> None:
        """Split into tokens.  Raises ValueError for what is none."""
        self._tokens: list[str] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            found = TOKEN.match(text, at)
            if not found:
                raise ValueError(f"no token at {text[at : at + 10]!r}")
            self._tokens.append(found[1])
            at = found.end()
        self._at = 0

    def whole(self) -> list[All]:
        """The alternatives of the whole text."""
        found = self._either()
        if self._next():
            raise ValueError(f"{self._next()!r} is left over")
        return found

    def _either(self) -> list[All]:
        found = self._both()
        while self._take("||"):
            found += self._both()
        return found

    def _both(self) -> list[All]:
        found = self._one()
        while self._take("&&"):
            other = self._one()
            found = [(*one, *more) for one in found for more in other]
        return found

    def _one(self) -> list[All]:
        if self._take("("):
            found = self._either()
            if not self._take(")"):
                raise ValueError("a parenthesis is not closed")
            return found
        return [(self._term(),)]

    def _term(self) -> Term:
        field, operator = self._shift(), self._shift()
        if not field.startswith("$."):
            raise ValueError(f"{field!r} is no field")
        value = "" if operator in {"NOT EXISTS", "EXISTS"} else self._shift()
        if value.startswith('"'):
            value = value[1:-1]
        return Term(field[2:].lower(), operator, value.lower())

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _shift(self) -> str:
        if not self._next():
            raise ValueError("the text ends too soon")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, token: str) -> bool:
        if self._next() == token:
            self._at += 1
            return True
        return False


def of_terms(terms: Iterable[Term]) -> Iterator[str]:
    """The events that meet all terms: none, where a further condition narrows them."""
    equal: dict[str, str] = {}
    for term in terms:
        if (term.operator, term.field) in {("NOT EXISTS", "errorcode"), ("NOT EXISTS", "errormessage")}:
            continue  # a change that works has neither
        if term.operator == "!=" and (term.field, term.value) in NOISE:
            continue
        if term.operator == "NOT EXISTS" and term.field == "useridentity.invokedby":
            equal["by"] = "people"
        elif term.operator == "=" and equal.get(term.field, term.value) == term.value:
            equal[term.field] = term.value
        else:
            return
    yield from of_fields(equal)


def of_fields(equal: Mapping[str, str]) -> Iterator[str]:
    """The event of these values of fields, as `ChangeAlert.events` has it."""
    fields = dict(equal)
    people = fields.pop("by", "")
    if fields == {"useridentity.type": "root"}:
        yield "root:*"
        return
    if people:
        return
    source = fields.pop("eventsource", "*").removesuffix(".amazonaws.com")
    name = fields.pop("eventname", "*")
    if fields.keys() == {"errorcode"} and (source, name) == ("*", "*"):
        yield f"error:{fields['errorcode'].strip('*')}"
    elif name == "consolelogin" and fields in ({"errormessage": "failed authentication"}, FAILURE):
        yield f"signin:consolelogin:{FAILED}"
    elif not fields:
        yield f"{source}:{name}"
        if name == "consolelogin":
            yield f"signin:consolelogin:{FAILED}"


FAILURE = {"responseelements.consolelogin": "failure"}
"""How a failed sign-in shows beside its message."""
