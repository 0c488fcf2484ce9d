"""A company's year in small: documents that change now and then, readings that never rest, verdicts that follow.

Everything follows from the seed.  A document is made anew from its number and revision, so ten thousand of them take
no memory while nothing happens to them.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from agent.judge import Reading
from agent.record import asked, clock_offset, gap_rows, record
from collectors.facts.core import Reason
from collectors.provenance import Call, Gap, Identity, Listing, Page
from storage.canon import dumps
from storage.rows import Key, Outcome, RunStart, RunStatus, Seal, Tally, Target, Transition, Version

HOUR = 3_600_000_000
"""Microseconds."""
KIND_NAMES = (
    "aws.iam.user",
    "aws.iam.access_key",
    "aws.s3.bucket",
    "aws.kms.key",
    "aws.rds.instance",
    "aws.rds.cluster",
    "aws.dynamodb.table_name",
    "aws.ec2.volume",
    "aws.ec2.snapshot",
    "aws.elbv2.load_balancer",
)
"""Kinds of documents that populations are made of."""
KINDS = len(KIND_NAMES)
CHECKS_PER_KIND = 10
_REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1")
_WORDS = ("prod", "stage", "payments", "search", "ingest", "edge", "core", "data", "web", "batch", "audit", "billing")
_PERMILLE_FAILING = 50
_LISTINGS = 60
"""Calls that a run keeps whole: listings, each with a request id that no compression shortens."""
_OPERATIONS = 40
"""Operations of which a run keeps the number of calls only."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How often things happen, per resource and run."""

    change: float = 0.0005
    """A setting is changed."""
    churn: float = 0.0001
    """One resource is made and another one removed."""
    volatile: float = 0.02
    """Share of the resources with a reading that changes by itself."""
    throttled: float = 0.000005
    """One resource cannot be read in this run."""
    denied: int = 2_000
    """Runs from one in which a whole listing is denied to the next."""


@dataclass(slots=True, eq=False)
class _Thing:
    """One resource as it stands."""

    number: int
    key: Key
    kind: int
    revision: int = 0
    failing: set[int] = field(default_factory=set)
    """Checks of its kind, 0 to 9, that fail."""


@dataclass(slots=True)
class _Found:
    """What one run found different."""

    versions: dict[Key, Version] = field(default_factory=dict)
    transitions: dict[tuple[str, Key], Transition] = field(default_factory=dict)
    answered: dict[Key, _Thing] = field(default_factory=dict)
    """New and changed resources."""


class Workload:
    """The runs of one target, one after the other."""

    def __init__(self, who: Target, resources: int, *, seed: int = 1, rates: Rates | None = None) -> None:
        """The first run finds `resources` of them."""
        self.who = who
        self._size = resources
        self._rates = rates or Rates()
        self._dice = random.Random(seed)
        self._seed = seed
        self._things: list[_Thing] = []
        self._volatile: list[str] = []
        self._unread: list[_Thing] = []
        """What the run before could not read."""
        self._made = self._runs = 0
        self._due: Counter[str] = Counter()
        self._failing: Counter[tuple[int, int]] = Counter()
        self._standing: Counter[int] = Counter()
        self.changes: Counter[str] = Counter()
        """How often each uid was changed: the longest timelines."""

    def start(self, slot: int, now: int) -> RunStart:
        """Announce the run of a slot; both times in microseconds."""
        run_id = f"{self.who.name}-{slot:020}"
        return RunStart(run_id, self.who, slot, True, now, "c" * 64, "d" * 64)  # noqa: FBT003

    def run(self, begun: RunStart, start_seq: int) -> Seal:
        """What the announced run found."""
        found, page = _Found(), Page()
        self._recover(found)
        if not self._things:
            for _ in range(self._size):
                self._appear(found)
        else:
            for _ in range(self._times("change", self._rates.change)):
                self._change(found)
            for _ in range(self._times("churn", self._rates.churn)):
                self._disappear(found)
                self._appear(found)
            self._lose(found, page)
        self._runs += 1
        kept = self._record(begun, list(found.answered.values()), page)
        return Seal(
            start=begun,
            start_seq=start_seq,
            finished=begun.started + 40_000_000,
            status=RunStatus.PARTIAL if page.gaps else RunStatus.COMPLETE,
            versions=list(found.versions.values()),
            volatile=self._readings(begun.slot),
            transitions=list(found.transitions.values()),
            tallies=list(self._tallies()),
            record=kept,
            gaps=gap_rows(page.gaps),
            documents=len(self._things),
            asked=asked(page),
            clock=clock_offset(page.calls),
        )

    def _times(self, what: str, rate: float) -> int:
        """How often something happens in this run; what is left of one is owed to the next."""
        self._due[what] += round(self._size * rate * 1_000_000)
        times, self._due[what] = divmod(self._due[what], 1_000_000)
        return times

    def _appear(self, found: _Found) -> None:
        number, kind = self._made, self._made % KINDS
        self._made += 1
        region, name = self._dice.choice(_REGIONS), f"{self._dice.choice(_WORDS)}-{number:06}"
        uid = f"arn:aws:service{kind}:{region}:{self.who.account}:thing/{name}"
        thing = _Thing(number, Key(KIND_NAMES[kind], uid, region, name), kind)
        self._things.append(thing)
        self._standing[kind] += 1
        if self._dice.random() < self._rates.volatile:
            self._volatile.append(uid)
        self._judge(thing, found)
        found.versions[thing.key] = Version(thing.key, self._document(thing))
        found.answered[thing.key] = thing

    def _change(self, found: _Found) -> None:
        thing = self._dice.choice(self._things)
        thing.revision += 1
        self.changes[thing.key.uid] += 1
        self._judge(thing, found)
        found.versions[thing.key] = Version(thing.key, self._document(thing))
        found.answered[thing.key] = thing

    def _disappear(self, found: _Found) -> None:
        place = self._dice.randrange(len(self._things))
        thing, self._things[place] = self._things[place], self._things[-1]
        self._things.pop()
        self._standing[thing.kind] -= 1
        if thing.key.uid in self._volatile:
            self._volatile.remove(thing.key.uid)
        self.changes.pop(thing.key.uid, None)
        found.versions[thing.key] = Version(thing.key, None)
        found.answered.pop(thing.key, None)
        for check in range(CHECKS_PER_KIND):
            self._failing[thing.kind, check] -= check in thing.failing
            found.transitions[_check(thing.kind, check), thing.key] = Transition(
                _check(thing.kind, check), thing.key, None, None
            )

    def _lose(self, found: _Found, page: Page) -> None:
        """Now and then one resource cannot be read, and seldom a whole kind in one region."""
        for _ in range(self._times("throttled", self._rates.throttled)):
            self._miss(self._dice.choice(self._things), Reason.THROTTLED, found, page)
        if self._runs % self._rates.denied == self._rates.denied // 2:
            kind, region = self._dice.randrange(KINDS), self._dice.choice(_REGIONS)
            page.gaps.append(self._gap(kind, region, None, Reason.PERMISSION_DENIED))
            for thing in self._things:
                if thing.kind == kind and thing.key.region == region:
                    self._miss(thing, Reason.PERMISSION_DENIED, found, page)

    def _miss(self, thing: _Thing, reason: Reason, found: _Found, page: Page) -> None:
        """All ten verdicts about a resource become none, and the next run brings them back."""
        if thing in self._unread:
            return
        gap = self._gap(thing.kind, thing.key.region, thing.key.uid, reason)
        if reason is Reason.THROTTLED:
            page.gaps.append(gap)
        self._unread.append(thing)
        unread = {"error": gap.error, "operation": gap.operation, "permission": gap.permission, "reason": reason.value}
        kept = dumps({"documents": [], "reason": f"{gap.operation} was not answered", "unread": [unread], "v": 1})
        for check in range(CHECKS_PER_KIND):
            name = _check(thing.kind, check)
            found.transitions[name, thing.key] = Transition(name, thing.key, Outcome.UNKNOWN, kept)

    def _gap(self, kind: int, region: str, uid: str | None, reason: Reason) -> Gap:
        operation = f"service{kind}:{'List' if uid is None else 'Get'}Thing"
        return Gap(
            reason=reason,
            collector=f"aws.part{kind}",
            region=region,
            kind=KIND_NAMES[kind],
            uid=uid,
            listing=uid is None,
            operation=operation,
            permission=operation,
            error=f"{operation} said {reason.value}",
        )

    def _recover(self, found: _Found) -> None:
        """What the run before could not read is judged again, as it was."""
        for thing in self._unread:
            for check in range(CHECKS_PER_KIND):
                self._tell(thing, check, found)
        self._unread.clear()

    def _judge(self, thing: _Thing, found: _Found) -> None:
        """The ten verdicts about a resource; only those that are not what they were are told."""
        for check in range(CHECKS_PER_KIND):
            fails = _chance(self._seed, thing.number, thing.revision, check) < _PERMILLE_FAILING
            if thing.revision and fails == (check in thing.failing):
                continue
            self._failing[thing.kind, check] += fails - (check in thing.failing)
            (thing.failing.add if fails else thing.failing.discard)(check)
            self._tell(thing, check, found)

    def _tell(self, thing: _Thing, check: int, found: _Found) -> None:
        """One verdict, whatever it was before."""
        fails, name = check in thing.failing, _check(thing.kind, check)
        measured = _chance(self._seed, thing.number, check) % 40
        said = f"setting {check} of the thing is {'off' if fails else 'on'}, with a value of {measured}"
        kept = dumps({"documents": [[thing.key.kind, ""]], "reason": said, "v": 1})
        outcome = Outcome.FAIL if fails else Outcome.PASS
        found.transitions[name, thing.key] = Transition(name, thing.key, outcome, kept)

    def _document(self, thing: _Thing) -> bytes:
        """The bytes of one document, 0.9 to 2.9 kB, after so many changes."""
        dice = random.Random(f"{self._seed}/{thing.number}")
        service = f"service{thing.kind}"
        body: dict[str, Any] = {
            "Arn": thing.key.uid,
            "CreationDate": f"2025-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}T08:00:00.000000Z",
            "Encryption": {"Enabled": True, "KeyId": f"arn:aws:kms:::key/{dice.getrandbits(128):032x}"},
            "Rules": [
                {
                    "From": f"10.{dice.randint(0, 255)}.{dice.randint(0, 255)}.0/24",
                    "Port": dice.choice((22, 80, 443, 5432)),
                    "RuleId": f"rule-{dice.getrandbits(68):017x}",
                }
                for _ in range(dice.randint(1, 6))
            ],
            "Policy": [
                {
                    "Action": [f"{service}:{verb}" for verb in dice.sample(("Get", "List", "Put", "Tag", "Copy"), 3)],
                    "Condition": {"Bool": {"aws:SecureTransport": "true"}},
                    "Effect": "Allow",
                    "Principal": f"arn:aws:iam::{self.who.account}:role/{dice.getrandbits(48):012x}",
                    "Resource": f"{thing.key.uid}/*",
                }
                for _ in range(dice.randint(1, 5))
            ],
            "Tags": [
                {"Key": name, "Value": f"{dice.choice(_WORDS)}-{dice.choice(_WORDS)}"}
                for name in ("Name", "Owner", "CostCenter", "DataClass")
            ],
        }
        for revision in range(1, thing.revision + 1):
            edit = random.Random(f"{self._seed}/{thing.number}/{revision}")
            match edit.randrange(4):
                case 0:
                    body["Encryption"]["Enabled"] = not body["Encryption"]["Enabled"]
                case 1:
                    edit.choice(body["Tags"])["Value"] = f"{edit.choice(_WORDS)}-{edit.getrandbits(16):04x}"
                case 2:
                    edit.choice(body["Rules"])["Port"] = edit.randint(1024, 65535)
                case _:
                    principal = f"arn:aws:iam::{self.who.account}:role/{edit.getrandbits(48):012x}"
                    edit.choice(body["Policy"])["Principal"] = principal
        return dumps(
            {
                "account": self.who.account,
                "body": body,
                "kind": thing.key.kind,
                "region": thing.key.region,
                "uid": thing.key.uid,
            }
        )

    def _readings(self, slot: int) -> bytes:
        """Last use of the volatile things; four of five were used since the run before."""
        read: dict[str, dict[str, Any]] = {}
        for place, uid in enumerate(self._volatile):
            hours = slot // HOUR
            while _chance(self._seed, place, hours) >= 800:
                hours -= 1
            used = datetime.fromtimestamp(hours * 3600 - _chance(place, hours) * 3, UTC)
            kind = KIND_NAMES[int(uid.split(":")[2].removeprefix("service"))]
            read.setdefault(kind, {})[uid] = {"LastUsedDate": used}
        return dumps(read)

    def _tallies(self) -> Iterator[Tally]:
        for kind in range(KINDS):
            unread = [thing for thing in self._unread if thing.kind == kind]
            for check in range(CHECKS_PER_KIND):
                fails = self._failing[kind, check] - sum(check in thing.failing for thing in unread)
                passes = self._standing[kind] - fails - len(unread)
                counts = {Outcome.PASS: passes, Outcome.FAIL: fails}
                if unread:
                    counts[Outcome.UNKNOWN] = len(unread)
                code = hashlib.sha256(_check(kind, check).encode()).hexdigest()
                yield Tally(_check(kind, check), code, {"days": 90}, counts)

    def _record(self, begun: RunStart, changed: list[_Thing], page: Page) -> bytes:
        """The record of a run, made by the agent itself: three documents of five have a call of their own."""
        for number in range(_LISTINGS):
            page.calls.append(self._call(begun, number, f"List{number}"))
            items = len(self._things) // _LISTINGS
            page.listings.append(Listing(f"aws.part{number}", f"aws.kind{number}", "us-east-1", "", items, number))
        answered: dict[Key, int] = {}
        for thing in changed:
            own = thing.number % 5 < 3
            answered[thing.key] = _LISTINGS + len(answered) if own else thing.number % _LISTINGS
            if own:
                page.calls.append(self._call(begun, answered[thing.key], f"Get{thing.kind}", thing.key.uid))
        # The many calls that brought nothing new end as one sum for each operation, so one call can stand for them.
        for number in range(_OPERATIONS):
            call = self._call(begun, 1_000_000 + number, f"Describe{number}")
            page.calls.append(replace(call, pages=len(self._things) // _OPERATIONS))
        identity = Identity("aws", self.who.account, f"arn:aws:iam::{self.who.account}:role/reader", "aws")
        return record(Reading(identity, _REGIONS, page), answered, [], keep_all=False)

    def _call(self, begun: RunStart, number: int, operation: str, uid: str = "") -> Call:
        """One call, with a request id that no compression shortens."""
        started = begun.started + self._dice.randrange(38_000_000)
        said = datetime.fromtimestamp(started // 1_000_000, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        place = number % _LISTINGS
        return Call(
            number=number,
            collector=f"aws.part{place}",
            service=f"service{place}",
            operation=operation,
            region="us-east-1",
            endpoint=f"https://service{place}.us-east-1.amazonaws.com",
            parameters={"Name": uid} if uid else {},
            started=started,
            duration=self._dice.randint(20_000, 120_000),
            pages=1,
            items=1,
            attempts=1,
            request_ids=(str(uuid.UUID(int=self._dice.getrandbits(128))),),
            provider_date=said,
            complete=True,
        )


CHECKS = tuple(f"subject{kind}.setting_{check}" for kind in range(KINDS) for check in range(CHECKS_PER_KIND))
"""Names of all checks."""


def _check(kind: int, check: int) -> str:
    return CHECKS[kind * CHECKS_PER_KIND + check]


def _chance(*parts: int) -> int:
    """A number from 0 to 999 that depends on `parts` only."""
    text = ",".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest()) % 1000
