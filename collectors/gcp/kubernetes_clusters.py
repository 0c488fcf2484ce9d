"""Kubernetes clusters: who reaches their API, where their nodes stand, and how administrators sign in."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from collectors.address_sets import EVERYWHERE, FOUR, addresses, merged, networks
from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.apps import Cluster
from collectors.facts.core import Fact
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name, place_of
from collectors.gcp.session import Reader

CLUSTER = rest(
    "gcp.container.cluster",
    "container",
    "projects.locations.clusters.list",
    # Of the ways to sign in only those that are settings: old clusters answer with a password and a private key.
    "/v1/projects/{project}/locations/-/clusters?fields=missingZones,clusters(name,location,legacyAbac,"
    "masterAuth(username,clientCertificateConfig),masterAuthorizedNetworksConfig,privateClusterConfig,"
    "controlPlaneEndpointsConfig,networkConfig(defaultEnablePrivateNodes),autopilot,"
    "nodePools(name,networkConfig(enablePrivateNodes)))",
    permission="container.clusters.list",
    items="clusters",
    omits_empty=True,
)
EVERYBODY = (EVERYWHERE[FOUR],)
"""The address of an API is an IPv4 address."""


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every cluster in every region and zone, with its pools of nodes."""
    for cluster in gcp.listing(CLUSTER):
        yield gcp.document(CLUSTER, uid_of(gcp.account, cluster), cluster)


def uid_of(project: str, body: Body) -> str:
    """The full name of a cluster."""
    return full_name("container", f"projects/{project}/locations/{body['location']}/clusters/{body['name']}")


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per cluster."""
    for cluster in docs.of(CLUSTER):
        yield Cluster(
            resource=docs.resource("cluster", cluster.uid, cluster.body["name"], place_of(cluster.uid)),
            documents=docs.about(cluster.uid),
            api_open_ranges=docs.field(CLUSTER, cluster, open_ranges),
            public_nodes=docs.field(CLUSTER, cluster, public_nodes),
            local_accounts=docs.field(CLUSTER, cluster, local_accounts),
            # Left out, the old way beside roles is off: REST resource clusters, `legacyAbac`.
            roles=docs.field(CLUSTER, cluster, lambda body: not (body.get("legacyAbac") or {}).get("enabled", False)),
        )


def open_ranges(body: Body) -> tuple[str, ...]:
    """Public networks from which the API takes requests at its address.

    Its name in the DNS is another way in, where Google proves every caller first, as for all of its own services.
    Whatever runs at Google counts as everybody, since everybody can run something there.
    """
    ways = (body.get("controlPlaneEndpointsConfig") or {}).get("ipEndpointsConfig") or {}
    if ways.get("enabled") is False or ways.get("enablePublicEndpoint") is False:
        return ()
    if (body.get("privateClusterConfig") or {}).get("enablePrivateEndpoint", False):
        return ()
    limits = ways.get("authorizedNetworksConfig") or body.get("masterAuthorizedNetworksConfig") or {}
    # Without this list, the API takes requests from everywhere.
    if not limits.get("enabled", False) or limits["gcpPublicCidrsAccessEnabled"]:
        return EVERYBODY
    spans = [addresses(ip_network(each["cidrBlock"], strict=False)) for each in limits.get("cidrBlocks") or ()]
    return networks(FOUR, merged(spans))


def public_nodes(body: Body) -> bool:
    """Some pool gives its nodes public addresses: unless it says otherwise itself, as the cluster does."""
    whole = bool((body.get("privateClusterConfig") or {}).get("enablePrivateNodes", False))
    whole = bool((body.get("networkConfig") or {}).get("defaultEnablePrivateNodes", whole))
    return any(
        not (pool.get("networkConfig") or {}).get("enablePrivateNodes", whole) for pool in body.get("nodePools") or ()
    )


def local_accounts(body: Body) -> bool:
    """A password or a certificate of the cluster's own opens it."""
    said = body.get("masterAuth") or {}
    return bool(said.get("username")) or bool((said.get("clientCertificateConfig") or {}).get("issueClientCertificate"))


COLLECTOR = Collector(
    id="gcp.kubernetes_clusters",
    title="Kubernetes clusters",
    scope="global",
    kinds=(CLUSTER,),
    emits={Cluster: CLUSTER},
    source="Kubernetes Engine API v1",
    fetch=fetch,
    shape=shape,
)
