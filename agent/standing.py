"""Where every finding, control and criterion stands, now or at a moment of the past."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Connection

from agent import changes, clock, library, waivers
from agent.judge import UNKNOWN_ACCOUNT
from agent.library import Version
from agent.waivers import Waivers
from agent.wiring import Wiring
from checks.api import Outcome
from checks.controls import ControlState, Library, criterion_states, outcomes_of, state_of
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
    waiver: str
    """Id of the waiver that holds for it, empty when none does.  Only a FAIL is waived, and a waived FAIL stays one."""
    waived_for: tuple[str, ...]
    """Those of its controls that the waivers speak of: one for a control excuses no other control."""
    evidence: tuple[str, ...]
    """Ids of the documents in force that it rests on."""
    unread: tuple[Mapping[str, str], ...] = ()
    """Why nobody could tell: reason, operation, permission and error of each read that came to nothing."""

    @property
    def waived(self) -> bool:
        """Whether somebody approved the exception for the time being."""
        return bool(self.waiver)

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
            "waiver": self.waiver,
            "evidence": list(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Promised:
    """The control library by which a question is answered."""

    library: Library
    version: Version | None
    """The ledger entry that it stands in; None when it is the one of the settings."""
    note: str
    """Why the settings' library stands in for that of the past; empty when none has to."""

    def wired(self, wiring: Wiring) -> Wiring:
        """The same checks and collectors with this library."""
        return replace(wiring, library=self.library)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "digest": self.library.digest,
            "entry": self.version.seq if self.version else None,
            "recorded": clock.iso(self.version.recorded_at) if self.version else None,
            "note": self.note,
        }


def promised(conn: Connection, wiring: Wiring, as_of: int | None) -> Promised:
    """The library in force at a moment, or that of the settings for now.

    Where the ledger keeps none for that moment, the settings' library stands in, and the note says so.
    """
    if as_of is None:
        return Promised(wiring.library, None, "")
    known = library.versions(conn)
    found = library.whole_at(known, as_of)
    version = library.at(known, as_of)
    if found is not None and version is not None:
        return Promised(found, version, "")
    why = "no control library was on record" if version is None else f"ledger entry {version.seq} keeps only a digest"
    return Promised(wiring.library, None, f"{why} at {clock.iso(as_of)}; that of the settings stands in for it")


def findings(store: Store, wiring: Wiring, *, as_of: int | None = None) -> list[Finding]:
    """Every verdict in force, now or as it was known at `as_of` (microseconds).

    Controls, criteria and waivers are those of that moment; a check's own words and severity are those of its code.
    """
    at = store.now() if as_of is None else as_of
    with store.read() as conn:
        granted = waivers.load(conn)
        controls = promised(conn, wiring, as_of).library
        rows = _known(reads.results_at(conn, time=as_of))
        digests: dict[Target, Mapping[Key, bytes]] = {}
        for row in rows:
            if row.target not in digests:
                digests[row.target] = reads.document_digests(conn, row.target, as_of)
    found = (_finding(row, controls, wiring, digests[row.target]) for row in rows)
    return [_with_waiver(each, granted, at) if each.outcome is Outcome.FAIL else each for each in found]


def _known(rows: list[ResultRow]) -> list[ResultRow]:
    """Leave out what was said of a target before its account was ever known, once that is known."""
    known = {(row.target.cloud, row.target.name) for row in rows if row.target.account != UNKNOWN_ACCOUNT}
    return [
        row for row in rows if row.target.account != UNKNOWN_ACCOUNT or (row.target.cloud, row.target.name) not in known
    ]


def _finding(row: ResultRow, promises: Library, wiring: Wiring, digests: Mapping[Key, bytes]) -> Finding:
    controls = promises.for_check(row.check_id)
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
        waiver="",
        waived_for=(),
        evidence=tuple(digest.hex()[:EVIDENCE_DIGITS] for digest in found if digest),
        unread=tuple(kept.get("unread", ())),
    )


def _with_waiver(finding: Finding, granted: Waivers, at: int) -> Finding:
    """The failing finding with the waiver that holds for it, if one does."""
    about = finding.target, finding.resource, at
    holding = granted.covering(finding.check, finding.control_ids, *about)
    if holding is None:
        return finding
    excused = tuple(each for each in finding.control_ids if granted.covering(finding.check, (each,), *about))
    return replace(finding, waiver=holding.id, waived_for=excused)


@dataclass(frozen=True, slots=True)
class Standing:
    """All controls and criteria, with the outcomes that put them where they are."""

    controls: Mapping[str, ControlState]
    counts: Mapping[str, Counter[Outcome]]
    """By control: how many findings of each outcome its checks have."""
    waived: Counter[str]
    """By control: how many of its FAIL are waived; they are counted as FAIL all the same."""
    criteria: Mapping[str, ControlState]


def standing(found: Iterable[Finding], wiring: Wiring) -> Standing:
    """The state of each control is the worst of its checks; every criterion is listed, whatever is known of it."""
    by_check: dict[str, list[Outcome]] = defaultdict(list)
    waived: Counter[str] = Counter()
    for finding in found:
        by_check[finding.check].append(finding.outcome)
        waived.update(finding.waived_for)
    controls = {
        control.id: state_of(control, outcomes_of(control, by_check)) for control in wiring.library.controls.values()
    }
    counts = {
        control.id: Counter(outcome for check_id in control.checks for outcome in by_check[check_id])
        for control in wiring.library.controls.values()
    }
    return Standing(controls, counts, waived, criterion_states(wiring.library, controls))
