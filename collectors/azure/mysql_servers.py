"""MySQL flexible servers: network, TLS, audit log, sign-in, backups."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Then
from collectors.azure import flexible_servers
from collectors.azure.endpoints import tls_version
from collectors.azure.flexible_servers import (
    database,
    endpoint,
    family,
    gathered,
    parameter,
    receivers,
    switched_on,
)
from collectors.azure.kinds import of_resource
from collectors.azure.resources import name_of, place_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import DatabaseAudit, DatabaseSignIn, DataEndpoint
from collectors.facts.stores import Database

TYPE = "Microsoft.DBforMySQL/flexibleServers"
VERSION = "2023-12-30"
CONNECTIONS = {"CONNECTION", "CONNECTION_V2"}
"""Classes of audited events that tell who signs in and out."""

SERVERS = family(
    "mysql",
    TYPE,
    VERSION,
    wanted=frozenset(
        {"aad_auth_only", "audit_log_enabled", "audit_log_events", "require_secure_transport", "tls_version"}
    ),
    logs={"MySqlAuditLogs": "audit", "MySqlSlowLogs": "slow queries"},
)
ADMINISTRATORS = of_resource(
    "azure.mysql.administrators", f"{TYPE}/administrators", VERSION, below="administrators", items="value"
)


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every server and its settings."""
    for found in flexible_servers.fetch(azure, SERVERS):
        yield found
        if isinstance(found, Document):
            yield Then(gathered, (ADMINISTRATORS, found.uid), f"{found.uid}/{ADMINISTRATORS.operation}")


def shape(docs: Documents) -> Iterator[Fact]:
    """Each server as a database, as an address, by what it writes down and by who signs in."""
    for server in docs.of(SERVERS.server):
        uid = server.uid
        resource = docs.resource("database", uid, name_of(server.body), place_of(server.body))
        documents = docs.about(uid)
        yield database(docs, SERVERS, server)
        yield endpoint(docs, SERVERS, server, "MySQL server", docs.value(SERVERS.parameters, uid, oldest_tls))
        yield DatabaseAudit(
            resource=resource,
            documents=documents,
            engine=SERVERS.engine,
            connections=docs.value(SERVERS.parameters, uid, logs_connections),
            server_events=None,
            sent_to=docs.value(SERVERS.logging, uid, lambda body: receivers(SERVERS, body)),
            keeps=False,  # the audit log goes to the receivers and is kept nowhere else
            kept_days=None,
            longest_days=None,
        )
        yield DatabaseSignIn(
            resource=resource,
            documents=documents,
            engine=SERVERS.engine,
            directory=docs.value(ADMINISTRATORS, uid, lambda body: bool(body["value"])),
            passwords=docs.value(SERVERS.parameters, uid, lambda body: not switched_on(body, "aad_auth_only")),
        )


def oldest_tls(body: Body) -> str:
    """The oldest of the versions that the server speaks.  Raises ValueError where it names none."""
    return min(tls_version(each) for each in parameter(body, "tls_version").split(","))


def logs_connections(body: Body) -> bool:
    """Who signs in is written down."""
    events = {each.strip().upper() for each in parameter(body, "audit_log_events").split(",")}
    return switched_on(body, "audit_log_enabled") and bool(events & CONNECTIONS)


COLLECTOR = Collector(
    id="azure.mysql_servers",
    title="MySQL flexible servers",
    scope="global",
    kinds=(*SERVERS.kinds, ADMINISTRATORS),
    emits=dict.fromkeys((Database, DataEndpoint, DatabaseAudit, DatabaseSignIn), SERVERS.server),
    source=f"Azure Database for MySQL resource provider {VERSION}; Azure Monitor diagnostic settings",
    fetch=fetch,
    shape=shape,
)
