"""azure.storage_accounts"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate, Fault
from collectors.api import Collector
from collectors.azure.storage_accounts import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.stores import ObjectStore
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
    assert reading.page.listings == []
    assert estate.writes == []
