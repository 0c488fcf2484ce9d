"""A small account whose evidence is sealed hour by hour through the product's own doors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from storage import canon, ledger, notes, seal, staging
from storage.engine import Store
from storage.rows import (
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
from tests.conftest import Clock

HOUR = 3_600_000_000
ORIGIN = "proofkeep/tests"
PROD = Target("aws", "prod", "123456789012")
LAB = Target("aws", "lab", "210987654321")
BUCKETS, USERS = 40, 20
GAP = GapRow(
    "PERMISSION_DENIED",
    "aws.s3.buckets",
    "eu-west-1",
    "aws.s3.bucket",
    None,
    "s3:GetEncryptionConfiguration",
    "s3:GetEncryptionConfiguration",
    "AccessDenied",
)
LEFT_OUT = GapRow("EXCLUDED_BY_CONFIG", "agent", "ap-south-1", "*", None, "listing of ap-south-1", "a region", "")
MISSED, ABORTED, REPEATED = 17, 23, 8
"""Hours in which the agent was down, broke off without a page, and broke off with pages before it succeeded."""


@dataclass
class Estate:
    """One account, its documents and its verdicts, in force after the last run."""

    store: Store
    clock: Clock
    who: Target = PROD
    story: str = "as it was"
    documents: dict[Key, bytes] = field(default_factory=dict)
    verdicts: dict[tuple[str, Key], tuple[Outcome, bytes]] = field(default_factory=dict)

    def document(self, kind: str, name: str, **body: object) -> tuple[Key, bytes]:
        """A document in the envelope that names what it is about."""
        uid = f"arn:aws:{kind.split('.')[1]}:::{self.who.account}-{name}"
        tags = [{"Key": f"k{n}", "Value": f"{name}-{n}"} for n in range(6)]
        envelope = {
            "account": self.who.account,
            "body": {"Name": name, "Tags": tags, **body},
            "kind": kind,
            "region": "eu-west-1",
            "uid": uid,
        }
        return Key(kind, uid, "eu-west-1", name), canon.dumps(envelope)

    def change(self, hour: int) -> tuple[dict[Key, bytes], list[GapRow]]:
        """What is there in this hour, and what cannot be read."""
        now = dict(self.documents)
        if not now:
            now |= (self.document("aws.s3.bucket", f"b{n}", encrypted=True, n=n) for n in range(BUCKETS))
            now |= (self.document("aws.iam.user", f"u{n}", mfa=n % 5 > 0) for n in range(USERS))
        for n in (hour % BUCKETS, hour * 7 % BUCKETS):
            key, content = self.document(
                "aws.s3.bucket", f"b{n}", encrypted=hour % 4 > 0, n=n, changed=hour, story=self.story
            )
            now[key] = content
        gone = self.document("aws.s3.bucket", "b39")[0]
        if hour in range(12, 20):
            now.pop(gone, None)
        if hour == 15:
            now |= (self.document("aws.s3.bucket", "new", encrypted=False),)
        gaps = [GAP, GAP] if hour in {11, 26} else [LEFT_OUT] if hour == 5 else []
        return now, list(dict.fromkeys(gaps))

    def run(self, hour: int, *, scheduled: bool = True) -> int:
        """Read, judge and seal one hour; return the position of the run's entry."""
        begun, start_seq = self.start(hour, scheduled=scheduled)
        documents, gaps = self.change(hour)
        self.clock.advance(20)
        verdicts = dict(self.judged(documents, blind=GAP in gaps))
        run = Seal(
            start=begun,
            start_seq=start_seq,
            finished=self.clock(),
            status=RunStatus.PARTIAL if GAP in gaps else RunStatus.COMPLETE,
            versions=self.versions(documents),
            volatile=canon.dumps({"aws.iam.user": {f"u{n}": {"LastUsed": hour * 60 + n} for n in range(USERS)}}),
            transitions=self.transitions(verdicts),
            tallies=self.tallies(verdicts),
            record=canon.dumps(
                {
                    "v": 1,
                    "calls": [{"operation": "s3:ListBuckets", "at": begun.started, "pages": 1}],
                    "gaps": [{**asdict(gap), "listing": True, "call": 1} for gap in (*gaps, *gaps)],
                }
            ),
            gaps=gaps,
            documents=len(documents),
        )
        self.clock.advance(1)
        seq = seal.seal(self.store, run)
        self.documents, self.verdicts = documents, verdicts
        return seq

    def relive(self, hours: Iterable[int]) -> None:
        """Know what the ledger already holds of these hours, which all but the missed one had a run."""
        for hour in hours:
            if hour != MISSED:
                self.documents, gaps = self.change(hour)
                self.verdicts = dict(self.judged(self.documents, blind=GAP in gaps))

    def start(self, hour: int, *, scheduled: bool = True) -> tuple[RunStart, int]:
        """Announce the run of an hour."""
        slot = self.slot(hour)
        self.clock.time = max(self.clock.time + 1_000_000, slot + 60_000_000)
        name = f"{self.who.name}-{hour}-{self.clock.time}"
        begun = RunStart(name, self.who, slot, scheduled, self.clock.time, "c" * 64, "d" * 64)
        self.clock.advance(1)
        return begun, seal.start(self.store, begun)

    def broken_off(self, hour: int, pages: int) -> int:
        """A run that ends without a result; return the position of its abort entry."""
        begun, start_seq = self.start(hour)
        staging.put(
            self.store,
            begun.run_id,
            [staging.Page("aws.s3.buckets/eu-west-1", n, b'{"documents": []}') for n in range(pages)],
        )
        self.clock.advance(5)
        return seal.abort(self.store, start_seq, "crash", "the process ended")

    def slot(self, hour: int) -> int:
        """Start of an hour of the test's calendar."""
        return Clock().time + hour * HOUR

    def judged(
        self, documents: dict[Key, bytes], *, blind: bool
    ) -> Iterable[tuple[tuple[str, Key], tuple[Outcome, bytes]]]:
        """Verdicts about all documents; `blind`: nobody could look at the buckets' encryption."""
        for key, content in documents.items():
            if key.kind == "aws.s3.bucket":
                subject = Key("object_store", key.uid, key.region, key.name)
                encrypted = b'"encrypted":true' in content
                yield ("exposure.public", subject), _verdict(passes=True, reason="blocks public access")
                if blind:
                    yield ("encryption.at_rest", subject), (Outcome.UNKNOWN, _detail("nobody could look"))
                else:
                    yield ("encryption.at_rest", subject), _verdict(passes=encrypted, reason="encryption is checked")
            else:
                subject = Key("user", key.uid, key.region, key.name)
                yield ("identity.user_mfa", subject), _verdict(passes=b'"mfa":true' in content, reason="second factor")

    def versions(self, documents: dict[Key, bytes]) -> list[Version]:
        """What is new, changed or gone."""
        changed = [Version(key, body) for key, body in documents.items() if self.documents.get(key) != body]
        return changed + [Version(key, None) for key in self.documents if key not in documents]

    def transitions(self, verdicts: dict[tuple[str, Key], tuple[Outcome, bytes]]) -> list[Transition]:
        """What is judged otherwise than before."""
        changed = [
            Transition(check, key, *verdict)
            for (check, key), verdict in verdicts.items()
            if self.verdicts.get((check, key)) != verdict
        ]
        return changed + [Transition(*pair, None, None) for pair in self.verdicts if pair not in verdicts]

    def tallies(self, verdicts: dict[tuple[str, Key], tuple[Outcome, bytes]]) -> list[Tally]:
        """Each check's counts."""
        counts: dict[str, Counter[Outcome]] = {}
        for (check, _), (outcome, _) in verdicts.items():
            counts.setdefault(check, Counter())[outcome] += 1
        return [Tally(check, "e" * 64, {"days": 90}, count) for check, count in counts.items()]


@dataclass
class History:
    """Where things are in a finished ledger."""

    runs: list[int] = field(default_factory=list)
    """Positions of the account's sealed runs."""
    notes: dict[int, str] = field(default_factory=dict)
    """Checkpoints by number of sealed runs: what an auditor may have kept."""


def live(
    estate: Estate,
    signer: notes.Signer,
    hours: Iterable[int],
    history: History,
    after: Callable[[int], Any] = lambda _: None,
) -> None:
    """Let the hours pass: runs, a missed one, two that broke off, a second account, a checkpoint every 5 runs."""
    store = estate.store
    lab = Estate(store, estate.clock, LAB)
    for hour in hours:
        if hour == MISSED:
            estate.clock.advance(3600)
            seal.append_gap(store, PROD, estate.slot(hour), "AGENT_DOWN", "no run was started in this slot")
            continue
        if hour in {REPEATED, ABORTED}:
            estate.broken_off(hour, pages=2 if hour == REPEATED else 0)
        history.runs.append(estate.run(hour))
        if hour in {6, 18, 33}:
            lab.run(hour, scheduled=False)
        if len(history.runs) % 5 == 0:
            seal.append_key(store, signer.verifier_key())
            history.notes[len(history.runs)] = ledger.checkpoint(store, signer, ORIGIN)
        after(len(history.runs))


def declare(store: Store) -> None:
    """Put the policies of the account into the ledger."""
    seal.append_policy(store, "schedule", canon.canonical({"every": 3600}))
    seal.append_policy(store, "controls", canon.canonical({"digest": "a" * 64}))


def _verdict(*, passes: bool, reason: str) -> tuple[Outcome, bytes]:
    return (Outcome.PASS, _detail(f"{reason}: yes")) if passes else (Outcome.FAIL, _detail(f"{reason}: no"))


def _detail(reason: str) -> bytes:
    return canon.dumps({"v": 1, "reason": reason})
