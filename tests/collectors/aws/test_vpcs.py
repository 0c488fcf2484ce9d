"""aws.vpcs"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.vpcs import COLLECTOR, VPC, logs_queries, name_of, traffic_of
from collectors.facts.core import Reason, Unread
from collectors.facts.network import DnsQueries, Network
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def make_network(client: Client, name: str, region: str = "us-east-1") -> str:
    """A network called `name`; the value is its id."""
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": name}]}]
    vpc = client("ec2", region).create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)
    return str(vpc["Vpc"]["VpcId"])


def log_traffic(client: Client, resource: str, traffic: str, type_: str = "VPC") -> None:
    """A flow log on `resource`."""
    client("s3").create_bucket(Bucket=f"flows-{traffic.lower()}")
    client("ec2").create_flow_logs(
        ResourceType=type_,
        ResourceIds=[resource],
        TrafficType=traffic,
        LogDestinationType="s3",
        LogDestination=f"arn:aws:s3:::flows-{traffic.lower()}",
    )


def test_a_region_without_networks_is_a_complete_listing(read: Read, client: Client) -> None:
    """Empty is proven, not assumed; even the network that AWS makes by itself can be deleted."""
    ec2 = client("ec2")
    for subnet in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    for vpc in ec2.describe_vpcs()["Vpcs"]:
        ec2.delete_vpc(VpcId=vpc["VpcId"])

    reading = read(COLLECTOR)

    assert reading.facts(Network) == []
    assert reading.documents.complete(VPC, "us-east-1") is None


def test_a_flow_log_of_the_network_itself_counts(read: Read, client: Client) -> None:
    """A log of one of its subnets sees only a part of it."""
    logged, partly = make_network(client, "logged"), make_network(client, "partly")
    subnet = client("ec2").create_subnet(VpcId=partly, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    log_traffic(client, logged, "REJECT")
    log_traffic(client, subnet, "ALL", "Subnet")

    reading = read(COLLECTOR)
    good, bad = reading.fact(Network, "logged"), reading.fact(Network, "partly")

    assert good.resource.uid == f"arn:aws:ec2:us-east-1:123456789012:vpc/{logged}"
    assert (good.flow_logged, good.flow_log_traffic) == (True, "REJECT")
    assert {reference.kind for reference in good.documents} == {"aws.ec2.vpc", "aws.ec2.flow_log"}
    assert (bad.flow_logged, bad.flow_log_traffic) == (False, None)


def test_two_halves_make_the_whole_traffic(read: Read, client: Client) -> None:
    """One log of accepted and one of rejected traffic leave nothing out."""
    vpc = make_network(client, "halves")
    log_traffic(client, vpc, "ACCEPT")
    log_traffic(client, vpc, "REJECT")

    assert read(COLLECTOR).fact(Network, "halves").flow_log_traffic == "ALL"


def test_a_flow_log_that_cannot_deliver_does_not_count(read: Read, client: Client) -> None:
    """It is there and active, and records nothing."""
    vpc = make_network(client, "some")
    client("ec2").create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[vpc],
        TrafficType="ALL",
        LogGroupName="no-such-group",
        DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/r",
    )

    network = read(COLLECTOR).fact(Network, "some")

    assert (network.flow_logged, network.flow_log_traffic) == (False, None)
    assert len(network.documents) == 2


def test_every_region_is_read(read: Read, client: Client) -> None:
    """A flow log counts where its network is."""
    log_traffic(client, make_network(client, "here"), "ALL")
    make_network(client, "there", "eu-west-1")

    reading = read(COLLECTOR, "us-east-1", "eu-west-1")

    assert reading.fact(Network, "here").flow_logged is True
    assert reading.fact(Network, "there").flow_logged is False
    assert reading.fact(Network, "there").resource.region == "eu-west-1"


def test_only_networks_of_the_account_are_asked_for(read: Read) -> None:
    """A shared network is its owner's affair, and the call says that it was left out."""
    calls = [call.parameters for call in read(COLLECTOR).page.calls if call.operation == "DescribeVpcs"]

    assert calls == [{"Filters": [{"Name": "owner-id", "Values": ["123456789012"]}]}]


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """No network is known, and that is said."""
    make_network(client, "some")
    faults.deny.add("ec2:DescribeVpcs")

    reading = read(COLLECTOR)

    assert reading.facts(Network) == []
    assert reading.documents.complete(VPC, "us-east-1") == Unread(
        Reason.PERMISSION_DENIED, "ec2:DescribeVpcs", "ec2:DescribeVpcs", "AccessDenied"
    )


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_lost_flow_logs_are_unread(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """Whether traffic is logged is open without the listing of flow logs."""
    log_traffic(client, make_network(client, "some"), "ALL")
    getattr(faults, fault).add("ec2:DescribeFlowLogs")

    network = read(COLLECTOR).fact(Network, "some")

    assert isinstance(network.flow_logged, Unread)
    assert isinstance(network.flow_log_traffic, Unread)
    assert network.flow_logged.permission == "ec2:DescribeFlowLogs"


@pytest.mark.parametrize(
    ("change", "traffic"),
    [
        ({}, "ALL"),
        ({"DeliverLogsStatus": "SUCCESS"}, "ALL"),
        ({"ResourceId": "vpc-2"}, None),
        ({"FlowLogStatus": "INACTIVE"}, None),
        ({"DeliverLogsStatus": "FAILED"}, None),
        ({"DeliverLogsErrorMessage": "Access error"}, None),
    ],
)
def test_only_a_working_flow_log_counts(change: dict[str, str], traffic: str | None) -> None:
    """A log that is not active, or cannot deliver, records nothing."""
    body = {"ResourceId": "vpc-1", "FlowLogStatus": "ACTIVE", "TrafficType": "ALL", **change}

    assert traffic_of(body, "vpc-1") == traffic


def test_a_network_without_a_name_goes_by_its_id() -> None:
    """An empty name is none."""
    assert name_of({"VpcId": "vpc-1"}) == "vpc-1"
    assert name_of({"VpcId": "vpc-1", "Tags": [{"Key": "Name", "Value": ""}]}) == "vpc-1"


def log_queries(client: Client, vpc: str) -> None:
    """Have the lookups of a network logged."""
    resolver = client("route53resolver")
    config = resolver.create_resolver_query_log_config(
        Name="queries", DestinationArn="arn:aws:s3:::queries", CreatorRequestId="made-up"
    )["ResolverQueryLogConfig"]["Id"]
    resolver.associate_resolver_query_log_config(ResolverQueryLogConfigId=config, ResourceId=vpc)


def test_lookups_are_logged_where_a_log_is_on_the_network(read: Read, client: Client) -> None:
    """A log of another network does not count."""
    logged = make_network(client, "logged")
    make_network(client, "silent")
    log_queries(client, logged)

    reading = read(COLLECTOR)
    good, bad = reading.fact(DnsQueries, "logged"), reading.fact(DnsQueries, "silent")

    assert good.resource.uid == f"arn:aws:ec2:us-east-1:123456789012:vpc/{logged}"
    assert (good.logged, bad.logged) == (True, False)
    assert {reference.kind for reference in good.documents} == {
        "aws.ec2.vpc",
        "aws.route53resolver.query_log_association",
    }
    assert {reference.kind for reference in bad.documents} == {"aws.ec2.vpc"}


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_unread_query_logs_are_not_missing_ones(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """The network is there, its flow logs are known, and nobody knows about its lookups."""
    make_network(client, "some")
    getattr(faults, fault).add("route53resolver:ListResolverQueryLogConfigAssociations")

    reading = read(COLLECTOR)
    logged = reading.fact(DnsQueries, "some").logged

    assert isinstance(logged, Unread)
    assert logged.permission == "route53resolver:ListResolverQueryLogConfigAssociations"
    assert reading.fact(Network, "some").flow_logged is False
    assert reading.documents.complete(VPC, "us-east-1") is None


@pytest.mark.parametrize(
    ("status", "logged"), [("ACTIVE", True), ("CREATING", False), ("ACTION_NEEDED", False), ("FAILED", False)]
)
def test_a_query_log_that_does_not_work_does_not_count(status: str, logged: bool) -> None:
    """It is on the network and writes nothing down."""
    assert logs_queries({"ResourceId": "vpc-1", "Status": status}, "vpc-1") is logged
    assert logs_queries({"ResourceId": "vpc-2", "Status": status}, "vpc-1") is False


def test_a_query_log_in_a_state_that_is_not_known_is_malformed() -> None:
    """Whether it works is never guessed."""
    with pytest.raises(ValueError, match="NEW"):
        logs_queries({"ResourceId": "vpc-1", "Status": "NEW"}, "vpc-1")
