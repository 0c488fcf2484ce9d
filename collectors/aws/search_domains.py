"""Domains of OpenSearch, and which logs they publish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.service_logs import UseLog, WorkLog

DOMAIN = Kind(
    "aws.opensearch.domain", "opensearch", "ListDomainNames", permission="es:ListDomainNames", items="DomainNames"
)
SETTINGS = Kind("aws.opensearch.domain_settings", "opensearch", "DescribeDomain", permission="es:DescribeDomain")
KEPT = ("DomainName", "LogPublishingOptions")
"""What is judged; the rest tells mostly how far changes have come."""

USE = {"access to data": "AUDIT_LOGS"}
WORK = {"slow searches": "SEARCH_SLOW_LOGS", "slow indexing": "INDEX_SLOW_LOGS"}
WHAT = "search domain"


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every domain and its settings."""
    for domain in aws.listing(DOMAIN):
        name = domain["DomainName"]
        uid = aws.arn("es", f"domain/{name}")
        yield aws.document(DOMAIN, uid, domain)
        yield Then(settings, (uid, name), f"{uid}/{SETTINGS.operation}")


def settings(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """The settings of one domain."""
    for found in aws.read(SETTINGS, uid, DomainName=name):
        status = found.body.get("DomainStatus") or {}
        yield replace(found, body={key: status[key] for key in KEPT if key in status})


def shape(docs: Documents) -> Iterator[Fact]:
    """Two facts per domain."""
    for domain in docs.of(DOMAIN):
        resource = docs.resource("search_domain", domain.uid, str(domain.body["DomainName"]), domain.region)
        about = docs.about(domain.uid)
        published = docs.value(SETTINGS, domain.uid, publishes)
        yield UseLog(resource=resource, documents=about, what=WHAT, kinds=tuple(USE), kept=_kept(published, USE))
        yield WorkLog(resource=resource, documents=about, what=WHAT, kinds=tuple(WORK), kept=_kept(published, WORK))


def publishes(body: Body) -> frozenset[str]:
    """AWS's names of the logs that go somewhere.  It leaves out what was never set; an answer has the domain's name."""
    if "DomainName" not in body:
        raise KeyError("DomainName")
    return frozenset(name for name, each in (body.get("LogPublishingOptions") or {}).items() if each["Enabled"])


def _kept(published: frozenset[str] | Unread, names: dict[str, str]) -> tuple[str, ...] | Unread:
    if isinstance(published, Unread):
        return published
    return tuple(kind for kind, name in names.items() if name in published)


COLLECTOR = Collector(
    id="aws.search_domains",
    title="Search domains and their logs",
    scope="region",
    kinds=(DOMAIN, SETTINGS),
    emits={UseLog: DOMAIN, WorkLog: DOMAIN},
    source="Amazon OpenSearch Service API 2021-01-01",
    fetch=fetch,
    shape=shape,
)
