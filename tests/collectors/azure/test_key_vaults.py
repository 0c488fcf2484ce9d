"""azure.key_vaults"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.key_vaults import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import Certificate, DataEndpoint, KeyVault
from collectors.facts.stores import EncryptionKey, Secret
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
MADE = 1767225600
"""2026-01-01, in seconds since 1970."""


def vault(estate: AzureEstate, name: str, **changed: Any) -> str:
    """A vault as the portal makes it."""
    said = {"enableSoftDelete": True, "enablePurgeProtection": True, "publicNetworkAccess": "Enabled", **changed}
    return estate.put(f"data/Microsoft.KeyVault/vaults/{name}", properties=said)


def key(estate: AzureEstate, id_: str, name: str, **said: Any) -> None:
    """A key of a vault."""
    attributes = {"enabled": True, "created": MADE, "updated": MADE}
    estate.put(f"{id_}/keys/{name}", location="westeurope", properties={"attributes": attributes, **said})


def secret(estate: AzureEstate, id_: str, name: str, **attributes: Any) -> None:
    """A secret of a vault, by its attributes."""
    said = {"attributes": {"enabled": True, "created": MADE, **attributes}}
    estate.put(f"{id_}/secrets/{name}", location="westeurope", properties=said)


def rotation(**trigger: str) -> dict[str, Any]:
    """A policy that reminds somebody, and rotates by `trigger`."""
    actions = [
        {"action": {"type": "Notify"}, "trigger": {"timeBeforeExpiry": "P30D"}},
        {"action": {"type": "Rotate"}, "trigger": trigger},
    ]
    return {"rotationPolicy": {"attributes": {"expiryTime": "P1Y"}, "lifetimeActions": actions}}


def test_a_subscription_without_vaults_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(KeyVault) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [("azure.keyvault.vault", 0)]


def test_a_vault_with_all_its_protections(read: Read, estate: AzureEstate) -> None:
    """Deletion, log and network of a vault become facts."""
    endpoint = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
    waiting = {"properties": {"privateLinkServiceConnectionState": {"status": "Pending"}}}
    acls = {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.7"}, {"value": "198.51.100.0/24"}]}
    id_ = vault(estate, "keys", networkAcls=acls, privateEndpointConnections=[endpoint, waiting])
    logs = [{"categoryGroup": "audit", "enabled": True}]
    estate.put(
        f"{id_}/providers/Microsoft.Insights/diagnosticSettings/x", properties={"workspaceId": "/W", "logs": logs}
    )

    reading = read(COLLECTOR)

    held = reading.fact(KeyVault, "keys")
    assert (held.recoverable, held.purge_protected, held.audit_log_to) == (True, True, "/w")
    reached = reading.fact(DataEndpoint, "keys")
    assert (reached.requires_tls, reached.minimum_tls, reached.private_endpoints) == (True, "1.2", 1)
    assert reached.open_ranges == ("198.51.100.0/24", "203.0.113.7/32")
    assert reached.admits_provider is False


@pytest.mark.parametrize(
    ("changed", "recoverable", "protected"),
    [
        ({"enableSoftDelete": None, "enablePurgeProtection": None}, True, False),
        ({"enableSoftDelete": False}, False, False),
        ({"enablePurgeProtection": False}, True, False),
    ],
)
def test_what_a_vault_leaves_out_is_as_documented(
    read: Read, estate: AzureEstate, changed: dict[str, Any], recoverable: bool, protected: bool
) -> None:
    """Soft delete is on unless it is off; purge protection is off unless it is on."""
    vault(estate, "keys", **changed)

    held = read(COLLECTOR).fact(KeyVault, "keys")

    assert (held.recoverable, held.purge_protected, held.audit_log_to) == (recoverable, protected, None)


@pytest.mark.parametrize(
    ("changed", "ranges"),
    [
        ({}, ("0.0.0.0/0", "::/0")),
        ({"networkAcls": {"defaultAction": "Deny"}}, ()),
        ({"publicNetworkAccess": "Disabled"}, ()),
    ],
)
def test_who_reaches_a_vault(read: Read, estate: AzureEstate, changed: dict[str, Any], ranges: tuple[str, ...]) -> None:
    """Everybody, unless rules or the missing address say otherwise."""
    vault(estate, "keys", **changed)

    assert read(COLLECTOR).fact(DataEndpoint, "keys").open_ranges == ranges


def test_a_network_perimeter_decides_elsewhere(read: Read, estate: AzureEstate) -> None:
    """Who gets through it is not told here, so it is unread."""
    vault(estate, "keys", publicNetworkAccess="SecuredByPerimeter")

    assert isinstance(read(COLLECTOR).fact(DataEndpoint, "keys").open_ranges, Unread)


def test_keys_and_how_they_rotate(read: Read, estate: AzureEstate) -> None:
    """After a time, before an end, or not at all; keys of different vaults may have one name."""
    one, two = vault(estate, "one"), vault(estate, "two")
    key(estate, one, "same", **rotation(timeAfterCreate="P90D"))
    key(estate, two, "same", **rotation(timeBeforeExpiry="P1M"))
    key(estate, two, "idle", attributes={"enabled": False})

    reading = read(COLLECTOR)

    first, second, idle = (reading.fact(EncryptionKey, name) for name in ("one/same", "two/same", "two/idle"))
    assert (first.customer_managed, first.enabled, first.rotates, first.rotation_days) == (True, True, True, 90)
    assert (second.rotates, second.rotation_days) == (True, 335)
    assert (idle.enabled, idle.rotates, idle.rotation_days, idle.deletion_date) == (False, False, None, None)


def test_secrets_by_their_dates(read: Read, estate: AzureEstate) -> None:
    """When the value was put in and when it ends; the provider leaves the end out where there is none."""
    id_ = vault(estate, "keys")
    secret(estate, id_, "ends", exp=MADE + 86400)
    secret(estate, id_, "stays", enabled=False)

    reading = read(COLLECTOR)

    ends, stays = reading.fact(Secret, "keys/ends"), reading.fact(Secret, "keys/stays")
    assert (ends.changed, ends.expires) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    assert (ends.enabled, ends.can_expire, ends.rotates) == (True, True, False)
    assert (stays.enabled, stays.expires) == (False, None)


def test_a_date_that_is_no_number_is_unread(read: Read, estate: AzureEstate) -> None:
    """A malformed date is neither an end nor none."""
    secret(estate, vault(estate, "keys"), "odd", exp="2026-01-01")

    assert isinstance(read(COLLECTOR).fact(Secret, "keys/odd").expires, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_what_cannot_be_read_is_unread_for_exactly_that_key(read: Read, estate: AzureEstate, kind: str) -> None:
    """One key's rotation is refused or garbled; the other one's is known."""
    id_ = vault(estate, "keys")
    for name in ("a", "b"):
        key(estate, id_, name, **rotation(timeAfterCreate="P90D"))
    estate.faults.append(Fault(r"GET /.*/vaults/keys/keys/a\?", kind=kind))

    reading = read(COLLECTOR)

    rotates = reading.fact(EncryptionKey, "keys/a").rotates
    assert isinstance(rotates, Unread)
    assert rotates.operation == "Microsoft.KeyVault:vaults/keys"
    assert rotates.permission == "Microsoft.KeyVault/vaults/keys/read"
    assert reading.fact(EncryptionKey, "keys/b").rotates is True
    assert {gap.uid for gap in reading.page.gaps} == {reading.fact(EncryptionKey, "keys/a").resource.uid}


def test_the_keys_of_a_vault_that_breaks_off_are_not_all_known(read: Read, estate: AzureEstate) -> None:
    """The second page is refused: the population of keys is not known, that of secrets and vaults is."""
    id_ = vault(estate, "keys")
    for name in ("a", "b", "c"):
        key(estate, id_, name)
    estate.faults.append(Fault(r"GET /.*/vaults/keys/keys\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(EncryptionKey)] == ["keys/a", "keys/b"]
    (gap,) = [gap for gap in reading.page.gaps if gap.listing]
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.keyvault.key_listed")
    assert {listing.kind for listing in reading.page.listings} == {"azure.keyvault.vault", "azure.keyvault.secret"}
    assert estate.writes == []


def test_a_secret_that_holds_a_certificate_is_one(read: Read, estate: AzureEstate) -> None:
    """It ends when the certificate does, and is no secret to be changed; without an end it is unread."""
    id_ = vault(estate, "keys")
    for name, attributes in (("web", {"exp": MADE}), ("odd", {})):
        said = {"contentType": "application/x-pkcs12", "attributes": {"enabled": True, "created": MADE, **attributes}}
        estate.put(f"{id_}/secrets/{name}", location="westeurope", properties=said)

    reading = read(COLLECTOR)

    assert reading.facts(Secret) == []
    web = reading.fact(Certificate, "keys/web")
    assert (web.enabled, web.expires) == (True, datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(reading.fact(Certificate, "keys/odd").expires, Unread)
