"""azure.storage_accounts"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.storage_accounts import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import DataEndpoint, SharedKey, StoreSafeguards
from collectors.facts.stores import FileSystem, ObjectStore
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
ID = "data/Microsoft.Storage/storageAccounts/"


def account(estate: AzureEstate, name: str, *, sku: str = "Standard_LRS", **changed: Any) -> str:
    """A storage account as the portal makes it, with its blob service."""
    said = {
        "supportsHttpsTrafficOnly": True,
        "allowBlobPublicAccess": False,
        "minimumTlsVersion": "TLS1_2",
        "publicNetworkAccess": "Enabled",
        "networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []},
        "encryption": {
            "keySource": "Microsoft.Storage",
            "services": {"blob": {"enabled": True, "keyType": "Account"}},
        },
        "primaryLocation": "westeurope",
        **changed,
    }
    id_ = estate.put(f"{ID}{name}", sku={"name": sku, "tier": "Standard"}, kind="StorageV2", properties=said)
    estate.put(f"{id_}/blobServices/default", properties={"isVersioningEnabled": True})
    estate.answers[f"{id_}/managementPolicies/default".lower()] = None  # the provider says so by an error
    return id_


def container(estate: AzureEstate, id_: str, name: str, **said: Any) -> None:
    """A container of an account."""
    estate.put(f"{id_}/blobServices/default/containers/{name}", properties={"publicAccess": "None", **said})


def test_a_subscription_without_accounts_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(ObjectStore) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [("azure.storage.account", 0)]


def test_settings_become_facts(read: Read, estate: AzureEstate) -> None:
    """Each setting that an account has is read and shaped."""
    id_ = account(
        estate,
        "ledger",
        sku="Standard_RAGRS",
        secondaryLocation="northeurope",
        encryption={
            "keySource": "Microsoft.Keyvault",
            "keyvaultproperties": {"keyvaulturi": "https://Keys.vault.azure.net/", "keyname": "Ledger"},
            "services": {"blob": {"enabled": True}},
        },
    )
    lock = {"properties": {"immutabilityPeriodSinceCreationInDays": 365, "state": "Locked"}}
    container(estate, id_, "books", immutabilityPolicy=lock)
    rule = {
        "enabled": True,
        "definition": {"actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 9}}}},
    }
    estate.answers[f"{id_}/managementPolicies/default".lower()] = {"properties": {"policy": {"rules": [rule]}}}
    logs = [{"category": "StorageRead", "enabled": False}, {"categoryGroup": "allLogs", "enabled": True}]
    estate.put(
        f"{id_}/blobServices/default/providers/Microsoft.Insights/diagnosticSettings/all",
        properties={"workspaceId": "/subscriptions/s/W", "logs": logs},
    )

    store = read(COLLECTOR).fact(ObjectStore, "ledger")

    assert (store.resource.uid, store.resource.region) == (id_.lower(), "westeurope")
    assert store.encrypted_at_rest is True
    assert store.customer_key == "https://keys.vault.azure.net/keys/ledger"
    assert store.requires_tls is True
    assert store.versioned is True
    assert store.access_log_to == "/subscriptions/s/w"
    assert store.public is False
    assert store.public_access_blocked is True
    assert store.object_lock_days == 365
    assert store.expires_objects is True
    assert store.replicated_to == ("northeurope",)


@pytest.mark.parametrize(
    ("changed", "public"),
    [
        ({}, True),
        ({"allowBlobPublicAccess": False}, False),
        ({"publicNetworkAccess": "Disabled"}, False),
        ({"networkAcls": {"defaultAction": "Deny"}}, False),
        ({"networkAcls": None}, True),
    ],
)
def test_an_open_container_is_public_unless_something_above_closes_it(
    read: Read, estate: AzureEstate, changed: dict[str, Any], public: bool
) -> None:
    """The account or its network take back what a container grants."""
    id_ = account(estate, "open", **{"allowBlobPublicAccess": True, **changed})
    container(estate, id_, "site", publicAccess="Blob")

    assert read(COLLECTOR).fact(ObjectStore, "open").public is public


def test_an_account_from_before_the_setting_may_be_opened(read: Read, estate: AzureEstate) -> None:
    """A missing `allowBlobPublicAccess` allows."""
    account(estate, "old", allowBlobPublicAccess=None)

    assert read(COLLECTOR).fact(ObjectStore, "old").public_access_blocked is False


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_what_cannot_be_read_is_unread_for_exactly_that_account(read: Read, estate: AzureEstate, kind: str) -> None:
    """One account's blob service is refused or garbled; the other one's is known."""
    account(estate, "one")
    account(estate, "two")
    estate.faults.append(Fault(r"GET /.*/one/blobServices/default\?", kind=kind))

    reading = read(COLLECTOR)

    versioned = reading.fact(ObjectStore, "one").versioned
    assert isinstance(versioned, Unread)
    assert versioned.operation == "Microsoft.Storage:storageAccounts/blobServices"
    assert versioned.permission == "Microsoft.Storage/storageAccounts/blobServices/read"
    assert reading.fact(ObjectStore, "two").versioned is True
    assert {gap.uid for gap in reading.page.gaps} == {reading.fact(ObjectStore, "one").resource.uid}


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """The second page is refused: what the first one held is kept, and the population is not known."""
    for name in ("a", "b", "c"):
        account(estate, name)
    estate.faults.append(Fault(r"GET /subscriptions/[^/]+/providers/Microsoft.Storage/storageAccounts\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(ObjectStore)] == ["a", "b"]
    (gap,) = [gap for gap in reading.page.gaps if gap.listing]
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.storage.account")
    assert [listing for listing in reading.page.listings if listing.kind == "azure.storage.account"] == []
    assert estate.writes == []


@pytest.mark.parametrize(
    ("changed", "version", "ranges"),
    [
        ({}, "1.2", ("0.0.0.0/0", "::/0")),
        ({"minimumTlsVersion": None}, "1.0", ("0.0.0.0/0", "::/0")),
        ({"publicNetworkAccess": "Disabled"}, "1.2", ()),
        (
            {"networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}]}},
            "1.2",
            ("203.0.113.0/24",),
        ),
    ],
)
def test_how_an_account_is_reached(
    read: Read, estate: AzureEstate, changed: dict[str, Any], version: str, ranges: tuple[str, ...]
) -> None:
    """TLS and networks; what is left out is as documented."""
    account(estate, "store", **changed)

    reached = read(COLLECTOR).fact(DataEndpoint, "store")

    assert (reached.requires_tls, reached.minimum_tls, reached.open_ranges) == (True, version, ranges)
    assert reached.private_endpoints == 0


def test_a_version_that_nobody_knows_is_unread(read: Read, estate: AzureEstate) -> None:
    """A new word is neither modern nor old."""
    account(estate, "store", minimumTlsVersion="TLS9")

    assert isinstance(read(COLLECTOR).fact(DataEndpoint, "store").minimum_tls, Unread)


def test_what_an_account_offers_beside_its_encryption(read: Read, estate: AzureEstate) -> None:
    """The second layer, and the time for which deleted containers are kept."""
    safe = account(estate, "safe")
    said = estate.things[safe.lower()]["properties"]["encryption"]
    said["requireInfrastructureEncryption"] = True
    policy = {"containerDeleteRetentionPolicy": {"enabled": True, "days": 7}}
    estate.put(f"{safe}/blobServices/default", properties=policy)
    account(estate, "plain")
    off = account(estate, "off")
    estate.put(f"{off}/blobServices/default", properties={"containerDeleteRetentionPolicy": {"enabled": False}})

    reading = read(COLLECTOR)

    found = {
        each.resource.name: (each.encrypted_twice, each.deleted_stores_kept_days)
        for each in reading.facts(StoreSafeguards)
    }
    assert found == {"safe": (True, 7), "plain": (False, 0), "off": (False, 0)}


def test_the_keys_of_an_account(read: Read, estate: AzureEstate) -> None:
    """Each of the two has its own age; one without a date is unread."""
    account(estate, "store", keyCreationTime={"key1": "2026-01-02T03:04:05.6789012Z", "key2": None})
    account(estate, "shut", allowSharedKeyAccess=False)

    reading = read(COLLECTOR)

    first = reading.fact(SharedKey, "store/key1")
    assert (first.owner, first.active) == ("store", True)
    assert first.created == datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    assert isinstance(reading.fact(SharedKey, "store/key2").created, Unread)
    assert reading.fact(SharedKey, "shut/key1").active is False


def test_file_shares_are_file_systems(read: Read, estate: AzureEstate) -> None:
    """With the encryption of their account, under the id that a backup of them names."""
    services = {"file": {"enabled": True}, "blob": {"enabled": True}}
    id_ = account(estate, "store", encryption={"keySource": "Microsoft.Storage", "services": services})
    estate.put(f"{id_}/fileServices/default/shares/Docs", properties={"shareQuota": 5})

    share = read(COLLECTOR).fact(FileSystem, "store/Docs")

    assert share.resource.uid == f"{id_}/fileServices/default/shares/Docs".lower()
    assert share.resource.region == "westeurope"
    assert (share.encrypted_at_rest, share.customer_key, share.backed_up) == (True, None, None)


def test_an_account_is_asked_only_for_what_it_can_hold(read: Read, estate: AzureEstate) -> None:
    """Premium accounts hold blobs or files, and answer an error about the other."""
    account(estate, "files", primaryEndpoints={"file": "https://files"})
    account(estate, "blobs", primaryEndpoints={"blob": "https://blobs"})

    reading = read(COLLECTOR)

    assert [each.resource.name for each in reading.facts(ObjectStore)] == ["blobs"]
    assert [each.resource.name for each in reading.facts(DataEndpoint)] == ["blobs", "files"]
    asked = " ".join(estate.calls)
    assert "/files/blobservices" not in asked
    assert "/blobs/fileservices" not in asked
    assert reading.page.gaps == []


def test_shares_that_cannot_be_listed_are_not_all_known(read: Read, estate: AzureEstate) -> None:
    """The account itself is."""
    account(estate, "store")
    estate.faults.append(Fault(r"GET /.*/shares\?"))

    reading = read(COLLECTOR)

    (gap,) = reading.page.gaps
    assert (gap.kind, gap.listing) == ("azure.storage.share", True)
    assert gap.unread.permission == "Microsoft.Storage/storageAccounts/fileServices/shares/read"
    assert reading.fact(ObjectStore, "store").versioned is True
