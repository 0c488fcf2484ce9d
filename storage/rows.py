"""What goes into the store and what comes out: plain rows that know no cloud and no check.

All times are microseconds since the epoch, UTC.  All contents are exact bytes: what is hashed is what is
kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """The only verdicts.  PASS, FAIL and NOT_APPLICABLE are decisive.

    The other two mean that nobody could tell.
    """

    PASS = "PASS"
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"
    ERROR = "ERROR"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class RunStatus(StrEnum):
    """`complete`: everything that should have been read was read.  `partial`: gaps exist and are listed."""

    COMPLETE = "complete"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Target:
    """One account, subscription or project.

    `name` is the company's word for it, `account` the provider's.
    """

    cloud: str
    name: str
    account: str


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """The identity of a document or of a judged resource inside one target.

    `kind` is a document kind (`aws.s3.bucket`) or a resource type (`object_store`); `uid` is the provider's
    own identifier, an ARN wherever one exists.  Region and name are kept as first seen and are bound into the
    hash of the key, but two keys are equal when kind and uid are.
    """

    kind: str
    uid: str
    region: str = field(default="", compare=False)
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Version:
    """A document that is new or changed in this run.

    `content` None is a tombstone: a complete listing lacks it.
    """

    key: Key
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Transition:
    """A verdict that differs from the last one kept.  `outcome` None closes the pair: its resource is gone.

    `detail` is canonical JSON with the reason, the documents it rests on and the gaps: equal reasons share
    bytes.
    """

    check_id: str
    subject: Key
    outcome: Outcome | None
    detail: bytes | None


@dataclass(frozen=True, slots=True)
class Tally:
    """The heartbeat of one check in one run: that it ran, by which code and parameters, with what counts."""

    check_id: str
    code_digest: str
    params: Mapping[str, object]
    counts: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True)
class GapRow:
    """Something that should have been read and was not."""

    reason: str
    collector: str
    region: str
    kind: str
    uid: str | None
    """The one resource concerned, or None when a whole listing is missing or cut off."""
    operation: str
    permission: str
    error: str


@dataclass(frozen=True, slots=True)
class Asked:
    """All calls of one operation in one run: how often it was called and what came of it."""

    collector: str
    region: str
    service: str
    operation: str
    endpoint: str
    calls: int
    pages: int
    items: int
    failed: int
    """Calls that did not come to their last page."""
    error: str
    """What those said, each error once."""


@dataclass(frozen=True, slots=True)
class RunStart:
    """Announced in the ledger before the first call of a run."""

    run_id: str
    target: Target
    slot: int
    scheduled: bool
    started: int
    code_digest: str
    config_digest: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one receiver, as it goes into the outbox."""

    key: str
    """Tells repeats apart from news, for the outbox and for the receiver."""
    route: str
    """Name of the receiver in the configuration."""
    payload: bytes


@dataclass(frozen=True, slots=True)
class Alerts:
    """Conditions that changed and the messages about them, which are kept together or not at all."""

    states: Mapping[str, bytes | None] = field(default_factory=dict)
    """By key of the condition: its new state, as the agent wrote it; None forgets it."""
    messages: Sequence[Message] = ()


class ClockOffset(NamedTuple):
    """Our clock less the provider's over one run, in microseconds, by its calls whose answers told the time."""

    calls: int
    """How many told it."""
    median: int
    worst: int
    """The one that lies farthest from 0."""


@dataclass(frozen=True, slots=True)
class Seal:
    """All that one run adds, written in one transaction."""

    start: RunStart
    start_seq: int
    finished: int
    status: RunStatus
    versions: Sequence[Version]
    volatile: bytes
    """Canonical JSON {kind: {uid: {path: value}}} of the fields declared volatile, as read in this run."""
    transitions: Sequence[Transition]
    tallies: Sequence[Tally]
    record: bytes
    """JSON: calls, listings with their completeness, caller identity, redactions.

    Kept whole, once per run.
    """
    gaps: Sequence[GapRow]
    documents: int
    """How many documents the run read, changed or not."""
    alerts: Alerts = Alerts()
    """What this run makes of the conditions that are watched, and the messages that it gives rise to."""
    asked: Sequence[Asked] = ()
    """The calls in numbers, one for each operation; they repeat what the record says, for SQL to read."""
    clock: ClockOffset | None = None
    """How our clock stood against the provider's; None when no answer told the time."""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One verdict in force, and since when."""

    target: Target
    check_id: str
    subject: Key
    outcome: Outcome
    detail: bytes
    seq: int
    """Ledger position of the run that last changed outcome or reason."""
    since_seq: int
    """Ledger position of the run from which this outcome holds without a break."""
    since: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """One sealed run as the ledger tells it."""

    seq: int
    target: Target
    slot: int
    scheduled: bool
    started: int
    finished: int
    status: RunStatus
    documents: int
    gaps: int
    run_id: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One step in the history of a document: from this run on it had these bytes, or was gone."""

    target: Target
    key: Key
    seq: int
    at: int
    sha256: bytes | None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One step in the history of a verdict; `outcome` None: its resource was gone."""

    target: Target
    check_id: str
    subject: Key
    seq: int
    at: int
    outcome: Outcome | None
    detail: bytes | None


@dataclass(frozen=True, slots=True)
class GapSeen:
    """A gap as the ledger tells it: a failed read in a run, or (`entry` gap, abort) a slot without a run."""

    target: Target
    seq: int
    at: int
    slot: int
    entry: str
    gap: GapRow


@dataclass(frozen=True, slots=True)
class StatementRow:
    """What somebody stated, on the record: a waiver, an acknowledgement, and the like."""

    seq: int
    at: int
    """When the ledger took it."""
    kind: str
    body: bytes
    """Canonical JSON."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message on its way."""

    id: int
    key: str
    route: str
    payload: bytes
    created_at: int
    state: str
    """`pending`, `sent` or `failed`."""
    attempts: int
    next_at: int
    """When it is due, while it is pending."""
    settled_at: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class DaemonRow:
    """The last sign of life of one process."""

    name: str
    """Host and process id."""
    role: str
    """`leader`, `standby` or `worker`."""
    version: str
    started_at: int
    beat_at: int
    state: bytes
    """JSON, as the agent wrote it."""


@dataclass(frozen=True, slots=True)
class BlobRow:
    """One kept content."""

    sha256: bytes
    media: str
    content: bytes
