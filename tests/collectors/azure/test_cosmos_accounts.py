"""azure.cosmos_accounts"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.cosmos_accounts import COLLECTOR
from collectors.azure.endpoints import EVERYWHERE, PROVIDER
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import DataEndpoint, SharedKey
from collectors.facts.stores import Database
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
PERIODIC = {"type": "Periodic", "periodicModeProperties": {"backupRetentionIntervalInHours": 47}}
KEYS = ("primaryMasterKey", "secondaryMasterKey", "primaryReadonlyMasterKey", "secondaryReadonlyMasterKey")


def account(estate: AzureEstate, name: str, **changed: Any) -> str:
    """An account as the portal makes it."""
    said = {
        "minimalTlsVersion": "Tls12",
        "ipRules": [],
        "isVirtualNetworkFilterEnabled": False,
        "locations": [{"locationName": "West Europe", "isZoneRedundant": False}],
        "backupPolicy": PERIODIC,
        "keysMetadata": {each: {"generationTime": "2026-01-02T03:04:05Z"} for each in KEYS},
        **changed,
    }
    return estate.put(f"data/Microsoft.DocumentDB/databaseAccounts/{name}", properties=said)


def test_a_subscription_without_accounts_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(Database) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [("azure.cosmosdb.account", 0)]


def test_an_account_as_it_is_made(read: Read, estate: AzureEstate) -> None:
    """The provider's key, one zone, periodic backups, open to all networks."""
    account(estate, "db")

    reading = read(COLLECTOR)

    found = reading.fact(Database, "db")
    assert (found.encrypted_at_rest, found.customer_key, found.public) == (True, None, True)
    assert (found.backup_days, found.point_in_time, found.multi_zone) == (1, False, False)
    assert (found.exported_logs, found.deletion_protected) == ((), None)
    reached = reading.fact(DataEndpoint, "db")
    assert (reached.requires_tls, reached.minimum_tls, reached.open_ranges) == (True, "1.2", EVERYWHERE)
    assert [each.resource.name for each in reading.facts(SharedKey)] == [
        "db/primary",
        "db/primary read-only",
        "db/secondary",
        "db/secondary read-only",
    ]
    key = reading.fact(SharedKey, "db/primary")
    assert (key.active, key.created) == (True, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


def test_an_account_with_everything_set(read: Read, estate: AzureEstate) -> None:
    """The company's key, continuous backups, several zones, logs."""
    id_ = account(
        estate,
        "db",
        keyVaultKeyUri="https://V.vault.azure.net/keys/Db",
        backupPolicy={"type": "Continuous", "continuousModeProperties": {"tier": "Continuous7Days"}},
        locations=[{"isZoneRedundant": True}],
        disableLocalAuth=True,
        privateEndpointConnections=[{"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}],
    )
    logs = [{"category": "DataPlaneRequests", "enabled": True}]
    estate.put(
        f"{id_}/providers/Microsoft.Insights/diagnosticSettings/x", properties={"workspaceId": "/W", "logs": logs}
    )

    reading = read(COLLECTOR)

    found = reading.fact(Database, "db")
    assert found.customer_key == "https://v.vault.azure.net/keys/db"
    assert (found.backup_days, found.point_in_time, found.multi_zone) == (7, True, True)
    assert found.exported_logs == ("DataPlaneRequests",)
    assert reading.fact(DataEndpoint, "db").private_endpoints == 1
    assert reading.fact(SharedKey, "db/secondary").active is False


@pytest.mark.parametrize(
    ("changed", "ranges", "provider"),
    [
        ({"publicNetworkAccess": "Disabled"}, (), False),
        ({"isVirtualNetworkFilterEnabled": True}, (), False),
        ({"ipRules": [{"ipAddressOrRange": "203.0.113.7"}]}, ("203.0.113.7/32",), False),
        ({"ipRules": [{"ipAddressOrRange": PROVIDER}]}, (), True),
    ],
)
def test_who_reaches_an_account(
    read: Read, estate: AzureEstate, changed: dict[str, Any], ranges: tuple[str, ...], provider: bool
) -> None:
    """Addresses that are named, and Azure itself by its own word."""
    account(estate, "db", **changed)

    reached = read(COLLECTOR).fact(DataEndpoint, "db")

    assert (reached.open_ranges, reached.admits_provider) == (ranges, provider)


@pytest.mark.parametrize(
    ("policy", "days"), [({"type": "Continuous"}, 30), ({"type": "Continuous", "continuousModeProperties": {}}, 30)]
)
def test_a_continuous_backup_that_names_no_tier_is_kept_for_a_month(
    read: Read, estate: AzureEstate, policy: dict[str, Any], days: int
) -> None:
    """As documented."""
    account(estate, "db", backupPolicy=policy)

    assert read(COLLECTOR).fact(Database, "db").backup_days == days


@pytest.mark.parametrize("changed", [{"backupPolicy": {"type": "Magic"}}, {"backupPolicy": None}])
def test_a_way_of_backup_that_nobody_knows_is_unread(read: Read, estate: AzureEstate, changed: dict[str, Any]) -> None:
    """It is neither a backup nor none."""
    account(estate, "db", **changed)

    found = read(COLLECTOR).fact(Database, "db")

    assert isinstance(found.backup_days, Unread)
    assert isinstance(found.point_in_time, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_logs_that_cannot_be_read_are_unread_for_exactly_that_account(
    read: Read, estate: AzureEstate, kind: str
) -> None:
    """One account's diagnostic settings are refused or garbled; the other one has none."""
    account(estate, "one")
    account(estate, "two")
    estate.faults.append(Fault(r"GET /.*/one/providers/Microsoft.Insights", kind=kind))

    reading = read(COLLECTOR)

    logs = reading.fact(Database, "one").exported_logs
    assert isinstance(logs, Unread)
    assert logs.permission == "Microsoft.Insights/diagnosticSettings/read"
    assert reading.fact(Database, "two").exported_logs == ()


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """The second page is refused."""
    for name in ("a", "b", "c"):
        account(estate, name)
    estate.faults.append(Fault(r"GET /.*/databaseAccounts\?", after=1))

    reading = read(COLLECTOR)

    assert [each.resource.name for each in reading.facts(Database)] == ["a", "b"]
    assert [gap.reason for gap in reading.page.gaps] == [Reason.PARTIAL_LISTING]
    assert reading.page.listings == []
