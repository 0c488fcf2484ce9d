"""Virtual networks (VPCs) and the flow logs that record their traffic."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import Network

VPC = Kind("aws.ec2.vpc", "ec2", "DescribeVpcs", items="Vpcs")
FLOW_LOG = Kind("aws.ec2.flow_log", "ec2", "DescribeFlowLogs", items="FlowLogs")


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """The account's own networks, and every flow log of the region.

    A network that another account shares is left to that account, which alone can see and set its flow logs.
    """
    own = [{"Name": "owner-id", "Values": [aws.account]}]
    for vpc in aws.listing(VPC, Filters=own):
        yield aws.document(VPC, aws.arn("ec2", f"vpc/{vpc['VpcId']}"), vpc)
    yield Then(flow_logs, (), FLOW_LOG.operation)


def flow_logs(aws: Reader) -> Iterator[Document]:
    """Every flow log, whatever it is attached to."""
    for each in aws.listing(FLOW_LOG):
        yield aws.document(FLOW_LOG, aws.arn("ec2", f"vpc-flow-log/{each['FlowLogId']}"), each)


def shape(docs: Documents) -> Iterator[Fact]:
    """One network per VPC."""
    logs = list(docs.of(FLOW_LOG))
    for vpc in docs.of(VPC):
        yield _network(docs, vpc, [each for each in logs if each.region == vpc.region])


def _network(docs: Documents, vpc: Document, logs: list[Document]) -> Network:
    """A working flow log settles that there is one; without it, whatever is unread might have been one."""
    vpc_id = vpc.body["VpcId"]
    answers = [docs.field(FLOW_LOG, each, lambda body: traffic_of(body, vpc_id)) for each in logs]
    taken = {answer for answer in answers if isinstance(answer, str)}
    unread = docs.complete(FLOW_LOG, vpc.region) or next(
        (answer for answer in answers if isinstance(answer, Unread)), None
    )
    traffic = "ALL" if len(taken) > 1 else next(iter(taken), None)
    return Network(
        resource=docs.resource("network", vpc.uid, name_of(vpc.body), vpc.region),
        documents=docs.about(vpc.uid, *(each for each in logs if each.body.get("ResourceId") == vpc_id)),
        flow_logged=True if taken else unread or False,
        flow_log_traffic=traffic if traffic == "ALL" or not unread else unread,
    )


def traffic_of(body: Body, vpc_id: str) -> str | None:
    """The traffic of this network that a flow log records; None when it is another's, or does not work.

    A log on a subnet or a network interface sees only a part of the network, so it does not count.
    """
    if body["ResourceId"] != vpc_id:
        return None
    # AWS leaves out the error of a delivery that works, and the result of one that has not been tried.
    broken = body.get("DeliverLogsErrorMessage") or body.get("DeliverLogsStatus") == "FAILED"
    if body["FlowLogStatus"] != "ACTIVE" or broken:
        return None
    return str(body["TrafficType"])


def name_of(body: Body) -> str:
    """What people call a network: its Name tag, or else its id."""
    names = {tag["Key"]: tag["Value"] for tag in body.get("Tags", ())}
    return str(names.get("Name") or body["VpcId"])


COLLECTOR = Collector(
    id="aws.vpcs",
    title="VPCs and their flow logs",
    scope="region",
    kinds=(VPC, FLOW_LOG),
    emits={Network: VPC},
    source="Amazon EC2 API 2016-11-15",
    fetch=fetch,
    shape=shape,
)
