"""The first law, cloud by cloud: whatever read fails in whatever way, nothing is decided by it and nothing forgotten.

What the rounds of all clouds over their demo's estate have in common.  Each cloud says which requests its reads are.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import parse_qsl, unquote, urlsplit

from agent.demo.loopback_http import Fault
from checks.api import Finding, Outcome
from collectors.api import Collector, Kind
from collectors.facts.core import Reason, Resource
from collectors.provenance import Page
from tests.agent.demo_account import Account, Findings, collectors_of

TOO_LONG = 3600
"""Seconds for which no run waits."""
FAULTS = {
    "denied": Fault("", 403),
    "throttled": Fault("", 429, retry_after=TOO_LONG),
    "unavailable": Fault("", 503),
    "reset": Fault("", kind="reset"),
    "truncated": Fault("", kind="truncate"),
    "malformed": Fault("", kind="malformed"),
    "cut off": Fault("", 403, after=1),
}
REASONS = {
    "denied": {Reason.PERMISSION_DENIED},
    "throttled": {Reason.THROTTLED},
    "cut off": {Reason.PERMISSION_DENIED, Reason.PARTIAL_LISTING},
}
"""What the gaps say, where only one thing is right."""
BETWEEN_WORDS = r"(?:%[0-9A-Fa-f]{2}|[^\w&])+"
"""What may stand between the words of a query: the next page's address may be written in another way."""


def query_of(kind: Kind, *without: str) -> str:
    """A regular expression for what the query of a kind holds, however it is written."""
    asked = [f"{name}={value}" for name, value in parse_qsl(urlsplit(kind.path).query) if name not in without]
    words = [BETWEEN_WORDS.join(re.findall(r"\w+", unquote(each))) for each in asked]
    return "".join(f"(?=.*{each}(?:{BETWEEN_WORDS})?(?:&|$))" for each in words)


@dataclass(frozen=True, slots=True)
class Read:
    """One read of a collector."""

    request: str
    """A regular expression for its requests."""
    kinds: list[Kind]
    """What it answers."""
    first: int
    """How many requests that look alike from outside come before it: questions that are asked by POST."""

    @property
    def by_post(self) -> bool:
        """It is asked by POST."""
        return self.kinds[0].post is not None


@dataclass(frozen=True, slots=True)
class Clean:
    """What is read and judged of an account while nothing is wrong."""

    account: Account
    pages: dict[str, Page]
    """By collector."""
    findings: Findings = field(default_factory=dict)
    known: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))
    """What had a finding, by check: what a run after it must not lose from sight."""

    def whole(self, instead: Mapping[str, Page]) -> Page:
        """All pages together, some collectors' replaced."""
        total = Page()
        for page in {**self.pages, **instead}.values():
            total.absorb(page)
        return total


@dataclass(frozen=True, slots=True)
class Cloud:
    """The estate of one cloud, read clean, and how its requests are told apart."""

    clean: Mapping[str, Clean]
    """By scope: `directory` and `global`."""
    request_of: Callable[[Kind], str]

    def of(self, collector: Collector) -> Clean:
        """The account that a collector reads."""
        return self.clean["directory" if collector.scope == "directory" else "global"]

    def reads_of(self, collector: Collector) -> Iterator[Read]:
        """Each read of a collector."""
        for (request, post), kinds in groupby(collector.kinds, lambda kind: (self.request_of(kind), kind.post)):
            before = [kind for kind in collector.kinds if kind.post is not None and self.request_of(kind) == request]
            yield Read(request, list(kinds), 0 if post is None else [kind.post for kind in before].index(post))


def read_clean(accounts: Mapping[str, Account], request_of: Callable[[Kind], str]) -> Cloud:
    """Read each account once, collector by collector, and judge it."""
    found = {}
    for scope, account in accounts.items():
        clean = Clean(account, {each.id: account.read(each) for each in account.collectors})
        clean.findings.update(account.judge(clean.whole({}), {}))
        for (check, _, _), finding in clean.findings.items():
            clean.known[check].append(finding.resource)
        found[scope] = clean
    return Cloud(found, request_of)


def fail_each_read(cloud: Cloud, collector: Collector) -> None:
    """Let each read of a collector fail in each way: every verdict stays, or turns UNKNOWN and says what is missing."""
    before = cloud.of(collector)
    estate = before.account.estate
    for read in cloud.reads_of(collector):
        for way, like in FAULTS.items():
            if way == "cut off" and read.by_post:
                continue
            fault = Fault(
                read.request, like.status, kind=like.kind, after=like.after + read.first, retry_after=like.retry_after
            )
            fault.times = 1 if read.by_post else None
            estate.faults, estate.paused, estate.early = [fault], {}, []
            try:
                page = before.account.read(collector)
            finally:
                estate.faults, estate.paused = [], {}
            assert read.by_post or estate.early == []
            if way == "cut off" and fault.seen == 1:
                continue  # there was no second request of this kind
            where = f"{collector.id}, {way}, {read.request}"
            _check_gaps(page, read.kinds, way, where)
            after = before.account.judge(before.whole({collector.id: page}), before.known)
            _check_findings(before.findings, after, read.kinds, where)


def _check_gaps(page: Page, kinds: list[Kind], way: str, where: str) -> None:
    """The read that failed left gaps, and nothing else did; each names the operation and the right."""
    assert page.gaps, f"{where}: no gap"
    names = {kind.name: kind for kind in kinds}
    for gap in page.gaps:
        assert gap.kind in names, f"{where}: a gap of {gap.kind}: {gap.error}"
        assert (gap.operation, gap.permission) == (names[gap.kind].call, names[gap.kind].needs), where
        assert gap.reason in REASONS.get(way, {gap.reason}), f"{where}: {gap.reason}"


def _check_findings(before: Findings, after: Findings, kinds: list[Kind], where: str) -> None:
    """No verdict differs from the clean one but by being UNKNOWN, none is gone, and nothing new is decided."""
    for about, finding in after.items():
        clean = before.get(about)
        if clean is not None and finding.outcome is clean.outcome:
            continue
        assert finding.outcome is Outcome.UNKNOWN, f"{where}: {about} is {finding.outcome}: {finding.reason}"
        assert _resting_on(finding, kinds), f"{where}: {about} does not say why: {finding.reason}"
    gone = [about for about in before if about not in after and about[1] != "scope"]
    assert gone == [], f"{where}: {gone} are gone"
    scopes = {check for check, type_, _ in before if type_ == "scope"}
    assert scopes <= {check for check, _, _ in after}, f"{where}: a check has no finding at all"


def _resting_on(finding: Finding, kinds: Iterable[Kind]) -> bool:
    """It says that one of these was not read, and which right that takes."""
    return any(
        unread.operation == kind.call and unread.permission == kind.needs and kind.call in finding.reason
        for unread in finding.unread
        for kind in kinds
    )


def find_every_request(cloud: Cloud, name: str) -> None:
    """The regular expressions find all that the collectors of a cloud ask, and each of them something."""
    for collector in collectors_of(name).values():
        account = cloud.of(collector).account
        faults = [Fault(read.request, after=1 << 31) for read in cloud.reads_of(collector)]
        account.estate.faults, account.estate.calls = faults, Counter()
        account.read(collector)
        account.estate.faults = []

        assert all(fault.seen for fault in faults), (
            f"{collector.id}: {[each.match for each in faults if not each.seen]}"
        )
        if all(kind.post is None for kind in collector.kinds):
            assert sum(fault.seen for fault in faults) == sum(account.estate.calls.values()), collector.id
