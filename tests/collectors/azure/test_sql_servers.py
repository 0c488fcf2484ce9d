"""azure.sql_servers"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.endpoints import PROVIDER
from collectors.azure.sql_servers import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import DatabaseArchive, DatabaseAudit, DatabaseGuard, DatabaseSignIn, DataEndpoint
from collectors.facts.stores import Database
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
KEY = "https://Keys.vault.azure.net/keys/Sql/0123"
GROUPS = ["BATCH_COMPLETED_GROUP", "SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP", "FAILED_DATABASE_AUTHENTICATION_GROUP"]
QUIET = {"state": "Disabled", "storageEndpoint": "", "retentionDays": 0, "auditActionsAndGroups": []}


def server(estate: AzureEstate, name: str, auditing: dict[str, Any] | None = None, **changed: Any) -> str:
    """A server as the portal makes it, with its settings."""
    said = {"publicNetworkAccess": "Enabled", "minimalTlsVersion": "1.2", "privateEndpointConnections": [], **changed}
    id_ = estate.put(f"data/Microsoft.Sql/servers/{name}", properties=said)
    estate.put(f"{id_}/encryptionProtector/current", properties={"serverKeyType": "ServiceManaged"})
    estate.put(f"{id_}/auditingSettings/default", properties=auditing or QUIET)
    estate.put(f"{id_}/securityAlertPolicies/Default", properties={"state": "Disabled"})
    database(estate, id_, "master")
    return id_


def database(estate: AzureEstate, id_: str, name: str, tde: str = "Enabled", **changed: Any) -> str:
    """A database of a server, with its settings."""
    own = estate.put(f"{id_}/databases/{name}", location="West Europe", properties={"zoneRedundant": False, **changed})
    estate.put(f"{own}/transparentDataEncryption/current", properties={"state": tde})
    estate.put(f"{own}/backupShortTermRetentionPolicies/default", properties={"retentionDays": 7})
    keeps = {"weeklyRetention": "PT0S", "monthlyRetention": "PT0S", "yearlyRetention": "PT0S"}
    estate.put(f"{own}/backupLongTermRetentionPolicies/default", properties=keeps)
    return own


def admit(estate: AzureEstate, id_: str, first: str, last: str) -> None:
    """A rule of a server's firewall."""
    estate.put(f"{id_}/firewallRules/{first}", properties={"startIpAddress": first, "endIpAddress": last})


def test_a_subscription_without_servers_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(Database) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [("azure.sql.server", 0)]


def test_a_server_with_everything_set(read: Read, estate: AzureEstate) -> None:
    """Each setting of a server becomes a fact, and what it decides for its databases theirs."""
    auditing = {
        "state": "Enabled",
        "storageEndpoint": "https://Logs.blob.core.windows.net/",
        "retentionDays": 120,
        "auditActionsAndGroups": GROUPS,
        "isAzureMonitorTargetEnabled": True,
    }
    admin = {"administratorType": "ActiveDirectory", "azureADOnlyAuthentication": True}
    id_ = server(estate, "Main", auditing, administrators=admin)
    estate.put(f"{id_}/encryptionProtector/current", properties={"serverKeyType": "AzureKeyVault", "uri": KEY})
    estate.put(f"{id_}/securityAlertPolicies/Default", properties={"state": "Enabled"})
    admit(estate, id_, "203.0.113.0", "203.0.113.255")
    six = {"startIPv6Address": "2001:db8::", "endIPv6Address": "2001:db8::ff"}
    estate.put(f"{id_}/ipv6FirewallRules/office", properties=six)
    own = database(estate, id_, "books", zoneRedundant=True)
    keeps = {"weeklyRetention": "P4W", "monthlyRetention": "P1Y", "yearlyRetention": "PT0S"}
    estate.put(f"{own}/backupLongTermRetentionPolicies/default", properties=keeps)

    reading = read(COLLECTOR)

    reached = reading.fact(DataEndpoint, "Main")
    assert (reached.requires_tls, reached.minimum_tls, reached.private_endpoints) == (True, "1.2", 0)
    assert (reached.open_ranges, reached.admits_provider) == (("203.0.113.0/24", "2001:db8::/120"), False)
    audit = reading.fact(DatabaseAudit, "Main")
    assert (audit.connections, audit.server_events, audit.keeps, audit.kept_days) == (True, None, True, 120)
    assert audit.sent_to == ("https://logs.blob.core.windows.net/", "azure monitor")
    assert reading.fact(DatabaseGuard, "Main").watched is True
    people = reading.fact(DatabaseSignIn, "Main")
    assert (people.directory, people.passwords) == (True, False)
    (found,) = reading.facts(Database)
    assert (found.resource.uid, found.resource.name, found.resource.region) == (own.lower(), "Main/books", "westeurope")
    assert (found.encrypted_at_rest, found.customer_key) == (True, "https://keys.vault.azure.net/keys/sql")
    assert (found.backup_days, found.point_in_time, found.multi_zone, found.public) == (7, True, True, True)
    assert (found.exported_logs, found.deletion_protected) == (("audit",), None)
    assert reading.fact(DatabaseArchive, "Main/books").longest_days == 365


def test_a_server_as_it_is_made(read: Read, estate: AzureEstate) -> None:
    """What is off or left out is as documented: no record, no watch, no people, the provider's key."""
    id_ = server(estate, "bare", minimalTlsVersion="None")
    database(estate, id_, "plain", "Disabled")

    reading = read(COLLECTOR)

    assert reading.fact(DataEndpoint, "bare").minimum_tls is None
    audit = reading.fact(DatabaseAudit, "bare")
    assert (audit.connections, audit.sent_to, audit.keeps) == (False, (), False)
    assert reading.fact(DatabaseGuard, "bare").watched is False
    people = reading.fact(DatabaseSignIn, "bare")
    assert (people.directory, people.passwords) == (False, True)
    found = reading.fact(Database, "bare/plain")
    assert (found.encrypted_at_rest, found.customer_key, found.exported_logs) == (False, None, ())
    assert reading.fact(DatabaseArchive, "bare/plain").longest_days == 0


def test_an_audit_that_is_off_keeps_nothing_whatever_it_names(read: Read, estate: AzureEstate) -> None:
    """Azure leaves the receiver in place when auditing is switched off."""
    left = {**QUIET, "storageEndpoint": "https://logs", "auditActionsAndGroups": GROUPS}
    server(estate, "off", left)

    audit = read(COLLECTOR).fact(DatabaseAudit, "off")

    assert (audit.connections, audit.sent_to, audit.keeps) == (False, (), False)


def test_both_groups_of_sign_ins_are_needed(read: Read, estate: AzureEstate) -> None:
    """Whoever fails to sign in is as telling as whoever does."""
    server(estate, "half", {**QUIET, "state": "Enabled", "auditActionsAndGroups": GROUPS[:2]})

    assert read(COLLECTOR).fact(DatabaseAudit, "half").connections is False


def test_a_database_may_have_a_key_of_its_own(read: Read, estate: AzureEstate) -> None:
    """It comes before that of the server."""
    id_ = server(estate, "s")
    database(estate, id_, "own", encryptionProtector="https://v.vault.azure.net/keys/own/1")
    database(estate, id_, "shared")

    reading = read(COLLECTOR)

    assert reading.fact(Database, "s/own").customer_key == "https://v.vault.azure.net/keys/own"
    assert reading.fact(Database, "s/shared").customer_key is None


@pytest.mark.parametrize(
    ("rules", "changed", "ranges", "provider"),
    [
        ([(PROVIDER, "255.255.255.255")], {}, ("0.0.0.0/0",), False),
        ([(PROVIDER, PROVIDER)], {}, (), True),
        ([(PROVIDER, "255.255.255.255")], {"publicNetworkAccess": "Disabled"}, (), False),
        ([], {}, (), False),
    ],
)
def test_who_reaches_a_server(
    read: Read,
    estate: AzureEstate,
    rules: list[tuple[str, str]],
    changed: dict[str, Any],
    ranges: tuple[str, ...],
    provider: bool,
) -> None:
    """Rules count only with a public address, and without rules nobody gets in."""
    id_ = server(estate, "s", **changed)
    for first, last in rules:
        admit(estate, id_, first, last)

    reached = read(COLLECTOR).fact(DataEndpoint, "s")

    assert (reached.open_ranges, reached.admits_provider) == (ranges, provider)


SETTINGS = {
    "encryptionProtector": "Microsoft.Sql/servers/encryptionProtector/read",
    "auditingSettings": "Microsoft.Sql/servers/auditingSettings/read",
    "securityAlertPolicies": "Microsoft.Sql/servers/securityAlertPolicies/read",
    "firewallRules": "Microsoft.Sql/servers/firewallRules/read",
    "ipv6FirewallRules": "Microsoft.Sql/servers/ipv6FirewallRules/read",
    "transparentDataEncryption": "Microsoft.Sql/servers/databases/transparentDataEncryption/read",
    "backupShortTermRetentionPolicies": "Microsoft.Sql/servers/databases/backupShortTermRetentionPolicies/read",
    "backupLongTermRetentionPolicies": "Microsoft.Sql/servers/databases/backupLongTermRetentionPolicies/read",
}


def unread_in(reading: Reading, name: str) -> set[str]:
    """Permissions named by unread values of facts about one server and its database."""
    types = (DataEndpoint, DatabaseAudit, DatabaseGuard, DatabaseSignIn, Database, DatabaseArchive)
    found = set()
    for type_ in types:
        for each in reading.facts(type_):
            if each.resource.name.split("/")[0] == name:
                values = (getattr(each, field) for field in type_.__dataclass_fields__)
                found |= {value.permission for value in values if isinstance(value, Unread)}
    return found


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_each_setting_that_cannot_be_read_is_unread_for_exactly_that_server(
    read: Read, estate: AzureEstate, setting: str, kind: str
) -> None:
    """One server's setting is refused or garbled; the other one's is known."""
    for name in ("one", "two"):
        id_ = server(estate, name)
        database(estate, id_, "db")
    estate.faults.append(Fault(rf"GET /.*/servers/one/(.*/)?{setting}[/?]", kind=kind))

    reading = read(COLLECTOR)

    assert unread_in(reading, "one") == {SETTINGS[setting]}
    assert unread_in(reading, "two") == set()


def test_databases_that_break_off_are_not_all_known(read: Read, estate: AzureEstate) -> None:
    """The second page is refused: the population of databases is not known, that of servers is."""
    id_ = server(estate, "s")
    for name in ("a", "b", "zz"):
        database(estate, id_, name)
    estate.faults.append(Fault(r"GET /.*/databases\?", after=1))

    reading = read(COLLECTOR)

    assert [each.resource.name for each in reading.facts(Database)] == ["s/a", "s/b"]
    (gap,) = [gap for gap in reading.page.gaps if gap.listing]
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.sql.database")
    assert [listing.kind for listing in reading.page.listings] == ["azure.sql.server"]
    assert estate.writes == []
