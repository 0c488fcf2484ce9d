"""Where every finding, control and criterion stands, now or at a moment of the past."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from agent import changes, clock
from agent.judge import UNKNOWN_ACCOUNT
from agent.wiring import Wiring
from checks.api import Outcome
from checks.controls import ControlState, criterion_states, outcomes_of, state_of
from storage import reads
from storage.engine import Store
from storage.rows import Key, ResultRow, Target

EVIDENCE_DIGITS = 16
"""Hex digits of a document's SHA-256 that name it in answers: enough to be unique, short enough to type."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict with everything that people and machines want to know about it."""

    check: str
    control_ids: tuple[str, ...]
    criteria: tuple[str, ...]
    cloud: str
    target: str
    account: str
    region: str
    resource: str
    """The provider's identifier."""
    name: str
    resource_type: str
    outcome: Outcome
    reason: str
    since: int
    """Since when the outcome holds without a break, in microseconds."""
    since_seq: int
    severity: str
    waived: bool
    evidence: tuple[str, ...]
    """Ids of the documents in force that it rests on."""

    def to_json(self) -> dict[str, Any]:
        """The public form of `findings --json`."""
        return {
            "check": self.check,
            "control_ids": list(self.control_ids),
            "criteria": list(self.criteria),
            "cloud": self.cloud,
            "target": self.target,
            "account": self.account,
            "region": self.region,
            "resource": self.resource,
            "resource_type": self.resource_type,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "since": clock.iso(self.since),
            "severity": self.severity,
            "waived": self.waived,
            "evidence": list(self.evidence),
        }


def findings(store: Store, wiring: Wiring, *, as_of: int | None = None) -> list[Finding]:
    """Every verdict in force, now or as it was known at `as_of` (microseconds)."""
    with store.read() as conn:
        rows = _known(reads.results_at(conn, time=as_of))
        digests: dict[Target, Mapping[Key, bytes]] = {}
        for row in rows:
            if row.target not in digests:
                digests[row.target] = reads.document_digests(conn, row.target, as_of)
    return [_finding(row, wiring, digests[row.target]) for row in rows]


def _known(rows: list[ResultRow]) -> list[ResultRow]:
    """Leave out what was said of a target before its account was ever known, once that is known."""
    known = {(row.target.cloud, row.target.name) for row in rows if row.target.account != UNKNOWN_ACCOUNT}
    return [
        row for row in rows if row.target.account != UNKNOWN_ACCOUNT or (row.target.cloud, row.target.name) not in known
    ]


def _finding(row: ResultRow, wiring: Wiring, digests: Mapping[Key, bytes]) -> Finding:
    controls = wiring.library.for_check(row.check_id)
    check = wiring.checks.get(row.check_id)
    kept = orjson.loads(row.detail)
    found = (digests.get(Key(ref.kind, ref.uid)) for ref in changes.documents_of(row.subject, kept))
    return Finding(
        check=row.check_id,
        control_ids=tuple(control.id for control in controls),
        criteria=tuple(sorted({criterion.id for control in controls for criterion in control.criteria})),
        cloud=row.target.cloud,
        target=row.target.name,
        account=row.target.account,
        region=row.subject.region,
        resource=row.subject.uid,
        name=row.subject.name,
        resource_type=row.subject.kind,
        outcome=Outcome(row.outcome.value),
        reason=kept["reason"],
        since=row.since,
        since_seq=row.since_seq,
        severity=check.severity if check else "medium",
        waived=False,
        evidence=tuple(digest.hex()[:EVIDENCE_DIGITS] for digest in found if digest),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """All controls and criteria, with the outcomes that put them where they are."""

    controls: Mapping[str, ControlState]
    counts: Mapping[str, Counter[Outcome]]
    """By control: how many findings of each outcome its checks have."""
    criteria: Mapping[str, ControlState]


def standing(found: Iterable[Finding], wiring: Wiring) -> Standing:
    """The state of each control is the worst of its checks; every criterion is listed, whatever is known of it."""
    by_check: dict[str, list[Outcome]] = defaultdict(list)
    for finding in found:
        by_check[finding.check].append(finding.outcome)
    controls = {
        control.id: state_of(control, outcomes_of(control, by_check)) for control in wiring.library.controls.values()
    }
    counts = {
        control.id: Counter(outcome for check_id in control.checks for outcome in by_check[check_id])
        for control in wiring.library.controls.values()
    }
    return Standing(controls, counts, criterion_states(wiring.library, controls))
