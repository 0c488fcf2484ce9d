"""RDS database instances: encryption, exposure, backups, sign-in and logs of each."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.rds_access import Server, group_uid, in_force, reached_from, security_groups
from collectors.aws.rds_parameters import FILTER, PARAMETERS
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import DatabaseAudit, DatabaseSignIn, DataEndpoint, StatementLog
from collectors.facts.stores import Database

INSTANCE = Kind(
    "aws.rds.instance",
    "rds",
    "DescribeDBInstances",
    items="DBInstances",
    volatile=(
        "DBInstanceStatus",  # "backing-up" once a day
        "LatestRestorableTime",
        "PercentProgress",
        "StatusInfos",
        "StorageOperationPercentProgress",
    ),
)
GROUP = Kind("aws.rds.security_group", "ec2", "DescribeSecurityGroups", items="SecurityGroups")


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every instance of the region, and once each the groups that decide about those that stand alone.

    Neptune and DocumentDB answer here too.
    """
    asked: set[str] = set()
    for instance in aws.listing(INSTANCE):
        yield aws.document(INSTANCE, instance["DBInstanceArn"], instance)
        if "DBClusterIdentifier" in instance:
            continue
        for name in group_names(instance):
            if name not in asked:
                asked.add(name)
                yield Then(parameters, (name,), f"{name}/{PARAMETERS.operation}")
        for group in security_groups(instance) if instance.get("PubliclyAccessible") else ():
            if group not in asked:
                asked.add(group)
                yield Then(security_group, (group,), f"{group}/{GROUP.operation}")


def parameters(aws: Reader, name: str) -> Iterator[Document]:
    """The parameters of one group that matter here."""
    yield from aws.gather(PARAMETERS, aws.arn("rds", f"pg:{name}"), DBParameterGroupName=name, Filters=FILTER)


def security_group(aws: Reader, group: str) -> Iterator[Document]:
    """The rules of one security group."""
    uid = group_uid(aws.partition, aws.region, aws.account, group)
    yield from aws.gather(GROUP, uid, GroupIds=[group])


def group_names(body: Body) -> list[str]:
    """The parameter groups of an instance."""
    return [str(each["DBParameterGroupName"]) for each in body.get("DBParameterGroups", ())]


def shape(docs: Documents) -> Iterator[Fact]:
    """One database per instance, members of clusters included; and each that stands alone as a server."""
    for instance in docs.of(INSTANCE):
        database = _database(docs, instance)
        yield database
        if not database.clustered:
            yield from _server(docs, instance, database).facts()


def _server(docs: Documents, instance: Document, database: Database) -> Server:
    region = instance.region
    name = next(iter(group_names(instance.body)), "")  # AWS gives each instance exactly one
    uid = f"arn:{docs.partition}:rds:{region}:{docs.account}:pg:{name}"
    statuses = docs.field(INSTANCE, instance, _statuses)
    said = statuses if isinstance(statuses, Unread) else in_force(docs, PARAMETERS, uid, statuses)
    held = docs.get(PARAMETERS, uid)
    return Server(
        docs=docs,
        listed=instance,
        kind=INSTANCE,
        resource=database.resource,
        documents=docs.about(instance.uid, *([held] if isinstance(held, Document) else ())),
        parameters=said,
        logging=said,
        open_ranges=docs.field(INSTANCE, instance, lambda body: _reached(docs, region, body)),
    )


def _statuses(body: Body) -> list[str]:
    return [str(each["ParameterApplyStatus"]) for each in body["DBParameterGroups"]]


def _reached(docs: Documents, region: str, body: Body) -> tuple[str, ...] | Unread:
    """Without a public address nobody on the internet reaches it, whatever its security groups say."""
    if not body["PubliclyAccessible"]:
        return ()
    # AWS gives no address while the instance is being made: the field is missing, so unread.
    port = body["Endpoint"]["Port"]
    return reached_from(docs, GROUP, region, body, int(port))


def _database(docs: Documents, instance: Document) -> Database:
    def flag(key: str) -> bool | Unread:
        return docs.field(INSTANCE, instance, lambda body: bool(body[key]))

    return Database(
        resource=docs.resource("database", instance.uid, name_in(instance.uid), instance.region),
        documents=docs.about(instance.uid),
        engine=str(instance.body.get("Engine", "unknown")),
        # AWS names the cluster of a member and leaves the key out otherwise.
        clustered="DBClusterIdentifier" in instance.body,
        encrypted_at_rest=docs.field(INSTANCE, instance, encrypted),
        customer_key=docs.field(INSTANCE, instance, named_key),
        public=flag("PubliclyAccessible"),
        backup_days=docs.field(INSTANCE, instance, retention),
        point_in_time=docs.field(INSTANCE, instance, lambda body: retention(body) > 0),
        deletion_protected=flag("DeletionProtection"),
        multi_zone=flag("MultiAZ"),
        exported_logs=docs.field(INSTANCE, instance, exported_logs),
        copies_tags_to_snapshots=flag("CopyTagsToSnapshot"),
    )


def name_in(arn: str) -> str:
    """The identifier at the end of an RDS ARN; that of an automatic snapshot holds a colon itself."""
    return arn.split(":", 6)[-1]


def encrypted(body: Body, flag: str = "StorageEncrypted") -> bool:
    """Encrypted with any key.  For one that AWS owns `flag` is false, and the type says `sse-rds` instead."""
    return bool(body[flag]) or body.get("StorageEncryptionType") == "sse-rds"


def named_key(body: Body) -> str | None:
    """The KMS key in use; None with a key that AWS owns, or none.

    The ARN alone does not tell a customer-managed key from the account's AWS-managed `aws/rds`.
    """
    key = body["KmsKeyId"] if body["StorageEncrypted"] else None
    return key if key is None else str(key)


def retention(body: Body) -> int:
    """Days that automatic backups are kept, 0 when they are off; they are what restores to any moment."""
    return int(body["BackupRetentionPeriod"])


def exported_logs(body: Body) -> tuple[str, ...]:
    """Log types sent to CloudWatch Logs.  AWS leaves the key out when there are none."""
    return tuple(sorted(body.get("EnabledCloudwatchLogsExports", ())))


COLLECTOR = Collector(
    id="aws.rds_instances",
    title="RDS database instances",
    scope="region",
    kinds=(INSTANCE, PARAMETERS, GROUP),
    emits=dict.fromkeys((Database, DataEndpoint, DatabaseAudit, DatabaseSignIn, StatementLog), INSTANCE),
    source="Amazon RDS API 2014-10-31",
    fetch=fetch,
    shape=shape,
)
