"""The first law on Google Cloud: whatever read fails in whatever way, nothing is decided by it, nothing forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from agent.demo.gcp_estate import LAB
from collectors.api import Kind
from tests.agent.demo_account import collectors_of
from tests.agent.gcp_organization import serve
from tests.end_to_end.faults import Cloud, fail_each_read, find_every_request, query_of, read_clean

COLLECTORS = collectors_of("gcp")
NAMES = {
    "role": r"(?:organizations/[^/?]+/)?roles/[^/?:]+",
    "ring": r"[^?]+/keyRings/[^/?:]+",
    "key": r"[^?]+/cryptoKeys/[^/?:]+",
}
"""What names look like that would otherwise be taken for one another."""

TOLD = ("customer", "interval.endTime", "interval.startTime", "project")
"""What a query holds that is known only when it is asked."""


@pytest.fixture(scope="module")
def gcp() -> Iterator[Cloud]:
    """The directory of the demo and its project, each read once."""
    with serve() as accounts:
        yield read_clean({name: each for name, each in accounts.items() if name != LAB}, request_of)


def request_of(kind: Kind) -> str:
    """A regular expression for the requests of a kind, without regard to how its query is written."""
    pattern = re.escape(f"/{kind.service}.googleapis.com{urlsplit(kind.path).path}")
    pattern = re.sub(r"\\\{(\w+):path\\\}", lambda found: NAMES.get(found[1], "[^?]+"), pattern)
    pattern = re.sub(r"\\\{\w+\\\}", "[^/?:]+", pattern)
    method = "GET" if kind.post is None else "POST"
    return f"^{method} {pattern}(?:\\?|$){query_of(kind, *TOLD)}"


@pytest.mark.parametrize("name", COLLECTORS)
def test_a_read_that_fails_decides_nothing(name: str, gcp: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each read of the collector fails in each way: every verdict stays, or turns UNKNOWN and says what is missing."""
    monkeypatch.setattr("agent.fetch.LINGER", 0)  # it waits for pages that arrive together, to store them together
    fail_each_read(gcp, COLLECTORS[name])


def test_every_request_belongs_to_one_kind(gcp: Cloud) -> None:
    """The regular expressions find all that collectors ask, and each of them something."""
    find_every_request(gcp, "gcp")
