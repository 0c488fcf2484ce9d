"""Plans of the Backup and DR service: how long backups are kept, where they lie, what they are assigned to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.recovery import BackupCoverage, BackupPlan
from collectors.gcp.kinds import DISABLED, rest
from collectors.gcp.names import compute_uid, full_name, last, place_of
from collectors.gcp.session import Reader

PLAN = rest(
    "gcp.backupdr.plan",
    "backupdr",
    "projects.locations.backupPlans.list",
    "/v1/projects/{project}/locations/-/backupPlans?pageSize=1000",
    permission="backupdr.backupPlans.list",
    items="backupPlans",
    omits_empty=True,
    volatile=("etag", "updateTime"),
)
ASSIGNMENT = rest(
    "gcp.backupdr.assignment",
    "backupdr",
    "projects.locations.backupPlanAssociations.list",
    "/v1/projects/{project}/locations/-/backupPlanAssociations?pageSize=1000",
    permission="backupdr.backupPlanAssociations.list",
    items="backupPlanAssociations",
    omits_empty=True,
    volatile=("rulesConfigInfo", "updateTime"),
)
# Schedules of snapshots are plans too, and each a fact of gcp.snapshot_schedules; here they are only counted.
SCHEDULE = rest(
    "gcp.backupdr.snapshot_schedule",
    "compute",
    "resourcePolicies.aggregatedList",
    "/compute/v1/projects/{project}/aggregated/resourcePolicies?maxResults=500"
    "&fields=nextPageToken,warning,unreachables,items/*/warning,items/*/resourcePolicies(selfLink,snapshotSchedulePolicy)",
    permission="compute.resourcePolicies.list",
    items="items.*.resourcePolicies",
    omits_empty=True,
    absent=(DISABLED,),  # see gcp.compute_instances
)


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every plan, and what each is assigned to."""
    for kind in (PLAN, ASSIGNMENT):
        for item in gcp.listing(kind):
            yield gcp.document(kind, full_name("backupdr", item["name"]), item)
    for item in gcp.listing(SCHEDULE):
        yield gcp.document(SCHEDULE, compute_uid(item["selfLink"]), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per plan, and one about how many there are."""
    yield BackupCoverage(
        resource=docs.resource("account", full_name("backupdr", f"projects/{docs.account}"), docs.account, "global"),
        documents=tuple(ref for kind in (PLAN, SCHEDULE) for each in docs.of(kind) for ref in docs.about(each.uid)),
        plans=_count(docs),
    )
    assigned = Counter(str(each.body.get("backupPlan", "")) for each in docs.of(ASSIGNMENT))
    for plan in docs.of(PLAN):
        name = str(plan.body["name"])
        yield BackupPlan(
            resource=docs.resource("backup_plan", plan.uid, last(name), place_of(name)),
            documents=docs.about(plan.uid),
            rules=docs.field(PLAN, plan, lambda body: len(body["backupRules"])),
            selections=_selections(docs, assigned[name]),
            shortest_retention_days=docs.field(PLAN, plan, kept_days),
            copies_elsewhere=docs.field(PLAN, plan, copies_elsewhere),
        )


def _count(docs: Documents) -> int | Unread:
    """Plans and schedules of snapshots, those that are in sight; that there is none takes complete lists."""
    schedules = sum("snapshotSchedulePolicy" in each.body for each in docs.of(SCHEDULE))
    found = schedules + sum(1 for _ in docs.of(PLAN))
    return found or docs.complete(PLAN, "global") or docs.complete(SCHEDULE, "global") or 0


def _selections(docs: Documents, number: int) -> int | Unread:
    """Resources that the plan is assigned to; none is certain only when all were listed."""
    return number or docs.complete(ASSIGNMENT, "global") or 0


def kept_days(body: Body) -> int:
    """Days after which the rule that deletes soonest deletes."""
    return min(int(rule["backupRetentionDays"]) for rule in body["backupRules"])


def copies_elsewhere(body: Body) -> bool:
    """The vault lies in another place than the plan, and so than what is backed up."""
    return place_of(str(body["backupVault"])) != place_of(str(body["name"]))


COLLECTOR = Collector(
    id="gcp.backup_plans",
    title="Plans of Backup and DR",
    scope="global",
    kinds=(PLAN, ASSIGNMENT, SCHEDULE),
    emits={BackupPlan: PLAN, BackupCoverage: None},
    source="Backup and DR Service API v1; Compute Engine API v1",
    fetch=fetch,
    shape=shape,
)
