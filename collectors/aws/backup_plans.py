"""AWS Backup plans: how long their rules keep backups, where they copy them and what is assigned to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.recovery import BackupCoverage, BackupPlan

PLAN = Kind(
    "aws.backup.plan_listed",
    "backup",
    "ListBackupPlans",
    items="BackupPlansList",
    volatile=("LastExecutionDate",),
)
RULES = Kind("aws.backup.plan", "backup", "GetBackupPlan", volatile=("LastExecutionDate",))
SELECTIONS = Kind("aws.backup.selections", "backup", "ListBackupSelections", items="BackupSelectionsList")


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every plan of the region, its rules and what is assigned to it."""
    for plan in aws.listing(PLAN):
        uid = plan["BackupPlanArn"]
        number = plan["BackupPlanId"]
        yield aws.document(PLAN, uid, plan)
        yield Then(rules, (uid, number), f"{number}/{RULES.operation}")
        yield Then(selections, (uid, number), f"{number}/{SELECTIONS.operation}")


def rules(aws: Reader, uid: str, number: str) -> Iterator[Document]:
    """The rules of one plan."""
    yield from aws.read(RULES, uid, BackupPlanId=number)


def selections(aws: Reader, uid: str, number: str) -> Iterator[Document]:
    """The selections that assign resources to one plan."""
    yield from aws.gather(SELECTIONS, uid, BackupPlanId=number)


def shape(docs: Documents) -> Iterator[Fact]:
    """The number of plans of each region, and each plan."""
    for region in docs.regions:
        yield _coverage(docs, region)
    for plan in docs.of(PLAN):
        uid = plan.uid
        yield BackupPlan(
            resource=docs.resource("backup_plan", uid, _name(plan), plan.region),
            documents=docs.about(uid),
            rules=docs.value(RULES, uid, lambda body: len(rules_in(body))),
            selections=docs.value(SELECTIONS, uid, lambda body: len(body[SELECTIONS.items])),
            shortest_retention_days=docs.value(RULES, uid, shortest_retention),
            copies_elsewhere=docs.value(RULES, uid, copies_elsewhere),
        )


def _coverage(docs: Documents, region: str) -> BackupCoverage:
    uid = f"arn:{docs.partition}:backup:{region}:{docs.account}:backup-plans"
    plans = [plan for plan in docs.of(PLAN) if plan.region == region]
    unlisted = docs.complete(PLAN, region)
    return BackupCoverage(
        resource=docs.resource("account", uid, docs.account, region),
        documents=docs.about(uid, *plans),
        plans=len(plans) if unlisted is None else unlisted,
    )


def _name(plan: Document) -> str:
    return str(plan.body.get("BackupPlanName", plan.uid.rpartition(":")[2]))


def rules_in(body: Body) -> list[dict[str, Any]]:
    """The rules of a plan as answered."""
    found: list[dict[str, Any]] = body["BackupPlan"]["Rules"]
    return found


def shortest_retention(body: Body) -> int | None:
    """Days after which some rule is the first to delete; a rule without an age of deletion keeps for ever."""
    ages = [rule.get("Lifecycle", {}).get("DeleteAfterDays") for rule in rules_in(body)]
    return min((int(age) for age in ages if age is not None), default=None)


def copies_elsewhere(body: Body) -> bool:
    """Some rule copies to a vault whose ARN names another region or account than the plan's own."""
    own = _place(body["BackupPlanArn"])
    return any(
        _place(copy["DestinationBackupVaultArn"]) != own
        for rule in rules_in(body)
        for copy in rule.get("CopyActions", ())  # AWS leaves it out of a rule that copies nothing
    )


def _place(arn: str) -> tuple[str, str]:
    _, _, _, region, account, _ = arn.split(":", 5)
    return region, account


COLLECTOR = Collector(
    id="aws.backup_plans",
    title="AWS Backup plans",
    scope="region",
    kinds=(PLAN, RULES, SELECTIONS),
    emits={BackupPlan: PLAN, BackupCoverage: None},
    source="AWS Backup API 2018-11-15",
    fetch=fetch,
    shape=shape,
)
