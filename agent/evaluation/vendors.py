"""The providers that the company builds on: do their reports cover the period, and did somebody read them.

By the carve-out method a provider's controls are outside our tests, and watching them is a control of ours.  A day of a
critical provider that neither a report nor a bridge letter covers is a deviation of that control; so is a report that
nobody read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from agent import clock
from agent.audit.conclusions import Conclusion
from agent.audit.parameters import DAY, Parameters
from agent.audit.periods import Period, iso
from agent.audit.vendors import BridgeLetter, VendorCoverage, VendorReport, cover
from agent.evaluation.registered import Register
from agent.registers.cells import Cuec
from agent.registers.kinds import Vendor

CARVE_OUT = "carve-out"
FINANCIAL = "soc1"
NO_REGISTER = "no register of vendors was on record; import it: proofkeep register import vendors FILE"


@dataclass(frozen=True, slots=True)
class Service:
    """One service of one provider over a period."""

    vendor: str
    service: str
    method: str
    critical: bool
    coverage: VendorCoverage
    unread: tuple[str, ...]
    """Reports that reach into the period and that nobody read after the time they speak of."""
    reports: tuple[Vendor, ...]
    """Its rows in the register."""
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Provider and service."""
        return f"{self.vendor}, {self.service}"

    @property
    def watched(self) -> bool:
        """Whether an uncovered day counts: our commitments depend on it, and its controls are outside our tests."""
        return self.critical and self.method == CARVE_OUT

    @property
    def cuecs(self) -> tuple[Cuec, ...]:
        """What it expects of us, each once."""
        return tuple(dict.fromkeys(each for row in self.reports for each in row.cuecs))

    def to_json(self, words: Mapping[str, str]) -> dict[str, Any]:
        """Every part; `words` is the conclusion on each control of ours that was evaluated, by id."""
        return {
            "vendor": self.vendor,
            "service": self.service,
            "method": self.method,
            "critical": self.critical,
            "criteria": sorted({each for row in self.reports for each in row.criteria}),
            "csocs": list(dict.fromkeys(each for row in self.reports for each in row.csocs)),
            **self.coverage.to_json(),
            "deviation": self.watched and not self.coverage.passes,
            "not_read": list(self.unread),
            "reports": [_report(row) for row in self.reports],
            "cuecs": [
                {
                    "text": each.text,
                    "controls": {name: words.get(name, "not evaluated") for name in each.controls},
                }
                for each in self.cuecs
            ],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Watched:
    """What the register says of a period, and of the control that watches the providers."""

    register: Register | None
    services: tuple[Service, ...]
    conclusion: Conclusion
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    deviations: int
    """Services with uncovered days, and reports that nobody read."""

    def to_json(self, words: Mapping[str, str]) -> dict[str, Any]:
        """Every part; `words` as in `Service.to_json`."""
        return {
            "register": self.register.to_json() if self.register else None,
            "conclusion": self.conclusion.value,
            "reasons": list(self.reasons),
            "notes": list(self.notes),
            "deviations": self.deviations,
            "services": [each.to_json(words) for each in self.services],
        }

    def lines(self, words: Mapping[str, str]) -> Iterator[str]:
        """The same for people."""
        if self.register is None:
            yield NO_REGISTER
            return
        yield f"register {self.register.made.id}, {self.register.made.rows} rows, as of {iso(self.register.made.as_of)}"
        for each in self.services:
            marks = [each.method, *(["critical"] if each.critical else [])]
            days = each.coverage.uncovered_days
            said = f"{days} days not covered" if days else "every day covered"
            if days and each.watched:
                said += ", a deviation"
            yield f"{each.name} ({', '.join(marks)}): {said}"
            yield from (f"  not covered: {iso(gap.begins)} … {iso(gap.ends)}" for gap in each.coverage.uncovered)
            yield from (f"  not read: {report}" for report in each.unread)
            for cuec in each.cuecs:
                ours = ", ".join(
                    f"{name} {words.get(name, 'not evaluated').replace('_', ' ')}" for name in cuec.controls
                )
                yield f"  it expects of us: {cuec.text}: {ours or 'no control of ours is named'}"
            yield from (f"  note: {note}" for note in each.notes)
        yield from (f"note: {note}" for note in self.notes)


def watch(register: Register | None, period: Period, parameters: Parameters, *, interim: bool = False) -> Watched:
    """Lay the reports of every provider over a period and conclude on the control that watches them.

    Uncovered days are weighed against all days of the services that count, and unread reports against all reports, by
    the tolerable rate.  A list that was drawn before the period ended cannot show that no provider is missing, unless
    the evaluation itself is `interim`.
    """
    if register is None:
        return Watched(None, (), Conclusion.UNABLE_TO_CONCLUDE, (NO_REGISTER,), (), 0)
    services = tuple(_services(cast("Sequence[Vendor]", register.rows), period, parameters))
    counted = [each for each in services if each.watched]
    notes = []
    stale = register.made.as_of < period.ends
    old = f"{register.made.id} speaks of {iso(register.made.as_of)}, before the end: later providers are not on it"
    if stale:
        notes.append(old)
    if not counted:
        nothing = "no critical provider by the carve-out method is on the register"
        conclusion = Conclusion.UNABLE_TO_CONCLUDE if stale and not interim else Conclusion.NOT_OPERATED
        return Watched(register, services, conclusion, (nothing,), tuple(notes), 0)
    conclusion, reasons = _conclude(counted, period, parameters)
    proven = conclusion is Conclusion.NOT_EFFECTIVE
    if stale and not interim and not proven:
        conclusion = Conclusion.UNABLE_TO_CONCLUDE
        reasons = [old, *reasons]
    deviations = sum(not each.coverage.passes for each in counted) + sum(len(each.unread) for each in counted)
    return Watched(register, services, conclusion, tuple(reasons), tuple(notes), deviations)


def _conclude(counted: Sequence[Service], period: Period, parameters: Parameters) -> tuple[Conclusion, list[str]]:
    days = len(counted) * -(-(period.ends - period.begins) // DAY)
    uncovered = sum(each.coverage.uncovered_days for each in counted)
    reports = sum(1 for each in counted for row in each.reports if _reaches(row, period))
    unread = [report for each in counted for report in each.unread]
    reasons = [
        f"{each.name}: {each.coverage.uncovered_days} days are not covered"
        for each in counted
        if each.coverage.uncovered
    ]
    reasons += [f"not read: {report}" for report in unread]
    limit = parameters.tolerable_rate
    if uncovered > limit * days or len(unread) > limit * reports:
        return Conclusion.NOT_EFFECTIVE, reasons
    if reasons:
        return Conclusion.EFFECTIVE_WITH_DEVIATIONS, reasons
    return Conclusion.EFFECTIVE, [f"every day of {len(counted)} critical services is covered by a report that was read"]


def _services(rows: Sequence[Vendor], period: Period, parameters: Parameters) -> Iterator[Service]:
    grouped: dict[tuple[str, str], list[Vendor]] = {}
    for row in rows:
        grouped.setdefault((row.vendor, row.service), []).append(row)
    for (vendor, service), own in grouped.items():
        reports = [
            VendorReport(begins=a, ends=b, type_two=True) for a, b in (row.covered for row in own if row.covered)
        ]
        letters = [BridgeLetter(*row.bridged) for row in own if row.bridged]
        methods = {row.method for row in own}
        yield Service(
            vendor,
            service,
            CARVE_OUT if CARVE_OUT in methods else own[0].method,
            any(row.critical for row in own),
            cover(period, reports, letters, parameters),
            tuple(_unread(own, period)),
            tuple(own),
            tuple(_notes(own, period)),
        )


def _unread(rows: Sequence[Vendor], period: Period) -> Iterator[str]:
    for row in rows:
        if not _reaches(row, period):
            continue
        _, ends = cast("tuple[int, int]", row.covered)
        if row.reviewed_at is None:
            yield f"{_title(row)}: no review is on record"
        elif row.reviewed_at < ends:
            yield f"{_title(row)}: its review of {iso(row.reviewed_at)} is older than its end"


def _notes(rows: Sequence[Vendor], period: Period) -> Iterator[str]:
    if len({row.method for row in rows}) > 1:
        yield "its rows name both methods; carve-out is taken"
    for row in rows:
        if not _reaches(row, period):
            continue
        if row.opinion not in {"", "unqualified"}:
            yield f"{_title(row)}: its auditor's opinion is {row.opinion}"
        if row.exceptions:
            yield f"{_title(row)}: exceptions: {row.exceptions}"
        if row.report_type.startswith(FINANCIAL):
            yield f"{_title(row)}: speaks of controls over financial reporting"


def _reaches(row: Vendor, period: Period) -> bool:
    """Whether the report covers a part of the period, alone or by its bridge letter."""
    if row.covered is None:
        return False
    begins, ends = row.covered
    until = max(ends, row.bridged[1]) if row.bridged else ends
    return begins < period.ends and until > period.begins


def _title(row: Vendor) -> str:
    return f"{row.vendor}, {row.service}: {row.report_type} {row.report_from or ''}…{row.report_to}"


def _report(row: Vendor) -> dict[str, Any]:
    return {
        "type": row.report_type,
        "from": row.report_from and row.report_from.isoformat(),
        "to": row.report_to and row.report_to.isoformat(),
        "opinion": row.opinion,
        "exceptions": row.exceptions,
        "bridge_from": row.bridge_from and row.bridge_from.isoformat(),
        "bridge_to": row.bridge_to and row.bridge_to.isoformat(),
        "reviewed_by": row.reviewed_by,
        "reviewed_at": clock.iso_or_none(row.reviewed_at),
    }
