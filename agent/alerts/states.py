"""What is remembered of a condition between two looks at it, and how that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from agent.alerts.message import About
from storage.canon import dumps

FORMAT = 1
CONTROL, TARGET, PERMISSION, GAP, TROUBLE = "control", "target", "permission", "gap", "trouble"
"""Kinds of condition."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource, permission or read that a condition is about.  Names and reasons are clean text."""

    name: str
    label: str
    region: str
    check: str
    reason: str
    """Why it fails, as it was last seen."""
    since: int
    """When it was first seen to fail, in microseconds since the epoch."""
    slot: int
    """Slot of the run that first saw it fail."""
    sites: tuple[tuple[str, str, str], ...] = ()
    """Collector, region and operation of each read that failed; empty for a resource."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a condition is about, whoever fails."""

    condition: str
    kind: str
    control: str
    head: str
    """What its titles begin with; for trouble the whole sentence."""
    severity: str
    owner: str
    cloud: str
    target: str
    account: str
    also: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    """The checks that have failed since it opened."""

    @property
    def about(self) -> About:
        """Whether a control fails or the collection."""
        return About.CONTROLS if self.kind == CONTROL else About.COLLECTION


@dataclass(frozen=True, slots=True)
class State:
    """A condition: what fails now, what the receivers have been told, and what else the next look depends on."""

    subject: Subject
    since: int = 0
    """When it opened last."""
    items: Mapping[str, Entry] = field(default_factory=dict)
    """What fails, or failed when somebody could last tell.  The condition is open while there is anything."""
    waived: Mapping[str, Entry] = field(default_factory=dict)
    """What fails under an approved exception."""
    pending: Mapping[str, Entry] = field(default_factory=dict)
    """What will fail if it lasts."""
    fixed: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """When items ended lately: one that comes back too often is no news."""
    told: tuple[str, ...] = ()
    """The items that the receivers know of, sorted."""
    is_told: bool = False
    """The receivers take the condition for open."""
    severity: str = ""
    """The gravest that they were told since it opened."""
    stage: int = 0
    """How far it has got by itself, as they were told."""
    notified_at: int = 0
    notified_slot: int = 0
    number: int = 0
    """Of the last message."""
    openings: tuple[int, ...] = ()
    """When it opened lately, oldest first."""
    flapping: bool = False
    changed_at: int = 0
    """When it last opened or closed."""

    @property
    def is_open(self) -> bool:
        """Whether anything fails."""
        return bool(self.items)


def encode(state: State) -> bytes:
    """The state as canonical JSON."""
    return dumps({"v": FORMAT, **asdict(state)})


def decode(kept: bytes) -> State | None:
    """The state that `encode` wrote; None when it is in another form, so that it is built and told anew."""
    try:
        said = orjson.loads(kept)
        if said.pop("v") != FORMAT:
            return None
        for name in ("items", "waived", "pending"):
            said[name] = {id_: _entry(entry) for id_, entry in said[name].items()}
        said["fixed"] = {id_: tuple(times) for id_, times in said["fixed"].items()}
        said["told"], said["openings"] = tuple(said["told"]), tuple(said["openings"])
        subject = said["subject"]
        lists = {name: tuple(subject[name]) for name in ("also", "criteria", "checks")}
        return State(**{**said, "subject": Subject(**{**subject, **lists})})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _entry(said: Mapping[str, Any]) -> Entry:
    return Entry(**{**said, "sites": tuple(tuple(site) for site in said["sites"])})
