"""A loopback AWS per test, clients to fill it, and a function that runs one collector on it."""

from __future__ import annotations

import logging
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from agent.demo.loopback import Faults, loopback_aws
from collectors.api import Collector
from collectors.aws.provider import Aws, AwsAccess
from collectors.testing import Reading
from tests.collectors.pipeline import run

REGION = "us-east-1"


@pytest.fixture(scope="session")
def _server() -> Iterator[tuple[str, Faults]]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    faults = Faults()
    with loopback_aws(faults) as url:
        yield url, faults


@pytest.fixture
def faults(_server: tuple[str, Faults]) -> Faults:
    """What goes wrong at the server of this test; nothing at first."""
    url, faults = _server
    faults.__init__()  # type: ignore[misc]  # the server holds this very object
    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).read()  # noqa: S310
    faults.calls.clear()
    return faults


@pytest.fixture
def client(_server: tuple[str, Faults], faults: Faults) -> Callable[..., Any]:
    """`client("s3")`: a plain SDK client to fill the account with."""

    def make(service: str, region: str = REGION) -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=_server[0],
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    return make


@pytest.fixture
def read(_server: tuple[str, Faults], faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reading]:
    """`read(COLLECTOR)`: fetch with the real session and pool, through JSON as staging does it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")

    def of(collector: Collector, *regions: str) -> Reading:
        places = regions or (REGION,)
        provider = Aws(AwsAccess(places, endpoint=_server[0], attempts=2))
        return run(provider, collector, ("global",) if collector.scope == "global" else places)

    return of
