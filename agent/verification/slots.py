"""The declared schedule: every slot between two scheduled runs has a run, or an entry that says why not."""

from __future__ import annotations

from collections import defaultdict

from agent.schedule import Declared, Plan
from agent.verification.contents import SCHEDULE, Contents
from agent.verification.inspection import Inspection, moment
from agent.verification.log import Log, Run
from agent.verification.names import Names

MOST_SLOTS = 1_000_000
"""More slots than this between two runs are counted, not looked at one by one."""


def check_slots(inspection: Inspection, names: Names, log: Log, contents: Contents) -> None:
    """Find missed slots, by the schedule in force when the later of two runs was started."""
    schedules = [
        (seq, contents.schedules[digest])
        for seq, kind, digest in log.policies
        if kind == SCHEDULE and digest in contents.schedules
    ]
    runs: dict[int, list[Run]] = defaultdict(list)
    taken: dict[int, set[int]] = defaultdict(set)
    for run in log.runs:
        if run.target_id is not None and run.slot is not None:
            taken[run.target_id].add(run.slot)
            if run.said is not None and run.said["scheduled"]:
                runs[run.target_id].append(run)
    for target_id, scheduled in runs.items():
        settled = taken[target_id] | log.settled.get(target_id, set())
        who = names.target(target_id)
        before = scheduled[0]
        at = 0
        declared: Declared | None = None
        for run in scheduled[1:]:
            while at < len(schedules) and schedules[at][0] < (run.start or run.seq):
                declared = schedules[at][1]
                at += 1
            if declared is not None:
                plan = declared.of(who)
                _between(inspection, f"schedule of {who}, before run {run.seq}", plan, (before, run), settled)
            before = run


def _between(inspection: Inspection, where: str, plan: Plan, runs: tuple[Run, Run], settled: set[int]) -> None:
    """Look at the slots between two runs of one target."""
    after, before = runs[0].slot, runs[1].slot
    if after is None or before is None:
        return
    (said,) = plan.declared().items()
    promised = f"every {said[1]} s" if said[0] == "every" else f"cron {said[1]}"
    for number, slot in enumerate(plan.expected(after, before)):
        if number == MOST_SLOTS:
            inspection.add(where, f"more than {MOST_SLOTS} slots lie between this run and the one before, {promised}")
            return
        if slot not in settled:
            inspection.add(where, f"missed schedule slot without a gap entry: {moment(slot)}, {promised}")
    if plan.slot_of(before) != before:
        inspection.add(where, f"the slot {moment(before)} is not one of its schedule, {promised}")
