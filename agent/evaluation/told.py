"""An evaluation as values for programs, with the way down from each number."""

from __future__ import annotations

import shlex
from typing import Any

from agent import clock
from agent.audit.state import Deviation
from agent.evaluation.conclude import Concluded, Part
from agent.evaluation.gather import Known
from agent.evaluation.people import People
from agent.evaluation.periods import Evaluation

WORDS = "conclusions are this tool's evaluation of recorded evidence; the auditor concludes"


def to_json(found: Evaluation) -> dict[str, Any]:
    """The whole evaluation; instants in UTC, durations in hours, rates as fractions."""
    return {
        "note": WORDS,
        **found.asked_with,
        "scope": found.library.scope.words(),
        "controls": [control_to_json(each, found.known) for each in found.controls.values()],
        "criteria": {name: each.to_json() for name, each in found.criteria.items()},
        "categories": [each.to_json() for each in found.rolled.categories] if found.rolled else [],
        "vendors": found.vendors.to_json(found.words),
        "commitments": found.promises.to_json(found.words),
        "reliability": found.known.trust.to_json(found.known.period),
        "attestations": {
            one.id: {"control": one.control, **found.known.proofs[one.id].to_json()}
            for one in found.known.attestations
            if one.control in found.controls and found.known.period.holds(one.performed_at)
        },
        "added_after_seal": [each.to_json() for each in found.added],
        "readiness": found.rolled.estimate.to_json() if found.rolled else None,
    }


def control_to_json(each: Concluded, known: Known) -> dict[str, Any]:
    """One control with each of its segments."""
    control = each.control
    return {
        "control": control.id,
        "title": control.title,
        "kind": control.kind.value,
        "key": control.key,
        "criteria": [one.id for one in control.criteria],
        "conclusion": each.word,
        "reasons": list(each.reasons),
        "coverage": None if each.coverage is None else round(each.coverage, 6),
        "deviations": each.deviations,
        "notes": list(each.notes),
        "segments": [_part(part, control.id, known) for part in each.parts],
    }


def deviation_to_json(each: Deviation, control: str, known: Known) -> dict[str, Any]:
    """A failing interval with the resource it is about, its ledger entries and the command that shows its evidence."""
    subject, interval = known.subjects[each.interval.unit], each.interval
    said = each.to_json()
    del said["unit"]
    who = subject.target
    return {
        "check": subject.check,
        "cloud": who.cloud,
        "target": who.name,
        "account": who.account,
        "resource_type": subject.kind,
        "resource": subject.uid,
        "region": subject.region,
        **said,
        "late": interval.timeliness.late,
        "entries": {
            "last_pass": known.entry(who, interval.last_pass_at),
            "detected": known.entry(who, interval.detected_at),
            "last_fail": known.entry(who, interval.last_fail_at),
            "ended": known.entry(who, interval.ended_at),
        },
        "waived_by": list(waived_by(each, control, known)),
        "evidence": way_down(each, control, known),
    }


def waived_by(each: Deviation, control: str, known: Known) -> tuple[str, ...]:
    """The exceptions that speak of what failed, be it that they began too late to excuse it."""
    subject = known.subjects[each.interval.unit]
    return tuple(
        waiver.id
        for waiver in known.waivers
        if waiver.begins < known.period.ends
        and waiver.ends > each.interval.detected_at
        and waiver.match(subject.check, (control,), subject.target.name, subject.uid)
    )


def way_down(each: Deviation, control: str, known: Known) -> str:
    """The command that leads from a deviation to the provider's answers."""
    subject = known.subjects[each.interval.unit]
    moment = clock.iso(each.interval.last_fail_at)
    words = ["proofkeep", "evidence", "--control", control, "--check", subject.check, "--resource", subject.uid]
    return shlex.join([*words, "--as-of", moment])


def _part(part: Part, control: str, known: Known) -> dict[str, Any]:
    state = None
    if part.state is not None:
        state = part.state.to_json()
        state["deviations"] = [deviation_to_json(each, control, known) for each in part.state.deviations]
    return {
        **part.period.to_json(),
        "library_entry": part.version.seq if part.version else None,
        "in_force": part.control is not None,
        "why_not": part.why,
        "conclusion": part.conclusion.value if part.conclusion else None,
        "reasons": list(part.reasons),
        "notes": list(part.notes),
        "state": state,
        "ipe": None if part.ipe is None else part.ipe.to_json(),
        "vendors": None if part.vendors is None else part.vendors.conclusion.value,
        "people": None if part.people is None else _people(part.people),
    }


def _people(said: People) -> dict[str, Any]:
    return {
        "conclusion": said.conclusion.value,
        "reasons": list(said.reasons),
        "slots": None if said.slots is None else said.slots.to_json(),
        "events": None if said.events is None else said.events.to_json(),
    }
