"""collectors.gcp.wire"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from google.auth import _regional_access_boundary_utils as boundaries
from google.auth.transport.requests import Request

from agent.demo.gcp_loopback import GcpEstate, Listed
from collectors.api import Collector
from collectors.gcp.provider import ENDPOINT, Gcp, GcpAccess
from collectors.gcp.pubsub_topics import COLLECTOR
from collectors.testing import Reading

READ = "GET", "https://pubsub.googleapis.com/v1/projects/acme-prod/topics"


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Each time that Google's library goes to look up where a token may be used."""
    found: list[object] = []
    monkeypatch.setattr(
        boundaries._RegionalAccessBoundaryManager, "maybe_start_refresh", lambda *given: found.append(given)
    )
    return found


def test_nothing_is_asked_of_public_addresses_where_the_services_are_elsewhere(
    access: Callable[..., GcpAccess], estate: GcpEstate, read: Callable[[Collector], Reading], looked_up: list[object]
) -> None:
    """Neither beside reads nor beside the client's questions about projects, which come with a copy of the token."""
    estate.answers["pubsub/v1/projects/acme-prod/topics"] = Listed("topics", [])

    members = Gcp(access()).members()
    reading = read(COLLECTOR)

    assert [member.account for member in members] == ["acme-prod"]
    assert reading.page.gaps == []
    assert looked_up == []


def test_at_public_addresses_the_library_does_as_it_likes(
    access: Callable[..., GcpAccess], looked_up: list[object]
) -> None:
    """Where an organization limits the places of its tokens, they say so themselves."""
    credentials = Gcp(access(endpoint=ENDPOINT))._transport("").credentials

    credentials.before_request(Request(), *READ, {})

    assert len(looked_up) == 1
