"""A loopback Azure, the estate that it holds in each test, and a function that runs one collector on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.demo.azure_loopback import SUBSCRIPTION, TENANT, AzureEstate, environment, loopback_azure
from collectors.api import DIRECTORY, Collector
from collectors.azure.provider import Azure, AzureAccess
from collectors.testing import Reading
from tests.collectors.pipeline import renew, run


@pytest.fixture(scope="session")
def _azure() -> Iterator[tuple[str, Path, AzureEstate]]:
    estate = AzureEstate()
    with loopback_azure(estate) as (url, authority):
        yield url, authority, estate


@pytest.fixture
def estate(_azure: tuple[str, Path, AzureEstate], monkeypatch: pytest.MonkeyPatch) -> AzureEstate:
    """What the server of this test holds; nothing at first."""
    _, authority, estate = _azure
    renew(estate)
    for name, value in environment(authority).items():
        monkeypatch.setenv(name, value)
    return estate


@pytest.fixture
def access(_azure: tuple[str, Path, AzureEstate], estate: AzureEstate) -> Callable[..., AzureAccess]:
    """`access()`: the subscription; `access(subscription="")`: the directory."""

    def make(**changed: object) -> AzureAccess:
        url = _azure[0]
        given = {
            "tenant": TENANT,
            "subscription": SUBSCRIPTION,
            "manager": url,
            "graph": url,
            "authority": url,
            "attempts": 2,
        }
        return AzureAccess(**{**given, **changed})  # type: ignore[arg-type]  # as the test gives them

    return make


@pytest.fixture
def read(access: Callable[..., AzureAccess]) -> Callable[[Collector], Reading]:
    """`read(COLLECTOR)`: fetch with the real pipeline and pool, through JSON as staging does it."""

    def of(collector: Collector) -> Reading:
        directory = collector.scope == DIRECTORY
        provider = Azure(access(subscription="") if directory else access())
        return run(provider, collector, collector.places(provider.regions()))

    return of
