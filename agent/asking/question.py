"""What is asked, about a moment or a whole day, and the verdicts of that time.

Times are microseconds since the epoch, UTC; a stretch is [begins, ends).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from agent import clock
from agent.errors import OperatorError
from agent.standing import Finding
from checks.api import Outcome
from checks.controls import Library
from storage import history
from storage.history import PairHistory
from storage.rows import Key, Target
from storage.tables import OUTCOMES

WORST_FIRST = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE)
NOBODY_KNOWS = (Outcome.UNKNOWN, Outcome.ERROR)


@dataclass(frozen=True, slots=True)
class Span:
    """What is asked about: all of [begins, ends); one moment is a span of one microsecond."""

    begins: int
    ends: int

    @property
    def last(self) -> int:
        """The last moment in it."""
        return self.ends - 1

    @property
    def is_moment(self) -> bool:
        """Whether it is one moment."""
        return self.last == self.begins


@dataclass(frozen=True, slots=True)
class Held:
    """A verdict over a stretch of the span."""

    begins: int
    ends: int
    outcome: Outcome
    entry: int
    """Ledger entry of the run that brought it."""

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "begins": clock.iso(self.begins),
            "ends": clock.iso(self.ends),
            "outcome": self.outcome.value,
            "entry": self.entry,
        }


@dataclass(frozen=True, slots=True)
class Pair:
    """One check on one resource over the span."""

    check: str
    target: Target
    subject: Key
    held: tuple[Held, ...]
    """Oldest first; never empty."""

    @property
    def worst(self) -> Outcome:
        """The gravest outcome of the span."""
        return min((each.outcome for each in self.held), key=WORST_FIRST.index)

    @property
    def decides(self) -> int:
        """The last moment at which it was at its worst: by then the newest evidence of that was in."""
        return max(each.ends for each in self.held if each.outcome is self.worst) - 1

    @property
    def id(self) -> tuple[str, str, str, str, str]:
        """Cloud, target, check, resource type and uid."""
        return self.target.cloud, self.target.name, self.check, self.subject.kind, self.subject.uid

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "check": self.check,
            "target": self.target.name,
            "resource_type": self.subject.kind,
            "resource": self.subject.uid,
            "name": self.subject.name,
            "worst": self.worst.value,
            "held": [each.to_json() for each in self.held],
        }


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked."""

    control: str | None
    check: str | None
    resource: str | None
    """Part of the identifier or name of the resources that are asked about; None for all."""
    span: Span

    def checks(self, promises: Library) -> set[str] | None:
        """The checks that are asked about, by a library; None for all.  Raises OperatorError when there are none."""
        if self.control is None:
            return None if self.check is None else {self.check}
        control = promises.controls[self.control]
        if control.not_applicable:
            raise OperatorError(f"{control.id}: does not apply: {control.not_applicable}")
        if not control.checks:
            message = (
                f"{control.id}: no check tests it; `proofkeep attest list --control {control.id}` shows what people did"
            )
            raise OperatorError(message)
        if self.check is not None and self.check not in control.checks:
            raise OperatorError(
                f"--check {self.check!r}: does not test {control.id}; it has {', '.join(control.checks)}"
            )
        return set(control.checks) if self.check is None else {self.check}

    def about(self, uid: str, name: str) -> bool:
        """Whether a resource is asked about."""
        return self.resource is None or self.resource in uid or self.resource in name

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        about: dict[str, Any] = {"control": self.control, "check": self.check, "resource": self.resource}
        if self.span.is_moment:
            return {**about, "as_of": clock.iso(self.span.begins), "from": None, "until": None}
        return {**about, "as_of": None, "from": clock.iso(self.span.begins), "until": clock.iso(self.span.ends)}


def pair_of(finding: Finding, span: Span) -> Pair:
    """The verdict of one moment."""
    who = Target(finding.cloud, finding.target, finding.account)
    subject = Key(finding.resource_type, finding.resource, finding.region, finding.name)
    return Pair(finding.check, who, subject, (Held(span.begins, span.ends, finding.outcome, finding.since_seq),))


def id_of(finding: Finding) -> tuple[str, str, str, str, str]:
    """The pair that a verdict belongs to, as `Pair.id` has it."""
    return finding.cloud, finding.target, finding.check, finding.resource_type, finding.resource


def pairs_of(conn: Connection, question: Question, checks: Collection[str] | None) -> Iterator[Pair]:
    """Every check of these on every resource that had a verdict at some time of the span, with all that it was."""
    span = question.span
    for each in history.verdict_changes(conn, span.begins, span.ends, checks):
        if question.about(each.subject.uid, each.subject.name) and (held := tuple(_held(each, span))):
            yield Pair(each.check_id, each.target, each.subject, held)


def _held(pair: PairHistory, span: Span) -> Iterable[Held]:
    """The verdicts of a pair within the span; neighbors of the same outcome are one."""
    found: list[Held] = []
    for number, step in enumerate(pair.steps):
        after = pair.steps[number + 1].run.recorded if number + 1 < len(pair.steps) else span.ends
        begins, ends = max(step.run.recorded, span.begins), min(after, span.ends)
        if step.outcome is None or begins >= ends:
            continue
        outcome = Outcome(OUTCOMES[step.outcome].value)
        last = found[-1] if found else None
        if last is not None and (last.outcome, last.ends) == (outcome, begins):
            found[-1] = replace(last, ends=ends)
        else:
            found.append(Held(begins, ends, outcome, step.run.seq))
    return found
