"""EKS clusters: from where their API can be reached, and whether nodes have public addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from ipaddress import ip_network

from collectors.address_sets import FOUR, SIX, addresses, merged, networks
from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.apps import Cluster
from collectors.facts.core import Fact, Unread

NAMES = Kind("aws.eks.names", "eks", "ListClusters", items="clusters")
CLUSTER = Kind("aws.eks.cluster", "eks", "DescribeCluster")
POOL_NAMES = Kind("aws.eks.nodegroup_names", "eks", "ListNodegroups", items="nodegroups")
POOL = Kind("aws.eks.nodegroup", "eks", "DescribeNodegroup", volatile=("nodegroup.modifiedAt",))
NODES = Kind("aws.eks.nodes", "ec2", "DescribeInstances", items="Reservations")
SUBNETS = Kind("aws.eks.subnets", "ec2", "DescribeSubnets", items="Subnets")


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every cluster; its subnets, groups and machines only where there is one."""
    names = [str(name) for name in aws.listing(NAMES)]
    for name in names:
        uid = aws.arn("eks", f"cluster/{name}")
        yield aws.document(NAMES, uid, {"name": name})
        yield Then(details, (uid, name), f"{uid}/{CLUSTER.operation}")
    if names:
        yield from aws.gather(SUBNETS, subnets_uid(aws.partition, aws.region, aws.account))


def details(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """One cluster, the machines that carry its tag, and each of its managed groups of nodes."""
    yield from aws.read(CLUSTER, uid, name=name)
    yield from aws.gather(NODES, uid, Filters=[{"Name": "tag-key", "Values": [f"kubernetes.io/cluster/{name}"]}])
    for found in aws.gather(POOL_NAMES, uid, clusterName=name):
        yield found
        for pool in found.body["nodegroups"]:
            yield from aws.read(POOL, f"{uid}/nodegroup/{pool}", clusterName=name, nodegroupName=pool)


def subnets_uid(partition: str, region: str, account: str) -> str:
    """Stands for all subnets of a region."""
    return f"arn:{partition}:ec2:{region}:{account}:subnets"


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per cluster."""
    pools: dict[str, list[Document]] = defaultdict(list)
    for pool in docs.of(POOL):
        pools[pool.uid.partition("/nodegroup/")[0]].append(pool)
    for cluster in docs.of(NAMES):
        yield Cluster(
            resource=docs.resource("cluster", cluster.uid, str(cluster.body["name"]), cluster.region),
            documents=docs.about(cluster.uid, *pools[cluster.uid]),
            api_open_ranges=docs.value(CLUSTER, cluster.uid, open_ranges),
            public_nodes=_public_nodes(docs, cluster, {pool.uid: pool for pool in pools[cluster.uid]}),
            # People enter with an identity of IAM or of the company's own provider: there are no others.
            local_accounts=None,
            # Kubernetes RBAC is always on, and cannot be switched off: Amazon EKS, "Access control".
            roles=True,
        )


def open_ranges(body: Body) -> tuple[str, ...]:
    """Public networks from which the API takes requests."""
    access = body["cluster"]["resourcesVpcConfig"]
    if not access["endpointPublicAccess"]:
        return ()
    blocks = [ip_network(each, strict=False) for each in access["publicAccessCidrs"]]
    return tuple(
        network
        for version in (FOUR, SIX)
        for network in networks(version, merged(addresses(each) for each in blocks if each.version == version))
    )


def _public_nodes(docs: Documents, cluster: Document, pools: Mapping[str, Document]) -> bool | Unread:
    """Some machine has a public address, or some group is in a subnet that gives one; one such thing settles it."""
    values = [docs.value(NODES, cluster.uid, some_public)]
    names = docs.value(POOL_NAMES, cluster.uid, lambda body: [str(each) for each in body["nodegroups"]])
    where = subnets_uid(docs.partition, cluster.region, docs.account)
    giving = docs.value(SUBNETS, where, giving_addresses)
    if isinstance(names, Unread):
        values.append(names)
    else:
        values += [_pool_public(docs, f"{cluster.uid}/nodegroup/{name}", pools, giving) for name in names]
    if True in values:
        return True
    return next((each for each in values if isinstance(each, Unread)), False)


def _pool_public(
    docs: Documents, uid: str, pools: Mapping[str, Document], giving: frozenset[str] | Unread
) -> bool | Unread:
    if uid not in pools:
        return docs.value(POOL, uid, bool)
    subnets = docs.field(POOL, pools[uid], lambda body: [str(each) for each in body["nodegroup"]["subnets"]])
    if isinstance(subnets, Unread):
        return subnets
    return giving if isinstance(giving, Unread) else not giving.isdisjoint(subnets)


def some_public(body: Body) -> bool:
    """Some machine has a public address; AWS leaves the field out of one that has none."""
    return any(each.get("PublicIpAddress") for found in body["Reservations"] for each in found["Instances"])


def giving_addresses(body: Body) -> frozenset[str]:
    """Ids of the subnets in which a new machine gets a public address."""
    return frozenset(str(each["SubnetId"]) for each in body["Subnets"] if each["MapPublicIpOnLaunch"])


COLLECTOR = Collector(
    id="aws.eks_clusters",
    title="EKS clusters",
    scope="region",
    kinds=(NAMES, CLUSTER, POOL_NAMES, POOL, NODES, SUBNETS),
    emits={Cluster: NAMES},
    source="Amazon EKS API 2017-11-01, Amazon EC2 API 2016-11-15",
    fetch=fetch,
    shape=shape,
)
