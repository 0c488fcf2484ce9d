"""An alert in plain text, for mail, chat and pagers.

Names and reasons come from a cloud account and are chosen by whoever made the resource: they are shown as text,
without control characters, and can call nobody.
"""

from __future__ import annotations

import re
import shlex

from agent import clock
from agent.alerts.message import Alert, Change, Item

LONGEST = 300
"""Characters of a name or reason; the rest is cut off."""
LONGEST_LINE = 2000
"""Characters of a command or an address, which cut off would be of no use."""
OVER = frozenset({Change.RECOVERED, Change.WAIVED, Change.NOTICE})
"""Nobody needs to acknowledge what is over."""
_CALLS = re.compile(r"@(?=(?:everyone|here|channel|all)\b)", re.IGNORECASE)


def title(alert: Alert) -> str:
    """One line: `[high] AC-02 Signing in takes a second factor: 2 findings started to fail`."""
    where = f" ({clean(alert.target)})" if alert.target and alert.target not in alert.title else ""
    return clean(f"[{alert.severity}] {alert.title}")[: LONGEST - len(where)] + where


def body(alert: Alert, most: int = 0) -> str:
    """What follows the title: what changed, whose it is, what to do and where to look, a line each.

    With `most`, resources are left out and counted instead until the text has at most that many characters.
    """
    listed = len(alert.items)
    said = _body(alert, listed)
    while most and len(said) > most and listed:
        listed -= 1
        said = _body(alert, listed)
    return said


def clean(said: str, most: int = LONGEST) -> str:
    """The text on one line, without what could rewrite a terminal, end a header or call a whole channel."""
    line = "".join(letter if letter.isprintable() else " " for letter in said)
    line = _CALLS.sub("\N{FULLWIDTH COMMERCIAL AT}", " ".join(line.split()))
    return line if len(line) <= most else f"{line[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def _body(alert: Alert, listed: int) -> str:
    account = f" ({' '.join(part for part in (alert.cloud, alert.account) if part)})" if alert.account else ""
    facts = (
        ("severity", alert.severity),
        ("change", alert.change.value),
        ("since", _time(alert.since)),
        ("target", f"{alert.target}{account}" if alert.target else ""),
        ("owner", alert.owner),
        ("control", alert.control),
        ("also tested by", ", ".join(alert.also)),
        ("criteria", ", ".join(alert.criteria)),
    )
    changed = [_item(item) for item in alert.items[:listed]]
    if alert.changed > listed:
        changed.append(f"and {alert.changed - listed} more" if changed else f"{alert.changed} changed")
    parts = [
        [clean(alert.note)],
        [f"{name}: {clean(value)}" for name, value in facts if value],
        changed,
        [f"failing now: {alert.failing}"],
        _named("what to do", alert.remediation),
        _named("evidence", alert.commands),
        [clean(alert.link, LONGEST_LINE)],
        [
            f"happened: {_time(alert.at)}",
            f"condition: {clean(alert.condition)}",
            f"message: {clean(alert.key)}",
            "" if alert.change in OVER else f"to acknowledge: {acknowledge(alert.condition)}",
        ],
    ]
    return "\n\n".join("\n".join(filter(None, part)) for part in parts if any(part))


def acknowledge(condition: str) -> str:
    """The command that keeps a condition from being told again until it gets worse or recovers."""
    return f"proofkeep alerts ack {shlex.quote(clean(condition))} --by YOU --note WHY"


def _named(name: str, lines: tuple[str, ...]) -> list[str]:
    return [f"{name}:", *(f"  {clean(line, LONGEST_LINE)}" for line in lines)] if lines else []


def _item(item: Item) -> str:
    name = clean(item.label or item.name)
    also = f" ({clean(item.name)})" if item.label and item.label != item.name else ""
    region = f", {clean(item.region)}" if item.region else ""
    check = f" [{clean(item.check)}]" if item.check else ""
    return f"- {item.mark.value}: {name}{also}{region}: {clean(item.reason)}{check}, since {_time(item.since)}"


def _time(micros: int) -> str:
    """To the second."""
    return clock.iso(micros - micros % 1_000_000)
