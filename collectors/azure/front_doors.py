"""Front Doors: their domains, what these redirect to TLS, and the web firewalls before them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.azure.endpoints import tls_version
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.resources import is_on, name_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.azure.web_firewalls import blocking, prevents
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import Listener, WebFront

PROFILES = "Microsoft.Cdn/profiles"
VERSION = "2023-05-01"
POLICY_VERSION = "2022-05-01"
DEPLOYING = "value.properties.deploymentStatus"
"""How far Azure has come in telling its edge of a change."""


def _below(name: str, things: str, *, volatile: tuple[str, ...] = ()) -> Kind:
    """All of one kind that lie below something, as one document about that."""
    last = things.rpartition("/")[2]
    return of_resource(
        name, f"{PROFILES}/{things}", VERSION, below=last, items="value", volatile=(DEPLOYING, *volatile)
    )


PROFILE = of_subscription("azure.cdn.profile", PROFILES, VERSION)
ENDPOINTS = _below("azure.cdn.endpoints", "afdEndpoints")
# The token that shows who owns a name comes anew by itself.
DOMAINS = _below("azure.cdn.domains", "customDomains", volatile=("value.properties.validationProperties",))
ROUTES = _below("azure.cdn.routes", "afdEndpoints/routes")
SECURITY = _below("azure.cdn.security_policies", "securityPolicies")
POLICY = of_subscription(
    "azure.network.front_door_firewall_policy",
    "Microsoft.Network/frontDoorWebApplicationFirewallPolicies",
    POLICY_VERSION,
)
SKUS = ("standard_azurefrontdoor", "premium_azurefrontdoor")
"""What makes a profile a Front Door.  The others are content networks of the kinds that Azure is giving up."""
EVERY_PATH = "/*"
HTTP, HTTPS = 80, 443


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every profile with what is below it, then every firewall policy."""
    for profile in azure.listing(PROFILE):
        uid = uid_of(profile)
        yield azure.document(PROFILE, uid, profile)
        if is_front_door(profile):
            yield Then(endpoints, (uid,), f"{uid}/{ENDPOINTS.operation}")
            for kind in (DOMAINS, SECURITY):
                yield Then(all_of, (kind, uid), f"{uid}/{kind.operation}")
    for policy in azure.listing(POLICY):
        yield azure.document(POLICY, uid_of(policy), policy)


def is_front_door(profile: Body) -> bool:
    """It has endpoints of a Front Door; a profile that does not tell what it is gets asked."""
    return str((profile.get("sku") or {}).get("name") or SKUS[0]).lower() in SKUS


def endpoints(azure: Reader, profile: str) -> Iterator[Document | Then]:
    """The endpoints of a profile, and the routes of each."""
    for found in azure.gather(ENDPOINTS, profile, id=profile):
        yield found
        for endpoint in found.body["value"]:
            uid = uid_of(endpoint)
            yield Then(all_of, (ROUTES, uid), f"{uid}/{ROUTES.operation}")


def all_of(azure: Reader, kind: Kind, uid: str) -> Iterator[Document]:
    """All of one kind below a profile or an endpoint.

    Raises KeyError for one without an id: nobody could tell then how many there are.
    """
    for found in azure.gather(kind, uid, id=uid):
        for each in found.body["value"]:
            uid_of(each)
        yield found


def shape(docs: Documents) -> Iterator[Fact]:
    """Each domain as a place where requests come in, and what it takes.

    Where a list was not read, its profile stands for the places that are in it.  Nothing stands for listeners: what
    each of them is, and not a setting of it, decides some questions.
    """
    for profile in docs.of(PROFILE):
        if is_front_door(profile.body):
            yield from _of_profile(docs, profile)


def _of_profile(docs: Documents, profile: Document) -> Iterator[Fact]:
    for kind, what in ((ENDPOINTS, "Front Door endpoint"), (DOMAINS, "Front Door domain")):
        found = _items(docs, kind, profile.uid)
        if isinstance(found, Unread):
            yield _lost_front(docs, profile, what, found)
            continue
        for body in found:
            yield _front(docs, profile, kind, body, what)
            if kind is DOMAINS:
                yield _https(docs, profile, body)
            else:
                yield from _routes(docs, profile, body)


def _items(docs: Documents, kind: Kind, uid: str) -> list[Body] | Unread:
    """What a list holds."""
    return docs.value(kind, uid, lambda body: [each for each in body["value"] if uid_of(each)])


def _front(docs: Documents, profile: Document, kind: Kind, body: Body, what: str) -> WebFront:
    uid = uid_of(body)
    before = docs.value(SECURITY, profile.uid, partial(guards, uid=uid))
    policies = () if isinstance(before, Unread) else tuple(sorted(before))
    return WebFront(
        resource=docs.resource("web_front", uid, f"{name_of(profile.body)}/{name_of(body)}", "global"),
        documents=docs.about(profile.uid, *(each for each in docs.of(POLICY) if each.uid in policies)),
        what=what,
        # An endpoint is on unless it says otherwise, and a domain answers wherever a route leads: Azure's defaults.
        internet_facing=docs.field(kind, profile, lambda _: is_on(properties(body).get("enabledState") or "Enabled")),
        firewalls=before if isinstance(before, Unread) else tuple(each.rpartition("/")[2] for each in policies),
        covered=before if isinstance(before, Unread) else any(before.values()),
        blocking=before
        if isinstance(before, Unread)
        else bool(policies) and blocking(docs, POLICY, policies, prevents),
    )


def _lost_front(docs: Documents, profile: Document, what: str, unread: Unread) -> WebFront:
    return WebFront(
        resource=docs.resource("web_front", f"{profile.uid}/{what}", f"{name_of(profile.body)}: {what}", "global"),
        documents=docs.about(profile.uid),
        what=what,
        internet_facing=unread,
        firewalls=unread,
        covered=unread,
        blocking=unread,
    )


def guards(body: Body, uid: str) -> dict[str, bool]:
    """The firewall policies before a domain, by uid, and whether each looks at every path."""
    found: dict[str, bool] = {}
    for each in body["value"]:
        said = properties(each)["parameters"]
        if str(said["type"]).lower() != "webapplicationfirewall":
            continue
        policy = str(said["wafPolicy"]["id"]).lower()
        for association in said["associations"]:
            if uid in {uid_of(domain) for domain in association["domains"]}:
                found[policy] = found.get(policy, False) or EVERY_PATH in association["patternsToMatch"]
    return found


def _https(docs: Documents, profile: Document, domain: Body) -> Listener:
    """The HTTPS side of a domain of the company's own.  Azure alone decides for the names that it gives itself."""
    said = docs.field(DOMAINS, profile, lambda _: minimum(domain))
    name = f"{name_of(profile.body)}/{name_of(domain)}:{HTTPS}"
    return Listener(
        resource=docs.resource("listener", f"{uid_of(domain)}/https", name, "global"),
        documents=docs.about(profile.uid),
        protocol="HTTPS",
        port=HTTPS,
        tls_policy=said,
        minimum_tls=said if isinstance(said, Unread) else docs.field(DOMAINS, profile, lambda _: tls_version(said)),
        only_redirects_to_tls=False,
    )


def minimum(domain: Body) -> str:
    """The oldest version of TLS that a domain takes, in Azure's word."""
    return str(properties(domain)["tlsSettings"]["minimumTlsVersion"])


def _routes(docs: Documents, profile: Document, endpoint: Body) -> Iterator[Listener]:
    """The HTTP side of each route of an endpoint; none, where a route takes HTTPS alone."""
    found = _items(docs, ROUTES, uid_of(endpoint))
    for route in () if isinstance(found, Unread) else found:
        redirects = docs.field(ROUTES, profile, partial(_redirects, route=route))
        if redirects is not None:
            yield _http(docs, profile, uid_of(route), f"/{name_of(endpoint)}/{name_of(route)}", redirects)


def _redirects(_: Body, route: Body) -> bool | None:
    """HTTP is answered with a redirect to HTTPS; None where the route takes no HTTP."""
    said = properties(route)
    return is_on(said["httpsRedirect"]) if takes_plain(said["supportedProtocols"]) else None


def _http(docs: Documents, profile: Document, uid: str, name: str, redirects: bool | Unread) -> Listener:
    return Listener(
        resource=docs.resource("listener", f"{uid}/http", f"{name_of(profile.body)}{name}:{HTTP}", "global"),
        documents=docs.about(profile.uid, *(each for each in docs.of(ROUTES) if uid.startswith(each.uid))),
        protocol="HTTP",
        port=HTTP,
        tls_policy=None,
        minimum_tls=None,
        only_redirects_to_tls=redirects,
    )


def takes_plain(protocols: list[str]) -> bool:
    """HTTP is among the protocols."""
    return "http" in {str(each).lower() for each in protocols}


COLLECTOR = Collector(
    id="azure.front_doors",
    title="Front Doors and their web firewalls",
    scope="global",
    kinds=(PROFILE, ENDPOINTS, DOMAINS, ROUTES, SECURITY, POLICY),
    emits={WebFront: PROFILE, Listener: PROFILE},
    bounded_by={WebFront: (ENDPOINTS, DOMAINS), Listener: (ENDPOINTS, DOMAINS, ROUTES)},
    source=f"Azure CDN resource provider {VERSION}; Front Door firewall policies {POLICY_VERSION}",
    fetch=fetch,
    shape=shape,
)
