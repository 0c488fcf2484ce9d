"""Load balancers: who may knock, with which TLS, whether requests are logged and a web firewall stands before them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from collectors.api import Body, Collector, Document, Kind
from collectors.documents import Documents
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.network import Listener, LoadBalancer, WebFront
from collectors.gcp import front_doors
from collectors.gcp.front_doors import backends, compute, faces_internet, is_front_door, only_redirects
from collectors.gcp.names import compute_uid, place_of
from collectors.gcp.session import Reader

RULE = compute(
    "gcp.compute.forwarding_rule",
    "forwardingRules.aggregatedList",
    "aggregated/forwardingRules",
    "items.*.forwardingRules",
    "compute.forwardingRules.list",
)
URL_MAP = compute(
    "gcp.compute.url_map", "urlMaps.aggregatedList", "aggregated/urlMaps", "items.*.urlMaps", "compute.urlMaps.list"
)
HTTP = compute(
    "gcp.compute.http_proxy",
    "targetHttpProxies.aggregatedList",
    "aggregated/targetHttpProxies",
    "items.*.targetHttpProxies",
    "compute.targetHttpProxies.list",
)
HTTPS = compute(
    "gcp.compute.https_proxy",
    "targetHttpsProxies.aggregatedList",
    "aggregated/targetHttpsProxies",
    "items.*.targetHttpsProxies",
    "compute.targetHttpsProxies.list",
)
SSL = compute(
    "gcp.compute.ssl_proxy",
    "targetSslProxies.list",
    "global/targetSslProxies",
    "items",
    "compute.targetSslProxies.list",
)
BACKEND = compute(
    "gcp.compute.backend_service",
    "backendServices.aggregatedList",
    "aggregated/backendServices",
    "items.*.backendServices",
    "compute.backendServices.list",
)
BUCKET = compute(
    "gcp.compute.backend_bucket",
    "backendBuckets.aggregatedList",
    "aggregated/backendBuckets",
    "items.*.backendBuckets",
    "compute.backendBuckets.list",
)
TLS_POLICY = compute(
    "gcp.compute.ssl_policy",
    "sslPolicies.aggregatedList",
    "aggregated/sslPolicies",
    "items.*.sslPolicies",
    "compute.sslPolicies.list",
)
ARMOR = compute(
    "gcp.compute.security_policy",
    "securityPolicies.aggregatedList",
    "aggregated/securityPolicies",
    "items.*.securityPolicies",
    "compute.securityPolicies.list",
)
KINDS = (RULE, URL_MAP, HTTP, HTTPS, SSL, BACKEND, BUCKET, TLS_POLICY, ARMOR)
ZONES = 3
"""Google's balancers run in all zones of a region, which are three at least: Compute Engine, regions and zones."""
PROXIES = {"HTTP": HTTP, "HTTPS": HTTPS, "TLS": SSL}


def fetch(gcp: Reader) -> Iterator[Document]:
    """All parts of all balancers."""
    for kind in KINDS:
        for item in gcp.listing(kind):
            yield gcp.document(kind, compute_uid(item["selfLink"]), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """Each map as a balancer and as a place where requests come in, and each rule as a listener.

    A map that only sends callers elsewhere has nothing behind it that a firewall could stand before.
    """
    for rule in docs.of(RULE):
        if docs.field(RULE, rule, is_front_door) is not False:
            yield from _listeners(docs, rule)
    facing = _facing(docs)
    for url_map in docs.of(URL_MAP):
        yield _balancer(docs, url_map, facing)
        if docs.field(URL_MAP, url_map, backends) != ():
            yield _front(docs, url_map, facing)


def _found(docs: Documents, kind: Kind, link: str) -> Document | Unread:
    """What a link leads to, or why it is not there: a balancer may use parts of another project."""
    found = docs.get(kind, compute_uid(link))
    if isinstance(found, Document):
        return found
    said = f"{link.rpartition('/')[2]} is not in this project"
    elsewhere = Unread(Reason.ACCOUNT_NOT_ONBOARDED, kind.call, kind.needs, said)
    return docs.complete(kind, "global") or elsewhere


@dataclass(frozen=True, slots=True)
class _Facing:
    """Whether a map answers to the internet."""

    known: Mapping[str, set[bool]]
    """By uid of a map, for each rule that leads to it."""
    unread: Unread | None
    """Why some rule or proxy may not be known."""

    def of(self, uid: str) -> bool | Unread:
        """One rule from the internet is enough."""
        return True in self.known.get(uid, ()) or self.unread or False


def _facing(docs: Documents) -> _Facing:
    known: dict[str, set[bool]] = defaultdict(set)
    unread = next(filter(None, (docs.complete(kind, "global") for kind in (RULE, HTTP, HTTPS))), None)
    for rule in docs.of(RULE):
        target = str(rule.body.get("target") or "")
        for collection, kind in (("targetHttpProxies", HTTP), ("targetHttpsProxies", HTTPS)):
            if f"/{collection}/" not in target:
                continue
            proxy = docs.get(kind, compute_uid(target))
            faces = docs.field(RULE, rule, lambda body: faces_internet(body.get("loadBalancingScheme")))
            if isinstance(proxy, Document) and not isinstance(faces, Unread):
                known[compute_uid(proxy.body["urlMap"])].add(faces)
            else:
                unread = unread or (faces if isinstance(faces, Unread) else None)
    return _Facing(known, unread)


def _balancer(docs: Documents, url_map: Document, facing: _Facing) -> LoadBalancer:
    links = docs.field(URL_MAP, url_map, backends)
    services = [] if isinstance(links, Unread) else [link for link in links if "/backendServices/" in link]
    return LoadBalancer(
        resource=docs.resource("load_balancer", url_map.uid, url_map.body["name"], place_of(url_map.uid)),
        documents=docs.about(url_map.uid, *_documents(docs, BACKEND, services)),
        internet_facing=facing.of(url_map.uid),
        zones=ZONES,
        access_logged=links if isinstance(links, Unread) else _logged(docs, services),
        deletion_protected=None,  # Google has no such setting
    )


def _documents(docs: Documents, kind: Kind, links: list[str]) -> list[Document]:
    found = (docs.get(kind, compute_uid(link)) for link in links)
    return [each for each in found if isinstance(each, Document)]


def _logged(docs: Documents, services: list[str]) -> bool | None | Unread:
    """Every backend service has its requests logged; None where there is none but buckets, which log nothing."""
    unread = None
    for link in services:
        found = _found(docs, BACKEND, link)
        logged = found if isinstance(found, Unread) else docs.field(BACKEND, found, logs_requests)
        if logged is False:
            return False
        unread = unread or (logged if isinstance(logged, Unread) else None)
    return unread or (True if services else None)


def logs_requests(body: Body) -> bool:
    """Some share of requests is logged.  Left out, none is."""
    said = body.get("logConfig") or {}
    return bool(said.get("enable", False)) and float(said.get("sampleRate", 1.0)) > 0


def _front(docs: Documents, url_map: Document, facing: _Facing) -> WebFront:
    links = docs.field(URL_MAP, url_map, backends)
    policies = links if isinstance(links, Unread) else _policies(docs, links)
    named = [] if isinstance(policies, Unread) else [each for each in policies if each]
    return WebFront(
        resource=docs.resource("web_front", url_map.uid, url_map.body["name"], place_of(url_map.uid)),
        documents=docs.about(url_map.uid, *_documents(docs, ARMOR, named)),
        what="load balancer",
        internet_facing=facing.of(url_map.uid),
        firewalls=policies if isinstance(policies, Unread) else front_doors.names(named),
        covered=policies if isinstance(policies, Unread) else all(policies),
        blocking=policies if isinstance(policies, Unread) else _blocking(docs, named),
    )


def _policies(docs: Documents, links: tuple[str, ...]) -> list[str | None] | Unread:
    """For each backend the policy that looks at its requests; None without one."""
    found: list[str | None] = []
    for link in links:
        kind = BUCKET if "/backendBuckets/" in link else BACKEND
        backend = _found(docs, kind, link)
        if isinstance(backend, Unread):
            return backend
        policy = backend.body.get("edgeSecurityPolicy") if kind is BUCKET else backend.body.get("securityPolicy")
        found.append(str(policy) if policy else None)
    return found


def _blocking(docs: Documents, links: list[str]) -> bool | Unread:
    """Each policy blocks; without any nothing does."""
    unread = None
    for link in links:
        policy = _found(docs, ARMOR, link)
        blocks = policy if isinstance(policy, Unread) else docs.field(ARMOR, policy, front_doors.blocks)
        if blocks is False:
            return False
        unread = unread or (blocks if isinstance(blocks, Unread) else None)
    return unread or bool(links)


def _listeners(docs: Documents, rule: Document) -> Iterator[Listener]:
    """One fact per range of ports of a rule, of which the first port stands for all."""
    spoken = front_doors.protocol(rule.body)
    proxy = _found(docs, PROXIES[spoken], rule.body["target"]) if spoken in PROXIES else None
    for first, _ in front_doors.ports(rule.body):
        policy = _tls(docs, proxy) if spoken in {"HTTPS", "TLS"} else None
        yield Listener(
            resource=docs.resource(
                "listener", f"{rule.uid}:{first}", f"{rule.body['name']}:{first}", place_of(rule.uid)
            ),
            documents=docs.about(rule.uid, *([proxy] if isinstance(proxy, Document) else ())),
            protocol=spoken,
            port=first,
            tls_policy=policy if policy is None or isinstance(policy, Unread) else policy[0],
            minimum_tls=policy if policy is None or isinstance(policy, Unread) else policy[1],
            only_redirects_to_tls=_redirects(docs, proxy) if spoken == "HTTP" else False,
        )


def _tls(docs: Documents, proxy: Document | Unread | None) -> tuple[str, str] | Unread | None:
    """Name and oldest version of the policy of a proxy, or of Google's default."""
    if not isinstance(proxy, Document):
        return proxy
    link = proxy.body.get("sslPolicy")
    if not link:
        return front_doors.COMPATIBLE, front_doors.DEFAULT_TLS
    policy = _found(docs, TLS_POLICY, str(link))
    if isinstance(policy, Unread):
        return policy
    return docs.field(
        TLS_POLICY, policy, lambda body: (str(body["name"]), front_doors.version(str(body["minTlsVersion"])))
    )


def _redirects(docs: Documents, proxy: Document | Unread | None) -> bool | Unread:
    if not isinstance(proxy, Document):
        return proxy or False
    url_map = _found(docs, URL_MAP, str(proxy.body["urlMap"]))
    return url_map if isinstance(url_map, Unread) else docs.field(URL_MAP, url_map, only_redirects)


COLLECTOR = Collector(
    id="gcp.load_balancers",
    title="Load balancers and their web firewalls",
    scope="global",
    kinds=KINDS,
    emits={LoadBalancer: URL_MAP, WebFront: URL_MAP, Listener: RULE},
    source="Compute Engine API v1",
    fetch=fetch,
    shape=shape,
)
