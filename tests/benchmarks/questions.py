"""What is asked of the year in the store, each question with the seconds that it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from orjson import loads

from agent.evaluation.periods import Evaluation, Question, evaluate
from agent.populations import Population, population
from agent.timeline import timeline
from agent.verify import Verdict, verify
from storage import reads
from storage.engine import Store
from storage.rows import Target
from tests.benchmarks import promises
from tests.benchmarks.lines import BenchmarkFailed
from tests.benchmarks.year import ACCOUNT, BEGIN

_HOUR = 3_600_000_000
_QUICK, _SLOW = 21, 3
"""How often each question is put after it was put once; the median counts."""
_POPULATIONS = ("users", "databases")


def ask(store: Store, runs: int, busiest: str) -> dict[str, Any]:
    """Every question; the busiest resource is the one with the longest history."""
    ends = BEGIN + runs * _HOUR
    lab = Target("aws", "lab", "222222222222")
    return {
        "period": {
            "year": _period(store, BEGIN, ends),
            "quarter": _period(store, BEGIN + (runs - runs // 4) * _HOUR, ends),
        },
        "population": {name: _population(store, name, ends) for name in _POPULATIONS},
        "as_of": _as_of(store, lab, runs),
        "timeline": _median(_QUICK, lambda _: timeline(store, busiest))["wall"] * 1000,
        "steps": len(timeline(store, busiest)[1]),
        "verify": verified(store),
    }


def verified(store: Store) -> dict[str, Any]:
    """A complete verification.  Raises BenchmarkFailed when it is not clean."""
    verdicts: list[Verdict] = []
    took = _median(1, lambda _: verdicts.append(verify(store)))
    if not verdicts[-1].clean:
        raise BenchmarkFailed(f"the year does not verify: {verdicts[-1].findings[0]}")
    return {**took, "entries": verdicts[-1].size, "bytes": verdicts[-1].bytes}


def _period(store: Store, begins: int, ends: int) -> dict[str, Any]:
    """The evaluation of all controls and criteria, from the store to the conclusions."""
    wiring = promises.wiring()
    answers: list[Evaluation] = []

    def once(_: int) -> None:
        answers.clear()
        with store.read() as conn:
            answers.append(evaluate(conn, wiring, Question(begins=begins, ends=ends, as_of=ends)))

    took = _median(_SLOW, once)
    found = answers[-1]
    states = [part.state for each in found.controls.values() for part in each.parts if part.state]
    return {
        **took,
        "pairs": sum(len(units) for units in found.known.units.values()),
        "judged": sum(each.units for each in states),
        "controls": len(found.controls),
        "deviations": sum(len(each.deviations) for each in states),
        "gaps": sum(len(each.gaps) for each in states),
    }


def _population(store: Store, name: str, ends: int) -> dict[str, Any]:
    wiring = promises.wiring()
    answers: list[Population] = []

    def once(_: int) -> None:
        answers.clear()
        with store.read() as conn:
            answers.append(population(conn, wiring, name, BEGIN, ends))

    took = _median(_SLOW, once)
    found = answers[-1]
    runs, complete = (sum(getattr(cover, what) for cover in found.covers) for what in ("runs", "complete"))
    return {**took, "items": len(found.items), "runs": runs, "complete": complete}


def _as_of(store: Store, who: Target, runs: int) -> float:
    """Milliseconds to read and decode one account at a past time, median over times spread over the year."""

    def once(number: int) -> None:
        time_asked = BEGIN + (runs * (number + 1) // (_QUICK + 1)) * _HOUR + _HOUR // 2
        with store.read() as conn:
            seq = reads.seq_at(conn, time_asked)
            documents = [loads(content) for _, content in reads.documents_at(conn, who, seq or 0)]
        if len(documents) != ACCOUNT:
            raise BenchmarkFailed(f"{len(documents)} documents of {ACCOUNT} were in force")

    return _median(_QUICK, once)["wall"] * 1000


def _median(times: int, once: Callable[[int], object]) -> dict[str, float]:
    """Median wall and CPU seconds of a question, which is put once before when it is put more than once."""
    if times > 1:
        once(0)
    walls: list[float] = []
    cpus: list[float] = []
    for number in range(times):
        with _measured(walls, cpus):
            once(number)
    return {"wall": median(walls), "cpu": median(cpus)}


@contextmanager
def _measured(walls: list[float], cpus: list[float]) -> Iterator[None]:
    began, used = time.perf_counter(), time.process_time()
    yield
    walls.append(time.perf_counter() - began)
    cpus.append(time.process_time() - used)
