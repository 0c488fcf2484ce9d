"""aws.network_firewalls"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.network_firewalls import COLLECTOR, FIREWALL, kept_logs
from collectors.facts.core import Reason, Unread
from collectors.facts.service_logs import UseLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def make_firewall(client: Client, name: str, *types: str) -> None:
    """A firewall that keeps logs of these types."""
    firewalls = client("network-firewall")
    policy = "arn:aws:network-firewall:us-east-1:123456789012:firewall-policy/p"
    firewalls.create_firewall(FirewallName=name, FirewallPolicyArn=policy, VpcId="vpc-1", SubnetMappings=[])
    logs = [{"LogType": type_, "LogDestinationType": "S3", "LogDestination": {"bucketName": "logs"}} for type_ in types]
    if logs:
        firewalls.update_logging_configuration(FirewallName=name, LoggingConfiguration={"LogDestinationConfigs": logs})


def test_a_region_without_any_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(UseLog) == []
    assert reading.documents.complete(FIREWALL, "us-east-1") is None
    assert reading.operations() == {"network-firewall:ListFirewalls"}


def test_firewalls_say_whether_traffic_is_logged(read: Read, client: Client) -> None:
    """A log of how TLS was inspected tells nothing of traffic."""
    make_firewall(client, "flows", "TLS", "FLOW")
    make_firewall(client, "inspected", "TLS")
    make_firewall(client, "silent")

    flows, inspected, silent = read(COLLECTOR).facts(UseLog)

    assert flows.resource.uid == "arn:aws:network-firewall:us-east-1:123456789012:firewall/flows"
    assert (flows.what, flows.kinds, flows.kept) == ("network firewall", ("traffic",), ("traffic",))
    assert (inspected.kept, silent.kept) == ((), ())


def test_an_answer_about_no_firewall_is_malformed() -> None:
    """A firewall that never logged still has its name."""
    assert kept_logs({"FirewallArn": "arn:wall"}) == ()
    with pytest.raises(KeyError):
        kept_logs({})


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_detail_costs_its_own_resource_alone(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """It is there, and what it logs is not known."""
    make_firewall(client, "flows", "FLOW")
    getattr(faults, fault).add("network-firewall:DescribeLoggingConfiguration")

    log = read(COLLECTOR).fact(UseLog, "flows")

    assert isinstance(log.kept, Unread)
    assert log.kept.permission == "network-firewall:DescribeLoggingConfiguration"


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_firewall(client, "flows", "FLOW")
    faults.deny.add("network-firewall:ListFirewalls")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(FIREWALL, "us-east-1")

    assert reading.facts(UseLog) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "network-firewall:ListFirewalls",
        "network-firewall:ListFirewalls",
    )
