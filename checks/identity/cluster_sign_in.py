"""People enter a Kubernetes cluster under their own name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    passes,
    unknown,
    unread_in,
)
from collectors.facts.apps import Cluster


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per cluster; one shortcoming that is known decides."""
    for cluster in facts.of(Cluster):
        if cluster.roles is False:
            yield fails(cluster, "rights in the cluster are not given by roles")
        elif cluster.local_accounts is True:
            yield fails(cluster, "administrators can sign in with an account of the cluster itself")
        elif gaps := unread_in(cluster.roles, cluster.local_accounts):
            yield unknown(cluster, *gaps)
        else:
            yield passes(cluster, "people sign in through the directory and have roles")


CHECK = Check(
    id="identity.cluster_sign_in",
    title="Kubernetes clusters have no accounts of their own",
    criteria=(
        Criterion("CC6.1", PARTIAL, "everyone who enters is known by name and can be locked out in one place"),
        Criterion("CC6.3", PARTIAL, "rights are given by roles"),
    ),
    severity="high",
    needs=(Cluster,),
    remediation="On Azure connect the cluster with Entra ID and set disableLocalAccounts; a cluster without RBAC has "
    "to be made anew.",
    equivalents={},
    judge=judge,
)
