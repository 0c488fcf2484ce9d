"""The columns of each register: one model per kind, each field with what it holds.

A field without a default must be filled in.  Times are microseconds since the epoch, UTC; days are as printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from agent import clock
from agent.registers.cells import Cuecs, Day, Instant, Text, Texts, Whole, Word, YesNo

MINUTE = 60_000_000
"""In microseconds."""


class Fault(NamedTuple):
    """What is wrong with one cell, and what to do about it."""

    column: str
    problem: str
    fix: str


class Row(BaseModel):
    """One row of a register."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    KEY: ClassVar[tuple[str, ...]] = ("id",)
    """Columns that tell one row from all others."""

    def key(self) -> tuple[object, ...]:
        """The values by which this row differs from all others."""
        return tuple(getattr(self, name) for name in self.KEY)

    def faults(self) -> Iterator[Fault]:
        """What does not fit together in this row."""
        yield from ()

    def controls_named(self) -> Iterator[tuple[str, str]]:
        """Each control that the row refers to, with its column."""
        yield from ()

    def criteria_named(self) -> Iterator[tuple[str, str]]:
        """Each criterion that the row refers to, with its column."""
        yield from ()


class Commitment(Row):
    """What the company promised its customers, or what the system needs for that."""

    id: Text = Field(description="your own id")
    kind: Annotated[Literal["commitment", "requirement"], Word] = Field(
        description="commitment (promised to customers) or requirement (what the system needs for that)"
    )
    text: Text = Field(description="the promise, in one sentence")
    source: Text = Field(description="where it stands: a contract, a page, a policy")
    criteria: Texts = Field(description="criteria that it is judged by, such as A1.2; CC7.5")
    controls: Texts = Field((), description="controls that keep it, such as BK-01; BK-02")
    target: Text = Field("", description="the number in it, such as 99.9 % a month")
    valid_from: Instant | None = Field(None, description="when it began to hold")
    valid_to: Instant | None = Field(None, description="first moment at which it no longer holds")

    def faults(self) -> Iterator[Fault]:
        """It ends after it begins."""
        yield from _ordered(self, "valid_from", "valid_to")

    def controls_named(self) -> Iterator[tuple[str, str]]:
        """Those that keep it."""
        yield from (("controls", name) for name in self.controls)

    def criteria_named(self) -> Iterator[tuple[str, str]]:
        """Those that it is judged by."""
        yield from (("criteria", name) for name in self.criteria)


class Measured(Row):
    """What was measured of one service over a stretch of time, for one commitment."""

    KEY: ClassVar[tuple[str, ...]] = ("commitment", "service", "begins")

    commitment: Text = Field(description="id of the commitment, as the register of commitments has it")
    service: Text = Field(description="what was measured")
    begins: Instant = Field(description="first moment")
    ends: Instant = Field(description="first moment after it; whole minutes later, and in the same month")
    down_minutes: Whole = Field(description="minutes in which it was down, without agreed maintenance")
    maintenance_minutes: Whole = Field(0, description="minutes of agreed maintenance")
    unmeasured_minutes: Whole = Field(0, description="minutes in which nobody measured")

    @property
    def minutes(self) -> int:
        """How long it is."""
        return (self.ends - self.begins) // MINUTE

    def faults(self) -> Iterator[Fault]:
        """It lasts whole minutes, and its parts are no more than that."""
        yield from _ordered(self, "begins", "ends")
        if (self.ends - self.begins) % MINUTE:
            yield Fault("ends", "is not whole minutes after begins", "write both without seconds")
        parts = self.down_minutes + self.maintenance_minutes + self.unmeasured_minutes
        if self.begins < self.ends and parts > self.minutes:
            yield Fault("down_minutes", f"and the others are {parts} of {self.minutes} minutes", "correct one of them")


class Vendor(Row):
    """One report of one service of a vendor; a vendor with several reports has several rows."""

    KEY: ClassVar[tuple[str, ...]] = ("vendor", "service", "report_type", "report_to", "bridge_to")

    vendor: Text = Field(description="name of the vendor")
    service: Text = Field(description="what you use of it")
    method: Annotated[Literal["carve-out", "inclusive"], Word] = Field(
        description="carve-out (its controls are outside your tests) or inclusive"
    )
    critical: YesNo = Field(description="yes when your commitments depend on it")
    criteria: Texts = Field((), description="criteria that you rely on it for")
    csocs: Texts = Field((), description="controls that you expect there (CSOCs)")
    cuecs: Cuecs = Field((), description='what it expects of you (CUECs), each "text -> ids of your controls"')
    report_type: Annotated[
        Literal["soc2-type2", "soc2-type1", "soc1-type2", "soc1-type1", "iso27001", "other", "none"], Word
    ] = Field(description="soc2-type2, soc2-type1, soc1-type2, soc1-type1, iso27001, other or none")
    report_from: Day | None = Field(None, description="first day of the report's period; empty for a Type I report")
    report_to: Day | None = Field(None, description="last day of the report's period, or the day of a Type I report")
    opinion: Annotated[Literal["", "unqualified", "qualified", "adverse", "disclaimer"], Word] = Field(
        "", description="opinion of the vendor's auditor: unqualified, qualified, adverse or disclaimer"
    )
    exceptions: Text = Field("", description="exceptions in the report, and what they mean for you")
    bridge_from: Day | None = Field(None, description="first day that a bridge letter speaks of")
    bridge_to: Day | None = Field(None, description="last day that a bridge letter speaks of")
    reviewed_by: Text = Field("", description="who read the report")
    reviewed_at: Instant | None = Field(None, description="when")

    def faults(self) -> Iterator[Fault]:
        """A period needs a report of Type II, and both of its ends."""
        yield from _ordered(self, "report_from", "report_to", equal=True)
        yield from _ordered(self, "bridge_from", "bridge_to", equal=True)
        if self.report_type.endswith("type2") and self.report_from is None:
            yield Fault("report_from", f"is empty beside {self.report_type}", "write the first day of its period")
        if self.report_type.endswith("type1") and self.report_from is not None:
            yield Fault(
                "report_from", f"stands beside {self.report_type}", "a Type I report covers no period: empty it"
            )
        if self.report_type == "none" and (self.report_from or self.report_to or self.opinion):
            yield Fault("report_type", "is none beside a report", "write its type")
        if self.report_type != "none" and self.report_to is None:
            yield Fault("report_to", f"is empty beside {self.report_type}", "write the last day of its period")
        if (self.bridge_from is None) != (self.bridge_to is None):
            yield Fault("bridge_to", "and bridge_from go together", "write both or neither")
        if bool(self.reviewed_by) != (self.reviewed_at is not None):
            yield Fault("reviewed_at", "and reviewed_by go together", "write both or neither")

    @property
    def covered(self) -> tuple[int, int] | None:
        """[begins, ends) of the period that the report covers; None unless it is of Type II."""
        return _days(self.report_from, self.report_to) if self.report_type.endswith("type2") else None

    @property
    def bridged(self) -> tuple[int, int] | None:
        """[begins, ends) that the bridge letter speaks of."""
        return _days(self.bridge_from, self.bridge_to)

    def controls_named(self) -> Iterator[tuple[str, str]]:
        """Controls of ours that the vendor expects."""
        yield from (("cuecs", name) for cuec in self.cuecs for name in cuec.controls)

    def criteria_named(self) -> Iterator[tuple[str, str]]:
        """Those that we rely on it for."""
        yield from (("criteria", name) for name in self.criteria)


class Incident(Row):
    """Something that went wrong, or nearly."""

    id: Text = Field(description="id in your tracker")
    title: Text = Field(description="what happened, in one line")
    severity: Annotated[Literal["critical", "high", "medium", "low"], Word] = Field(
        description="critical, high, medium or low"
    )
    began_at: Instant | None = Field(None, description="when it began, as far as known")
    detected_at: Instant = Field(description="when somebody or something noticed")
    contained_at: Instant | None = Field(None, description="when it could spread no more")
    resolved_at: Instant | None = Field(None, description="when it was over; empty while it is open")
    data_involved: YesNo = Field(description="yes when data of customers or people was exposed, changed or lost")
    notified_at: Instant | None = Field(None, description="when those concerned were told")
    cause: Text = Field("", description="the root cause")
    review: Text = Field("", description="where the review afterwards stands")
    controls: Texts = Field((), description="controls that should have prevented or detected it")

    def faults(self) -> Iterator[Fault]:
        """It begins, is detected, contained and resolved in this order."""
        yield from _ordered(self, "began_at", "detected_at", equal=True)
        yield from _ordered(self, "detected_at", "contained_at", equal=True)
        yield from _ordered(self, "detected_at", "resolved_at", equal=True)
        yield from _ordered(self, "contained_at", "resolved_at", equal=True)

    def controls_named(self) -> Iterator[tuple[str, str]]:
        """Those that should have prevented or detected it."""
        yield from (("controls", name) for name in self.controls)


class Change(Row):
    """One change that went to production."""

    id: Text = Field(description="id of the deployment; approvals name it")
    system: Text = Field(description="what was changed")
    kind: Annotated[Literal["standard", "emergency"], Word] = Field(
        "standard", description="standard (the default) or emergency"
    )
    deployed_at: Instant = Field(description="when it went to production")
    deployed_by: Text = Field(description="who did it: the person, or the pipeline on behalf of nobody else")
    reference: Text = Field("", description="commit, tag or ticket")
    description: Text = Field("", description="what it does")


class Person(Row):
    """Somebody who works, or worked, for the company."""

    id: Text = Field(description="id in the list of staff")
    name: Text = Field(description="name")
    email: Text = Field("", description="address; an account of this name is taken for theirs")
    role: Text = Field("", description="what they do")
    manager: Text = Field("", description="to whom they report")
    joined_at: Instant = Field(description="first moment of work")
    left_at: Instant | None = Field(None, description="from when they may no longer have access; empty while they work")
    accounts: Texts = Field((), description="names or identifiers (ARNs) of their accounts in the directories")

    def faults(self) -> Iterator[Fault]:
        """They leave after they join."""
        yield from _ordered(self, "joined_at", "left_at")


class Approval(Row):
    """One decision about one change."""

    id: Text = Field(description="id of the decision")
    change: Text = Field(description="id of the change")
    decision: Annotated[Literal["approved", "rejected"], Word] = Field(description="approved or rejected")
    approved_by: Text = Field(description="who decided")
    approved_at: Instant = Field(description="when")


class Event(Row):
    """One occasion on which people had to perform a control."""

    KEY: ClassVar[tuple[str, ...]] = ("control", "id")

    id: Text = Field(description="id in the system of record; attestations name it")
    control: Text = Field(description="control that had to be performed, such as AC-15")
    occurred_at: Instant = Field(description="when it happened: the days until the evidence is due count from here")
    description: Text = Field("", description="what happened")
    reference: Text = Field("", description="ticket, contract or the like")

    def controls_named(self) -> Iterator[tuple[str, str]]:
        """The one that had to be performed."""
        yield "control", self.control


MODELS: dict[str, type[Row]] = {
    "commitments": Commitment,
    "vendors": Vendor,
    "incidents": Incident,
    "changes": Change,
    "people": Person,
    "approvals": Approval,
    "availability": Measured,
    "events": Event,
}
"""The model of a row, by kind of register."""


def _ordered(row: Row, first: str, last: str, *, equal: bool = False) -> Iterator[Fault]:
    """The second of two times comes after the first, where both are given."""
    begins, ends = getattr(row, first), getattr(row, last)
    if begins is None or ends is None or begins < ends or (equal and begins == ends):
        return
    yield Fault(last, f"lies before {first}" if ends < begins else f"is the same as {first}", "correct one of the two")


def _days(first: date | None, last: date | None) -> tuple[int, int] | None:
    """Both days and all between them as [begins, ends) in UTC."""
    if first is None or last is None:
        return None
    begins, ends = (datetime.combine(day, time(), UTC) for day in (first, last))
    return clock.from_datetime(begins), clock.from_datetime(ends + timedelta(days=1))
