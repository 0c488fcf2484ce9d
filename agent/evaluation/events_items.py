"""Whether one occasion went as the control says: by what was attested of it, or by a second list.

A second list that cannot tell, and evidence that is not reliable, make an item neither good nor bad.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from agent import clock, statements
from agent.attest import Attestation
from agent.audit.parameters import DAY, Parameters
from agent.audit.periods import Period, iso
from agent.evaluation import people
from agent.evaluation.events_listed import Occasion, Sources
from agent.registers import joins
from agent.registers.imports import Import
from agent.registers.joins import Approved, Deployment, Leaver, Removal
from agent.registers.kinds import Approval, Change, Incident, Person, Row
from checks.library import Control, DueRule

_FRIDAY = 4


class Result(StrEnum):
    """How an occasion went."""

    GOOD = "good"
    EXCEPTION = "exception"
    UNKNOWN = "unknown"
    """Nothing reliable tells."""
    NOT_DUE = "not due"
    """The time until which evidence is due was not over at the cut-off."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a second list says of one occasion."""

    result: Result
    reason: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One occasion that was looked at."""

    occasion: Occasion
    due: int
    """Until when the control had to be performed, the days of grace included."""
    result: Result
    reason: str
    evidence: tuple[str, ...]
    """Ids of the attestations that speak of it."""
    held: Held | None
    incident: str
    """The incident that the exception led to, when the register of incidents names the control there."""

    def to_json(self) -> dict[str, Any]:
        """Every part, with the commands that lead to the evidence."""
        at = self.occasion.at
        return {
            "item": self.occasion.id,
            "what": self.occasion.what,
            "occurred_at": None if at is None else iso(at),
            "due": iso(self.due),
            "result": self.result.value,
            "reason": self.reason,
            "attestations": list(self.evidence),
            "second_list": list(self.held.rows) if self.held else [],
            "incident": self.incident,
            "evidence": [f"proofkeep attest show {each}" for each in self.evidence],
        }


def due(control: Control, at: int) -> int:
    """Until when people must have performed a control because of something that happened `at`.

    Business days are Monday to Friday, UTC, and the last of them counts to its end.
    """
    rule = control.due_rule or DueRule(days=0)
    grace = (rule.grace_days or 0) * DAY
    if not rule.business or not rule.days:
        return at + rule.days * DAY + grace
    moment, left = clock.to_datetime(at), rule.days
    while left:
        moment += timedelta(days=1)
        left -= moment.weekday() <= _FRIDAY
    end = datetime(moment.year, moment.month, moment.day, tzinfo=UTC) + timedelta(days=1)
    return clock.from_datetime(end) + grace


@dataclass(slots=True)
class Bench:
    """Tests the occasions of one control; what they are held against is worked out once."""

    control: Control
    period: Period
    sources: Sources
    parameters: Parameters

    def test(self, occasions: Sequence[Occasion], evidence: Iterable[Attestation]) -> list[Item]:
        """Each occasion with its result, in their order."""
        about: dict[str, list[Attestation]] = {}
        for each in evidence:
            if each.control == self.control.id and each.about:
                about.setdefault(each.about, []).append(each)
        held = self._held(occasions)
        return [self._item(each, about.get(each.id, ()), held.get(each.id)) for each in occasions]

    def _item(self, occasion: Occasion, evidence: Sequence[Attestation], held: Held | None) -> Item:
        limit = self._limit(occasion)
        result, reason = self._judged(evidence, held, limit)
        told = tuple(each.id for each in evidence)
        incident = next(iter(self._incidents(evidence)), "") if result is Result.EXCEPTION else ""
        return Item(occasion, limit, result, reason, told, held, incident)

    def _judged(self, evidence: Sequence[Attestation], held: Held | None, limit: int) -> tuple[Result, str]:
        if bad := next((each for each in evidence if each.exception), None):
            return Result.EXCEPTION, f"{bad.id}: {bad.exception}"
        if held is not None and held.result in {Result.GOOD, Result.EXCEPTION}:
            return held.result, held.reason
        counting = [each for each in evidence if not each.backdated]
        in_time = [each for each in counting if each.performed_at <= limit]
        if good := next((each for each in in_time if self._reliable(each)), None):
            return Result.GOOD, f"{good.id}: performed {iso(good.performed_at)}"
        if in_time:
            return Result.UNKNOWN, f"{in_time[0].id} is not reliable: {_weak(in_time[0])}"
        if counting:
            return Result.EXCEPTION, f"{counting[0].id}: performed {iso(counting[0].performed_at)}, due {iso(limit)}"
        if held is not None and held.result is Result.UNKNOWN and self.sources.as_of > limit:
            return held.result, held.reason
        worthless = f"; {', '.join(each.id for each in evidence)} back-dated and not counted" if evidence else ""
        if self.sources.as_of <= limit:
            return Result.NOT_DUE, f"due {iso(limit)}, after the evidence cut-off{worthless}"
        return Result.EXCEPTION, f"no evidence; it was due {iso(limit)}{worthless}"

    def _reliable(self, each: Attestation) -> bool:
        return people.operation(each, self.parameters).reliable

    def _incidents(self, evidence: Iterable[Attestation]) -> Iterable[str]:
        """Those that attested exceptions name, where the register says that this control should have stopped them."""
        named = {
            row.id
            for row in self.sources.register("incidents")[1]
            if isinstance(row, Incident) and self.control.id in row.controls
        }
        return (each.incident for each in evidence if each.exception and each.incident in named)

    def _held(self, occasions: Iterable[Occasion]) -> dict[str, Held]:
        """What the second list says, by occasion."""
        rows = [each.row for each in occasions]
        if self.control.join == "accounts" and self.sources.directory is not None:
            by_person: dict[str, list[Leaver]] = {}
            left = [row for row in rows if isinstance(row, Person)]
            for each in joins.leavers(left, self.sources.directory.accounts, self._due, self.sources.as_of):
                by_person.setdefault(each.person, []).append(each)
            return {name: _removed(found) for name, found in by_person.items()}
        source, decided = self.sources.register("approvals")
        if self.control.join != "approvals" or source is None:
            return {}
        changes = [row for row in rows if isinstance(row, Change)]
        approvals = [row for row in decided if isinstance(row, Approval)]
        return {each.change: self._approved(each, source) for each in joins.deployments(changes, approvals)}

    def _due(self, at: int) -> int:
        return due(self.control, at)

    def _limit(self, occasion: Occasion) -> int:
        """Until when the control had to be performed; only an emergency is agreed to after it went out."""
        if occasion.at is None:
            return self.period.ends
        if self.control.join == "approvals" and not _emergency(occasion.row):
            return occasion.at
        return due(self.control, occasion.at)

    def _approved(self, each: Deployment, source: Import) -> Held:
        """Approved before by somebody else; in an emergency, in time after it."""
        limit = due(self.control, each.deployed_at) if each.emergency else each.deployed_at
        when = "" if each.approved_at is None else f" by {each.approved_by} at {iso(each.approved_at)}"
        told, rows = f"{each.approved.value}{when}", (each.to_json(),)
        followed = each.approved is Approved.AFTERWARDS and (each.approved_at or 0) <= limit
        if each.approved is Approved.APPROVED or (
            followed and not statements.same_person(each.approved_by, each.deployed_by)
        ):
            return Held(Result.GOOD, told, rows)
        if source.counted is None or source.as_of < limit:
            return Held(Result.UNKNOWN, f"{told}, and nothing proves that {source.id} has every decision", rows)
        return Held(Result.EXCEPTION, told, rows)


def _emergency(row: Row | None) -> bool:
    return isinstance(row, Change) and row.kind == "emergency"


def _removed(found: Sequence[Leaver]) -> Held:
    """All accounts of one person together: the worst of them decides."""
    rows = tuple(each.to_json() for each in found)
    told = "; ".join(f"{each.uid or 'the person'}: {_how_long(each)}" for each in found)
    removals = {each.removal for each in found}
    if removals & {Removal.LATE, Removal.STILL_THERE}:
        return Held(Result.EXCEPTION, told, rows)
    if removals == {Removal.IN_TIME}:
        return Held(Result.GOOD, told, rows)
    unknown = removals & {Removal.UNKNOWN, Removal.NO_ACCOUNT}
    return Held(Result.UNKNOWN if unknown else Result.NOT_DUE, told, rows)


def _how_long(each: Leaver) -> str:
    """What became of an account, with the hours between which it ended."""
    if each.at_least is None:
        return f"{each.removal.value}, which proves nothing"
    until = "" if each.at_most is None else f", gone within {each.at_most:g} h"
    return f"{each.removal.value}, worked {each.at_least:g} h{until}"


def _weak(each: Attestation) -> str:
    return ", ".join(weakness.value for weakness in each.weaknesses) or "it came too late to be believed"
