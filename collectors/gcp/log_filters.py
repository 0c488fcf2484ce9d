"""What a filter of Google's log query language says about an entry of which some fields are known.

The answer is yes, no, or that it depends on fields that are not known.  Pure: nothing is read here.
Source: Logging query language.  OR binds tighter than AND, which stands between two terms even when it is not written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Entry = Mapping[str, tuple[str, ...]]
"""The values of each field that is known, by its dotted name.  A field with several values has any of them."""
Filter = Callable[[Entry], "bool | None"]

LOG_NAME = "logName"
ABSENT = "absent:"
"""In an entry: names of fields that it has not got, and everything below them."""
_TOKEN = re.compile(
    r"""\s+|--[^\n]*
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<sign>=~|!~|!=|<=|>=|[=:<>()-])
    |(?P<word>[^\s"'=!<>:()~]+)""",
    re.VERBOSE,
)
_LEVELS = ("DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY")


_NEGATIONS = {"!=": "=", "!~": "=~"}


class NotUnderstood(ValueError):
    """A filter that this module cannot read."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: str


_OPENING = _Token("sign", "(")


def parse(text: str) -> Filter:
    """The filter as a function of an entry.  An empty one takes everything.  Raises NotUnderstood."""
    tokens = _Tokens(list(_tokens(text)))
    if tokens.peek() is None:
        return lambda _: True
    found = _all_of(tokens)
    if tokens.peek() is not None:
        raise NotUnderstood(text)
    return found


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise NotUnderstood(text)
        at = found.end()
        if found.lastgroup == "text":
            yield _Token("text", re.sub(r"\\(.)", r"\1", found[0][1:-1]))
        elif found.lastgroup is not None:
            yield _Token(found.lastgroup, found[0])


class _Tokens:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def peek(self, ahead: int = 0) -> _Token | None:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else None

    def take(self, value: str = "") -> _Token:
        """The next token.  Raises NotUnderstood when there is none, or it is another one than `value`."""
        token = self.peek()
        if token is None or (value and token.value != value):
            raise NotUnderstood(value or "the end")
        self._at += 1
        return token

    def at_word(self, *words: str) -> bool:
        token = self.peek()
        return token is not None and token.kind == "word" and token.value in words

    def at_sign(self, sign: str) -> bool:
        token = self.peek()
        return token is not None and token.kind == "sign" and token.value == sign


def _all_of(tokens: _Tokens) -> Filter:
    parts = [_any_of(tokens)]
    while tokens.peek() is not None and not tokens.at_sign(")"):
        if tokens.at_word("AND"):
            tokens.take()
        parts.append(_any_of(tokens))
    return _joined(parts, deciding=False)


def _any_of(tokens: _Tokens) -> Filter:
    parts = [_maybe_not(tokens)]
    while tokens.at_word("OR"):
        tokens.take()
        parts.append(_maybe_not(tokens))
    return _joined(parts, deciding=True)


def _joined(parts: list[Filter], *, deciding: bool) -> Filter:
    """AND and OR: one `deciding` answer settles it, and otherwise one that is not known leaves it open."""

    def joined(entry: Entry) -> bool | None:
        answers = [part(entry) for part in parts]
        if deciding in answers:
            return deciding
        return None if None in answers else not deciding

    return parts[0] if len(parts) == 1 else joined


def _maybe_not(tokens: _Tokens) -> Filter:
    if tokens.at_word("NOT") or tokens.at_sign("-"):
        tokens.take()
        return _negated(_maybe_not(tokens))
    return _term(tokens)


def _negated(inner: Filter) -> Filter:
    def negated(entry: Entry) -> bool | None:
        answer = inner(entry)
        return None if answer is None else not answer

    return negated


def _term(tokens: _Tokens) -> Filter:
    if tokens.at_sign("("):
        tokens.take()
        inner = _all_of(tokens)
        tokens.take(")")
        return inner
    token = tokens.take()
    if token.kind == "sign":
        raise NotUnderstood(token.value)
    following = tokens.peek()
    if token.kind == "word" and following == _OPENING:
        return _function(token.value, tokens)
    if following is not None and following.kind == "sign" and following.value not in {"(", ")", "-"}:
        return _comparison(token.value, tokens.take().value, tokens)
    return _anywhere(token.value)


def _function(name: str, tokens: _Tokens) -> Filter:
    """`log_id("x")`, the one function that tells logs apart."""
    if name.lower() != "log_id":
        raise NotUnderstood(name)
    tokens.take("(")
    log = tokens.take().value.replace("/", "%2F")
    tokens.take(")")
    return lambda entry: _some(entry, LOG_NAME, lambda value: value.lower().endswith(f"/logs/{log}".lower()))


def _comparison(field: str, sign: str, tokens: _Tokens) -> Filter:
    if tokens.at_sign("("):
        return _choice(field, sign, tokens)
    value, following = tokens.take(), tokens.peek()
    if value.kind == "sign" or (value.kind == "word" and following == _OPENING):
        raise NotUnderstood(value.value)
    if sign == ":" and value.value == "*":
        return lambda entry: _present(entry, field)
    negative = sign in _NEGATIONS
    test = _test(_NEGATIONS.get(sign, sign), value.value)

    def compared(entry: Entry) -> bool | None:
        return _some(entry, field, test)

    return _negated(compared) if negative else compared


def _choice(field: str, sign: str, tokens: _Tokens) -> Filter:
    """`field = (a OR b)`: the comparison is made with each value."""
    tokens.take("(")
    parts: list[_Token] = []
    depth = 1
    while depth:
        token = tokens.take()
        if token.kind == "sign":
            depth += {"(": 1, ")": -1}.get(token.value, 0)
        parts.append(token)
    spread: list[_Token] = []
    for token in parts[:-1]:
        plain = token.kind == "text" or (token.kind == "word" and token.value not in {"AND", "OR", "NOT"})
        spread += [_Token("word", field), _Token("sign", sign), token] if plain else [token]
    inner = _Tokens(spread)
    found = _all_of(inner)
    if inner.peek() is not None:
        raise NotUnderstood(field)
    return found


def _test(sign: str, wanted: str) -> Callable[[str], bool]:
    if sign == "=":
        return lambda value: value.lower() == wanted.lower()
    if sign == ":":
        return lambda value: wanted.lower() in value.lower()
    if sign == "=~":
        try:
            pattern = re.compile(wanted)
        except re.error as error:
            raise NotUnderstood(wanted) from error
        return lambda value: pattern.search(value) is not None
    if wanted.upper() in _LEVELS:
        return lambda value: _compared(_level(value), sign, _level(wanted))
    raise NotUnderstood(f"{sign} {wanted}")


def _level(value: str) -> int:
    return _LEVELS.index(value.upper()) if value.upper() in _LEVELS else 0


def _compared(one: int, sign: str, other: int) -> bool:
    return {"<": one < other, ">": one > other, "<=": one <= other, ">=": one >= other}[sign]


def _some(entry: Entry, field: str, test: Callable[[str], bool]) -> bool | None:
    """Some value of a field passes; None when nobody knows the field."""
    if field in entry:
        return any(test(value) for value in entry[field])
    return False if _lacks(entry, field) else None


def _present(entry: Entry, field: str) -> bool | None:
    if any(name == field or name.startswith(f"{field}.") for name in entry):
        return True
    return False if _lacks(entry, field) else None


def _lacks(entry: Entry, field: str) -> bool:
    return any(field == name or field.startswith(f"{name}.") for name in entry.get(ABSENT, ()))


def _anywhere(wanted: str) -> Filter:
    """A word by itself is looked for in every field, known or not."""

    def found(entry: Entry) -> bool | None:
        known = (value for name, values in entry.items() if name != ABSENT for value in values)
        return True if any(wanted.lower() in value.lower() for value in known) else None

    return found
