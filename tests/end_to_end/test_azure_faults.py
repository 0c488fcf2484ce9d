"""The first law on Azure: whatever read fails in whatever way, nothing is decided by it and nothing is forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from collectors.api import Kind
from tests.agent.azure_tenant import serve
from tests.agent.demo_account import collectors_of
from tests.end_to_end.faults import Cloud, fail_each_read, find_every_request, query_of, read_clean

COLLECTORS = collectors_of("azure")


@pytest.fixture(scope="module")
def azure() -> Iterator[Cloud]:
    """The directory and the subscription of the demo, each read once."""
    with serve() as tenants:
        yield read_clean(tenants, request_of)


def request_of(kind: Kind) -> str:
    """A regular expression for the requests of a kind, without regard to how its query is written."""
    path = urlsplit(kind.path).path
    if path == "{id:path}":
        path = f"{{id:path}}/providers/{kind.service}/{kind.operation}/{{name}}"
    elif path.startswith("{id:path}") and "/providers/" not in path:
        path = path.replace("{id:path}", f"{{id:path}}/providers/{kind.service}{{id:path}}")
    pattern = re.sub(r"\\\{id:path\\\}", "/.+", re.escape(path))
    pattern = re.sub(r"\\\{\w+\\\}", "[^/?]+", pattern)
    method = "GET" if kind.post is None else "POST"
    return f"^{method} {pattern}(?:\\?|$){query_of(kind, 'api-version')}"


@pytest.mark.parametrize("name", COLLECTORS)
def test_a_read_that_fails_decides_nothing(name: str, azure: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each read of the collector fails in each way: every verdict stays, or turns UNKNOWN and says what is missing."""
    monkeypatch.setattr("agent.fetch.LINGER", 0)  # it waits for pages that arrive together, to store them together
    fail_each_read(azure, COLLECTORS[name])


def test_every_request_belongs_to_one_kind(azure: Cloud) -> None:
    """The regular expressions find all that collectors ask, and each of them something."""
    find_every_request(azure, "azure")
