"""Whether a piece of evidence is complete and accurate enough to rest a conclusion on.

Auditors call it information produced by the entity.  Evidence that lacks a mandatory field, or fails a test, is
unverified: it is kept and shown, and the slot that it would serve stays uncovered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeAlias

from agent.audit.clocks import ClockQuality


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where it comes from, and who asked."""

    may_lack: ClassVar[frozenset[str]] = frozenset({"organization"})
    cloud: str | None = None
    organization: str | None = None
    """An account may belong to none."""
    account: str | None = None
    region: str | None = None
    """`global` for a service without regions."""
    service: str | None = None
    operation: str | None = None
    parameters: Mapping[str, Any] | None = None
    """As sent; empty when the call takes none."""
    api_version: str | None = None
    endpoint: str | None = None
    request_ids: tuple[str, ...] | None = None
    caller: str | None = None
    """Identity that called: an ARN, the id of an app or a service account."""
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When, by every clock involved, in microseconds since the epoch, UTC."""

    may_lack: ClassVar[frozenset[str]] = frozenset({"as_of"})
    agent: int | None = None
    provider: int | None = None
    received: int | None = None
    """By the database."""
    offset: int | None = None
    duration: int | None = None
    as_of: int | None = None
    """Of a report that the provider made earlier; None when the answer is of the moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """That nothing was left out."""

    may_lack: ClassVar[frozenset[str]] = frozenset({"independent_count"})
    pages: int | None = None
    last_page: bool | None = None
    """Whether the last page held no continuation."""
    items: int | None = None
    independent_count: int | None = None
    """From a second source, where one exists."""
    regions_expected: tuple[str, ...] | None = None
    regions_read: tuple[str, ...] | None = None
    errors: tuple[str, ...] | None = None
    filters: tuple[str, ...] | None = None
    sampling: str | None = None
    """How items were picked; `none` when all were taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """That it says what the source said, and what was made of it."""

    may_lack: ClassVar[frozenset[str]] = frozenset()
    sha256: str | None = None
    """Of the bytes as stored, after secrets were removed."""
    redacted: tuple[str, ...] | None = None
    """Fields whose values were removed before hashing."""
    canonicalization: str | None = None
    collector_version: str | None = None
    check_version: str | None = None
    parameters: Mapping[str, Any] | None = None
    results: int | None = None
    """Resources that have a result with a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrity:
    """That it is what was stored."""

    may_lack: ClassVar[frozenset[str]] = frozenset()
    sequence: int | None = None
    previous_hash: str | None = None
    chain_hash: str | None = None
    location: str | None = None
    retention: str | None = None
    hash_verifies: bool | None = None
    chain_verifies: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who stands behind manual evidence."""

    may_lack: ClassVar[frozenset[str]] = frozenset({"supersedes"})
    uploader: str | None = None
    performer: str | None = None
    performed_at: int | None = None
    """As claimed."""
    file_times: Mapping[str, int] | None = None
    reviewer: str | None = None
    approved_at: int | None = None
    supersedes: str | None = None
    sha256: str | None = None
    """Of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screenshot:
    """What a picture must show to be placed."""

    may_lack: ClassVar[frozenset[str]] = frozenset()
    url: str | None = None
    visible_time: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What the agent recorded with one answer of a provider."""

    origin: Origin
    times: Times
    completeness: Completeness
    accuracy: Accuracy
    integrity: Integrity
    quality: ClockQuality
    corroborated: bool = False
    """Whether something else confirms the time, should the clock be untrusted."""


Part: TypeAlias = Origin | Times | Completeness | Accuracy | Integrity | People | Screenshot


@dataclass(frozen=True, slots=True)
class Reliability:
    """The judgment on one piece of evidence."""

    missing: tuple[str, ...]
    """Mandatory fields that are absent, as `part.field`."""
    failed: tuple[str, ...]
    """Tests that it does not pass."""
    notes: tuple[str, ...]
    """What an auditor should know and what does not decide."""

    @property
    def reliable(self) -> bool:
        """Whether it may cover a slot."""
        return not self.missing and not self.failed

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        return {
            "status": "reliable" if self.reliable else "unverified",
            "missing": list(self.missing),
            "failed": list(self.failed),
            "notes": list(self.notes),
        }


def values(part: Part) -> dict[str, Any]:
    """Every field of a part by name, as a sheet shows it; None for what is not known."""
    return {each.name: getattr(part, each.name) for each in fields(part)}


def automated(evidence: Collected) -> Reliability:
    """Judge what the agent read."""
    completeness, integrity = evidence.completeness, evidence.integrity
    missing = _missing(evidence.origin, evidence.times, completeness, evidence.accuracy, integrity)
    failed = _integrity(integrity)
    if completeness.last_page is False:
        failed.append("the last page was not reached")
    if evidence.quality is ClockQuality.UNTRUSTED and not evidence.corroborated:
        failed.append("the clock is not trusted, and nothing corroborates the time")
    return Reliability(missing, tuple(failed), _notes(completeness))


def manual(people: People, integrity: Integrity, screenshot: Screenshot | None = None) -> Reliability:
    """Judge what somebody handed in; `screenshot` is what a picture shows, None when it is no picture."""
    missing = _missing(people, integrity, *([screenshot] if screenshot else []))
    failed = _integrity(integrity)
    if people.performer and people.reviewer == people.performer:
        failed.append("the reviewer is the performer")
    return Reliability(missing, tuple(failed), ("a screenshot: low reliability",) if screenshot else ())


def _missing(*parts: Part) -> tuple[str, ...]:
    """Mandatory fields that are None or an empty text; an empty list says that there was none, which is an answer."""
    return tuple(
        f"{type(part).__name__.lower()}.{each.name}"
        for part in parts
        for each in fields(part)
        if each.name not in part.may_lack and _absent(getattr(part, each.name))
    )


def _integrity(integrity: Integrity) -> list[str]:
    tests = {"the hash does not verify": integrity.hash_verifies, "the chain does not verify": integrity.chain_verifies}
    return [words for words, verifies in tests.items() if verifies is False]


def _notes(completeness: Completeness) -> tuple[str, ...]:
    counted, independent = completeness.items, completeness.independent_count
    notes = []
    if independent is not None and counted != independent:
        notes.append(f"{counted} items, and {independent} by a second source")
    unread = sorted(set(completeness.regions_expected or ()) - set(completeness.regions_read or ()))
    if unread:
        notes.append(f"not read: {', '.join(unread)}")
    return tuple(notes)


def _absent(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
