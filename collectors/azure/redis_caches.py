"""Azure Cache for Redis: which networks reach a cache, and with which TLS."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Then
from collectors.azure.endpoints import EVERYWHERE, firewall, is_public, private_endpoints, tls_version
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.resources import is_on, name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import DataEndpoint

TYPE = "Microsoft.Cache/redis"
VERSION = "2024-11-01"

CACHE = of_subscription("azure.redis.cache", TYPE, VERSION)
FIREWALL = of_resource("azure.redis.firewall", f"{TYPE}/firewallRules", VERSION, below="firewallRules", items="value")


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every cache, and the rules of its firewall."""
    for cache in azure.listing(CACHE):
        uid = uid_of(cache)
        yield azure.document(CACHE, uid, cache)
        yield Then(rules, (uid,), f"{uid}/{FIREWALL.operation}")


def rules(azure: Reader, uid: str) -> Iterator[Document]:
    """The rules of one cache's firewall."""
    yield from azure.gather(FIREWALL, uid, id=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """One address per cache."""
    for cache in docs.of(CACHE):
        yield DataEndpoint(
            resource=docs.resource("cache", cache.uid, name_of(cache.body), place_of(cache.body)),
            documents=docs.about(cache.uid),
            service="Redis cache",
            requires_tls=docs.field(CACHE, cache, lambda body: not is_on(properties(body)["enableNonSslPort"])),
            minimum_tls=docs.field(CACHE, cache, minimum_tls),
            open_ranges=_admitted(docs, cache),
            admits_provider=False,  # there is no such rule
            private_endpoints=docs.field(CACHE, cache, private_endpoints),
        )


def _admitted(docs: Documents, cache: Document) -> tuple[str, ...] | Unread:
    """Addresses that get through: all where the firewall has no rule, none without a public address."""
    public = docs.field(CACHE, cache, has_public_address)
    if isinstance(public, Unread):
        return public
    return docs.value(FIREWALL, cache.uid, let_in) if public else ()


def has_public_address(body: Body) -> bool:
    """It neither lies in a network of the company's own nor is closed to all others."""
    said = properties(body)
    return not said.get("subnetId") and is_public(said)


def let_in(body: Body) -> tuple[str, ...]:
    """The addresses that the rules name; without rules everything gets through."""
    return firewall(body["value"]) if body["value"] else EVERYWHERE


def minimum_tls(body: Body) -> str | None:
    """The lowest version accepted.  The setting is optional, and a cache without it demands nothing."""
    said = properties(body).get("minimumTlsVersion")
    return tls_version(said) if said else None


COLLECTOR = Collector(
    id="azure.redis_caches",
    title="Redis caches",
    scope="global",
    kinds=(CACHE, FIREWALL),
    emits={DataEndpoint: CACHE},
    source=f"Azure Cache for Redis resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
