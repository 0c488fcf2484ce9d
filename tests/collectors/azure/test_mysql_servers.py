"""azure.mysql_servers"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.mysql_servers import COLLECTOR
from collectors.facts.core import Unread
from collectors.facts.data_access import DatabaseAudit, DatabaseSignIn, DataEndpoint
from collectors.facts.stores import Database
from collectors.testing import Reading
from tests.collectors.azure.servers import mysql

Read = Callable[[Collector], Reading]


def test_a_server_with_everything_set(read: Read, estate: AzureEstate) -> None:
    """Each setting becomes a fact."""
    parameters = {"audit_log_enabled": "ON", "audit_log_events": "DDL,CONNECTION_V2", "aad_auth_only": "ON"}
    id_ = mysql(estate, "main", parameters)
    estate.put(f"{id_}/administrators/ActiveDirectory", properties={"login": "dba"})
    logs = [{"category": "MySqlAuditLogs", "enabled": True}, {"category": "MySqlSlowLogs", "enabled": False}]
    estate.put(
        f"{id_}/providers/Microsoft.Insights/diagnosticSettings/x", properties={"workspaceId": "/W", "logs": logs}
    )

    reading = read(COLLECTOR)

    found = reading.fact(Database, "main")
    assert (found.engine, found.encrypted_at_rest, found.customer_key) == ("mysql", True, None)
    assert (found.backup_days, found.multi_zone, found.exported_logs) == (7, False, ("audit",))
    reached = reading.fact(DataEndpoint, "main")
    assert (reached.requires_tls, reached.minimum_tls, reached.open_ranges) == (True, "1.2", ())
    audit = reading.fact(DatabaseAudit, "main")
    assert (audit.connections, audit.server_events, audit.keeps, audit.sent_to) == (True, None, False, ("/w",))
    people = reading.fact(DatabaseSignIn, "main")
    assert (people.directory, people.passwords) == (True, False)


@pytest.mark.parametrize(
    ("parameters", "recorded"),
    [
        ({}, False),
        ({"audit_log_enabled": "ON"}, True),
        ({"audit_log_enabled": "ON", "audit_log_events": "DDL,DML"}, False),
        ({"audit_log_enabled": "ON", "audit_log_events": " ddl , connection"}, True),
    ],
)
def test_the_log_is_on_and_holds_connections(
    read: Read, estate: AzureEstate, parameters: dict[str, str], recorded: bool
) -> None:
    """One without the other records nobody."""
    mysql(estate, "s", parameters)

    assert read(COLLECTOR).fact(DatabaseAudit, "s").connections is recorded


@pytest.mark.parametrize(("said", "oldest"), [("TLSv1,TLSv1.1,TLSv1.2", "1.0"), ("TLSv1.3", "1.3")])
def test_the_oldest_version_counts(read: Read, estate: AzureEstate, said: str, oldest: str) -> None:
    """Whoever wants to can choose it."""
    mysql(estate, "s", {"tls_version": said})

    assert read(COLLECTOR).fact(DataEndpoint, "s").minimum_tls == oldest


def test_no_version_at_all_is_unread(read: Read, estate: AzureEstate) -> None:
    """An empty list is malformed, not modern."""
    mysql(estate, "s", {"tls_version": ""})

    assert isinstance(read(COLLECTOR).fact(DataEndpoint, "s").minimum_tls, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_administrators_that_cannot_be_read_are_unread_for_exactly_that_server(
    read: Read, estate: AzureEstate, kind: str
) -> None:
    """One server's are refused or garbled; the other one has none."""
    mysql(estate, "one")
    mysql(estate, "two")
    estate.faults.append(Fault(r"GET /.*/one/administrators\?", kind=kind))

    reading = read(COLLECTOR)

    directory = reading.fact(DatabaseSignIn, "one").directory
    assert isinstance(directory, Unread)
    assert directory.permission == "Microsoft.DBforMySQL/flexibleServers/administrators/read"
    assert reading.fact(DatabaseSignIn, "one").passwords is True
    assert reading.fact(DatabaseSignIn, "two").directory is False
