"""No data service takes connections from wherever they come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_network

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
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.networks import width
from checks.thresholds import names, number
from collectors.facts.core import Unread
from collectors.facts.data_access import DataEndpoint


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per data service of the kinds asked for; one hole that is known decides."""
    services, most = names(params, "services"), number(params, "max_addresses")
    allowed = {str(ip_network(each, strict=False)) for each in names(params, "networks")}
    for endpoint in facts.of(DataEndpoint):
        if endpoint.service not in services:
            yield not_applicable(endpoint, f"{endpoint.service} is not among the services asked for")
            continue
        if isinstance(endpoint.open_ranges, Unread):
            wide = []
        else:
            wide = [each for each in endpoint.open_ranges if each not in allowed and width(each) > most]
        if wide:
            said = ", ".join(wide)
            yield fails(endpoint, f"{endpoint.service} takes connections from {said}, more than {most} addresses each")
        elif endpoint.admits_provider is True:
            yield fails(endpoint, f"{endpoint.service} takes connections from whatever runs at the provider")
        elif gaps := unread_in(endpoint.open_ranges, endpoint.admits_provider):
            yield unknown(endpoint, *gaps)
        elif endpoint.open_ranges:
            yield passes(endpoint, f"{endpoint.service} takes connections from named networks only")
        else:
            yield passes(endpoint, f"{endpoint.service} takes no connections from public addresses")


CHECK = Check(
    id="exposure.data_service_open",
    title="Data services are not open to everywhere",
    criteria=(
        Criterion("CC6.6", DIRECT, "outsiders do not get as far as the sign-in"),
        Criterion("CC6.1", PARTIAL, "the network keeps the data apart from the internet"),
        Criterion("C1.1", PARTIAL, "confidential records are kept from outsiders"),
    ),
    severity="critical",
    needs=(DataEndpoint,),
    remediation="On Azure turn off publicNetworkAccess, or replace wide firewall rules and the one from 0.0.0.0 to "
    '0.0.0.0 ("allow Azure services") by the addresses that need it; on AWS narrow the security group. On '
    "Google Cloud narrow the authorized networks of the instance, or give it a private address only.",
    equivalents={
        "prowler": (
            "cloudsql_instance_public_access",
            "containerregistry_not_publicly_accessible",
            "sqlserver_unrestricted_inbound_access",
        ),
    },
    judge=judge,
    params=(
        Param("max_addresses", 256, "addresses", "widest range from which connections may be taken"),
        Param("networks", (), "networks in CIDR form", "wider ranges that the company approved"),
        Param(
            "services",
            (
                "SQL server",
                "PostgreSQL server",
                "MySQL server",
                "Cosmos DB account",
                "Redis cache",
                "container registry",
                "MariaDB server",
                "Oracle server",
                "Db2 server",
                "DocumentDB cluster",
                "Neptune cluster",
                "Redshift cluster",
            ),
            "kinds of services",
            "those that must not be open; object stores and vaults prove every caller first",
        ),
    ),
)
