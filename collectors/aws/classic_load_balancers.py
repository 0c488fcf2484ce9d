"""Classic load balancers: where they stand, and whether they log requests."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.network import LoadBalancer

BALANCER = Kind(
    "aws.elb.load_balancer",
    "elb",
    "DescribeLoadBalancers",
    permission="elasticloadbalancing:DescribeLoadBalancers",
    items="LoadBalancerDescriptions",
)
ATTRIBUTES = Kind(
    "aws.elb.load_balancer_attributes",
    "elb",
    "DescribeLoadBalancerAttributes",
    permission="elasticloadbalancing:DescribeLoadBalancerAttributes",
)


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every classic balancer and its attributes."""
    for balancer in aws.listing(BALANCER):
        name = balancer["LoadBalancerName"]
        uid = aws.arn("elasticloadbalancing", f"loadbalancer/{name}")
        yield aws.document(BALANCER, uid, balancer)
        yield Then(attributes, (uid, name), f"{uid}/{ATTRIBUTES.operation}")


def attributes(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """The attributes of one balancer."""
    yield from aws.read(ATTRIBUTES, uid, LoadBalancerName=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per balancer."""
    for balancer in docs.of(BALANCER):
        yield LoadBalancer(
            resource=docs.resource(
                "load_balancer", balancer.uid, str(balancer.body["LoadBalancerName"]), balancer.region
            ),
            documents=docs.about(balancer.uid),
            internet_facing=docs.field(BALANCER, balancer, lambda body: bool(body["Scheme"] == "internet-facing")),
            zones=docs.field(BALANCER, balancer, lambda body: len(body["AvailabilityZones"])),
            access_logged=docs.value(ATTRIBUTES, balancer.uid, logs_requests),
            deletion_protected=None,  # only the newer kinds have such an attribute
        )


def logs_requests(body: Body) -> bool:
    """Requests go to an object store."""
    return bool(body["LoadBalancerAttributes"]["AccessLog"]["Enabled"])


COLLECTOR = Collector(
    id="aws.classic_load_balancers",
    title="Classic load balancers and their logs",
    scope="region",
    kinds=(BALANCER, ATTRIBUTES),
    emits={LoadBalancer: BALANCER},
    source="Elastic Load Balancing API 2012-06-01",
    fetch=fetch,
    shape=shape,
)
