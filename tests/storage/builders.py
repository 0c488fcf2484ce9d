"""Small runs to seal: one account, named documents and verdicts, everything else filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict, Unpack

from storage import canon
from storage.engine import Store
from storage.rows import (
    Alerts,
    Asked,
    ClockOffset,
    GapRow,
    Key,
    Outcome,
    RunStart,
    RunStatus,
    Seal,
    Tally,
    Target,
    Transition,
    Version,
)
from storage.seal import seal, start

PROD = Target("aws", "prod", "123456789012")
LAB = Target("aws", "lab", "210987654321")
HOUR = 3_600_000_000
GAP = GapRow(
    "PERMISSION_DENIED", "aws.s3.buckets", "us-east-1", "aws.s3.bucket", None, "s3:ListBuckets",
    "s3:ListAllMyBuckets", "AccessDenied",
)  # fmt: skip


def bucket(name: str) -> Key:
    """Key of a bucket document."""
    return Key("aws.s3.bucket", f"arn:aws:s3:::{name}")


def document(name: str, **fields: object) -> bytes:
    """A bucket document of realistic length."""
    return canon.dumps({"Name": name, "Tags": [{"Key": f"k{n}", "Value": f"{name}-{n}"} for n in range(12)], **fields})


def detail(reason: str) -> bytes:
    """A verdict's detail."""
    return canon.canonical({"reason": reason, "evidence": [], "gaps": []})


def run_start(clock: Callable[[], int], slot: int, who: Target = PROD, run_id: str | None = None) -> RunStart:
    """A scheduled run of this slot, started now."""
    now = clock()
    return RunStart(
        run_id=run_id or f"{who.name}-{slot}",
        target=who,
        slot=slot,
        scheduled=True,
        started=now,
        code_digest="c" * 64,
        config_digest="d" * 64,
    )


class Parts(TypedDict, total=False):
    """What a run may hold."""

    documents: Mapping[Key, bytes | None]
    verdicts: Mapping[tuple[str, Key], tuple[Outcome, str] | None]
    volatile: bytes
    gaps: Sequence[GapRow]
    alerts: Alerts
    record: bytes
    asked: Sequence[Asked]
    offset: ClockOffset | None


def sealed(begun: RunStart, start_seq: int, **parts: Unpack[Parts]) -> Seal:
    """What a run adds."""
    documents, gaps = parts.get("documents", {}), parts.get("gaps", ())
    return Seal(
        start=begun,
        start_seq=start_seq,
        finished=begun.started + 1_000_000,
        status=RunStatus.PARTIAL if gaps else RunStatus.COMPLETE,
        versions=[Version(key, content) for key, content in documents.items()],
        volatile=parts.get("volatile", b"{}"),
        transitions=[
            Transition(check_id, subject, None, None)
            if verdict is None
            else Transition(check_id, subject, verdict[0], detail(verdict[1]))
            for (check_id, subject), verdict in parts.get("verdicts", {}).items()
        ],
        tallies=[Tally("encryption.at_rest", "e" * 64, {"days": 90}, {Outcome.PASS: 1})],
        record=parts.get("record", canon.dumps({"calls": [{"operation": "s3:ListBuckets", "at": begun.started}]})),
        gaps=gaps,
        documents=len(documents),
        alerts=parts.get("alerts", Alerts()),
        asked=parts.get("asked", ()),
        clock=parts.get("offset"),
    )


def run(store: Store, clock: Callable[[], int], slot: int, who: Target = PROD, **parts: Unpack[Parts]) -> int:
    """Start and seal one run; return the position of its `run` entry."""
    begun = run_start(clock, slot, who)
    return seal(store, sealed(begun, start(store, begun), **parts))
