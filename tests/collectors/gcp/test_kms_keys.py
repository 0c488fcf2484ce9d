"""gcp.kms_keys"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.documents import when
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.stores import EncryptionKey
from collectors.gcp.kms_keys import COLLECTOR, KEY
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
PLACES = f"projects/{PROJECT}/locations"
RING = f"{PLACES}/global/keyRings/ring"


@pytest.fixture(autouse=True)
def _empty(estate: GcpEstate) -> None:
    """Two places, one of them with a ring that holds nothing."""
    places = [{"name": f"{PLACES}/{place}"} for place in ("global", "europe-west1")]
    estate.answers[f"cloudkms/v1/{PLACES}"] = Listed("locations", places)
    estate.answers[f"cloudkms/v1/{PLACES}/europe-west1/keyRings"] = Listed("keyRings", [])
    estate.answers[f"cloudkms/v1/{PLACES}/global/keyRings"] = Listed("keyRings", [{"name": RING}])
    estate.answers[f"cloudkms/v1/{RING}/cryptoKeys"] = Listed("cryptoKeys", [])
    estate.answers[f"cloudkms/v1/{RING}:getIamPolicy"] = {"etag": "x"}


def key(estate: GcpEstate, name: str, **body: Any) -> str:
    """A symmetric key that rotates every 90 days; where its own answers are."""
    full = f"{RING}/cryptoKeys/{name}"
    made = {
        "name": full,
        "purpose": "ENCRYPT_DECRYPT",
        "primary": {"name": f"{full}/cryptoKeyVersions/2", "state": "ENABLED"},
        "rotationPeriod": "7776000s",
        "versionTemplate": {"protectionLevel": "SOFTWARE"},
        **body,
    }
    estate.answers[f"cloudkms/v1/{RING}/cryptoKeys"].items.append(
        {name: value for name, value in made.items() if value is not None}
    )
    estate.answers[f"cloudkms/v1/{full}/cryptoKeyVersions"] = Listed("cryptoKeyVersions", [])
    estate.answers[f"cloudkms/v1/{full}:getIamPolicy"] = {"etag": "x"}
    return f"cloudkms/v1/{full}"


def test_a_project_without_keys_is_a_complete_listing(read: Read) -> None:
    """Each place was asked for its rings, and each ring for its keys."""
    reading = read(COLLECTOR)

    assert reading.facts(EncryptionKey) == []
    assert reading.documents.complete(KEY, "global") is None
    assert reading.page.gaps == []


def test_a_key_that_rotates(read: Read, estate: GcpEstate) -> None:
    """The period is told in whole days."""
    key(estate, "k")

    fact = read(COLLECTOR).fact(EncryptionKey, "k")

    assert (fact.customer_managed, fact.enabled, fact.rotatable, fact.rotates, fact.rotation_days) == (
        True,
        True,
        True,
        True,
        90,
    )
    assert (fact.deletion_date, fact.users, fact.resource.region) == (None, (), "global")


@pytest.mark.parametrize(
    ("body", "enabled", "rotatable"),
    [
        ({"rotationPeriod": None}, True, True),
        ({"primary": None}, False, True),
        ({"primary": {"state": "DISABLED"}}, False, True),
        ({"purpose": "ASYMMETRIC_SIGN", "primary": None}, True, False),
        ({"versionTemplate": {"protectionLevel": "EXTERNAL_VPC"}}, True, False),
        ({"importOnly": True}, True, False),
    ],
)
def test_which_keys_work_and_which_can_rotate(
    read: Read, estate: GcpEstate, body: dict[str, Any], enabled: bool, rotatable: bool
) -> None:
    """Google rotates symmetric keys whose material it made."""
    key(estate, "k", **body)

    fact = read(COLLECTOR).fact(EncryptionKey, "k")

    assert (fact.enabled, fact.rotatable) == (enabled, rotatable)
    assert fact.rotates is (body.get("rotationPeriod", "") is not None)


def test_what_awaits_its_end_and_who_may_use_it(read: Read, estate: GcpEstate) -> None:
    """The first version counts; users come from the key and from its ring."""
    where = key(estate, "k")
    estate.answers[f"{where}/cryptoKeyVersions"].items.extend(
        {"destroyTime": f"2026-0{month}-01T00:00:00Z"} for month in (9, 7, 8)
    )
    using = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
    estate.answers[f"{where}:getIamPolicy"] = {"bindings": [{"role": using, "members": ["user:ann@example.com"]}]}
    estate.answers[f"cloudkms/v1/{RING}:getIamPolicy"] = {
        "bindings": [
            {"role": "roles/cloudkms.cryptoKeyDecrypter", "members": ["allUsers", "deleted:user:x@example.com?uid=1"]},
            {"role": "roles/cloudkms.admin", "members": ["user:bob@example.com"]},
        ]
    }

    reading = read(COLLECTOR)

    fact = reading.fact(EncryptionKey, "k")
    assert fact.deletion_date == when("2026-07-01T00:00:00Z")
    assert fact.users == ("allUsers", "user:ann@example.com")
    assert reading.fact(Sharing, "k").everybody is True


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
@pytest.mark.parametrize(
    ("match", "field", "permission"),
    [
        ("one/cryptoKeyVersions", "deletion_date", "cloudkms.cryptoKeyVersions.list"),
        ("one:getIamPolicy", "users", "cloudkms.cryptoKeys.getIamPolicy"),
    ],
)
def test_what_was_not_read_of_one_key(
    read: Read, estate: GcpEstate, match: str, field: str, permission: str, kind: str
) -> None:
    """The other key is known."""
    key(estate, "one")
    key(estate, "two")
    estate.faults.append(Fault(match, kind=kind))

    reading = read(COLLECTOR)

    lost = getattr(reading.fact(EncryptionKey, "one"), field)
    assert isinstance(lost, Unread)
    assert lost.permission == permission
    assert not isinstance(getattr(reading.fact(EncryptionKey, "two"), field), Unread)
    assert len(reading.page.gaps) == 1


@pytest.mark.parametrize("match", [r"/locations\?", "europe-west1/keyRings", "ring/cryptoKeys"])
def test_keys_that_were_not_listed_may_be_anywhere(read: Read, estate: GcpEstate, match: str) -> None:
    """A place, a ring or a listing of keys that is refused leaves the population open."""
    estate.faults.append(Fault(match))

    unlisted = read(COLLECTOR).documents.complete(KEY, "global")

    assert unlisted is not None
    assert unlisted.reason is Reason.PERMISSION_DENIED


@pytest.mark.parametrize("answer", [{}, {"locations": []}])
def test_a_service_without_places_proves_nothing(read: Read, estate: GcpEstate, answer: dict[str, Any]) -> None:
    """There are always some: an answer without any is no proof that there are no keys."""
    estate.answers[f"cloudkms/v1/{PLACES}"] = answer

    assert read(COLLECTOR).documents.complete(KEY, "global") is not None


def test_a_service_that_is_off_now_may_hold_keys(read: Read, estate: GcpEstate) -> None:
    """Keys outlive the enablement of their API."""
    estate.disabled.add("cloudkms")

    (gap,) = read(COLLECTOR).page.gaps

    assert (gap.reason, gap.error) == (Reason.SERVICE_UNSUPPORTED, "SERVICE_DISABLED")
