"""Front Doors of the classic kind, which hold their domains and their routes in one body."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.endpoints import tls_version
from collectors.azure.front_doors import HTTP, HTTPS, POLICY_VERSION, takes_plain
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import is_on, name_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.azure.web_firewalls import blocking, prevents
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import Listener, WebFront

VERSION = "2021-06-01"

DOOR = of_subscription("azure.network.front_door", "Microsoft.Network/frontDoors", VERSION)
POLICY = of_subscription(
    "azure.network.classic_firewall_policy",
    "Microsoft.Network/frontDoorWebApplicationFirewallPolicies",
    POLICY_VERSION,
)


def fetch(azure: Reader) -> Iterator[Document]:
    """Every Front Door, then every firewall policy."""
    for kind in (DOOR, POLICY):
        for item in azure.listing(kind):
            yield azure.document(kind, uid_of(item), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """Each domain as a place where requests come in, and what it and each route take."""
    for door in docs.of(DOOR):
        yield from _domains(docs, door)
        yield from _routes(docs, door)


def _domains(docs: Documents, door: Document) -> Iterator[WebFront | Listener]:
    """The domains of a door; one that is garbled leaves all of them unread, and the door stands for them."""
    found = docs.field(DOOR, door, domains)
    if isinstance(found, Unread):
        yield from _garbled(docs, door, found)
        return
    for frontend, policies, own in found:
        yield _front(docs, door, frontend, policies)
        if own:
            yield _encrypted(docs, door, frontend)


def domains(body: Body) -> list[tuple[Body, tuple[str, ...], bool]]:
    """Each domain, uids of the firewall policies before it, and whether it has settings of its own for HTTPS.

    The link is left empty where no policy stands before a domain, and only one of the company's own has settings.
    """
    found: list[tuple[Body, tuple[str, ...], bool]] = []
    for frontend in properties(body)["frontendEndpoints"]:
        said = properties(frontend)
        policy = (said.get("webApplicationFirewallPolicyLink") or {}).get("id")
        named = {**frontend, "name": name_of(frontend)}
        found.append((named, (str(policy).lower(),) if policy else (), bool(said.get("customHttpsConfiguration"))))
    return found


def _garbled(docs: Documents, door: Document, unread: Unread) -> Iterator[WebFront | Listener]:
    uid, name, documents = f"{door.uid}/frontendendpoints", name_of(door.body), docs.about(door.uid)
    yield Listener(
        resource=docs.resource("listener", uid, name, "global"),
        documents=documents,
        protocol=unread,
        port=unread,
        tls_policy=unread,
        minimum_tls=unread,
        only_redirects_to_tls=unread,
    )
    yield WebFront(
        resource=docs.resource("web_front", uid, name, "global"),
        documents=documents,
        what="Front Door endpoint",
        internet_facing=unread,
        firewalls=unread,
        covered=unread,
        blocking=unread,
    )


def _routes(docs: Documents, door: Document) -> Iterator[Listener]:
    """The routes that take plain HTTP; when they are garbled, one fact stands for all of them."""
    found = docs.field(DOOR, door, plain_routes)
    if isinstance(found, Unread):
        yield _plain(docs, door, "routes", found)
        return
    for name, redirecting in found:
        yield _plain(docs, door, name, redirecting)


def plain_routes(body: Body) -> list[tuple[str, bool]]:
    """Name of each route that takes plain HTTP, and whether it only redirects."""
    rules = properties(body)["routingRules"]
    return [(name_of(rule), redirects(rule)) for rule in rules if takes_plain(properties(rule)["acceptedProtocols"])]


def _front(docs: Documents, door: Document, frontend: Body, policies: tuple[str, ...]) -> WebFront:
    uid = f"{door.uid}/frontendendpoints/{name_of(frontend).lower()}"
    return WebFront(
        resource=docs.resource("web_front", uid, f"{name_of(door.body)}/{name_of(frontend)}", "global"),
        documents=docs.about(door.uid, *(each for each in docs.of(POLICY) if each.uid in policies)),
        what="Front Door endpoint",
        internet_facing=docs.field(DOOR, door, lambda body: is_on(properties(body)["enabledState"])),
        firewalls=tuple(each.rpartition("/")[2] for each in policies),
        covered=bool(policies),
        blocking=bool(policies) and blocking(docs, POLICY, policies, prevents),
    )


def _encrypted(docs: Documents, door: Document, frontend: Body) -> Listener:
    said = docs.field(DOOR, door, lambda _: str(properties(frontend)["customHttpsConfiguration"]["minimumTlsVersion"]))
    uid = f"{door.uid}/frontendendpoints/{name_of(frontend).lower()}/https"
    return Listener(
        resource=docs.resource("listener", uid, f"{name_of(door.body)}/{name_of(frontend)}:{HTTPS}", "global"),
        documents=docs.about(door.uid),
        protocol="HTTPS",
        port=HTTPS,
        tls_policy=said,
        minimum_tls=said if isinstance(said, Unread) else docs.field(DOOR, door, lambda _: tls_version(said)),
        only_redirects_to_tls=False,
    )


def _plain(docs: Documents, door: Document, name: str, redirecting: bool | Unread) -> Listener:
    uid = f"{door.uid}/routingrules/{name.lower()}/http"
    return Listener(
        resource=docs.resource("listener", uid, f"{name_of(door.body)}/{name}:{HTTP}", "global"),
        documents=docs.about(door.uid),
        protocol="HTTP",
        port=HTTP,
        tls_policy=None,
        minimum_tls=None,
        only_redirects_to_tls=redirecting,
    )


def redirects(rule: Body) -> bool:
    """A rule answers with a redirect to HTTPS, and with nothing else."""
    said = properties(rule)["routeConfiguration"]
    is_redirect = str(said["@odata.type"]).endswith("FrontdoorRedirectConfiguration")
    return is_redirect and str(said["redirectProtocol"]).lower() == "httpsonly"


COLLECTOR = Collector(
    id="azure.classic_front_doors",
    title="Classic Front Doors and their web firewalls",
    scope="global",
    kinds=(DOOR, POLICY),
    emits={WebFront: DOOR, Listener: DOOR},
    source=f"Azure Front Door resource provider {VERSION}; Front Door firewall policies {POLICY_VERSION}",
    fetch=fetch,
    shape=shape,
)
