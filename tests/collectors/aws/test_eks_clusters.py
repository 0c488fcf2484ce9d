"""aws.eks_clusters"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.eks_clusters import COLLECTOR, NAMES, open_ranges
from collectors.facts.apps import Cluster
from collectors.facts.core import Unread
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

ROLE = "arn:aws:iam::123456789012:role/cluster"


def make(client: Client, name: str, *, public: bool) -> None:
    """A cluster with one group of nodes, in a subnet that gives public addresses or not."""
    ec2, eks = client("ec2"), client("eks")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": public})
    eks.create_cluster(name=name, roleArn=ROLE, resourcesVpcConfig={"subnetIds": [subnet]})
    eks.create_nodegroup(clusterName=name, nodegroupName="pool", subnets=[subnet], nodeRole=ROLE)


def test_no_clusters_is_a_complete_listing(read: Read) -> None:
    """Nothing else is asked for."""
    reading = read(COLLECTOR)

    assert reading.documents.complete(NAMES, "us-east-1") is None
    assert reading.operations() == {"eks:ListClusters"}


@pytest.mark.parametrize("public", [True, False])
def test_nodes_are_public_by_their_subnets(read: Read, client: Client, public: bool) -> None:
    """A group in a subnet that gives public addresses has them, or gets them with its next machine."""
    make(client, "shop", public=public)

    cluster = read(COLLECTOR).fact(Cluster, "shop")

    # moto starts the machines of a group too, and gives them public addresses only where the subnet does.
    assert cluster.public_nodes is public
    assert (cluster.local_accounts, cluster.roles) == (None, True)
    assert cluster.resource.uid == "arn:aws:eks:us-east-1:123456789012:cluster/shop"


@pytest.mark.parametrize(
    ("access", "ranges"),
    [
        ({"endpointPublicAccess": False, "publicAccessCidrs": []}, ()),
        ({"endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/0"]}, ("0.0.0.0/0",)),
        ({"endpointPublicAccess": True, "publicAccessCidrs": ["198.51.100.7/32"]}, ("198.51.100.7/32",)),
        ({"endpointPublicAccess": True, "publicAccessCidrs": ["10.0.0.0/8"]}, ()),
        ({"endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/0", "::/0"]}, ("0.0.0.0/0", "::/0")),
    ],
)
def test_the_api_is_open_to_the_networks_that_are_named(access: dict[str, Any], ranges: tuple[str, ...]) -> None:
    """A private network is no public address."""
    assert open_ranges({"cluster": {"resourcesVpcConfig": access}}) == ranges


@pytest.mark.parametrize(
    ("operation", "permission"),
    [
        ("eks:GET /clusters/shop", "eks:DescribeCluster"),
        ("eks:GET /clusters/shop/node-groups", "eks:ListNodegroups"),
        ("eks:GET /clusters/shop/node-groups/pool", "eks:DescribeNodegroup"),
        ("ec2:DescribeSubnets", "ec2:DescribeSubnets"),
        ("ec2:DescribeInstances", "ec2:DescribeInstances"),
    ],
)
def test_what_is_denied_is_unread(read: Read, client: Client, faults: Faults, operation: str, permission: str) -> None:
    """Private nodes are never concluded from half of the answers."""
    make(client, "shop", public=False)
    faults.deny.add(operation)

    cluster = read(COLLECTOR).fact(Cluster, "shop")
    value = cluster.api_open_ranges if permission == "eks:DescribeCluster" else cluster.public_nodes

    assert isinstance(value, Unread)
    assert value.permission == permission
