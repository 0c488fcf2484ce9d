"""aws.transit_gateways"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.transit_gateways import COLLECTOR, GATEWAY
from collectors.documents import Documents
from collectors.facts.core import Unread
from collectors.facts.network import NetworkHub
from collectors.provenance import Identity
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"


def test_the_setting_of_each_gateway_is_read(read: Read, client: Client) -> None:
    """Its owner decides whether others are let in at once."""
    ec2 = client("ec2")
    for name, state in (("open", "enable"), ("asked", "disable")):
        ec2.create_transit_gateway(
            Options={"AutoAcceptSharedAttachments": state},
            TagSpecifications=[{"ResourceType": "transit-gateway", "Tags": [{"Key": "Name", "Value": name}]}],
        )

    found = {each.resource.name: each.joins_unasked for each in read(COLLECTOR).facts(NetworkHub)}

    assert found == {"open": True, "asked": False}


def test_no_gateways_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed, and only the account's own are asked for."""
    reading = read(COLLECTOR)
    (call,) = reading.page.calls

    assert reading.facts(NetworkHub) == []
    assert reading.documents.complete(GATEWAY, REGION) is None
    assert {"Name": "owner-id", "Values": ["123456789012"]} in call.parameters["Filters"]


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble"])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """No gateway is known, and that is said."""
    client("ec2").create_transit_gateway()
    getattr(faults, fault).add("ec2:DescribeTransitGateways")

    unlisted = read(COLLECTOR).documents.complete(GATEWAY, REGION)

    assert unlisted is not None
    assert (unlisted.operation, unlisted.permission) == ("ec2:DescribeTransitGateways",) * 2


@pytest.mark.parametrize("options", [{}, {"AutoAcceptSharedAttachments": "perhaps"}])
def test_a_setting_that_nobody_knows_is_unread(options: dict[str, str]) -> None:
    """Neither silence nor a new word is a no."""
    document = Document(GATEWAY.name, "arn:tgw", REGION, {"TransitGatewayId": "tgw-1", "Options": options})
    documents = Documents(COLLECTOR, Identity("aws", "1", "me", "aws"), (REGION,), [document])
    (hub,) = COLLECTOR.shape(documents)

    assert isinstance(hub, NetworkHub)
    assert isinstance(hub.joins_unasked, Unread)
