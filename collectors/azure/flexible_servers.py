"""What PostgreSQL and MySQL flexible servers have in common: their network, their parameters, their backups."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from collectors.api import Body, Document, Kind, Then
from collectors.azure.diagnostics import destination, destinations, settings_of
from collectors.azure.endpoints import firewall, is_public, lets_provider_in, private_endpoints
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.resources import is_on, name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.azure.vault_keys import without_version
from collectors.documents import Documents
from collectors.facts.core import Unread
from collectors.facts.data_access import DataEndpoint
from collectors.facts.stores import Database


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of server: how it is read."""

    engine: str
    server: Kind
    parameters: Kind
    firewall: Kind
    logging: Kind
    wanted: Collection[str]
    """Names of the parameters that some fact rests on; a server has hundreds."""
    logs: Mapping[str, str]
    """The categories of log entries that can be exported, each with its name in a fact."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """All that is read."""
        return (self.server, self.parameters, self.firewall, self.logging)


def family(engine: str, type_: str, version: str, wanted: Collection[str], logs: Mapping[str, str]) -> Family:
    """The reads of `type_`, such as `Microsoft.DBforMySQL/flexibleServers`, under `azure.<engine>.*`."""
    return Family(
        engine,
        of_subscription(
            f"azure.{engine}.server",
            type_,
            version,
            # They move while nobody sets anything.
            volatile=("properties.backup.earliestRestoreDate", "properties.state", "properties.highAvailability.state"),
        ),
        of_resource(
            f"azure.{engine}.parameters", f"{type_}/configurations", version, below="configurations", items="value"
        ),
        of_resource(
            f"azure.{engine}.firewall", f"{type_}/firewallRules", version, below="firewallRules", items="value"
        ),
        settings_of(f"azure.{engine}.logging"),
        wanted,
        logs,
    )


def fetch(azure: Reader, servers: Family) -> Iterator[Document | Then]:
    """Every server and its settings."""
    for server in azure.listing(servers.server):
        uid = uid_of(server)
        yield azure.document(servers.server, uid, server)
        yield Then(parameters, (servers, uid), f"{uid}/{servers.parameters.operation}")
        for kind in (servers.firewall, servers.logging):
            yield Then(gathered, (kind, uid), f"{uid}/{kind.operation}")


def parameters(azure: Reader, servers: Family, uid: str) -> Iterator[Document]:
    """Of the parameters of one server, those that some fact rests on, each as answered."""
    for found in azure.gather(servers.parameters, uid, id=uid):
        kept = [each for each in found.body["value"] if each.get("name") in servers.wanted]
        yield replace(found, body={"value": kept})


def gathered(azure: Reader, kind: Kind, uid: str) -> Iterator[Document]:
    """All of one kind that a server has, as one document."""
    yield from azure.gather(kind, uid, id=uid)


def parameter(body: Body, name: str) -> str:
    """The value of a parameter.  Raises KeyError where it is missing."""
    return str(properties({each["name"]: each for each in body["value"]}[name])["value"])


def switched_on(body: Body, name: str) -> bool:
    """A parameter that is either on or off."""
    return is_on(parameter(body, name))


def endpoint(
    docs: Documents, servers: Family, server: Document, service: str, minimum_tls: str | Unread
) -> DataEndpoint:
    """How one server is reached; which versions of TLS it speaks is said in each kind's own parameter."""
    uid = server.uid
    ranges, provider = _admitted(docs, servers, server)
    return DataEndpoint(
        resource=docs.resource("database", uid, name_of(server.body), place_of(server.body)),
        documents=docs.about(uid),
        service=service,
        requires_tls=docs.value(servers.parameters, uid, lambda body: switched_on(body, "require_secure_transport")),
        minimum_tls=minimum_tls,
        open_ranges=ranges,
        admits_provider=provider,
        private_endpoints=docs.field(servers.server, server, private_endpoints),
    )


def _admitted(docs: Documents, servers: Family, server: Document) -> tuple[tuple[str, ...] | Unread, bool | Unread]:
    """Addresses that the firewall lets in, and whether Azure itself is among them; nothing without a public address."""
    public = docs.field(servers.server, server, has_public_address)
    if isinstance(public, Unread):
        return public, public
    if not public:
        return (), False
    return (
        docs.value(servers.firewall, server.uid, lambda body: firewall(body["value"])),
        docs.value(servers.firewall, server.uid, lambda body: lets_provider_in(body["value"])),
    )


def database(docs: Documents, servers: Family, server: Document) -> Database:
    """One database per server: it carries the backups and the key of all databases in it."""
    kind, uid = servers.server, server.uid
    kept = docs.field(kind, server, lambda body: int(properties(body)["backup"]["backupRetentionDays"]))
    return Database(
        resource=docs.resource("database", uid, name_of(server.body), place_of(server.body)),
        documents=docs.about(uid),
        engine=servers.engine,
        clustered=False,
        # Storage and backups of every flexible server are encrypted, with nothing to set: each service's security page.
        encrypted_at_rest=True,
        customer_key=docs.field(kind, server, customer_key),
        public=docs.field(kind, server, has_public_address),
        backup_days=kept,
        # The backups that are kept are what restores to any moment.
        point_in_time=kept if isinstance(kept, Unread) else kept > 0,
        deletion_protected=None,
        multi_zone=docs.field(kind, server, spans_zones),
        exported_logs=docs.value(servers.logging, uid, lambda body: exported(servers, body)),
        copies_tags_to_snapshots=None,
    )


def has_public_address(body: Body) -> bool:
    """The server is not inside a network of the company's own."""
    return is_public(properties(body)["network"])


def customer_key(body: Body) -> str | None:
    """The key in the customer's vault; None with the provider's own, of which the answer may say nothing.

    Raises ValueError for any other kind.
    """
    said = properties(body).get("dataEncryption") or {"type": "SystemManaged"}
    kind = str(said["type"]).lower()
    if kind == "systemmanaged":
        return None
    if kind != "azurekeyvault":
        raise ValueError(f"a key of type {kind}")
    return without_version(said["primaryKeyURI"])


def spans_zones(body: Body) -> bool:
    """A standby runs in another zone."""
    return str(properties(body)["highAvailability"]["mode"]).lower() == "zoneredundant"


def exported(servers: Family, body: Body) -> tuple[str, ...]:
    """Names of the logs that diagnostic settings send somewhere."""
    return tuple(name for category, name in servers.logs.items() if destination(body, category) is not None)


def receivers(servers: Family, body: Body) -> tuple[str, ...]:
    """Where diagnostic settings send the first of the logs, which holds what happened."""
    return destinations(body, next(iter(servers.logs)))
