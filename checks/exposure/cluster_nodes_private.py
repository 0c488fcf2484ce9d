"""The nodes of a Kubernetes cluster have no address on the internet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    decide,
)
from collectors.facts.apps import Cluster
from collectors.facts.core import Unread


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per cluster."""
    for cluster in facts.of(Cluster):
        private = cluster.public_nodes if isinstance(cluster.public_nodes, Unread) else not cluster.public_nodes
        yield decide(
            cluster,
            private,
            yes="no node has an address on the internet",
            no="nodes have addresses on the internet",
        )


CHECK = Check(
    id="exposure.cluster_nodes_private",
    title="Nodes of Kubernetes clusters have no public address",
    criteria=(
        Criterion("CC6.6", DIRECT, "machines that run the containers cannot be reached past the front door"),
        Criterion("CC6.1", PARTIAL, "the network keeps machines apart from the internet"),
    ),
    severity="high",
    needs=(Cluster,),
    remediation="On Azure make the pools of nodes anew without enableNodePublicIP; on AWS "
    "put them in subnets without MapPublicIpOnLaunch.",
    equivalents={"prowler": ("aks_clusters_created_with_private_nodes",)},
    judge=judge,
)
