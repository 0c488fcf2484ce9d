"""PostgreSQL flexible servers: network, TLS, log parameters, statements in the log, sign-in, backups."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from collectors.api import Body, Collector, Document, Then
from collectors.azure import flexible_servers
from collectors.azure.endpoints import tls_version
from collectors.azure.flexible_servers import database, endpoint, family, parameter, receivers, switched_on
from collectors.azure.resources import is_on, name_of, place_of, properties
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import DatabaseAudit, DatabaseSignIn, DataEndpoint, StatementLog
from collectors.facts.stores import Database

VERSION = "2024-08-01"
EVENTS = {"log_disconnections": "disconnections", "log_checkpoints": "checkpoints"}
"""Parameters by which single events are written down, and what a fact calls these."""
STAGES = ("receipt", "authentication", "authorization", "setup_durations", "all")
"""Words for the stages of a connection: PostgreSQL 18, `log_connections`."""
STATEMENTS, MESSAGES, FAILED, VERBOSITY, SLOW = (
    "log_statement",
    "log_min_messages",
    "log_min_error_statement",
    "log_error_verbosity",
    "log_min_duration_statement",
)
"""Parameters that decide which statements are written down."""
LONGEST_DAYS = 7
"""Most that a server keeps its log files: the allowed values of `logfiles.retention_days`."""

SERVERS = family(
    "postgresql",
    "Microsoft.DBforPostgreSQL/flexibleServers",
    VERSION,
    wanted=frozenset(
        {
            *EVENTS,
            *(STATEMENTS, MESSAGES, FAILED, VERBOSITY, SLOW),
            "log_connections",
            "logfiles.download_enable",
            "logfiles.retention_days",
            "require_secure_transport",
            "ssl_min_protocol_version",
        }
    ),
    logs={"PostgreSQLLogs": "server"},
)


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every server and its settings."""
    yield from flexible_servers.fetch(azure, SERVERS)


def shape(docs: Documents) -> Iterator[Fact]:
    """Each server as a database, as an address, by what it writes down, statements too, and by who signs in."""
    kind = SERVERS.server
    for server in docs.of(kind):
        uid = server.uid
        resource = docs.resource("database", uid, name_of(server.body), place_of(server.body))
        documents = docs.about(uid)
        tls = docs.value(SERVERS.parameters, uid, lambda body: tls_version(parameter(body, "ssl_min_protocol_version")))
        yield database(docs, SERVERS, server)
        yield endpoint(docs, SERVERS, server, "PostgreSQL server", tls)
        yield DatabaseAudit(
            resource=resource,
            documents=documents,
            engine=SERVERS.engine,
            connections=docs.value(SERVERS.parameters, uid, logs_connections),
            server_events=docs.value(SERVERS.parameters, uid, events),
            sent_to=docs.value(SERVERS.logging, uid, lambda body: receivers(SERVERS, body)),
            keeps=docs.value(SERVERS.parameters, uid, lambda body: switched_on(body, "logfiles.download_enable")),
            kept_days=docs.value(SERVERS.parameters, uid, lambda body: int(parameter(body, "logfiles.retention_days"))),
            longest_days=LONGEST_DAYS,
        )
        yield DatabaseSignIn(
            resource=resource,
            documents=documents,
            engine=SERVERS.engine,
            directory=docs.field(kind, server, lambda body: takes(body, "activeDirectoryAuth")),
            passwords=docs.field(kind, server, lambda body: takes(body, "passwordAuth")),
        )
        said = partial(docs.value, SERVERS.parameters, uid)
        yield StatementLog(
            resource=resource,
            documents=documents,
            statements=said(lambda body: word(body, STATEMENTS)),
            messages_from=said(lambda body: word(body, MESSAGES)),
            failed_from=said(lambda body: word(body, FAILED)),
            verbosity=said(lambda body: word(body, VERBOSITY)),
            slow_milliseconds=said(lambda body: int(parameter(body, SLOW))),
        )


def word(body: Body, name: str) -> str:
    """A parameter that is one of PostgreSQL's own words, in lower case as in its manual."""
    return parameter(body, name).lower()


def logs_connections(body: Body) -> bool:
    """Who signs in is written down.  Version 18 names the stages of a connection that it logs."""
    said = {each.strip().lower() for each in parameter(body, "log_connections").split(",")}
    if said <= {"", *STAGES}:
        return "authentication" in said or "all" in said
    (word,) = said
    return is_on(word)


def events(body: Body) -> tuple[str, ...]:
    """Single events that are written down."""
    return tuple(name for setting, name in EVENTS.items() if switched_on(body, setting))


def takes(body: Body, way: str) -> bool:
    """Users can sign in in one of the two ways."""
    return is_on(properties(body)["authConfig"][way])


COLLECTOR = Collector(
    id="azure.postgresql_servers",
    title="PostgreSQL flexible servers",
    scope="global",
    kinds=SERVERS.kinds,
    emits=dict.fromkeys((Database, DataEndpoint, DatabaseAudit, DatabaseSignIn, StatementLog), SERVERS.server),
    source=f"Azure Database for PostgreSQL resource provider {VERSION}; Azure Monitor diagnostic settings",
    fetch=fetch,
    shape=shape,
)
