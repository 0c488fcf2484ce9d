"""What the company of the year has promised: fifty controls over a hundred checks, a schedule, some exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agent import library, populations
from agent.schedule import Declared, Every
from agent.waivers import Terms
from agent.wiring import Wiring, all_collectors
from checks.api import Criterion, Strength
from checks.criteria import all_criteria
from checks.library import Control, Covers, Frequency, Kind, Library, Policy
from storage import canon, seal
from storage.engine import Store
from tests.benchmarks.workload import CHECKS

CONTROLS = 50
CHANGED = 5
"""Controls whose promise changes in the middle of the year, so that it is judged in two parts."""
WAIVED = 20
_HOUR, _DAY = 3_600, 86_400
_MONTH = 30 * _DAY * 1_000_000


def promised(sla_days: int) -> Library:
    """The library; the days that the first few controls allow for repair differ between its versions."""
    criteria = list(all_criteria())
    controls = [_control(number, criteria[number % len(criteria)]) for number in range(CONTROLS)]
    controls[:CHANGED] = [replace(control, sla_days=sla_days) for control in controls[:CHANGED]]
    return Library({control.id: control for control in controls}, {}, f"{sla_days:064x}")


def wiring() -> Wiring:
    """The collectors as they are, and the controls; the checks of the year are names only."""
    return Wiring({}, all_collectors(), promised(7))


def begin(store: Store, daily: str) -> None:
    """Put on record what was promised when the year began; one target is read daily and all others hourly."""
    schedule = Declared(Every(_HOUR), {daily: Every(_DAY)})
    seal.append_policy(store, "schedule", canon.canonical(schedule.declared()))
    seal.append_policy(store, "populations", populations.declared())
    promise(store, 7)


def promise(store: Store, sla_days: int) -> None:
    """Put a version of the library on record."""
    seal.append_policy(store, library.POLICY, library.body(promised(sla_days)))


def exceptions(now: int) -> Iterator[Terms]:
    """A month's exception for some resources of twenty controls."""
    for number in range(WAIVED):
        yield Terms(
            control=f"CR-{number:02}",
            target="*",
            resource="*-00*",
            reason="the vendor mends it",
            risk="it may be read by others",
            requested_by="Olga Owner",
            approved_by="Carl Ciso",
            approved_at=now,
            valid_from=now,
            valid_to=now + _MONTH,
        )


def _control(number: int, criterion: str) -> Control:
    strict = number % 2 == 0
    return Control(
        id=f"CR-{number:02}",
        title=f"Setting {number} is on",
        text=f"We keep setting {number} on for everything that has it.",
        criteria=(Criterion(criterion, Strength.DIRECT, "the setting is what it asks for"),),
        frequency=Frequency.HOURLY if number % 3 else Frequency.CONTINUOUS,
        owner="Olga Owner",
        kind=Kind.AUTOMATED,
        key=True,
        severity=("low", "medium", "high", "critical")[number % 4],
        sla_days=7,
        policy=Policy.STRICT if strict else Policy.REMEDIATE_WITHIN_SLA,
        checks=CHECKS[number::CONTROLS],
        params={},
        covers=Covers.ALL,
        not_covered="",
        procedure="",
        due="",
        not_yet="",
    )
