"""Judges stored evidence again with today's code and holds the result against the verdicts of that run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from agent import clock, stored
from agent.errors import OperatorError
from agent.judge import judge, shape
from agent.wiring import Wiring, check_digest
from checks.api import Params
from collectors.facts.core import Resource
from storage import ledger, reads
from storage.engine import Store
from storage.rows import Key, RunRow


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said about one resource."""

    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One check on one resource, judged twice; None: no finding."""

    check: str
    subject: Key
    then: Verdict | None
    now: Verdict | None

    @property
    def differs(self) -> bool:
        """Outcome or reason is not what it was."""
        return self.then != self.now


@dataclass(frozen=True, slots=True)
class Replay:
    """One run judged again."""

    run: RunRow
    compared: tuple[Compared, ...]
    """Every pair of check and resource that either judgement knows."""
    same_code: bool
    """All code that reads and judges is what it was."""
    changed_code: tuple[str, ...]
    """Checks whose code is not what it was."""
    changed_params: tuple[str, ...]
    """Checks that the control library now gives other parameters."""
    new_params: bool
    """Whether those were used, and not the run's own."""
    gone: tuple[str, ...]
    """Checks that judged then and do not exist any more."""
    added: tuple[str, ...]
    """Checks that exist now and did not judge then; they are left out unless they are asked for by name."""

    @property
    def differences(self) -> tuple[Compared, ...]:
        """Pairs of a check that judged then, and whose verdict is not what it was."""
        return tuple(each for each in self.compared if each.differs and each.check not in self.added)

    def to_json(self, *, everything: bool) -> dict[str, Any]:
        """For programs."""
        shown = self.compared if everything else self.differences
        return {
            "target": self.run.target.name,
            "cloud": self.run.target.cloud,
            "account": self.run.target.account,
            "entry": self.run.seq,
            "started": clock.iso(self.run.started),
            "compared": len(self.compared),
            "different": len(self.differences),
            "same_code": self.same_code,
            "changed_code": list(self.changed_code),
            "changed_params": list(self.changed_params),
            "new_params": self.new_params,
            "gone": list(self.gone),
            "added": list(self.added),
            "verdicts": [
                {
                    "check": each.check,
                    "resource_type": each.subject.kind,
                    "resource": each.subject.uid,
                    "then": _to_json(each.then),
                    "now": _to_json(each.now),
                    "differs": each.differs,
                }
                for each in shown
            ],
        }


def replay(  # one argument per choice
    store: Store,
    wiring: Wiring,
    time: int | None,
    *,
    check_id: str | None = None,
    target: str | None = None,
    new_params: bool = False,
) -> Iterator[Replay]:
    """Re-judge, for each target, its newest run (at or before `time`), as at that run's own start.

    The parameters are the run's own, so every difference comes from the code; with `new_params` they are those of
    today's control library.  Raises OperatorError when there is no such run, StoreError when one cannot be rebuilt.
    """
    with store.read() as conn:
        runs = [
            run
            for who in reads.targets(conn)
            if target in (None, who.name) and (run := stored.run_at(conn, who, time)) is not None
        ]
        if not runs:
            of, until = f" of {target}" if target else "", "" if time is None else f" at or before {clock.iso(time)}"
            message = f"no run{of} was recorded{until}"
            raise OperatorError(message)
        for run in runs:
            yield judge_again(conn, wiring, run, None if check_id is None else {check_id}, new_params=new_params)


def judge_again(
    conn: Connection, wiring: Wiring, run: RunRow, only: Collection[str] | None = None, *, new_params: bool = False
) -> Replay:
    """Re-judge one run, by all checks that judged then or by `only` these.  Raises StoreError as `replay` does."""
    ran = {each["check"]: each for each in orjson.loads(reads.manifest(conn, run.seq))["checks"]}
    wanted = set(ran) if only is None else set(only)
    checks = [check for check in wiring.checks.values() if check.id in wanted]
    of_run = {name: _params(each["params"]) for name, each in ran.items()}
    params: dict[str, Params] = {**wiring.params(), **of_run}
    used = wiring.params() if new_params else params
    reading = stored.reading_at(conn, run)
    judged = judge(
        shape(reading, wiring.collectors_for(run.target.cloud)),
        checks,
        used,
        clock.to_datetime(run.started),
        _known_before(conn, run),
    )
    now = {
        (each.check.id, Key(*subject, finding.resource.region, finding.resource.name)): Verdict(
            finding.outcome.value, finding.reason
        )
        for each in judged
        for subject, finding in each.findings.items()
    }
    then = {
        (row.check_id, row.subject): Verdict(row.outcome.value, orjson.loads(row.detail)["reason"])
        for row in reads.results_at(conn, seq=run.seq, who=run.target)
        if row.check_id in wanted
    }
    (entry,) = ledger.entries(conn, run.seq, run.seq + 1)
    return Replay(
        run,
        tuple(Compared(*pair, then.get(pair), now.get(pair)) for pair in sorted(then.keys() | now.keys())),
        orjson.loads(entry.entry)["code_digest"] == wiring.code_digest(),
        tuple(check.id for check in checks if check.id in ran and ran[check.id]["code"] != check_digest(check)),
        tuple(check.id for check in checks if params[check.id] != wiring.params()[check.id]),
        new_params,
        tuple(sorted(name for name in wanted & set(ran) if name not in wiring.checks)),
        tuple(sorted(set(wiring.checks) - set(ran))),
    )


def _known_before(conn: Connection, run: RunRow) -> Mapping[str, list[Resource]]:
    """By check: the resources that had a verdict when the run began."""
    known: dict[str, list[Resource]] = {}
    for row in reads.results_at(conn, seq=run.seq - 1, who=run.target):
        key = row.subject
        resource = Resource(run.target.cloud, run.target.account, key.region, key.kind, key.uid, key.name)
        known.setdefault(row.check_id, []).append(resource)
    return known


def _params(kept: Mapping[str, Any]) -> Params:
    """Parameters as checks take them: JSON has no tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}


def _to_json(verdict: Verdict | None) -> dict[str, str] | None:
    return None if verdict is None else {"outcome": verdict.outcome, "reason": verdict.reason}
