"""azure.postgresql_servers"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.endpoints import PROVIDER
from collectors.azure.postgresql_servers import COLLECTOR, SERVERS
from collectors.facts.core import Unread
from collectors.facts.data_access import DatabaseAudit, DatabaseSignIn, DataEndpoint, StatementLog
from collectors.facts.stores import Database
from collectors.testing import Reading
from tests.collectors.azure.servers import postgresql

Read = Callable[[Collector], Reading]


def test_a_server_with_everything_set(read: Read, estate: AzureEstate) -> None:
    """Each setting becomes a fact."""
    key = {"type": "AzureKeyVault", "primaryKeyURI": "https://V.vault.azure.net/keys/Pg/1"}
    id_ = postgresql(
        estate,
        "main",
        {"log_disconnections": "on", "logfiles.download_enable": "on", "logfiles.retention_days": "7"},
        dataEncryption=key,
        highAvailability={"mode": "ZoneRedundant"},
        authConfig={"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"},
    )
    estate.put(
        f"{id_}/firewallRules/office", properties={"startIpAddress": "203.0.113.0", "endIpAddress": "203.0.113.255"}
    )
    estate.put(f"{id_}/firewallRules/azure", properties={"startIpAddress": PROVIDER, "endIpAddress": PROVIDER})
    logs = [{"category": "PostgreSQLLogs", "enabled": True}]
    estate.put(
        f"{id_}/providers/Microsoft.Insights/diagnosticSettings/x", properties={"workspaceId": "/W", "logs": logs}
    )

    reading = read(COLLECTOR)

    found = reading.fact(Database, "main")
    assert (found.resource.uid, found.engine) == (id_.lower(), "postgresql")
    assert (found.encrypted_at_rest, found.customer_key) == (True, "https://v.vault.azure.net/keys/pg")
    assert (found.public, found.backup_days, found.point_in_time, found.multi_zone) == (True, 7, True, True)
    assert (found.exported_logs, found.deletion_protected) == (("server",), None)
    reached = reading.fact(DataEndpoint, "main")
    assert (reached.requires_tls, reached.minimum_tls, reached.private_endpoints) == (True, "1.2", 0)
    assert (reached.open_ranges, reached.admits_provider) == (("203.0.113.0/24",), True)
    audit = reading.fact(DatabaseAudit, "main")
    assert (audit.connections, audit.server_events) == (True, ("disconnections", "checkpoints"))
    assert (audit.keeps, audit.kept_days, audit.longest_days, audit.sent_to) == (True, 7, 7, ("/w",))
    people = reading.fact(DatabaseSignIn, "main")
    assert (people.directory, people.passwords) == (True, False)


def test_a_server_as_it_is_made(read: Read, estate: AzureEstate) -> None:
    """The provider's key, no second zone, no receiver, passwords only."""
    postgresql(estate, "bare", network={"publicNetworkAccess": "Disabled"})

    reading = read(COLLECTOR)

    found = reading.fact(Database, "bare")
    assert (found.customer_key, found.public, found.multi_zone, found.exported_logs) == (None, False, False, ())
    reached = reading.fact(DataEndpoint, "bare")
    assert (reached.open_ranges, reached.admits_provider) == ((), False)
    audit = reading.fact(DatabaseAudit, "bare")
    assert (audit.server_events, audit.keeps, audit.kept_days, audit.sent_to) == (("checkpoints",), False, 3, ())
    people = reading.fact(DatabaseSignIn, "bare")
    assert (people.directory, people.passwords) == (False, True)


def test_which_statements_are_written_down(read: Read, estate: AzureEstate) -> None:
    """In PostgreSQL's words; a parameter that is missing from the answer is unread, and no other."""
    postgresql(estate, "bare")
    id_ = postgresql(estate, "odd", {"log_min_duration_statement": "250"})
    del estate.things[f"{id_}/configurations/log_statement".lower()]

    reading = read(COLLECTOR)

    bare, odd = reading.fact(StatementLog, "bare"), reading.fact(StatementLog, "odd")
    assert (bare.statements, bare.messages_from, bare.failed_from) == ("none", "warning", "error")
    assert (bare.verbosity, bare.slow_milliseconds) == ("default", -1)
    assert isinstance(odd.statements, Unread)
    assert odd.statements.permission == "Microsoft.DBforPostgreSQL/flexibleServers/configurations/read"
    assert (odd.verbosity, odd.slow_milliseconds) == ("default", 250)


@pytest.mark.parametrize(
    ("said", "recorded"),
    [
        ("off", False),
        ("", False),
        ("receipt", False),
        ("receipt,authentication", True),
        ("all", True),
        ("true", True),
    ],
)
def test_old_and_new_words_for_connections(read: Read, estate: AzureEstate, said: str, recorded: bool) -> None:
    """Version 18 names stages; only authentication tells who it was."""
    postgresql(estate, "s", {"log_connections": said})

    assert read(COLLECTOR).fact(DatabaseAudit, "s").connections is recorded


def test_a_word_that_nobody_knows_is_unread(read: Read, estate: AzureEstate) -> None:
    """It is neither on nor off."""
    postgresql(estate, "s", {"log_connections": "maybe", "require_secure_transport": "perhaps"})

    reading = read(COLLECTOR)

    assert isinstance(reading.fact(DatabaseAudit, "s").connections, Unread)
    assert isinstance(reading.fact(DataEndpoint, "s").requires_tls, Unread)


def test_only_the_parameters_that_matter_are_kept(read: Read, estate: AzureEstate) -> None:
    """A server has hundreds; those that are kept are as answered."""
    id_ = postgresql(estate, "s")

    (kept,) = [each for each in read(COLLECTOR).page.documents if each.kind == SERVERS.parameters.name]

    assert {each["name"] for each in kept.body["value"]} == set(SERVERS.wanted)
    assert estate.things[f"{id_}/configurations/log_connections".lower()] in kept.body["value"]


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_parameters_that_cannot_be_read_are_unread_for_exactly_that_server(
    read: Read, estate: AzureEstate, kind: str
) -> None:
    """One server's parameters are refused or garbled; the other one's are known."""
    postgresql(estate, "one")
    postgresql(estate, "two")
    estate.faults.append(Fault(r"GET /.*/one/configurations\?", kind=kind))

    reading = read(COLLECTOR)

    tls = reading.fact(DataEndpoint, "one").requires_tls
    assert isinstance(tls, Unread)
    assert tls.operation == "Microsoft.DBforPostgreSQL:flexibleServers/configurations"
    assert tls.permission == "Microsoft.DBforPostgreSQL/flexibleServers/configurations/read"
    assert isinstance(reading.fact(DatabaseAudit, "one").server_events, Unread)
    assert reading.fact(DataEndpoint, "two").requires_tls is True
    assert len(reading.page.gaps) == 1


def test_rules_that_cannot_be_read_are_unread(read: Read, estate: AzureEstate) -> None:
    """Nobody knows who gets in; without a public address nobody does, whatever the rules say."""
    postgresql(estate, "one")
    postgresql(estate, "two", network={"publicNetworkAccess": "Disabled"})
    estate.faults.append(Fault(r"GET /.*/firewallRules\?"))

    reading = read(COLLECTOR)

    assert isinstance(reading.fact(DataEndpoint, "one").open_ranges, Unread)
    assert isinstance(reading.fact(DataEndpoint, "one").admits_provider, Unread)
    assert reading.fact(DataEndpoint, "two").open_ranges == ()
