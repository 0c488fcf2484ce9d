"""Transit gateways: routers that join networks, those of other accounts too."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.network import NetworkHub

GATEWAY = Kind("aws.ec2.transit_gateway", "ec2", "DescribeTransitGateways", items="TransitGateways")
EXISTING = ("pending", "available", "modifying", "deleting")
"""AWS still lists a gateway for a while after it is gone."""
STATES = {"enable": True, "disable": False}


def fetch(aws: Reader) -> Iterator[Document]:
    """Every gateway of the account; one that another account shares is left to that account."""
    own = [{"Name": "owner-id", "Values": [aws.account]}, {"Name": "state", "Values": list(EXISTING)}]
    for gateway in aws.listing(GATEWAY, Filters=own):
        yield aws.document(GATEWAY, gateway["TransitGatewayArn"], gateway)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per gateway."""
    for gateway in docs.of(GATEWAY):
        yield NetworkHub(
            resource=docs.resource("network_hub", gateway.uid, name_of(gateway.body), gateway.region),
            documents=docs.about(gateway.uid),
            joins_unasked=docs.field(GATEWAY, gateway, joins_unasked),
        )


def name_of(body: Body) -> str:
    """What people call a gateway: its Name tag, or else its id."""
    names = {tag["Key"]: tag["Value"] for tag in body.get("Tags") or ()}
    return str(names.get("Name") or body["TransitGatewayId"])


def joins_unasked(body: Body) -> bool:
    """Attachments from accounts that it is shared with are taken at once.  Any word but two is malformed."""
    return STATES[body["Options"]["AutoAcceptSharedAttachments"]]


COLLECTOR = Collector(
    id="aws.transit_gateways",
    title="Transit gateways",
    scope="region",
    kinds=(GATEWAY,),
    emits={NetworkHub: GATEWAY},
    source="Amazon EC2 API 2016-11-15",
    fetch=fetch,
    shape=shape,
)
