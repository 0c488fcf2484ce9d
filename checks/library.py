"""Controls and the library that holds them: what a promise says, who serves which criterion, and where each stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from checks.api import SUPPORTING, Check, Criterion, Outcome, Params, Severity, Strength
from checks.criteria import all_criteria
from checks.scope import Scope


class Frequency(StrEnum):
    """How often the company promises that the control operates."""

    CONTINUOUS = "continuous"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    SEMIANNUAL = "semiannual"
    ANNUAL = "annual"
    EVENT = "event"


class Kind(StrEnum):
    """Who shows that a control operates: the checks, people, or both."""

    AUTOMATED = "automated"
    HYBRID = "hybrid"
    MANUAL = "manual"


class Policy(StrEnum):
    """What counts as a deviation: each failing interval, or only one that was not repaired in time."""

    STRICT = "strict"
    REMEDIATE_WITHIN_SLA = "remediate_within_sla"


class Covers(StrEnum):
    """How much of the promise the checks of a control test."""

    ALL = "all"
    PART = "part"
    NONE = "none"


class ControlState(StrEnum):
    """Where a control or a criterion stands, the worst first."""

    FAIL = "FAIL"
    ERROR = "ERROR"
    UNKNOWN = "UNKNOWN"
    PASS = "PASS"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    MANUAL = "MANUAL"
    """Only people can show it."""
    NOT_AUTOMATED = "NOT_AUTOMATED"
    """Checks could show it, and none does so far."""


_WORST_FIRST = tuple(ControlState)

EVENTS = "events"
"""The population that stands in a list of the control's own: the register `events`."""
POPULATIONS: Mapping[str, str] = {
    "leavers": "people who left, by the register people",
    "joiners": "people who joined, by the register people",
    "changes": "changes that went to production, by the register changes",
    "emergency-changes": "the emergencies among them",
    "incidents": "incidents that were noticed, by the register incidents",
    "data-incidents": "those among them in which data was involved",
    "vendors": "each vendor and service of the register vendors, once a period",
    "commitments": "each commitment and requirement that held, by the register commitments, once a period",
    "new-users": "users that the agent saw for the first time",
    "new-access-keys": "long-lived API keys that the agent saw for the first time",
    "new-admin-grants": "rights to everything that the agent saw for the first time",
    "days": "each day of the period",
    EVENTS: "the occasions of this one control, by the register events",
}
"""What lists the occasions on which people perform a control that has no slots, by name."""
JOINS: Mapping[str, tuple[str, ...]] = {
    "accounts": ("leavers",),
    "approvals": ("changes", "emergency-changes"),
}
"""Second lists that test each occasion without people: what they are held against, and the populations that they fit.

`accounts`: each sign-in that the agent read of a leaver stopped in time.  `approvals`: somebody else approved a change
before it went out, or in an emergency in time after it.
"""


VENDORS = "vendors"
MONITORED = (VENDORS,)
"""What a control can watch by a register: `vendors`, whether reports cover each day of every provider built on."""

WITH_SLOTS = frozenset(
    {Frequency.WEEKLY, Frequency.MONTHLY, Frequency.QUARTERLY, Frequency.SEMIANNUAL, Frequency.ANNUAL}
)
"""How often people do what has due instants of its own, so that nothing else has to list its occasions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRule:
    """When people must have done their part: counted from the end of a slot, or from the event."""

    days: int
    """0 for the end of the slot, or for no later than the event itself."""
    business: bool = False
    """Whether only Monday to Friday count as days."""
    grace_days: int | None = None
    """Days after that which are noted and forgiven; None leaves it to the evaluation's default for the frequency."""
    fiscal_month: int = 1
    """Month (1 to 12) with which quarters, halves and years begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One promise of the company."""

    id: str
    title: str
    text: str
    """The promise in the company's voice, to be tested word by word."""
    criteria: tuple[Criterion, ...]
    frequency: Frequency
    owner: str
    kind: Kind
    key: bool
    """The criterion is not met when this control is not effective."""
    severity: Severity
    """Of one resource that fails."""
    sla_days: int
    """Days from detection to repair."""
    policy: Policy
    checks: tuple[str, ...]
    params: Mapping[str, Params] = field(hash=False)
    """The promise's own numbers, by check id and parameter."""
    covers: Covers
    not_covered: str
    """What of the promise the checks do not see; empty unless `covers` is part."""
    procedure: str
    """What people do and which record they keep; empty for an automated control."""
    due: str
    not_yet: str
    """Why no check tests a control that is not manual; empty when one does."""
    due_rule: DueRule | None = None
    """`due` in numbers; None for an automated control."""
    risk: str = ""
    """The danger that it answers, in a few words; controls with the same words answer the same danger."""
    compensates_for: tuple[str, ...] = ()
    """Controls whose deviations this one makes up for."""
    compensated_by: tuple[str, ...] = ()
    """Controls that make up for deviations of this one."""
    not_applicable: str = ""
    """Why the company has nothing that it could apply to; empty when it applies."""
    effective_from: date | None = None
    """The first day on which it is in force, UTC; None: since it was recorded."""
    effective_to: date | None = None
    """The first day on which it is no longer in force, UTC; None: open."""
    editorial: bool = False
    """This wording means the same as the one before, so that the change does not split a period."""
    approved_by: str = ""
    """Who approved this version."""
    population: str = ""
    """What lists the occasions on which people have to perform it, a key of `POPULATIONS`; empty when nothing does."""
    join: str = ""
    """The second list that tests each occasion, a key of `JOINS`; empty when only attestations show it."""
    monitors: str = ""
    """What it watches by a register, one of `MONITORED`; empty for all others."""

    @property
    def by_people(self) -> bool:
        """Whether people have to do something for it."""
        return self.kind is not Kind.AUTOMATED


@dataclass(frozen=True, slots=True)
class Library:
    """The controls in force."""

    controls: Mapping[str, Control] = field(hash=False)
    """By id, in the order of the files; one that does not apply is among them and says why."""
    disabled: Mapping[str, str] = field(hash=False)
    """Why the company does without a control of the default library, by id."""
    digest: str
    """SHA-256, in hex, of all that the controls and the scope say; comments and the order of controls do not count."""
    scope: Scope = field(default=Scope(), hash=False)
    files: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    """In which file each control stands, by id."""

    def for_check(self, check_id: str) -> tuple[Control, ...]:
        """The controls that a check tests, of those that apply."""
        return tuple(
            control for control in self.controls.values() if check_id in control.checks and not control.not_applicable
        )

    def params_for(self, check: Check) -> dict[str, int | float | str | tuple[str, ...]]:
        """Every parameter of `check`: the number that a control promises, otherwise the check's default."""
        values = check.defaults()
        for control in self.for_check(check.id):
            values.update(control.params.get(check.id, {}))
        return values

    def compensating(self, control_id: str) -> tuple[str, ...]:
        """Ids of the controls that make up for deviations of this one, whichever of the two names the other."""
        named = set(self.controls[control_id].compensated_by)
        return tuple(
            other.id for other in self.controls.values() if other.id in named or control_id in other.compensates_for
        )

    def serving(self, criterion_id: str) -> tuple[Control, ...]:
        """The controls that are mapped to a criterion."""
        return tuple(
            control for control in self.controls.values() if any(each.id == criterion_id for each in control.criteria)
        )


def outcomes_of(control: Control, by_check: Mapping[str, Iterable[Outcome]]) -> Iterator[Outcome]:
    """The outcomes of a control's checks; one that did not run, or said nothing, counts as UNKNOWN."""
    for check_id in control.checks:
        yield from tuple(by_check.get(check_id, ())) or (Outcome.UNKNOWN,)


def state_of(control: Control, outcomes: Iterable[Outcome]) -> ControlState:
    """The worst of the outcomes of a control's checks; UNKNOWN when none of them ran.

    Make `outcomes` with `outcomes_of`, so that a check that did not run cannot hide behind one that passed.
    A control without checks is MANUAL or NOT_AUTOMATED, and one that does not apply NOT_APPLICABLE, whatever the
    outcomes.
    """
    if control.not_applicable:
        return ControlState.NOT_APPLICABLE
    if not control.checks:
        return ControlState.MANUAL if control.kind is Kind.MANUAL else ControlState.NOT_AUTOMATED
    return _worst((ControlState(outcome) for outcome in outcomes), otherwise=ControlState.UNKNOWN)


def criterion_state(mapped: Iterable[tuple[Strength, ControlState]]) -> ControlState:
    """The worst state of a criterion's controls, each given with the strength of its mapping.

    A control that only supports a criterion can pull it down, never make it pass: with nothing but such
    passes it is left to people (MANUAL).  A criterion without any control is NOT_AUTOMATED.
    """
    given = list(mapped)
    good = (ControlState.PASS, ControlState.NOT_APPLICABLE)
    carrying = [state for strength, state in given if state not in good or strength is not SUPPORTING]
    return _worst(carrying, otherwise=ControlState.MANUAL if given else ControlState.NOT_AUTOMATED)


def criterion_states(library: Library, states: Mapping[str, ControlState]) -> dict[str, ControlState]:
    """The state of each of the 61 criteria, in canonical order, from the state of each control by id.

    A control without a state in `states` counts as UNKNOWN.  One that does not apply says nothing of a criterion,
    unless no other is mapped to it.
    """
    mapped: dict[str, list[tuple[Strength, ControlState]]] = {name: [] for name in all_criteria()}
    idle = set()
    for control in library.controls.values():
        state = states.get(control.id, ControlState.UNKNOWN)
        for criterion in control.criteria:
            if control.not_applicable:
                idle.add(criterion.id)
            else:
                mapped[criterion.id].append((criterion.strength, state))
    return {
        name: ControlState.NOT_APPLICABLE if not pairs and name in idle else criterion_state(pairs)
        for name, pairs in mapped.items()
    }


def _worst(states: Iterable[ControlState], *, otherwise: ControlState) -> ControlState:
    return min(states, key=_WORST_FIRST.index, default=otherwise)
