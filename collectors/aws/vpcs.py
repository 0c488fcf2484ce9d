"""Virtual networks (VPCs), the flow logs that record their traffic, and the logs of the names that they look up."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import DnsQueries, Network

VPC = Kind("aws.ec2.vpc", "ec2", "DescribeVpcs", items="Vpcs")
FLOW_LOG = Kind("aws.ec2.flow_log", "ec2", "DescribeFlowLogs", items="FlowLogs")
QUERY_LOG = Kind(
    "aws.route53resolver.query_log_association",
    "route53resolver",
    "ListResolverQueryLogConfigAssociations",
    items="ResolverQueryLogConfigAssociations",
)
LOGS_QUERIES = "ACTIVE"
LOGS_NO_QUERIES = frozenset({"CREATING", "ACTION_NEEDED", "DELETING", "FAILED"})
"""States of an association in which nothing is written down, or not yet."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """The account's own networks, and every flow log and query log of the region.

    A network that another account shares is left to that account, which alone can see and set its flow logs.
    """
    own = [{"Name": "owner-id", "Values": [aws.account]}]
    for vpc in aws.listing(VPC, Filters=own):
        yield aws.document(VPC, aws.arn("ec2", f"vpc/{vpc['VpcId']}"), vpc)
    yield Then(flow_logs, (), FLOW_LOG.operation)
    yield Then(query_logs, (), QUERY_LOG.operation)


def flow_logs(aws: Reader) -> Iterator[Document]:
    """Every flow log, whatever it is attached to."""
    for each in aws.listing(FLOW_LOG):
        yield aws.document(FLOW_LOG, aws.arn("ec2", f"vpc-flow-log/{each['FlowLogId']}"), each)


def query_logs(aws: Reader) -> Iterator[Document]:
    """Which networks have their lookups logged, whoever owns the log."""
    for each in aws.listing(QUERY_LOG):
        # Nothing that can be asked for has an ARN here: an association is known by its id alone.
        uid = aws.arn("route53resolver", f"resolver-query-log-config-association/{each['Id']}")
        yield aws.document(QUERY_LOG, uid, each)


def shape(docs: Documents) -> Iterator[Fact]:
    """One network per VPC, and what becomes of its lookups."""
    logs = list(docs.of(FLOW_LOG))
    queries = list(docs.of(QUERY_LOG))
    for vpc in docs.of(VPC):
        yield _queries(docs, vpc, [each for each in queries if each.region == vpc.region])
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


def _queries(docs: Documents, vpc: Document, logs: list[Document]) -> DnsQueries:
    """As with flow logs: one that works settles it."""
    vpc_id = vpc.body["VpcId"]
    answers = [docs.field(QUERY_LOG, each, lambda body: logs_queries(body, vpc_id)) for each in logs]
    unread = docs.complete(QUERY_LOG, vpc.region) or next((each for each in answers if isinstance(each, Unread)), None)
    return DnsQueries(
        resource=docs.resource("network", vpc.uid, name_of(vpc.body), vpc.region),
        documents=docs.about(vpc.uid, *(each for each in logs if each.body.get("ResourceId") == vpc_id)),
        logged=True if True in answers else unread or False,
    )


def logs_queries(body: Body, vpc_id: str) -> bool:
    """The lookups of this network are written down.  Raises ValueError for a state that is not known."""
    if body["ResourceId"] != vpc_id:
        return False
    if body["Status"] not in {LOGS_QUERIES, *LOGS_NO_QUERIES}:
        raise ValueError(f"{body['Status']!r} is no state of an association")
    return bool(body["Status"] == LOGS_QUERIES)


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
    title="VPCs, their flow logs and query logs",
    scope="region",
    kinds=(VPC, FLOW_LOG, QUERY_LOG),
    emits={Network: VPC, DnsQueries: VPC},
    source="Amazon EC2 API 2016-11-15; Amazon Route 53 Resolver API 2018-04-01",
    fetch=fetch,
    shape=shape,
)
