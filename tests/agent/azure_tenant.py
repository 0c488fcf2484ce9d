"""The demo's Azure tenant, served."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from agent.demo.azure_estate import build
from agent.demo.azure_loopback import SUBSCRIPTION, TENANT, AzureEstate, environment, loopback_azure
from collectors.api import DIRECTORY
from collectors.azure.provider import Azure, AzureAccess
from tests.agent.demo_account import Account


@contextmanager
def serve(now: datetime | None = None) -> Iterator[dict[str, Account]]:
    """The demo's tenant at a moment: its directory and, as `global`, its subscription."""
    now = now or datetime.now(UTC)
    estate = AzureEstate()
    build(estate, now)
    with loopback_azure(estate) as (url, authority), pytest.MonkeyPatch.context() as patch:
        for name, value in environment(authority).items():
            patch.setenv(name, value)

        def opened(subscription: str) -> Azure:
            return Azure(
                AzureAccess(tenant=TENANT, subscription=subscription, manager=url, graph=url, authority=url, attempts=1)
            )

        yield {
            DIRECTORY: Account(estate, opened(""), now),
            "global": Account(estate, opened(SUBSCRIPTION), now),
        }
