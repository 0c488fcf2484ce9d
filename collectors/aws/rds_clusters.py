"""RDS clusters: Aurora, Multi-AZ DB clusters, and those of Neptune and DocumentDB, which answer here too."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.rds_access import Server, group_uid, in_force, reached_from, security_groups
from collectors.aws.rds_instances import INSTANCE, encrypted, exported_logs, name_in, named_key, retention
from collectors.aws.rds_parameters import CLUSTER_PARAMETERS, FILTER, Parameters
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.data_access import DatabaseAudit, DatabaseSignIn, DataEndpoint, StatementLog
from collectors.facts.stores import Database

CLUSTER = Kind(
    "aws.rds.cluster",
    "rds",
    "DescribeDBClusters",
    items="DBClusters",
    volatile=(
        "BacktrackConsumedChangeRecords",
        "EarliestBacktrackTime",
        "EarliestRestorableTime",
        "LatestRestorableTime",
        "PercentProgress",
        "Status",  # "backing-up" once a day
        "StatusInfos",
    ),
)


MEMBERS = Kind(
    "aws.rds.cluster_members",
    "rds",
    "DescribeDBInstances",
    items="DBInstances",
    volatile=tuple(f"DBInstances.{each}" for each in INSTANCE.volatile),
)
MEMBER_PARAMETERS = Kind("aws.rds.member_parameters", "rds", "DescribeDBParameters", items="Parameters")
GROUP = Kind("aws.rds.cluster_security_group", "ec2", "DescribeSecurityGroups", items="SecurityGroups")


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every cluster of the region, its members, and once each the groups that decide about it."""
    asked: set[str] = set()
    for cluster in aws.listing(CLUSTER):
        uid = cluster["DBClusterArn"]
        yield aws.document(CLUSTER, uid, cluster)
        yield Then(members, (uid, name_in(uid)), f"{uid}/{MEMBERS.operation}")
        group_name = cluster.get("DBClusterParameterGroup")
        if group_name is not None and group_name not in asked:
            asked.add(group_name)
            yield Then(parameters, (group_name,), f"{group_name}/{CLUSTER_PARAMETERS.operation}")
        for group in security_groups(cluster):
            if group not in asked:
                asked.add(group)
                yield Then(security_group, (group,), f"{group}/{GROUP.operation}")


def members(aws: Reader, uid: str, cluster: str) -> Iterator[Document]:
    """The instances of one cluster: each says whether it has a public address, and may log as its own group says."""
    for found in aws.gather(MEMBERS, uid, Filters=[{"Name": "db-cluster-id", "Values": [cluster]}]):
        yield found
        for member in found.body["DBInstances"]:
            for group in member.get("DBParameterGroups", ()):
                name = group["DBParameterGroupName"]
                yield from aws.gather(
                    MEMBER_PARAMETERS, member["DBInstanceArn"], DBParameterGroupName=name, Filters=FILTER
                )


def parameters(aws: Reader, name: str) -> Iterator[Document]:
    """The parameters of one group that matter here."""
    uid = aws.arn("rds", f"cluster-pg:{name}")
    yield from aws.gather(CLUSTER_PARAMETERS, uid, DBClusterParameterGroupName=name, Filters=FILTER)


def security_group(aws: Reader, group: str) -> Iterator[Document]:
    """The rules of one security group."""
    uid = group_uid(aws.partition, aws.region, aws.account, group)
    yield from aws.gather(GROUP, uid, GroupIds=[group])


def shape(docs: Documents) -> Iterator[Fact]:
    """One database and one server per cluster; its members are databases of their own."""
    for cluster in docs.of(CLUSTER):
        database = _database(docs, cluster)
        yield database
        yield from _server(docs, cluster, database).facts()


def _server(docs: Documents, cluster: Document, database: Database) -> Server:
    region, body = cluster.region, cluster.body
    group = f"arn:{docs.partition}:rds:{region}:{docs.account}:cluster-pg:{body.get('DBClusterParameterGroup', '')}"
    statuses = docs.field(CLUSTER, cluster, _statuses)
    held = docs.get(CLUSTER_PARAMETERS, group)
    said = statuses if isinstance(statuses, Unread) else in_force(docs, CLUSTER_PARAMETERS, group, statuses)
    return Server(
        docs=docs,
        listed=cluster,
        kind=CLUSTER,
        resource=database.resource,
        documents=docs.about(cluster.uid, *([held] if isinstance(held, Document) else ())),
        parameters=said,
        logging=said if isinstance(said, Unread) else _with_members(docs, cluster.uid, said),
        open_ranges=docs.field(CLUSTER, cluster, lambda said: _reached(docs, region, cluster.uid, said)),
    )


def _with_members(docs: Documents, uid: str, said: Parameters) -> Parameters | Unread:
    """The parameters of a cluster, over which the group of a member has the last word in what it sets."""
    found = docs.value(MEMBERS, uid, _groups_of_members)
    if isinstance(found, Unread):
        return found
    merged: list[Parameters] = []
    for member, statuses in found:
        own = in_force(docs, MEMBER_PARAMETERS, member, statuses)
        if isinstance(own, Unread):
            return own
        merged.append({**said, **own})
    if any(each != merged[0] for each in merged):
        why = "the parameter groups of the members differ"
        return Unread(Reason.SERVICE_UNSUPPORTED, MEMBER_PARAMETERS.call, MEMBER_PARAMETERS.needs, why)
    return merged[0] if merged else said


def _groups_of_members(body: Body) -> list[tuple[str, list[str]]]:
    """ARN of each member, and how far it has taken over its parameter group."""
    return [
        (each["DBInstanceArn"], [str(group["ParameterApplyStatus"]) for group in each["DBParameterGroups"]])
        for each in body["DBInstances"]
    ]


def _statuses(body: Body) -> list[str]:
    return [str(each["DBClusterParameterGroupStatus"]) for each in body["DBClusterMembers"]]


def _reached(docs: Documents, region: str, uid: str, body: Body) -> tuple[str, ...] | Unread:
    """Without a member that has a public address nobody on the internet reaches it."""
    flags = docs.value(MEMBERS, uid, lambda said: [bool(each["PubliclyAccessible"]) for each in said["DBInstances"]])
    if isinstance(flags, Unread):
        return flags
    if not any(flags) and not body.get("PubliclyAccessible", False):
        return ()
    return reached_from(docs, GROUP, region, body, int(body["Port"]))


def _database(docs: Documents, cluster: Document) -> Database:
    def flag(key: str) -> bool | Unread:
        return docs.field(CLUSTER, cluster, lambda body: bool(body[key]))

    return Database(
        resource=docs.resource("database", cluster.uid, name_in(cluster.uid), cluster.region),
        documents=docs.about(cluster.uid),
        engine=str(cluster.body.get("Engine", "unknown")),
        clustered=False,
        encrypted_at_rest=docs.field(CLUSTER, cluster, encrypted),
        customer_key=docs.field(CLUSTER, cluster, named_key),
        # AWS says it of Multi-AZ DB clusters only.  Elsewhere the members have the addresses, and say so.
        public=docs.field(CLUSTER, cluster, lambda body: bool(body.get("PubliclyAccessible", False))),
        backup_days=docs.field(CLUSTER, cluster, retention),
        point_in_time=docs.field(CLUSTER, cluster, lambda body: retention(body) > 0),
        deletion_protected=flag("DeletionProtection"),
        multi_zone=flag("MultiAZ"),
        exported_logs=docs.field(CLUSTER, cluster, exported_logs),
        copies_tags_to_snapshots=docs.field(CLUSTER, cluster, copies_tags),
    )


def copies_tags(body: Body) -> bool | None:
    """Snapshots get the cluster's tags; DocumentDB has no such setting."""
    return None if body["Engine"] == "docdb" else bool(body["CopyTagsToSnapshot"])


COLLECTOR = Collector(
    id="aws.rds_clusters",
    title="RDS, Neptune and DocumentDB clusters",
    scope="region",
    kinds=(CLUSTER, MEMBERS, CLUSTER_PARAMETERS, MEMBER_PARAMETERS, GROUP),
    emits=dict.fromkeys((Database, DataEndpoint, DatabaseAudit, DatabaseSignIn, StatementLog), CLUSTER),
    source="Amazon RDS API 2014-10-31",
    fetch=fetch,
    shape=shape,
)
