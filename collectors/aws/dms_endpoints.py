"""Endpoints of the Database Migration Service, by how they connect to the databases that they read and write."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import DataConnections

ENDPOINT = Kind("aws.dms.endpoint", "dms", "DescribeEndpoints", items="Endpoints", volatile=("Status",))

UNSEEN = "ExtraConnectionAttributes"
"""A line of free text that may hold passwords; nothing is judged by it."""
ALWAYS_ENCRYPTED = frozenset(
    {"s3", "dynamodb", "kinesis", "opensearch", "elasticsearch", "neptune", "redshift", "redshift-serverless",
     "timestream", "iceberg"}
)  # fmt: skip
"""Targets that DMS reaches over an interface of AWS or, as Redshift, always encrypted: DMS User Guide, using SSL."""


def fetch(aws: Reader) -> Iterator[Document]:
    """Every endpoint of the region."""
    for endpoint in aws.listing(ENDPOINT):
        kept = {key: value for key, value in endpoint.items() if key != UNSEEN}
        yield aws.document(ENDPOINT, endpoint["EndpointArn"], kept)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per endpoint."""
    for endpoint in docs.of(ENDPOINT):
        name = str(endpoint.body.get("EndpointIdentifier", endpoint.uid.rpartition(":")[2]))
        engine = str(endpoint.body.get("EngineName", "database"))
        yield DataConnections(
            resource=docs.resource("data_mover", endpoint.uid, name, endpoint.region),
            documents=docs.about(endpoint.uid),
            what=f"DMS endpoint for {engine}",
            plain=docs.field(ENDPOINT, endpoint, plain),
        )


def plain(body: Body) -> tuple[str, ...]:
    """It connects without TLS."""
    return () if encrypted(body) else ("with its database",)


def encrypted(body: Body) -> bool:
    """By the engine's own setting where it has one, and by the mode of SSL otherwise: DMS API, Endpoint."""
    engine = body["EngineName"]
    if engine in ALWAYS_ENCRYPTED:
        return True
    if engine == "redis":
        # The API names this default itself.
        chosen = body["RedisSettings"].get("SslSecurityProtocol", "ssl-encryption")
        return {"ssl-encryption": True, "plaintext": False}[chosen]
    if engine == "kafka":
        # Left out, it is Kafka's own default: its manual, security.protocol.
        return bool(body["KafkaSettings"].get("SecurityProtocol", "plaintext") != "plaintext")
    return bool(body["SslMode"] != "none")


COLLECTOR = Collector(
    id="aws.dms_endpoints",
    title="Endpoints of the Database Migration Service",
    scope="region",
    kinds=(ENDPOINT,),
    emits={DataConnections: ENDPOINT},
    source="AWS Database Migration Service API 2016-01-01",
    fetch=fetch,
    shape=shape,
)
