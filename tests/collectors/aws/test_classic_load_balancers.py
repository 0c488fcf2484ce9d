"""aws.classic_load_balancers"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.classic_load_balancers import BALANCER, COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.network import LoadBalancer
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def make_balancer(client: Client, name: str, *, logged: bool = False, **settings: Any) -> None:
    """A classic balancer in two zones."""
    elb = client("elb")
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
    elb.create_load_balancer(
        LoadBalancerName=name, Listeners=[listener], AvailabilityZones=["us-east-1a", "us-east-1b"], **settings
    )
    if logged:
        log = {"AccessLog": {"Enabled": True, "S3BucketName": "logs", "EmitInterval": 5, "S3BucketPrefix": ""}}
        elb.modify_load_balancer_attributes(LoadBalancerName=name, LoadBalancerAttributes=log)


def test_a_region_without_any_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(LoadBalancer) == []
    assert reading.documents.complete(BALANCER, "us-east-1") is None
    assert reading.operations() == {"elb:DescribeLoadBalancers"}


def test_balancers_become_facts(read: Read, client: Client) -> None:
    """Where they stand and whether they log; they have no protection from deletion."""
    make_balancer(client, "front", logged=True)
    make_balancer(client, "inner", Scheme="internal")

    front, inner = read(COLLECTOR).facts(LoadBalancer)

    assert front.resource.uid == "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/front"
    assert (front.internet_facing, front.zones, front.access_logged, front.deletion_protected) == (True, 2, True, None)
    assert (inner.internet_facing, inner.access_logged) == (False, False)


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_lost_attributes_cost_what_rests_on_them(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """Where it stands is known from the listing."""
    make_balancer(client, "front", logged=True)
    getattr(faults, fault).add("elasticloadbalancing:DescribeLoadBalancerAttributes")

    front = read(COLLECTOR).fact(LoadBalancer, "front")

    assert front.internet_facing is True
    assert isinstance(front.access_logged, Unread)
    assert front.access_logged.permission == "elasticloadbalancing:DescribeLoadBalancerAttributes"


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_balancer(client, "front")
    faults.deny.add("elasticloadbalancing:DescribeLoadBalancers")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(BALANCER, "us-east-1")

    assert reading.facts(LoadBalancer) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "elb:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeLoadBalancers",
    )
