"""Redshift clusters: how they are reached, who signs in, and what they write down."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.rds_access import group_uid, in_force, reached_from, security_groups
from collectors.aws.rds_parameters import is_on
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.data_access import DatabaseAudit, DatabaseSignIn, DataEndpoint

CLUSTER = Kind(
    "aws.redshift.cluster",
    "redshift",
    "DescribeClusters",
    items="Clusters",
    volatile=(
        "ClusterAvailabilityStatus",
        "ClusterStatus",
        "DataTransferProgress",
        "ExpectedNextSnapshotScheduleTime",
        "ExpectedNextSnapshotScheduleTimeStatus",
        "NextMaintenanceWindowStartTime",
        "RestoreStatus",
        "TotalStorageCapacityInMegaBytes",
    ),
)
PARAMETERS = Kind("aws.redshift.parameters", "redshift", "DescribeClusterParameters", items="Parameters")
LOGGING = Kind(
    "aws.redshift.logging",
    "redshift",
    "DescribeLoggingStatus",
    volatile=("LastFailureMessage", "LastFailureTime", "LastSuccessfulDeliveryTime"),
)
GROUP = Kind("aws.redshift.security_group", "ec2", "DescribeSecurityGroups", items="SecurityGroups")


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every cluster of the region, where it logs to, and once each the groups that decide about it."""
    asked: set[str] = set()
    for cluster in aws.listing(CLUSTER):
        name = cluster["ClusterIdentifier"]
        uid = aws.arn("redshift", f"cluster:{name}")
        yield aws.document(CLUSTER, uid, cluster)
        yield Then(logging, (uid, name), f"{uid}/{LOGGING.operation}")
        for group in group_names(cluster):
            if group not in asked:
                asked.add(group)
                yield Then(parameters, (group,), f"{group}/{PARAMETERS.operation}")
        for guard in security_groups(cluster) if cluster.get("PubliclyAccessible") else ():
            if guard not in asked:
                asked.add(guard)
                yield Then(security_group, (guard,), f"{guard}/{GROUP.operation}")


def logging(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """Where one cluster sends its audit log."""
    yield from aws.read(LOGGING, uid, ClusterIdentifier=name)


def parameters(aws: Reader, name: str) -> Iterator[Document]:
    """The parameters of one group."""
    yield from aws.gather(PARAMETERS, aws.arn("redshift", f"parametergroup:{name}"), ParameterGroupName=name)


def security_group(aws: Reader, group: str) -> Iterator[Document]:
    """The rules of one security group."""
    yield from aws.gather(GROUP, group_uid(aws.partition, aws.region, aws.account, group), GroupIds=[group])


def group_names(body: Body) -> list[str]:
    """The parameter groups of a cluster."""
    return [str(each["ParameterGroupName"]) for each in body.get("ClusterParameterGroups", ())]


def shape(docs: Documents) -> Iterator[Fact]:
    """Each cluster as an address, by who signs in and by what it writes down."""
    for cluster in docs.of(CLUSTER):
        uid, region = cluster.uid, cluster.region
        resource = docs.resource("database", uid, uid.rpartition(":")[2], region)
        documents = docs.about(uid)
        yield DataEndpoint(
            resource=resource,
            documents=documents,
            service="Redshift cluster",
            requires_tls=_requires_tls(docs, cluster),
            minimum_tls=Unread(
                Reason.SERVICE_UNSUPPORTED,
                CLUSTER.call,
                CLUSTER.needs,
                "no setting tells which versions of TLS it takes",
            ),
            open_ranges=docs.field(CLUSTER, cluster, partial(_reached, docs, region)),
            admits_provider=False,  # AWS has no such rule: what runs there needs a rule of the security group as well
            private_endpoints=1,  # every cluster has an address in a network of the company
        )
        yield DatabaseAudit(
            resource=resource,
            documents=documents,
            engine="redshift",
            connections=docs.value(LOGGING, uid, logs_connections),
            server_events=None,
            sent_to=docs.value(LOGGING, uid, receivers),
            keeps=False,  # its own tables hold a week that no setting changes; the receiver decides about the rest
            kept_days=None,
            longest_days=None,
        )
        yield DatabaseSignIn(
            resource=resource,
            documents=documents,
            engine="redshift",
            directory=True,  # IAM hands out credentials for any cluster to those with redshift:GetClusterCredentials
            passwords=True,  # and the administrator always has a password
        )


def _requires_tls(docs: Documents, cluster: Document) -> bool | Unread:
    name = next(iter(group_names(cluster.body)), "")  # AWS gives each cluster exactly one
    uid = f"arn:{docs.partition}:redshift:{cluster.region}:{docs.account}:parametergroup:{name}"
    statuses = docs.field(
        CLUSTER, cluster, lambda body: [str(each["ParameterApplyStatus"]) for each in body["ClusterParameterGroups"]]
    )
    said = statuses if isinstance(statuses, Unread) else in_force(docs, PARAMETERS, uid, statuses)
    if isinstance(said, Unread):
        return said
    # The provider lists every parameter of a group with its value.
    return docs.value(PARAMETERS, uid, lambda _: is_on(said["require_ssl"]))


def _reached(docs: Documents, region: str, body: Body) -> tuple[str, ...] | Unread:
    """Without a public address nobody on the internet reaches it, whatever its security groups say."""
    if not body["PubliclyAccessible"]:
        return ()
    return reached_from(docs, GROUP, region, body, int(body["Endpoint"]["Port"]))


def receivers(body: Body) -> tuple[str, ...]:
    """Where the audit log goes; nowhere while it is off."""
    if not body["LoggingEnabled"]:
        return ()
    return ("CloudWatch Logs",) if body.get("LogDestinationType") == "cloudwatch" else ("S3",)


def logs_connections(body: Body) -> bool:
    """The audit log is on; to S3 it always holds connections, to CloudWatch Logs when they are chosen."""
    if not body["LoggingEnabled"]:
        return False
    return body.get("LogDestinationType") != "cloudwatch" or "connectionlog" in body["LogExports"]


COLLECTOR = Collector(
    id="aws.redshift_clusters",
    title="Redshift clusters",
    scope="region",
    kinds=(CLUSTER, PARAMETERS, LOGGING, GROUP),
    emits=dict.fromkeys((DataEndpoint, DatabaseAudit, DatabaseSignIn), CLUSTER),
    source="Amazon Redshift API 2012-12-01",
    fetch=fetch,
    shape=shape,
)
