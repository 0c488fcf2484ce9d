"""The first law on AWS: whatever read fails in whatever way, nothing is decided by it and nothing is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import pytest

from collectors.api import Collector, Kind
from collectors.facts.core import Reason
from collectors.provenance import Page
from tests.agent.aws_account import COLLECTORS, Clean, read_clean, serve, served_as, turned

WAYS = {
    "denied": ("deny", {Reason.PERMISSION_DENIED}),
    "throttled": ("throttle", {Reason.THROTTLED}),
    "broken down": ("break_down", {Reason.ACCOUNT_UNREACHABLE}),
    "reset": ("reset", {Reason.ACCOUNT_UNREACHABLE}),
    "truncated": ("truncate", {Reason.ACCOUNT_UNREACHABLE, Reason.PARTIAL_LISTING}),
    "malformed": ("garble", {Reason.ACCOUNT_UNREACHABLE, Reason.PARTIAL_LISTING}),
    "cut off": ("deny", {Reason.PERMISSION_DENIED, Reason.PARTIAL_LISTING}),
}
"""Each way to fail: what the loopback does, and what the gaps may say.  The SDK takes a successful answer of S3 that is
no XML for an internal error."""
ANY_BYTES = "s3:GetBucketPolicy"
"""S3 answers it without an envelope, so whatever arrives is a policy; what it says is judged."""


UNASKED = {"aws.cloudwatch.canary_success", "aws.rds.cluster_security_group"}
"""Details of what the loopback account cannot have."""


@pytest.fixture(scope="module")
def clean() -> Iterator[Clean]:
    """The clean round, read once."""
    with serve() as account:
        yield read_clean(account)


def reads_of(collector: Collector, asked: frozenset[str]) -> Iterator[tuple[frozenset[str], list[Kind]]]:
    """Each operation of a collector, by the server's names, and the kinds that it answers."""
    named = sorted(((sorted(served_as(kind, asked)), kind) for kind in collector.kinds), key=lambda each: each[0])
    for names, kinds in groupby(named, lambda each: each[0]):
        yield frozenset(names), [kind for _, kind in kinds]


@pytest.mark.parametrize("name", COLLECTORS)
def test_a_read_that_fails_decides_nothing(name: str, clean: Clean, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each read of the collector fails in each way: every verdict stays, or turns UNKNOWN and says what is missing."""
    monkeypatch.setattr("agent.fetch.LINGER", 0)  # it waits for pages that arrive together, to store them together
    faults = clean.account.faults
    before = clean.judge({name: clean.pages[name]})
    for names, kinds in reads_of(COLLECTORS[name], clean.asked[name]):
        if not names:
            assert kinds[0].name in UNASKED, f"{name} never asked {kinds[0].call}"
            continue
        for way, (fault, reasons) in WAYS.items():
            faults.calls.clear()
            faults.after = 1 if way == "cut off" else 0
            setattr(faults, fault, set(names))
            page = clean.account.read(clean.aws, COLLECTORS[name])
            setattr(faults, fault, set())
            if way == "cut off" and all(faults.calls[each] <= 1 for each in names):
                continue  # there was no second request of this kind
            where = f"{name}, {way}, {kinds[0].call}"
            if way != "malformed" or ANY_BYTES not in names:
                check_gaps(page, clean.pages[name], kinds, reasons, where)
            calls = {kind.call for kind in kinds}
            for about, finding in turned(before, clean.judge({name: page}), where).items():
                missing = {(unread.operation, unread.permission) for unread in finding.unread}
                lacking = {
                    (each.operation, each.permission) for each in (before[about].unread if about in before else ())
                }
                named = {(kind.call, kind.needs) for kind in kinds}
                assert missing & named, f"{where}: {about}: {finding.reason}"
                assert missing <= named | lacking, f"{where}: {about}: {missing}"
                assert any(call in finding.reason for call in calls), f"{where}: {about}: {finding.reason}"


def check_gaps(page: Page, clean: Page, kinds: list[Kind], reasons: set[Reason], where: str) -> None:
    """The read that failed left gaps, and nothing else did; each names the operation and the right."""
    before = {(gap.kind, gap.operation, gap.reason) for gap in clean.gaps}
    gaps = [gap for gap in page.gaps if (gap.kind, gap.operation, gap.reason) not in before]
    assert gaps, f"{where}: no gap"
    names = {kind.name: kind for kind in kinds}
    for gap in gaps:
        assert gap.kind in names, f"{where}: a gap of {gap.kind}: {gap.error}"
        assert (gap.operation, gap.permission) == (names[gap.kind].call, names[gap.kind].needs), where
        assert gap.reason in reasons, f"{where}: {gap.reason}: {gap.error}"
