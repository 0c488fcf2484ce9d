"""A loopback Google Cloud, the estate that it holds in each test, and a function that runs one collector on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import orjson
import pytest

from agent.demo.gcp_loopback import ORGANIZATION, PROJECT, GcpEstate, loopback_gcp
from agent.fetch import Limits, fetch_all
from collectors.api import DIRECTORY, Collector
from collectors.gcp.provider import Gcp, GcpAccess
from collectors.provenance import Page
from collectors.testing import Reading
from storage.canon import dumps


@pytest.fixture(scope="session")
def _gcp() -> Iterator[tuple[str, Path, GcpEstate]]:
    estate = GcpEstate()
    with loopback_gcp(estate) as (url, credentials):
        yield url, credentials, estate


@pytest.fixture
def estate(_gcp: tuple[str, Path, GcpEstate], monkeypatch: pytest.MonkeyPatch) -> GcpEstate:
    """What the server of this test holds: a project and its organization, nothing in them at first."""
    _, credentials, estate = _gcp
    fresh = GcpEstate()
    for each in fields(GcpEstate):  # the server holds this very object
        setattr(estate, each.name, getattr(fresh, each.name))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(credentials))
    return estate


@pytest.fixture
def access(_gcp: tuple[str, Path, GcpEstate], estate: GcpEstate) -> Callable[..., GcpAccess]:
    """`access()`: the project; `access(project="")`: the organization."""

    def make(**changed: object) -> GcpAccess:
        given = {
            "project": PROJECT,
            "organization": ORGANIZATION,
            "customer": "C01abc",
            "endpoint": _gcp[0],
            "attempts": 2,
        }
        return GcpAccess(**{**given, **changed})  # type: ignore[arg-type]  # as the test gives them

    return make


@pytest.fixture
def read(access: Callable[..., GcpAccess]) -> Callable[[Collector], Reading]:
    """`read(COLLECTOR)`: fetch with the real session and pool, through JSON as staging does it."""

    def run(collector: Collector) -> Reading:
        directory = collector.scope == DIRECTORY
        provider = Gcp(access(project="") if directory else access())
        identity = provider.identify()
        places = collector.places(provider.regions())
        total = Page()
        for batch in fetch_all(provider, [(collector, place) for place in places], Limits(8)):
            for arrived in batch:
                total.absorb(Page.from_json(orjson.loads(dumps(arrived.page.to_json()))))
        return Reading(collector, identity, places, total)

    return run
