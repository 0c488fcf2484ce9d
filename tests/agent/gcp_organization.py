"""The demo's organization at Google, served."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from agent.demo.gcp_estate import LAB, build
from agent.demo.gcp_loopback import ORGANIZATION, PROJECT, GcpEstate, loopback_gcp
from collectors.api import DIRECTORY
from collectors.gcp.provider import Gcp, GcpAccess
from tests.agent.demo_account import Account


@contextmanager
def serve(now: datetime | None = None) -> Iterator[dict[str, Account]]:
    """The demo's organization at a moment: its directory, as `global` its project, and the laboratory by its name."""
    now = now or datetime.now(UTC)
    estate = GcpEstate()
    build(estate, now)
    with loopback_gcp(estate) as (url, credentials), pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(credentials))

        def opened(project: str) -> Gcp:
            return Gcp(
                GcpAccess(project=project, organization=ORGANIZATION, customer="C01acme", endpoint=url, attempts=1)
            )

        yield {
            DIRECTORY: Account(estate, opened(""), now),
            "global": Account(estate, opened(PROJECT), now),
            LAB: Account(estate, opened(LAB), now),
        }
