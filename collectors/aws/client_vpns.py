"""Client VPN endpoints, and whether they log connections."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.service_logs import UseLog

ENDPOINT = Kind(
    "aws.ec2.client_vpn_endpoint",
    "ec2",
    "DescribeClientVpnEndpoints",
    items="ClientVpnEndpoints",
    omits_empty=True,
)
CONNECTIONS = "connections"
GONE = frozenset({"deleting", "deleted"})


def fetch(aws: Reader) -> Iterator[Document]:
    """Every endpoint of the region that is not going away."""
    for endpoint in aws.listing(ENDPOINT):
        if endpoint["Status"]["Code"] not in GONE:
            uid = aws.arn("ec2", f"client-vpn-endpoint/{endpoint['ClientVpnEndpointId']}")
            yield aws.document(ENDPOINT, uid, endpoint)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per endpoint."""
    for endpoint in docs.of(ENDPOINT):
        yield UseLog(
            resource=docs.resource("vpn_endpoint", endpoint.uid, endpoint.uid.rpartition("/")[2], endpoint.region),
            documents=docs.about(endpoint.uid),
            what="Client VPN endpoint",
            kinds=(CONNECTIONS,),
            kept=docs.field(ENDPOINT, endpoint, kept_logs),
        )


def kept_logs(endpoint: Body) -> tuple[str, ...]:
    """Connections, where logging is on; it has no other destination than CloudWatch."""
    return (CONNECTIONS,) if endpoint["ConnectionLogOptions"]["Enabled"] else ()


COLLECTOR = Collector(
    id="aws.client_vpns",
    title="Client VPN endpoints and their logs",
    scope="region",
    kinds=(ENDPOINT,),
    emits={UseLog: ENDPOINT},
    source="Amazon EC2 API 2016-11-15",
    fetch=fetch,
    shape=shape,
)
