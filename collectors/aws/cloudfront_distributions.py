"""Distributions of CloudFront and the web firewalls before them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.aws.web_firewalls import acl_of, blocking, named, parts_of
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import WebFront

DISTRIBUTION = Kind(
    "aws.cloudfront.distribution",
    "cloudfront",
    "ListDistributions",
    items="DistributionList.Items",
    omits_empty=True,
    volatile=("Status", "LastModifiedTime", "ETag"),
)
ACL = acl_of("aws.wafv2.acl_of_distribution")

UNSEEN = "Origins"
"""Where requests go on to, with headers whose values are often passwords between the two; nothing is judged by it."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every distribution, and each web ACL that one refers to."""
    asked: set[str] = set()
    for each in aws.listing(DISTRIBUTION):
        yield aws.document(DISTRIBUTION, each["ARN"], {key: value for key, value in each.items() if key != UNSEEN})
        reference = str(each["WebACLId"])
        found = parts_of(reference) if reference and reference not in asked else None
        if found:
            asked.add(reference)
            yield Then(acl, (reference, found), f"{reference}/{ACL.operation}")


def acl(aws: Reader, arn: str, asked: Mapping[str, Any]) -> Iterator[Document]:
    """One web ACL."""
    yield from aws.read(ACL, arn, **asked)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per distribution."""
    for each in docs.of(DISTRIBUTION):
        reference = docs.field(DISTRIBUTION, each, lambda body: str(body["WebACLId"]))
        known = [] if isinstance(reference, Unread) else [found for found in docs.of(ACL) if found.uid == reference]
        yield WebFront(
            resource=docs.resource("web_front", each.uid, name_of(each.body), "global"),
            documents=docs.about(each.uid, *known),
            what="CloudFront distribution",
            # One that is switched off answers nobody; every other one answers everybody.
            internet_facing=docs.field(DISTRIBUTION, each, lambda body: bool(body["Enabled"])),
            firewalls=reference if isinstance(reference, Unread) else named(reference),
            covered=True,  # a web ACL sees every request of its distribution
            blocking=reference if isinstance(reference, Unread) else blocking(docs, ACL, reference),
        )


def name_of(body: Body) -> str:
    """What people call a distribution: the first name of the company's own, or else the one that AWS gave it."""
    names = (body.get("Aliases") or {}).get("Items") or ()
    return str(names[0] if names else body["DomainName"])


COLLECTOR = Collector(
    id="aws.cloudfront_distributions",
    title="Distributions and their web firewalls",
    scope="global",
    kinds=(DISTRIBUTION, ACL),
    emits={WebFront: DISTRIBUTION},
    source="Amazon CloudFront API 2020-05-31; AWS WAFV2 API 2019-07-29",
    fetch=fetch,
    shape=shape,
)
