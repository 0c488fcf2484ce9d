"""The first law on Azure: whatever read fails in whatever way, nothing is decided by it and nothing is forgotten."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from agent.demo.loopback_http import Fault
from checks.api import Finding, Outcome
from collectors.api import Collector, Kind
from collectors.facts.core import Reason, Resource
from collectors.provenance import Page
from tests.agent.azure_tenant import COLLECTORS, Findings, Tenant, serve

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
_BETWEEN_WORDS = r"(?:%[0-9A-Fa-f]{2}|[^\w&])+"
"""What may stand between the words of a query: the next page's address may be written in another way."""


@dataclass(frozen=True, slots=True)
class Clean:
    """What is read and judged while nothing is wrong."""

    tenant: Tenant
    pages: dict[str, Page]
    """By collector."""
    findings: Findings
    known: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))
    """What had a finding, by check: what a run after it must not lose from sight."""

    def whole(self, instead: Mapping[str, Page]) -> Page:
        """All pages together, some collectors' replaced."""
        total = Page()
        for page in {**self.pages, **instead}.values():
            total.absorb(page)
        return total


@pytest.fixture(scope="module")
def clean() -> Iterator[dict[str, Clean]]:
    """The clean round of the directory and of the subscription, each read once."""
    with serve() as tenants:
        found = {}
        for scope, tenant in tenants.items():
            pages = {each.id: tenant.read(each) for each in tenant.collectors}
            found[scope] = Clean(tenant, pages, {})
            found[scope].findings.update(tenant.judge(found[scope].whole({}), {}))
            for (check, _, _), finding in found[scope].findings.items():
                found[scope].known[check].append(finding.resource)
        yield found


def request_of(kind: Kind) -> str:
    """A regular expression for the requests of a kind, without regard to how its query is written."""
    parts = urlsplit(kind.path)
    path = parts.path
    if path == "{id:path}":
        path = f"{{id:path}}/providers/{kind.service}/{kind.operation}/{{name}}"
    elif path.startswith("{id:path}") and "/providers/" not in path:
        path = path.replace("{id:path}", f"{{id:path}}/providers/{kind.service}{{id:path}}")
    pattern = re.sub(r"\\\{id:path\\\}", "/.+", re.escape(path))
    pattern = re.sub(r"\\\{\w+\\\}", "[^/?]+", pattern)
    asked = [f"{name}={value}" for name, value in parse_qsl(parts.query) if name != "api-version"]
    words = [_BETWEEN_WORDS.join(re.findall(r"\w+", unquote(each))) for each in asked]
    method = "GET" if kind.post is None else "POST"
    return f"^{method} {pattern}(?:\\?|$)" + "".join(f"(?=.*{each}(?:{_BETWEEN_WORDS})?(?:&|$))" for each in words)


def reads_of(collector: Collector) -> Iterator[tuple[str, list[Kind], int]]:
    """Each read of a collector: its requests, the kinds that it answers, and how many like it come before it.

    Questions that are asked by POST look alike from outside, and are asked one after the other.
    """
    for (request, post), kinds in groupby(collector.kinds, lambda kind: (request_of(kind), kind.post)):
        before = [kind for kind in collector.kinds if kind.post is not None and request_of(kind) == request]
        yield request, list(kinds), 0 if post is None else [kind.post for kind in before].index(post)


def resting_on(finding: Finding, kinds: Iterable[Kind]) -> bool:
    """It says that one of these was not read, and which right that takes."""
    return any(
        unread.operation == kind.call and unread.permission == kind.needs and kind.call in finding.reason
        for unread in finding.unread
        for kind in kinds
    )


@pytest.mark.parametrize("name", COLLECTORS)
def test_a_read_that_fails_decides_nothing(name: str, clean: dict[str, Clean], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each read of the collector fails in each way: every verdict stays, or turns UNKNOWN and says what is missing."""
    monkeypatch.setattr("agent.fetch.LINGER", 0)  # it waits for pages that arrive together, to store them together
    collector = COLLECTORS[name]
    before = clean["directory" if collector.scope == "directory" else "global"]
    estate = before.tenant.estate
    for request, kinds, first in reads_of(collector):
        for way, like in FAULTS.items():
            asked_by_post = kinds[0].post is not None
            if way == "cut off" and asked_by_post:
                continue
            fault = Fault(request, like.status, kind=like.kind, after=like.after + first, retry_after=like.retry_after)
            fault.times = 1 if asked_by_post else None
            estate.faults, estate.paused, estate.early = [fault], {}, []
            try:
                page = before.tenant.read(collector)
            finally:
                estate.faults, estate.paused = [], {}
            assert asked_by_post or estate.early == []
            if way == "cut off" and fault.seen == 1:
                continue  # there was no second request of this kind
            where = f"{name}, {way}, {request}"
            check_gaps(page, kinds, way, where)
            after = before.tenant.judge(before.whole({name: page}), before.known)
            check_findings(before.findings, after, kinds, where)


def check_gaps(page: Page, kinds: list[Kind], way: str, where: str) -> None:
    """The read that failed left gaps, and nothing else did; each names the operation and the right."""
    assert page.gaps, f"{where}: no gap"
    names = {kind.name: kind for kind in kinds}
    for gap in page.gaps:
        assert gap.kind in names, f"{where}: a gap of {gap.kind}: {gap.error}"
        assert (gap.operation, gap.permission) == (names[gap.kind].call, names[gap.kind].needs), where
        assert gap.reason in REASONS.get(way, {gap.reason}), f"{where}: {gap.reason}"


def check_findings(before: Findings, after: Findings, kinds: list[Kind], where: str) -> None:
    """No verdict differs from the clean one but by being UNKNOWN, none is gone, and nothing new is decided."""
    for about, finding in after.items():
        clean = before.get(about)
        if clean is not None and finding.outcome is clean.outcome:
            continue
        assert finding.outcome is Outcome.UNKNOWN, f"{where}: {about} is {finding.outcome}: {finding.reason}"
        assert resting_on(finding, kinds), f"{where}: {about} does not say why: {finding.reason}"
    gone = [about for about in before if about not in after and about[1] != "scope"]
    assert gone == [], f"{where}: {gone} are gone"
    scopes = {check for check, type_, _ in before if type_ == "scope"}
    assert scopes <= {check for check, _, _ in after}, f"{where}: a check has no finding at all"


def test_every_request_belongs_to_one_kind(clean: dict[str, Clean]) -> None:
    """The regular expressions find all that collectors ask, and each of them something."""
    estate = clean["global"].tenant.estate
    for name, collector in COLLECTORS.items():
        faults = [Fault(request, after=1 << 31) for request, _, _ in reads_of(collector)]
        estate.faults, estate.calls = faults, estate.calls.__class__()
        clean["directory" if collector.scope == "directory" else "global"].tenant.read(collector)
        estate.faults = []

        assert all(fault.seen for fault in faults), f"{name}: {[each.match for each in faults if not each.seen]}"
        if all(kind.post is None for kind in collector.kinds):
            assert sum(fault.seen for fault in faults) == sum(estate.calls.values()), name
