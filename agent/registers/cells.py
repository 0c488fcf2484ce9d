"""What stands in one cell of a register: texts, times, days, lists, yes or no.

CSV knows texts only, JSON also numbers, lists and null.  Each type takes both, and refuses with `problem; fix`.  A
time is microseconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from agent import clock

SEPARATOR = ";"
"""Between the entries of a list in one cell."""
ARROW = "->"
"""Between a complementary control of ours and the ids of the controls that are it."""
LONGEST = 4000
"""Characters of the longest text."""
_SHOWN = 60
_DIGITS = 15
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_LAST = clock.parse("2255-01-01")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Beginnings that a spreadsheet takes for a formula, also in their full-width form."""


def quoted(value: object) -> str:
    """A value for an error message: short, and without signs that rewrite a terminal."""
    said = repr(value)
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"


def spreadsheet_safe(text: str) -> str:
    """The text with `'` before it where a spreadsheet would run it as a formula; it then shows the text."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ValueError(f"{quoted(value)} is no text; write it in quotes")  # noqa: TRY004  # what pydantic catches
    folded = " ".join(value.split())
    if not folded:
        raise ValueError("is empty; fill it in")
    if not folded.isprintable():
        raise ValueError(f"{quoted(folded)} has a control character; write plain text")
    if len(folded) > LONGEST:
        raise ValueError(f"has {len(folded)} characters; write at most {LONGEST}")
    return folded


def _word(value: Any) -> str:
    return _text(value).casefold()


def _instant(value: Any) -> int:
    try:
        at = clock.parse(value.strip())
    except (AttributeError, ValueError, OverflowError):
        raise ValueError(f"{quoted(value)} is no time; write it as 2026-03-14 or 2026-03-14T09:00:00Z") from None
    if not 0 <= at < _LAST:
        raise ValueError(f"{quoted(value)} lies before 1970 or after 2254; correct the year")
    return at


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value.strip())
    except (AttributeError, TypeError, ValueError):
        raise ValueError(f"{quoted(value)} is no day; write it as 2026-03-14") from None


def _whole(value: Any) -> int:
    said = value.strip() if isinstance(value, str) else str(value)
    if isinstance(value, bool) or not said.isascii() or not said.isdigit() or len(said) > _DIGITS:
        raise ValueError(f"{quoted(value)} is no whole number; write 0 or more in digits")
    return int(said)


def _yes_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    answer = _YES_NO.get(value.strip().casefold()) if isinstance(value, str) else None
    if answer is None:
        raise ValueError(f"{quoted(value)} is neither; write yes or no")
    return answer


def _list(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [part for part in value.split(SEPARATOR) if part.strip()]
    if isinstance(value, list):
        return value
    raise ValueError(f"{quoted(value)} is no list; write the entries with semicolons between them")


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(part) for part in _list(value))


class Cuec(BaseModel):
    """A complementary user entity control: what a vendor expects of us, and the controls of ours that are it."""

    model_config = ConfigDict(frozen=True)
    text: str
    controls: tuple[str, ...] = ()


def _cuec(value: Any) -> Cuec:
    if isinstance(value, str):
        text, _, controls = value.partition(ARROW)
        return Cuec(text=_text(text), controls=tuple(controls.replace(",", " ").split()))
    if isinstance(value, dict) and value.keys() <= {"text", "controls"}:
        return Cuec(text=_text(value.get("text", "")), controls=_texts(value.get("controls", [])))
    raise ValueError(f'{quoted(value)} is no such control; write it as "text {ARROW} AC-01, AC-02"')


def _cuecs(value: Any) -> tuple[Cuec, ...]:
    return tuple(_cuec(part) for part in _list(value))


def _of(read: Callable[[Any], Any]) -> BeforeValidator:
    return BeforeValidator(read)


Text = Annotated[str, _of(_text)]
"""One line of text."""
Word = _of(_word)
"""Goes before a choice of words, so that their case does not matter."""
Instant = Annotated[int, _of(_instant), PlainSerializer(clock.iso, return_type=str, when_used="json")]
"""A moment; a bare day is its first moment, and without a zone it is UTC."""
Day = Annotated[date, _of(_day)]
"""A day as printed."""
Whole = Annotated[int, _of(_whole)]
"""A number that counts something."""
YesNo = Annotated[bool, _of(_yes_no)]
Texts = Annotated[tuple[str, ...], _of(_texts)]
"""Several texts."""
Cuecs = Annotated[tuple[Cuec, ...], _of(_cuecs)]
