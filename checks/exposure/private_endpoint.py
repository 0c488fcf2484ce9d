"""Data services are reached inside the company's own networks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
)
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.data_access import DataEndpoint


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per data service of the kinds asked for."""
    services = names(params, "services")
    for endpoint in facts.of(DataEndpoint):
        count = endpoint.private_endpoints
        if endpoint.service not in services:
            yield not_applicable(endpoint, f"{endpoint.service} is not among the services asked for")
        elif isinstance(count, Unread):
            yield unknown(endpoint, count)
        elif count == 0:
            yield fails(endpoint, f"{endpoint.service} has no private endpoint")
        else:
            yield passes(endpoint, f"number of private endpoints of the {endpoint.service} is {count}")


CHECK = Check(
    id="exposure.private_endpoint",
    title="Data services have a private endpoint",
    criteria=(
        Criterion("CC6.6", PARTIAL, "data need not cross the edge to reach those who work with it"),
        Criterion("CC6.1", SUPPORTING, "a private way in is what lets the public one be closed"),
    ),
    severity="medium",
    needs=(DataEndpoint,),
    remediation="Make a private endpoint for the service in your virtual network and approve its connection; then turn "
    "off publicNetworkAccess.",
    equivalents={
        "prowler": (
            "containerregistry_uses_private_link",
            "cosmosdb_account_use_private_endpoints",
            "keyvault_private_endpoints",
            "storage_ensure_private_endpoints_in_storage_accounts",
        ),
    },
    judge=judge,
    params=(
        Param(
            "services",
            ("storage account", "key vault", "Cosmos DB account", "container registry"),
            "kinds of services",
            "those that must have a private endpoint",
        ),
    ),
)
