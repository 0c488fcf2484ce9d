"""A loopback Google Cloud, the estate that it holds in each test, and a function that runs one collector on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.demo.gcp_loopback import ORGANIZATION, PROJECT, GcpEstate, loopback_gcp
from collectors.api import DIRECTORY, Collector
from collectors.gcp.provider import Gcp, GcpAccess
from collectors.testing import Reading
from tests.collectors.pipeline import renew, run


@pytest.fixture(scope="session")
def _gcp() -> Iterator[tuple[str, Path, GcpEstate]]:
    estate = GcpEstate()
    with loopback_gcp(estate) as (url, credentials):
        yield url, credentials, estate


@pytest.fixture
def estate(_gcp: tuple[str, Path, GcpEstate], monkeypatch: pytest.MonkeyPatch) -> GcpEstate:
    """What the server of this test holds: a project and its organization, nothing in them at first."""
    _, credentials, estate = _gcp
    renew(estate)
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

    def of(collector: Collector) -> Reading:
        directory = collector.scope == DIRECTORY
        provider = Gcp(access(project="") if directory else access())
        return run(provider, collector, collector.places(provider.regions()))

    return of
