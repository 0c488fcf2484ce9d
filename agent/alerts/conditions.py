"""Which resources fail now, by the control that leads.  Pure: one run's findings in, one look for each condition out.

A check that several controls share is told of under one of them only, so that nobody is called twice for one thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from agent import clock
from agent.alerts.routing import WORST_FIRST
from agent.alerts.states import CONTROL, Entry, State, Subject
from agent.alerts.text import clean
from agent.alerts.transitions import Look
from agent.judge import Judged
from agent.schedule import Plan
from agent.waivers import Waiver, Waivers
from checks.api import Check, Finding, Outcome, Strength
from checks.controls import Control, Library
from collectors.errors import TargetUnreachable
from collectors.provenance import Gap
from storage.rows import Target

STRONGEST_FIRST = tuple(Strength)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run saw, just before it is sealed."""

    target: Target
    run_id: str
    slot: int
    now: int
    """Microseconds since the epoch."""
    plan: Plan
    """The slots that are asked for, by which trouble is short or lasting."""
    judged: tuple[Judged, ...]
    gaps: Sequence[Gap]
    unreachable: TargetUnreachable | None
    """Why nothing could be read; None when something was."""


def key_of(target: str, what: str) -> str:
    """Key of a condition: `prod:AC-02`, or only `verification` for one that concerns the agent as a whole."""
    return f"{target}:{what}" if target else what


def resource_of(id_: str) -> tuple[str, str, str]:
    """The check, resource type and uid that an item's id is made of."""
    check, type_, uid = id_.split(" ", 2)
    return check, type_, uid


def lead(check: Check, library: Library) -> Control | None:
    """The control under which a check is told of: the most severe, then a key one, then the best mapped."""
    return min(
        library.for_check(check.id),
        key=lambda control: (
            WORST_FIRST.index(control.severity),
            not control.key,
            min(STRONGEST_FIRST.index(criterion.strength) for criterion in control.criteria),
        ),
        default=None,
    )


def of_controls(
    seen: Seen, library: Library, states: Mapping[str, State], waivers: Waivers, owner: str
) -> dict[str, tuple[Subject, Look]]:
    """A look at each condition that is known or that something fails for.

    `states` are those of the target, by condition; `owner` answers for the target and for a check without a control.
    """
    board = _Board(seen, library, waivers)
    for each in seen.judged:
        for finding in each.findings.values():
            if finding.outcome is Outcome.FAIL:
                board.fails(each.check, finding)
    for condition, state in states.items():
        if state.subject.kind == CONTROL:
            board.revisit(condition, state)
    return {
        condition: (board.subject(condition, states.get(condition), owner), found.look())
        for condition, found in board.found.items()
    }


@dataclass(frozen=True, slots=True)
class _Found:
    """A look that is still being put together."""

    failing: dict[str, Entry] = field(default_factory=dict)
    waived: dict[str, Entry] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)

    def look(self) -> Look:
        return Look(self.failing, self.waived, self.ended)


class _Board:
    """Sorts findings to conditions."""

    def __init__(self, seen: Seen, library: Library, waivers: Waivers) -> None:
        self._seen, self._library, self._waivers = seen, library, waivers
        self._judged = {each.check.id: each for each in seen.judged}
        self._controls = {id_: library.for_check(id_) for id_ in self._judged}
        self._leads = {id_: lead(each.check, library) for id_, each in self._judged.items()}
        self.found: dict[str, _Found] = defaultdict(_Found)

    def fails(self, check: Check, finding: Finding) -> None:
        """Put a failure where it is told of."""
        resource = finding.resource
        id_ = f"{check.id} {resource.type} {resource.uid}"
        entry = Entry(
            name=clean(resource.uid),
            label="" if resource.name == resource.uid else clean(resource.name),
            region=clean(resource.region),
            check=check.id,
            reason=clean(finding.reason),
            since=self._seen.now,
            slot=self._seen.slot,
        )
        found, waiver = self.found[self._condition(check.id)], self._waiver(id_)
        if waiver is None:
            found.failing[id_] = entry
        else:
            found.waived[id_] = _waived(entry, waiver)

    def revisit(self, condition: str, state: State) -> None:
        """See what has become of everything that failed before."""
        look = self.found[condition]
        for id_, entry in {**state.waived, **state.items}.items():
            why = self._ended(state.subject, id_)
            if why is not None:
                look.ended[id_] = why
            elif id_ in state.items and id_ not in look.failing and id_ not in look.waived:
                waiver = self._waiver(id_)
                if waiver is not None:
                    look.waived[id_] = _waived(entry, waiver)

    def subject(self, condition: str, state: State | None, owner: str) -> Subject:
        """What a condition is about, by the library in force; what it was, when the library lacks it now."""
        target = self._seen.target
        what = condition.rpartition(":")[2]
        found = {entry.check for entry in self.found[condition].failing.values()}
        if state is not None and (state.is_told or state.is_open):
            found |= set(state.subject.checks)
        checks = tuple(sorted(id_ for id_ in found if id_ in self._judged))
        control = self._library.controls.get(what)
        also = dict.fromkeys(other for id_ in checks for other in self._controls[id_])
        if control is not None:
            head, severity, whose = f"{control.id} {control.title}", control.severity, control.owner
            criteria = [one.id for leading in (control, *also) for one in leading.criteria]
        elif what in self._judged:
            check = self._judged[what].check
            head, severity, whose = check.title, check.severity, owner
            criteria = [one.id for one in check.criteria]
        elif state is not None:
            return state.subject
        return Subject(
            condition=condition,
            kind=CONTROL,
            control=control.id if control is not None else "",
            head=clean(head),
            severity=severity,
            owner=whose,
            cloud=target.cloud,
            target=target.name,
            account=target.account,
            also=tuple(other.id for other in also if other is not control),
            criteria=tuple(dict.fromkeys(criteria)),
            checks=checks,
        )

    def _condition(self, check_id: str) -> str:
        leading = self._leads[check_id]
        return key_of(self._seen.target.name, leading.id if leading is not None else check_id)

    def _waiver(self, id_: str) -> Waiver | None:
        check_id, _, uid = resource_of(id_)
        controls = tuple(control.id for control in self._controls.get(check_id, ()))
        return self._waivers.covering(check_id, controls, self._seen.target.name, uid, self._seen.now)

    def _ended(self, subject: Subject, id_: str) -> str | None:
        """Why an item does not fail any more; None while it does, or while nobody can tell."""
        check_id, type_, uid = resource_of(id_)
        each = self._judged.get(check_id)
        if each is None:
            return "its check is not run any more"
        if self._condition(check_id) != subject.condition:
            return f"told of as {self._condition(check_id)} now"
        finding = each.findings.get((type_, uid))
        if finding is None and subject.account != self._seen.target.account:
            return f"{subject.target} is another account now: {self._seen.target.account}"
        if finding is None:
            return "gone: a complete listing does not have it any more"
        if finding.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE):
            return clean(finding.reason)
        return None


def _waived(entry: Entry, waiver: Waiver) -> Entry:
    return replace(entry, reason=f"waived by {waiver.id} until {clock.iso(waiver.ends)}")
