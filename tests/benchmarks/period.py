"""Evaluates state controls over a year in memory: hourly runs, 10,000 resources, 100,000 (check, resource) pairs.

`python -m tests.benchmarks.period` prints the CPU seconds that the engine takes, without the reading of any store.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator

from agent.audit.coverage import Change, Failure, Reads, Status, Unit
from agent.audit.intervals import Waiver
from agent.audit.parameters import DAY, HOUR
from agent.audit.periods import Period
from agent.audit.state import StateResult, StateTest, evaluate
from checks.library import Policy
from collectors.facts.core import Reason
from tests.benchmarks.lines import HEADING, Line, show

TARGETS = 20
RESOURCES = 10_000
CHECKS = 10
"""Each one judges each resource, which makes 100,000 pairs."""
_BEGIN = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z."""
_YEAR = Period(_BEGIN, _BEGIN + 365 * DAY)
_SEED = 7
_BORN, _GONE, _UNSTEADY, _UNREAD = 0.10, 0.05, 0.08, 0.02
"""Shares of the resources that were made or deleted in the year, of the pairs that failed, and that were denied."""


def measure() -> Iterator[Line]:
    """One line: the year's evaluation against its budget."""
    work = list(_work(random.Random(_SEED)))
    began = time.process_time()
    results = _evaluate(work)
    seconds = time.process_time() - began
    pairs = sum(each.units for each in results)
    slots = sum(each.expected_slots for each in results)
    deviations = sum(len(each.deviations) for each in results)
    yield Line(
        "period",
        f"a year, hourly: {pairs:,} pairs",
        seconds,
        2,
        "s CPU",
        f"{slots:,} unit-slots, {deviations:,} failing intervals, {sum(len(each.gaps) for each in results):,} gaps",
    )


def _evaluate(work: list[tuple[StateTest, list[Unit], list[Waiver]]]) -> list[StateResult]:
    grid = work[0][0].grid()
    return [evaluate(test, units, grid=grid, waivers=waivers) for test, units, waivers in work]


def _work(chance: random.Random) -> Iterator[tuple[StateTest, list[Unit], list[Waiver]]]:
    """A control for each check, with its units and waivers."""
    reads = [_reads(number, chance) for number in range(TARGETS)]
    lives = [_life(chance) for _ in range(RESOURCES)]
    for number in range(CHECKS):
        policy = Policy.STRICT if number % 2 else Policy.REMEDIATE_WITHIN_SLA
        test = StateTest(
            control=f"C-{number}", period=_YEAR, frequency="hourly", policy=policy, severity="high", sla=7 * DAY
        )
        units = [
            Unit(
                f"resource-{each}",
                _changes(chance, reads[each % TARGETS], *lives[each]),
                reads[each % TARGETS],
                *lives[each],
            )
            for each in range(RESOURCES)
        ]
        yield test, units, [_waiver(each, chance) for each in range(0, RESOURCES, 50)]


def _reads(number: int, chance: random.Random) -> Reads:
    """A year of hourly runs five minutes after the hour, with three outages."""
    failures = []
    for reason in (Reason.AGENT_DOWN, Reason.PERMISSION_DENIED, Reason.THROTTLED):
        begins = _BEGIN + chance.randrange(360 * 24) * HOUR
        failures.append(Failure(begins, begins + chance.randrange(1, 60) * HOUR, reason))
    runs = range(_BEGIN + HOUR // 12, _YEAR.ends, HOUR)
    return Reads.of(runs, failures, f"aws/{number:012d}/us-east-1")


def _life(chance: random.Random) -> tuple[int | None, int | None]:
    """When a resource was made and deleted; None for before and after the year."""
    begins = _BEGIN + chance.randrange(300 * 24 * 60) * HOUR // 60 if chance.random() < _BORN else None
    ends = _YEAR.ends - chance.randrange(60 * 24 * 60) * HOUR // 60 if chance.random() < _GONE else None
    return begins, ends


def _changes(chance: random.Random, reads: Reads, begins: int | None, ends: int | None) -> tuple[Change, ...]:
    """The verdicts on a pair: mostly the same all year, some fail for hours or days, a few cannot be read."""
    first = next(run for run in reads.runs if run >= begins) if begins else _BEGIN - 30 * DAY
    changes: list[Change] = [(first, Status.PASS)]
    for share, status in ((_UNSTEADY, Status.FAIL), (_UNREAD, Status.ERROR)):
        if chance.random() < share:
            position = chance.randrange(len(reads.runs) - 24 * 20)
            since, until = reads.runs[position], reads.runs[position + chance.randrange(1, 24 * 12)]
            if since > changes[-1][0] and until < (ends or _YEAR.ends):
                changes += [(since, status), (until, Status.PASS)]
    return tuple(changes)


def _waiver(number: int, chance: random.Random) -> Waiver:
    """A month's exception, requested by one and approved by another."""
    begins = _BEGIN + chance.randrange(330) * DAY
    return Waiver(
        id=f"W-{number}",
        unit=f"resource-{number}",
        requester="owner",
        approver="officer",
        approved_at=begins,
        valid_from=begins,
        valid_to=begins + 30 * DAY,
    )


def main() -> None:
    """Print the line."""
    sys.stdout.write(f"{HEADING}\n")
    for line in measure():
        sys.stdout.write(f"{show(line)}\n")


if __name__ == "__main__":
    main()
