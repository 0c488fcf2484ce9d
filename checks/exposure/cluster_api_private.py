"""The API of a Kubernetes cluster is not open to everywhere."""

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
    Param,
    Params,
    fails,
    passes,
    unknown,
)
from checks.networks import wide
from checks.thresholds import names, number
from collectors.facts.apps import Cluster
from collectors.facts.core import Unread


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per cluster."""
    most, approved = number(params, "max_addresses"), names(params, "networks")
    for cluster in facts.of(Cluster):
        ranges = cluster.api_open_ranges
        if isinstance(ranges, Unread):
            yield unknown(cluster, ranges)
        elif found := wide(ranges, most, approved):
            yield fails(cluster, f"the API takes requests from {', '.join(found)}, more than {most} addresses each")
        elif ranges:
            yield passes(cluster, "the API takes requests from named networks only")
        else:
            yield passes(cluster, "the API takes no requests from public addresses")


CHECK = Check(
    id="exposure.cluster_api_private",
    title="APIs of Kubernetes clusters are not open to everywhere",
    criteria=(
        Criterion("CC6.6", DIRECT, "outsiders do not get as far as the sign-in of administrators"),
        Criterion("CC6.1", PARTIAL, "the network keeps the cluster apart from the internet"),
    ),
    severity="high",
    needs=(Cluster,),
    remediation="On Azure make the cluster private (enablePrivateCluster), or name the networks that need its API "
    "(authorizedIPRanges); on AWS switch off endpointPublicAccess of the EKS cluster, or narrow publicAccessCidrs.",
    equivalents={"prowler": ("aks_clusters_public_access_disabled",)},
    judge=judge,
    params=(
        Param("max_addresses", 256, "addresses", "widest range from which the API may take requests"),
        Param("networks", (), "networks in CIDR form", "wider ranges that the company approved"),
    ),
)
