"""The readiness estimate: which kind of opinion the evidence points to.  Only a licensed CPA issues one.

The word itself is never reachable alone.  Every rendering of an estimate begins with the label and carries what it
rests on, so no page, export or log line can show one without the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agent.audit.parameters import Parameters
from agent.audit.periods import iso
from agent.audit.rollup import Status

LABEL = "READINESS ESTIMATE - only a licensed CPA issues an opinion"
NOT_ASSESSED = "the fair presentation of the system description is not assessed"
STANDING_ASSUMPTIONS = (
    "the controls in the library are suitably designed and are the ones that the description names",
    "the providers answered truthfully, and the registers that the company keeps are true",
    "the thresholds are this company's parameter set; an auditor may choose others",
)
"""Hold for every estimate; an engagement adds its own."""
_SERIES = "CC"

_Word = Literal["unqualified", "qualified", "adverse", "disclaimer"]


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ReadinessEstimate:
    """One estimate with everything that it may not be shown without.  Made by `estimate`."""

    label: str = field(default=LABEL, init=False)
    """Never another: whatever dumps the fields dumps it too."""
    _word: _Word
    scope: str
    """What the engagement is about, in one line."""
    cut_off: int
    """Evidence received later played no part: microseconds since the epoch, UTC."""
    parameters: Parameters
    assumptions: tuple[str, ...]
    in_scope: int
    """Criteria, without those that are not applicable."""
    not_met: tuple[str, ...]
    not_determinable: tuple[str, ...]
    exceptions: tuple[str, ...]
    """Criteria that are met with exceptions."""
    no_operation: tuple[str, ...]
    not_applicable: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """The estimate for people: the label first, then the word and all that it rests on."""
        return (
            f"{self.label}: {self._word}",
            f"scope: {self.scope}; {self.in_scope} criteria",
            f"evidence received until {iso(self.cut_off)}",
            *(f"{title}: {', '.join(names)}" for title, names in self._listed().items() if names),
            NOT_ASSESSED,
            *(f"assumes that {assumption}" for assumption in self.assumptions),
            f"parameters: {self.parameters}",
        )

    def to_json(self) -> dict[str, Any]:
        """The estimate for programs, with the label and all that it rests on.

        `not_met` and `not_determinable` are counts; `criteria` lists the ids by status.
        """
        return {
            "label": self.label,
            "estimate": self._word,
            "scope": self.scope,
            "cut_off": iso(self.cut_off),
            "in_scope": self.in_scope,
            "not_met": len(self.not_met),
            "not_determinable": len(self.not_determinable),
            "criteria": {title.replace(" ", "_"): list(names) for title, names in self._listed().items()},
            "not_assessed": NOT_ASSESSED,
            "assumptions": list(self.assumptions),
            "parameters": self.parameters.to_json(),
        }

    def _listed(self) -> dict[str, tuple[str, ...]]:
        return {
            "not met": self.not_met,
            "not determinable": self.not_determinable,
            "met with exceptions": self.exceptions,
            "met, no operation": self.no_operation,
            "not applicable": self.not_applicable,
        }

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__


def estimate(
    criteria: Mapping[str, Status],
    *,
    scope: str,
    cut_off: int,
    parameters: Parameters,
    assumptions: Iterable[str] = (),
) -> ReadinessEstimate:
    """What the statuses of all criteria in scope point to.

    Failures that are pervasive weigh most, then pervasive lack of evidence, then any single one of either.
    Raises ValueError when there is no criterion or the scope is not named.
    """
    found = {status: tuple(name for name, each in criteria.items() if each is status) for status in Status}
    in_scope = len(criteria) - len(found[Status.NOT_APPLICABLE])
    if not in_scope or not scope.strip():
        raise ValueError("readiness: nothing is in scope, or the scope is not named; name it and evaluate its criteria")
    not_met, not_determinable = found[Status.NOT_MET], found[Status.NOT_DETERMINABLE]
    word: _Word
    if _pervasive(not_met, in_scope, parameters):
        word = "adverse"
    elif _pervasive(not_determinable, in_scope, parameters):
        word = "disclaimer"
    elif not_met or not_determinable:
        word = "qualified"
    else:
        word = "unqualified"
    return ReadinessEstimate(
        _word=word,
        scope=scope,
        cut_off=cut_off,
        parameters=parameters,
        assumptions=(*STANDING_ASSUMPTIONS, *assumptions),
        in_scope=in_scope,
        not_met=not_met,
        not_determinable=not_determinable,
        exceptions=found[Status.MET_WITH_EXCEPTIONS],
        no_operation=found[Status.MET_NO_OPERATION],
        not_applicable=found[Status.NOT_APPLICABLE],
    )


def _pervasive(names: tuple[str, ...], in_scope: int, parameters: Parameters) -> bool:
    series = {name.partition(".")[0] for name in names if name.startswith(_SERIES)}
    return bool(names) and (
        len(names) / in_scope >= parameters.pervasive_share or len(series) >= parameters.pervasive_series
    )
