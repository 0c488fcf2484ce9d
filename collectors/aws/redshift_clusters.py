"""Redshift clusters and their snapshots: how they are kept and reached, who signs in, and what they write down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.rds_access import group_uid, in_force, reached_from, security_groups
from collectors.aws.rds_parameters import is_on
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import DatabaseAudit, DatabaseSignIn, DataEndpoint
from collectors.facts.stores import Database, DatabaseSnapshot

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
SNAPSHOT = Kind(
    "aws.redshift.snapshot",
    "redshift",
    "DescribeClusterSnapshots",
    items="Snapshots",
    volatile=(
        "ActualIncrementalBackupSizeInMegaBytes",
        "BackupProgressInMegaBytes",
        "CurrentBackupRateInMegaBytesPerSecond",
        "ElapsedTimeInSeconds",
        "EstimatedSecondsToCompletion",
        "ManualSnapshotRemainingDays",
        "TotalBackupSizeInMegaBytes",
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

TLS = "1.2"
"""Since January 31, 2026 Redshift takes no older version: Redshift Management Guide, behavior changes."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every cluster, where it logs to, and once each the groups that decide about it; then every snapshot."""
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
    yield Then(snapshots, (), SNAPSHOT.operation)


def snapshots(aws: Reader) -> Iterator[Document]:
    """Every snapshot that this account owns, automatic ones too."""
    for each in aws.listing(SNAPSHOT):
        yield aws.document(SNAPSHOT, each["SnapshotArn"], each)


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
    """Each cluster as a database, as an address, by who signs in and by what it writes down; then each snapshot."""
    for cluster in docs.of(CLUSTER):
        uid, region = cluster.uid, cluster.region
        resource = docs.resource("database", uid, uid.rpartition(":")[2], region)
        documents = docs.about(uid)
        yield _database(docs, cluster)
        yield DataEndpoint(
            resource=resource,
            documents=documents,
            service="Redshift cluster",
            requires_tls=_requires_tls(docs, cluster),
            minimum_tls=TLS,
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

    for snapshot in docs.of(SNAPSHOT):
        name = snapshot.uid.rpartition("/")[2]
        yield DatabaseSnapshot(
            resource=docs.resource("database_snapshot", snapshot.uid, name, snapshot.region),
            documents=docs.about(snapshot.uid),
            encrypted_at_rest=docs.field(SNAPSHOT, snapshot, lambda body: bool(body["Encrypted"])),
            created=docs.field(SNAPSHOT, snapshot, taken),
        )


def _database(docs: Documents, cluster: Document) -> Database:
    """It has no deletion protection, no tags to copy, and is restored as a snapshot holds it, to no other moment."""
    uid, region = cluster.uid, cluster.region
    return Database(
        resource=docs.resource("database", uid, uid.rpartition(":")[2], region),
        documents=docs.about(uid),
        engine="redshift",
        clustered=False,
        encrypted_at_rest=docs.field(CLUSTER, cluster, lambda body: bool(body["Encrypted"])),
        customer_key=docs.field(CLUSTER, cluster, named_key),
        public=docs.field(CLUSTER, cluster, lambda body: bool(body["PubliclyAccessible"])),
        backup_days=docs.field(CLUSTER, cluster, lambda body: int(body["AutomatedSnapshotRetentionPeriod"])),
        point_in_time=None,
        deletion_protected=None,
        multi_zone=docs.field(CLUSTER, cluster, in_two_zones),
        exported_logs=docs.value(LOGGING, uid, exports),
        copies_tags_to_snapshots=None,
    )


def named_key(body: Body) -> str | None:
    """The KMS key in use; None without encryption, for which AWS gives no key."""
    return str(body["KmsKeyId"]) if body["Encrypted"] else None


def in_two_zones(body: Body) -> bool:
    """Raises KeyError for a word that is neither; AWS writes the switch as text."""
    return {"enabled": True, "true": True, "disabled": False, "false": False}[str(body["MultiAZ"]).lower()]


def taken(body: Body) -> datetime | None:
    """When a snapshot was taken; None while it is being made, and for one that failed."""
    return when(body["SnapshotCreateTime"]) if body["Status"] == "available" else None


def exports(body: Body) -> tuple[str, ...]:
    """Logs that leave the cluster: those chosen for CloudWatch Logs; to S3 always both of these."""
    if not body["LoggingEnabled"]:
        return ()
    return tuple(body["LogExports"]) if body.get("LogDestinationType") == "cloudwatch" else ("connectionlog", "userlog")


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
    title="Redshift clusters and their snapshots",
    scope="region",
    kinds=(CLUSTER, PARAMETERS, LOGGING, GROUP, SNAPSHOT),
    emits={
        DatabaseSnapshot: SNAPSHOT,
        **dict.fromkeys((Database, DataEndpoint, DatabaseAudit, DatabaseSignIn), CLUSTER),
    },
    source="Amazon Redshift API 2012-12-01",
    fetch=fetch,
    shape=shape,
)
