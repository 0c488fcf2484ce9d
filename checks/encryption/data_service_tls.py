"""Data services take encrypted connections only, and no old version of TLS."""

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
    unread_in,
)
from collectors.facts.core import Unread
from collectors.facts.data_access import DataEndpoint


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per data service; one shortcoming that is known decides."""
    minimum = str(params["minimum"])
    for endpoint in facts.of(DataEndpoint):
        oldest = endpoint.minimum_tls
        if endpoint.requires_tls is False:
            yield fails(endpoint, f"{endpoint.service} takes connections without TLS")
        elif oldest is None:
            yield fails(endpoint, f"{endpoint.service} takes any version of TLS")
        elif not isinstance(oldest, Unread) and _parts(oldest) < _parts(minimum):
            yield fails(endpoint, f"{endpoint.service} takes TLS {oldest}, older than {minimum}")
        elif gaps := unread_in(endpoint.requires_tls, oldest):
            yield unknown(endpoint, *gaps)
        else:
            yield passes(endpoint, f"{endpoint.service} takes TLS {oldest} and newer only, {minimum} being the minimum")


def _parts(version: str) -> tuple[int, ...]:
    """`1.2` as numbers that compare.  Raises ValueError for anything else than numbers and dots."""
    return tuple(int(part) for part in version.split("."))


CHECK = Check(
    id="encryption.data_service_tls",
    title="Data services demand modern TLS",
    criteria=(
        Criterion("CC6.7", DIRECT, "data is encrypted on its way in and out, by methods that still hold"),
        Criterion("C1.1", PARTIAL, "confidential records cannot be overheard on their way"),
    ),
    severity="high",
    needs=(DataEndpoint,),
    remediation="On Azure set minimumTlsVersion or minimalTlsVersion to 1.2, and require_secure_transport of a "
    "PostgreSQL or MySQL server to ON (for the versions: ssl_min_protocol_version, tls_version); on AWS "
    "set rds.force_ssl or require_secure_transport in the parameter group, require_ssl of a Redshift cluster, and "
    "transit encryption mode required of an ElastiCache group. On Google Cloud set sslMode of "
    "the Cloud SQL or AlloyDB instance to ENCRYPTED_ONLY, and in-transit encryption of the Redis "
    "instance.",
    equivalents={
        "prowler": (
            "cloudsql_instance_ssl_connections",
            "elasticache_redis_cluster_in_transit_encryption_enabled",
            "mysql_flexible_server_minimum_tls_version_12",
            "mysql_flexible_server_ssl_connection_enabled",
            "postgresql_flexible_server_enforce_ssl_enabled",
            "redshift_cluster_in_transit_encryption_enabled",
            "sqlserver_recommended_minimal_tls_version",
            "storage_ensure_minimum_tls_version_12",
        ),
    },
    judge=judge,
    params=(Param("minimum", "1.2", "TLS version", "no older version may be taken"),),
)
