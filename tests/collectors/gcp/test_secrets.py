"""gcp.secrets"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.documents import when
from collectors.facts.core import Reason, Unread
from collectors.facts.stores import Secret
from collectors.gcp.secrets import COLLECTOR
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LIST = f"secretmanager/v1/projects/{PROJECT}/secrets"


def secret(estate: GcpEstate, name: str, newest: dict[str, Any] | None = None, **body: Any) -> None:
    """A secret, with what is told of its newest value."""
    full = f"projects/{PROJECT}/secrets/{name}"
    made = {"name": full, "createTime": "2026-01-01T00:00:00Z", "replication": {"automatic": {}}, **body}
    estate.answers.setdefault(LIST, Listed("secrets", [])).items.append(made)
    if newest is not None:
        estate.answers[f"secretmanager/v1/{full}/versions/latest"] = newest


def test_no_secrets_are_a_complete_listing(read: Read, estate: GcpEstate) -> None:
    """Empty is proven."""
    estate.answers[LIST] = Listed("secrets", [])

    reading = read(COLLECTOR)

    assert reading.facts(Secret) == []
    assert [listing.items for listing in reading.page.listings] == [0]


def test_dates_and_schedules_are_told(read: Read, estate: GcpEstate) -> None:
    """Of the secret and of its newest value."""
    secret(
        estate,
        "token",
        {"state": "ENABLED", "createTime": "2026-05-01T00:00:00Z"},
        rotation={"rotationPeriod": "2592000s", "nextRotationTime": "2026-06-01T00:00:00Z"},
        expireTime="2026-12-31T00:00:00Z",
    )
    secret(estate, "old", {"state": "DISABLED", "createTime": "2026-01-02T00:00:00Z"})

    reading = read(COLLECTOR)

    token, old = reading.fact(Secret, "token"), reading.fact(Secret, "old")
    assert (token.rotates, token.rotation_days, token.enabled) == (True, 30, True)
    assert (token.created, token.changed) == (when("2026-01-01T00:00:00Z"), when("2026-05-01T00:00:00Z"))
    assert (token.can_expire, token.expires) == (True, when("2026-12-31T00:00:00Z"))
    assert (old.rotates, old.rotation_days, old.enabled, old.expires) == (False, None, False, None)


def test_a_secret_without_a_value_is_not_in_use(read: Read, estate: GcpEstate) -> None:
    """Google says that there is none."""
    secret(estate, "empty")

    reading = read(COLLECTOR)

    fact = reading.fact(Secret, "empty")
    assert (fact.changed, fact.enabled) == (None, False)
    assert reading.page.gaps == []


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_value_that_was_not_read_is_unread_alone(read: Read, estate: GcpEstate, kind: str) -> None:
    """The other secret is known."""
    for name in ("one", "two"):
        secret(estate, name, {"state": "ENABLED", "createTime": "2026-05-01T00:00:00Z"})
    estate.faults.append(Fault("one/versions", kind=kind))

    reading = read(COLLECTOR)

    lost = reading.fact(Secret, "one").changed
    assert isinstance(lost, Unread)
    assert lost.permission == "secretmanager.versions.get"
    assert reading.fact(Secret, "two").enabled is True


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: GcpEstate) -> None:
    """What the first page held is kept."""
    for name in ("a", "b", "c"):
        secret(estate, name)
    estate.faults.append(Fault("&pageToken="))

    reading = read(COLLECTOR)

    assert len(reading.facts(Secret)) == 2
    assert [gap.reason for gap in reading.page.gaps] == [Reason.PARTIAL_LISTING]
    assert estate.writes == []
