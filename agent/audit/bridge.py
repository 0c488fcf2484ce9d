"""The data pack behind a bridge letter of our own: what happened since the last report ended.

Management writes and signs the letter.  The pack is unaudited and says so in every rendering.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.audit.conclusions import Conclusion
from agent.audit.parameters import DAY, Parameters
from agent.audit.periods import iso

MARK = "UNAUDITED - data for management's bridge letter, which management alone writes and signs"


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgePack:
    """What the agent knows of [begins, ends): from the end of the last report until the evidence cut-off.

    None stands for a part that nobody supplied, which is something else than an empty one.
    """

    begins: int
    ends: int
    controls: Mapping[str, Conclusion]
    """Where each control stands, by id."""
    idle: Mapping[str, str] = field(default_factory=dict)
    """Why nothing is concluded on the other controls, by id."""
    system: tuple[str, ...] = ()
    """One line for each change of the controls and of what is read, as the agent knows them itself."""
    changes: tuple[str, ...] | None
    """One line for each change that went to production, by the company's list."""
    incidents: tuple[str, ...] | None
    gaps: tuple[str, ...]
    """One line for each stretch without evidence."""
    parameters: Parameters

    def __post_init__(self) -> None:
        """Refuse a pack over no time.

        Raises ValueError.
        """
        if self.begins >= self.ends:
            raise ValueError("bridge: ends before it begins; give the end of the last report and a later cut-off")

    @property
    def days_beyond_limit(self) -> int:
        """Days, begun ones included, past the time that users accept a bridge letter for; 0 within it."""
        return max(0, -(-(self.ends - self.begins) // DAY) - self.parameters.bridge_letter_days)

    def lines(self) -> tuple[str, ...]:
        """The pack for people, the mark first."""
        limit = self.parameters.bridge_letter_days
        too_long = f"{self.days_beyond_limit} days beyond the {limit} that a bridge letter is accepted for"
        return (
            MARK,
            f"from {iso(self.begins)} until {iso(self.ends)}",
            *([too_long] if self.days_beyond_limit else []),
            *(f"control {name}: {conclusion.value}" for name, conclusion in self.controls.items()),
            *(f"control {name}: {why}" for name, why in self.idle.items()),
            *_told("system change", self.system),
            *_told("change", self.changes),
            *_told("incident", self.incidents),
            *_told("gap", self.gaps),
        )

    def to_json(self) -> dict[str, Any]:
        """The pack for programs, with the mark."""
        return {
            "mark": MARK,
            "begins": iso(self.begins),
            "ends": iso(self.ends),
            "days_beyond_limit": self.days_beyond_limit,
            "controls": {name: conclusion.value for name, conclusion in self.controls.items()},
            "not_concluded": dict(self.idle),
            "system_changes": list(self.system),
            "changes": None if self.changes is None else list(self.changes),
            "incidents": None if self.incidents is None else list(self.incidents),
            "gaps": list(self.gaps),
            "parameters": self.parameters.to_json(),
        }


def _told(what: str, each: tuple[str, ...] | None) -> tuple[str, ...]:
    if each is None:
        return (f"{what}s: not supplied",)
    return tuple(f"{what}: {line}" for line in each) or (f"{what}s: none",)
