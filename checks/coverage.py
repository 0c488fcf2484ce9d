"""How our checks compare with another tool's questions: decided by which, declined for which reason, or open."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from checks.api import Check
from checks.criteria import fault

TOOL = "prowler"
"""The tool whose SOC 2 map is the measure."""
PEERS, DECLINED = "peers.toml", "declined.toml"
_KEYS = {"tool", "cloud", "id", "reason"}


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the other tool."""

    cloud: str
    id: str
    decided_by: tuple[str, ...]
    """Ids of our checks that decide the same."""
    declined: str
    """Why none of ours does; empty when one does, or when it is still open."""

    @property
    def open(self) -> bool:
        """Neither decided nor declined."""
        return not self.decided_by and not self.declined


@cache
def peers() -> Mapping[str, tuple[str, ...]]:
    """The ids of the other tool's questions, by cloud."""
    said = tomllib.loads(_text(PEERS))[TOOL]
    return {cloud: tuple(ids) for cloud, ids in said.items()}


@cache
def declined() -> Mapping[tuple[str, str], str]:
    """Why a question has no check of ours, by cloud and id."""
    return parse(_text(DECLINED), DECLINED)


def parse(text: str, file: str) -> dict[tuple[str, str], str]:
    """The reasons in a file.  Raises ValueError, in one line."""
    found: dict[tuple[str, str], str] = {}
    known = {(cloud, id_) for cloud, ids in peers().items() for id_ in ids}
    entries: list[dict[str, Any]] = tomllib.loads(text).get("declined", [])
    for entry in entries:
        name = str(entry.get("id", "an entry without id"))
        if entry.keys() != _KEYS:
            raise fault(file, name, ", ".join(sorted(entry.keys() ^ _KEYS)), "is missing or unknown", "write all four")
        key = entry["cloud"], entry["id"]
        if entry["tool"] != TOOL or key not in known:
            raise fault(file, name, "id", f"is no question of {TOOL} about {entry['cloud']}", "see peers.toml")
        if key in found:
            raise fault(file, name, "id", "is declined twice", "keep one of the two")
        if not str(entry["reason"]).strip():
            raise fault(file, name, "reason", "is empty", "say why in one sentence")
        found[key] = entry["reason"]
    return found


def questions(checks: Iterable[Check]) -> list[Question]:
    """Every question of the other tool, cloud by cloud, with what we make of it."""
    deciding: dict[str, list[str]] = {}
    for check in checks:
        for id_ in check.equivalents.get(TOOL, ()):
            deciding.setdefault(id_, []).append(check.id)
    reasons = declined()
    return [
        Question(cloud, id_, tuple(deciding.get(id_, ())), reasons.get((cloud, id_), ""))
        for cloud, ids in peers().items()
        for id_ in ids
    ]


def _text(name: str) -> str:
    return files("checks").joinpath(name).read_text("utf-8")
