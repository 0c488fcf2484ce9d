"""The populations that can be asked for, one row each: which documents list it and what of them is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.wiring import Wiring
from collectors.api import Collector
from storage.history import RunAt
from storage.rows import Target

SHORT_LIVED = "what came and went between two runs was never seen"
BEFORE = "what was gone before the first run of a target was never seen"


@dataclass(frozen=True, slots=True)
class Definition:
    """One population."""

    name: str
    """As the command line calls it."""
    title: str
    kinds: tuple[str, ...]
    """Kinds of documents of which each stands for one item; for grants, those that they are read from."""
    query: str
    """What is asked, in words an auditor can quote."""
    view: str = ""
    """What its public view is called after `v_population_`, when the documents alone list it."""
    shown: Mapping[str, str] = field(default_factory=dict)
    """By column: the path of a field of the document, with dots; where clouds differ, paths with `|` between them."""
    limits: tuple[str, ...] = (SHORT_LIVED, BEFORE)
    """What this extract cannot show."""


@dataclass(frozen=True, slots=True)
class Listed:
    """By which gaps a listing of a population is known not to be complete."""

    kinds: frozenset[str]
    """Kinds of documents that must have been read, the listings around them included."""
    collectors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of existence of one item."""

    target: Target
    kind: str
    uid: str
    region: str
    name: str
    first: RunAt
    changed: RunAt
    """The newest run in which it was new or changed, so that it was surely seen."""
    gone: RunAt | None
    """The run whose complete listing held it no more."""
    shown: Mapping[str, str] = field(default_factory=dict)


ACCOUNTS, GRANTS = "accounts", "admin-grants"
"""The two populations that no single document lists."""


def _documents(name: str, title: str, *kinds: str, view: str = "", **shown: str) -> Definition:
    """A population whose items are documents."""
    which = " or ".join(kinds)
    asked = f"documents of kind {which} that existed at any time in [begins, ends), by the runs recorded before ends"
    return Definition(name, title, kinds, asked, view or name.replace("-", "_"), shown)


_ROWS = (
    _documents(
        "users", "Users of the accounts, root users apart", "aws.iam.user", "azure.entra.user", "gcp.admin.user",
        created="CreateDate|createdDateTime|creationTime", id="UserId|id",
    ),
    _documents(
        "access-keys", "Long-lived API keys", "aws.iam.access_key", "gcp.iam.service_account_key", "gcp.apikeys.key",
        owner="UserName", status="Status", created="CreateDate|validAfterTime|createTime",
    ),
    _documents("roles", "Roles", "aws.iam.role_authorization", created="CreateDate", id="RoleId"),
    Definition(
        GRANTS,
        "Who held a policy that allows everything",
        (
            "aws.iam.policy",
            "aws.iam.user_authorization",
            "aws.iam.group_authorization",
            "aws.iam.role_authorization",
            "aws.iam.inline_policy",
            "aws.iam.provider_policy",
            "aws.iam.provider_policy_version",
        ),
        "pairs of a principal and a policy that allows every action on every resource, attached or written into it, at "
        "any time in [begins, ends), by the runs recorded before ends",
        limits=(
            SHORT_LIVED,
            BEFORE,
            "rights that only add up to everything over several statements or policies are not seen",
            "members of a group hold what the group holds and are not listed one by one",
        ),
    ),
    _documents(
        "buckets", "Object stores", "aws.s3.bucket", "azure.storage.account", "gcp.storage.bucket",
        view="stores", created="CreationDate|properties.creationTime|timeCreated",
    ),
    _documents(
        "databases", "Databases", "aws.rds.instance", "aws.rds.cluster", "aws.dynamodb.table_name",
        "aws.redshift.cluster",
        "azure.sql.database", "azure.postgresql.server", "azure.mysql.server", "azure.cosmosdb.account",
        "gcp.sql.instance", "gcp.alloydb.cluster", "gcp.bigquery.table_listed", "gcp.bigtable.table_listed",
        "gcp.firestore.database", "gcp.spanner.database",
        engine="Engine|databaseVersion", created="InstanceCreateTime|properties.creationDate|createTime",
    ),
    _documents(
        "volumes", "Disks", "aws.ec2.volume", "azure.compute.disk", "gcp.compute.disk",
        created="CreateTime|properties.timeCreated|creationTimestamp", encrypted="Encrypted",
        size_gib="Size|properties.diskSizeGB|sizeGb",
    ),
    _documents(
        "file-systems", "File systems", "aws.efs.file_system", "azure.storage.share", "gcp.file.instance",
        created="CreationTime|createTime", encrypted="Encrypted",
    ),
    _documents(
        "keys", "Encryption keys", "aws.kms.key", "azure.keyvault.key_listed", "gcp.cloudkms.key",
        id="KeyId|properties.keyUri|name",
    ),
    _documents(
        "load-balancers", "Load balancers", "aws.elbv2.load_balancer", "aws.elb.load_balancer",
        "azure.network.application_gateway", "azure.network.load_balancer", "gcp.compute.url_map",
        created="CreatedTime|creationTimestamp", scheme="Scheme", type="Type",
    ),
    _documents("trails", "Audit trails", "aws.cloudtrail.trail", home="HomeRegion", store="S3BucketName"),
    _documents(
        "backups", "Recovery points, snapshots and table backups",
        "aws.backup.recovery_point", "aws.rds.snapshot", "aws.rds.cluster_snapshot", "aws.ec2.snapshot",
        "aws.dynamodb.backup", "aws.redshift.snapshot", "azure.recovery.protected_item", "azure.backup.instance",
        "azure.compute.snapshot", "gcp.compute.snapshot", "gcp.sql.backup",
        status="Status",
    ),
    Definition(
        ACCOUNTS,
        "Accounts that the agent read",
        (),
        "targets of which a run that read something was recorded before ends",
        limits=("an account that nobody named, and that no organization listed, is not known here",),
    ),
)  # fmt: skip
DEFINITIONS: Mapping[str, Definition] = {each.name: each for each in _ROWS}
"""By name, in the order in which they are offered."""


def collectors_of(definition: Definition, wiring: Wiring) -> list[Collector]:
    """The collectors that read the documents of a population."""
    return [
        collector
        for collector in wiring.collectors.values()
        if any(kind.name in definition.kinds for kind in collector.kinds)
    ]


def listed(definition: Definition, wiring: Wiring) -> Listed:
    """The gaps that matter: about the documents of a population, or about a listing that they are listed within."""
    found = set(definition.kinds)
    collectors = collectors_of(definition, wiring)
    for kind in (kind for collector in collectors for kind in collector.kinds if kind.name in definition.kinds):
        outer = kind.within
        while outer is not None:
            found.add(outer.name)
            outer = outer.within
    return Listed(frozenset(found), frozenset(collector.id for collector in collectors))
