"""aws.client_vpns"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agent.demo.loopback import Faults
from collectors.aws.client_vpns import COLLECTOR, ENDPOINT
from collectors.facts.core import Reason, Unread
from collectors.facts.service_logs import UseLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

LISTING = "ec2:DescribeClientVpnEndpoints"


def answer(*items: str) -> str:
    """The answer of EC2 with these endpoints; moto has none."""
    return f"<Response><clientVpnEndpoint>{''.join(items)}</clientVpnEndpoint></Response>"


def endpoint(id_: str, log: str, state: str = "available") -> str:
    """An endpoint, with what it says about its log."""
    return f"<item><clientVpnEndpointId>{id_}</clientVpnEndpointId><status><code>{state}</code></status>{log}</item>"


def options(enabled: str) -> str:
    """Whether connections are logged."""
    return f"<connectionLogOptions><Enabled>{enabled}</Enabled></connectionLogOptions>"


def test_a_region_without_any_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(UseLog) == []
    assert reading.documents.complete(ENDPOINT, "us-east-1") is None
    assert reading.operations() == {"ec2:DescribeClientVpnEndpoints"}


def test_endpoints_say_whether_connections_are_logged(read: Read, faults: Faults) -> None:
    """One that goes away is left out, and one that does not say so is unread."""
    faults.answers[LISTING] = answer(
        endpoint("cvpn-1", options("true")),
        endpoint("cvpn-2", options("false")),
        endpoint("cvpn-3", ""),
        endpoint("cvpn-4", options("true"), "deleted"),
    )

    on, off, mute = read(COLLECTOR).facts(UseLog)

    assert on.resource.uid == "arn:aws:ec2:us-east-1:123456789012:client-vpn-endpoint/cvpn-1"
    assert (on.what, on.kinds, on.kept) == ("Client VPN endpoint", ("connections",), ("connections",))
    assert off.kept == ()
    assert isinstance(mute.kept, Unread)


def test_a_denied_listing_leaves_the_population_unknown(read: Read, faults: Faults) -> None:
    """None read is not none there."""
    faults.answers[LISTING] = answer(endpoint("cvpn-1", options("true")))
    faults.deny.add("ec2:DescribeClientVpnEndpoints")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(ENDPOINT, "us-east-1")

    assert reading.facts(UseLog) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "ec2:DescribeClientVpnEndpoints",
        "ec2:DescribeClientVpnEndpoints",
    )
