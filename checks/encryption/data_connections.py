"""Data comes and goes over encrypted connections only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.data_access import DataConnections


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per service or mover of data."""
    for each in facts.of(DataConnections):
        if isinstance(each.plain, Unread):
            yield unknown(each, each.plain)
        elif each.plain:
            yield fails(each, f"{each.what} has connections {' and '.join(each.plain)} that may go unencrypted")
        else:
            yield passes(each, f"{each.what} has encrypted connections only")


CHECK = Check(
    id="encryption.data_connections",
    title="Brokers, caches, movers of data and file transfer use encrypted connections only",
    criteria=(
        Criterion("CC6.7", DIRECT, "data cannot be read on its way between machines"),
        Criterion("C1.1", PARTIAL, "confidential records cannot be overheard on their way"),
    ),
    severity="high",
    needs=(DataConnections,),
    remediation="Set ClientBroker to TLS and InCluster to true for the MSK cluster, encryptionType to TLS for the "
    "MSK connector, ClusterEndpointEncryptionType to TLS for the DAX cluster, SslMode (SslSecurityProtocol for Redis, "
    "SecurityProtocol for Kafka) for the DMS endpoint, and take FTP out of the Protocols of the Transfer server. "
    "Where the setting is fixed at creation, make the resource anew.",
    equivalents={
        "prowler": (
            "dms_endpoint_redis_in_transit_encryption_enabled",
            "dynamodb_accelerator_cluster_in_transit_encryption_enabled",
            "kafka_cluster_in_transit_encryption_enabled",
            "kafka_connector_in_transit_encryption_enabled",
            "transfer_server_in_transit_encryption_enabled",
        ),
        "aws_config": (
            "dax-tls-endpoint-encryption",
            "dms-endpoint-ssl-configured",
            "dms-redis-tls-enabled",
            "msk-in-cluster-node-require-tls",
        ),
        "security_hub": ("DMS.9", "DMS.12", "DynamoDB.7", "MSK.1", "MSK.3", "Transfer.2"),
    },
    judge=judge,
)
