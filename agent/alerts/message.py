"""One alert as receivers get it: what changed, since when, how bad, whose it is, and where to look.

It carries names, counts and reasons, never the body of a document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from agent import clock

FORMAT = 1
"""Version of the JSON that `to_json` gives; a field may be added without a new one."""


class About(StrEnum):
    """What kind of condition an alert is about."""

    CONTROLS = "controls"
    """A control, or a check without a control, that fails."""
    COLLECTION = "collection"
    """The agent itself: evidence that does not arrive, or that cannot be trusted."""


class Change(StrEnum):
    """What happened to the condition."""

    OPENED = "opened"
    WORSENED = "worsened"
    """More resources, or something graver, than was told before."""
    REMINDER = "still failing"
    RECOVERED = "recovered"
    FLAPPING = "flapping"
    """It comes and goes; nothing more is told until it settles."""
    WAIVED = "waived"
    """All that still failed is covered by an approved exception."""
    NOTICE = "notice"
    """Something that happened once and is over."""


class Mark(StrEnum):
    """What became of one item of an alert."""

    NEW = "new"
    OPEN = "open"
    FIXED = "fixed"
    WAIVER_ENDED = "waiver ended"


@dataclass(frozen=True, slots=True)
class Item:
    """One resource, or one permission, that a condition is about."""

    name: str
    """The provider's identifier of the resource, or the permission, operation or process concerned."""
    label: str
    """The name that people know it by; empty where that is the same."""
    region: str
    check: str
    """The check that judges it; empty for trouble with the collection."""
    reason: str
    since: int
    """Microseconds since the epoch."""
    mark: Mark


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that happened to one condition."""

    key: str
    """Unique to this event: a receiver that has seen it drops the repeat."""
    condition: str
    """The same in every alert about one condition: a receiver can group by it."""
    about: About
    change: Change
    severity: str
    """critical, high, medium or low."""
    title: str
    """One line: `AC-02 Signing in takes a second factor: 2 findings started to fail`."""
    control: str
    """Id of the control that leads; empty when there is none."""
    also: tuple[str, ...]
    """Other controls that the same findings are tested by."""
    criteria: tuple[str, ...]
    owner: str
    cloud: str
    target: str
    """Empty when it concerns the agent as a whole."""
    account: str
    since: int
    """When the condition opened, in microseconds since the epoch."""
    at: int
    """When this happened."""
    items: tuple[Item, ...]
    """The resources that changed first; at most `ITEMS` of them."""
    changed: int
    """How many changed."""
    failing: int
    """How many fail now."""
    remediation: tuple[str, ...]
    commands: tuple[str, ...]
    """Commands that lead to the evidence."""
    link: str
    note: str
    """More in a sentence, such as why a reminder comes; may be empty."""

    def to_json(self) -> dict[str, Any]:
        """The documented form of the webhook, and what the outbox keeps."""
        said = asdict(self)
        said["since"], said["at"] = clock.iso(self.since), clock.iso(self.at)
        said["items"] = [{**item, "since": clock.iso(item["since"])} for item in said["items"]]
        return {"format": FORMAT, **said}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Alert:
        """The alert that `to_json` wrote."""
        given = {name: value for name, value in said.items() if name in cls.__dataclass_fields__}
        given["about"], given["change"] = About(given["about"]), Change(given["change"])
        given["since"], given["at"] = clock.parse(given["since"]), clock.parse(given["at"])
        for name in ("also", "criteria", "remediation", "commands"):
            given[name] = tuple(given[name])
        given["items"] = tuple(
            Item(**{**item, "since": clock.parse(item["since"]), "mark": Mark(item["mark"])}) for item in given["items"]
        )
        return cls(**given)


ITEMS = 20
"""Most items that one alert lists; the rest is counted."""
