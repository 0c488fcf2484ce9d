"""Distributions of CloudFront: the web firewalls before them, and whether they log requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.aws.web_firewalls import acl_of, blocking, named, parts_of
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import WebFront
from collectors.facts.service_logs import UseLog

DISTRIBUTION = Kind(
    "aws.cloudfront.distribution",
    "cloudfront",
    "ListDistributions",
    items="DistributionList.Items",
    omits_empty=True,
    volatile=("Status", "LastModifiedTime", "ETag"),
)
ACL = acl_of("aws.wafv2.acl_of_distribution")
CONFIG = Kind("aws.cloudfront.distribution_config", "cloudfront", "GetDistributionConfig")
SOURCES = Kind("aws.logs.delivery_sources", "logs", "DescribeDeliverySources", items="deliverySources")
DELIVERIES = Kind("aws.logs.deliveries", "logs", "DescribeDeliveries", items="deliveries")
WHAT = "CloudFront distribution"
REQUESTS = "requests"

UNSEEN = "Origins"
"""Where requests go on to, with headers whose values are often passwords between the two; nothing is judged by it."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every distribution, each web ACL that one refers to, and where CloudWatch delivers logs to if there is any."""
    asked: set[str] = set()
    for number, each in enumerate(aws.listing(DISTRIBUTION)):
        uid = each["ARN"]
        yield aws.document(DISTRIBUTION, uid, {key: value for key, value in each.items() if key != UNSEEN})
        yield Then(config, (uid, each["Id"]), f"{uid}/{CONFIG.operation}")
        if number == 0:
            yield Then(deliveries, (), DELIVERIES.operation)
        reference = str(each["WebACLId"])
        found = parts_of(reference) if reference and reference not in asked else None
        if found:
            asked.add(reference)
            yield Then(acl, (reference, found), f"{reference}/{ACL.operation}")


def acl(aws: Reader, arn: str, asked: Mapping[str, Any]) -> Iterator[Document]:
    """One web ACL."""
    yield from aws.read(ACL, arn, **asked)


def config(aws: Reader, uid: str, id_: str) -> Iterator[Document]:
    """How one distribution logs; the listing does not tell, and the rest of the answer repeats it."""
    for found in aws.read(CONFIG, uid, Id=id_):
        said = found.body.get("DistributionConfig") or {}
        yield replace(found, body={key: said[key] for key in ("Logging",) if key in said})


def deliveries(aws: Reader) -> Iterator[Document]:
    """The newer kind of access log, which a distribution knows nothing of."""
    for kind in (SOURCES, DELIVERIES):
        yield from aws.gather(kind, logs_uid(aws.partition, aws.account))


def logs_uid(partition: str, account: str) -> str:
    """Stands for all deliveries of logs of the account, of which CloudFront's start in its home region."""
    return f"arn:{partition}:logs::{account}:deliveries"


def shape(docs: Documents) -> Iterator[Fact]:
    """Two facts per distribution."""
    for each in docs.of(DISTRIBUTION):
        reference = docs.field(DISTRIBUTION, each, lambda body: str(body["WebACLId"]))
        known = [] if isinstance(reference, Unread) else [found for found in docs.of(ACL) if found.uid == reference]
        resource = docs.resource("web_front", each.uid, name_of(each.body), "global")
        yield WebFront(
            resource=resource,
            documents=docs.about(each.uid, *known),
            what=WHAT,
            # One that is switched off answers nobody; every other one answers everybody.
            internet_facing=docs.field(DISTRIBUTION, each, lambda body: bool(body["Enabled"])),
            firewalls=reference if isinstance(reference, Unread) else named(reference),
            covered=True,  # a web ACL sees every request of its distribution
            blocking=reference if isinstance(reference, Unread) else blocking(docs, ACL, reference),
        )
        yield UseLog(
            resource=resource,
            documents=docs.about(each.uid, *docs.of(SOURCES), *docs.of(DELIVERIES)),
            what=WHAT,
            kinds=(REQUESTS,),
            kept=_kept(docs, each),
        )


def _kept(docs: Documents, distribution: Document) -> tuple[str, ...] | Unread:
    """One log of every request settles it; without one, whatever is unread might have been it."""
    logs = logs_uid(docs.partition, docs.account)
    sources = docs.value(
        SOURCES,
        logs,
        lambda body: {
            str(source["name"]) for source in body["deliverySources"] if distribution.uid in source["resourceArns"]
        },
    )
    found = [
        docs.value(CONFIG, distribution.uid, lambda body: bool(body["Logging"]["Enabled"])),
        docs.field(DISTRIBUTION, distribution, all_in_real_time),
        sources
        if isinstance(sources, Unread)
        else docs.value(
            DELIVERIES, logs, lambda body: any(each["deliverySourceName"] in sources for each in body["deliveries"])
        ),
    ]
    if True in found:
        return (REQUESTS,)
    return next((each for each in found if isinstance(each, Unread)), ())


def all_in_real_time(body: Body) -> bool:
    """Every behavior sends its requests to a stream.  AWS leaves the stream out of one that has none."""
    behaviors = [body["DefaultCacheBehavior"], *(body["CacheBehaviors"].get("Items") or ())]
    return all(each.get("RealtimeLogConfigArn") for each in behaviors)


def name_of(body: Body) -> str:
    """What people call a distribution: the first name of the company's own, or else the one that AWS gave it."""
    names = (body.get("Aliases") or {}).get("Items") or ()
    return str(names[0] if names else body["DomainName"])


COLLECTOR = Collector(
    id="aws.cloudfront_distributions",
    title="Distributions, their web firewalls and their logs",
    scope="global",
    kinds=(DISTRIBUTION, ACL, CONFIG, SOURCES, DELIVERIES),
    emits={WebFront: DISTRIBUTION, UseLog: DISTRIBUTION},
    source="Amazon CloudFront API 2020-05-31; AWS WAFV2 API 2019-07-29; Amazon CloudWatch Logs API 2014-03-28",
    fetch=fetch,
    shape=shape,
)
