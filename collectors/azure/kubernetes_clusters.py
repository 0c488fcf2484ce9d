"""Kubernetes clusters: who reaches their API, where their nodes stand, and how administrators sign in."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from collectors.address_sets import EVERYWHERE, FOUR, addresses, merged, networks
from collectors.api import Body, Collector, Document
from collectors.azure.endpoints import is_public
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.apps import Cluster
from collectors.facts.core import Fact

VERSION = "2023-08-01"

CLUSTER = of_subscription(
    "azure.containerservice.cluster",
    "Microsoft.ContainerService/managedClusters",
    VERSION,
    # The number of nodes, and what follows from it, change with the load.
    volatile=(
        "properties.agentPoolProfiles.count",
        "properties.agentPoolProfiles.powerState",
        "properties.agentPoolProfiles.provisioningState",
        "properties.powerState",
        "properties.provisioningState",
    ),
)


def fetch(azure: Reader) -> Iterator[Document]:
    """Every cluster with its pools of nodes."""
    for cluster in azure.listing(CLUSTER):
        yield azure.document(CLUSTER, uid_of(cluster), cluster)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per cluster."""
    for cluster in docs.of(CLUSTER):
        yield Cluster(
            resource=docs.resource("cluster", cluster.uid, name_of(cluster.body), place_of(cluster.body)),
            documents=docs.about(cluster.uid),
            api_open_ranges=docs.field(CLUSTER, cluster, open_ranges),
            public_nodes=docs.field(CLUSTER, cluster, public_nodes),
            # There are such accounts unless they were switched off: Azure's default.
            local_accounts=docs.field(
                CLUSTER, cluster, lambda body: properties(body).get("disableLocalAccounts") is not True
            ),
            roles=docs.field(CLUSTER, cluster, lambda body: bool(properties(body)["enableRBAC"])),
        )


def open_ranges(body: Body) -> tuple[str, ...]:
    """Public networks from which the API takes requests.

    A cluster whose access was never set has a public API without limits: Container Service, `apiServerAccessProfile`.
    """
    said = properties(body)
    access = said.get("apiServerAccessProfile") or {}
    if access.get("enablePrivateCluster") is True or not is_public(said):
        return ()
    ranges = access.get("authorizedIPRanges") or ()
    if not ranges:
        return (EVERYWHERE[FOUR],)  # the API has an IPv4 address only
    return networks(FOUR, merged(addresses(ip_network(each, strict=False)) for each in ranges))


def public_nodes(body: Body) -> bool:
    """Some pool gives its nodes public addresses, which is off unless it was switched on: Azure's default."""
    return any(pool.get("enableNodePublicIP") is True for pool in properties(body)["agentPoolProfiles"])


COLLECTOR = Collector(
    id="azure.kubernetes_clusters",
    title="Kubernetes clusters",
    scope="global",
    kinds=(CLUSTER,),
    emits={Cluster: CLUSTER},
    source=f"Azure Container Service {VERSION}",
    fetch=fetch,
    shape=shape,
)
