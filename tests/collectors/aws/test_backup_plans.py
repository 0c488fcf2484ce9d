"""aws.backup_plans"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.backup_plans import COLLECTOR, PLAN, copies_elsewhere, shortest_retention
from collectors.facts.core import Reason, Unread
from collectors.facts.recovery import BackupCoverage, BackupPlan
from collectors.testing import Reading
from tests.collectors.aws.backup_service import REGION, BackupService, backup_service

Read = Callable[..., Reading]
Client = Callable[..., Any]

OWN = "arn:aws:backup:us-east-1:123456789012"


@pytest.fixture
def service() -> Iterator[BackupService]:
    """AWS Backup, which denies whatever the test does not answer."""
    with backup_service() as running:
        yield running


def plan(*rules: dict[str, Any], name: str = "p") -> dict[str, Any]:
    """GetBackupPlan's answer."""
    return {
        "BackupPlanArn": f"{OWN}:backup-plan:{name}",
        "BackupPlanId": name,
        "BackupPlan": {"BackupPlanName": name, "Rules": list(rules)},
    }


def listed(*names: str) -> dict[str, Any]:
    """A page of ListBackupPlans."""
    whole = [plan(name=name) for name in names]
    return {
        "BackupPlansList": [
            {
                "BackupPlanArn": each["BackupPlanArn"],
                "BackupPlanId": each["BackupPlanId"],
                "BackupPlanName": each["BackupPlanId"],
            }
            for each in whole
        ]
    }


def copy_to(arn: str) -> dict[str, Any]:
    """A rule with one copy."""
    return {"RuleName": "r", "CopyActions": [{"DestinationBackupVaultArn": arn}]}


def test_no_plan_is_counted_as_none(read: Read) -> None:
    """Each region has its one fact, with or without plans."""
    reading = read(COLLECTOR, "us-east-1", "eu-west-1")

    counted = {fact.resource.region: fact.plans for fact in reading.facts(BackupCoverage)}

    assert counted == {"us-east-1": 0, "eu-west-1": 0}
    assert reading.facts(BackupPlan) == []


def test_a_plan_and_its_rules(read: Read, client: Client) -> None:
    """Rules are counted, and the one that deletes soonest is found."""
    backup = client("backup")
    backup.create_backup_vault(BackupVaultName="v")
    backup.create_backup_plan(
        BackupPlan={
            "BackupPlanName": "nightly",
            "Rules": [
                {"RuleName": "week", "TargetBackupVaultName": "v", "Lifecycle": {"DeleteAfterDays": 7}},
                {"RuleName": "month", "TargetBackupVaultName": "v", "Lifecycle": {"DeleteAfterDays": 30}},
            ],
        }
    )

    reading = read(COLLECTOR)
    found = reading.fact(BackupPlan, "nightly")

    assert (found.rules, found.shortest_retention_days, found.copies_elsewhere) == (2, 7, False)
    assert [fact.plans for fact in reading.facts(BackupCoverage)] == [1]
    assert isinstance(found.selections, Unread)  # moto lacks the operation
    assert found.selections.reason is Reason.SERVICE_UNSUPPORTED


def test_plans_and_selections_of_every_page(service: BackupService) -> None:
    """Both pages of plans and both pages of one plan's selections are counted."""
    service.pages["/backup/plans/"] = [listed("one"), listed("two")]
    service.pages["/backup/plans/one/"] = [plan(name="one")]
    service.pages["/backup/plans/one/selections/"] = [
        {"BackupSelectionsList": [{"SelectionId": "a"}, {"SelectionId": "b"}]},
        {"BackupSelectionsList": [{"SelectionId": "c"}]},
    ]
    service.pages["/backup/plans/two/selections/"] = [{"BackupSelectionsList": []}]

    reading = service.read(COLLECTOR)

    assert reading.fact(BackupPlan, "one").selections == 3
    assert reading.fact(BackupPlan, "two").selections == 0
    assert [fact.plans for fact in reading.facts(BackupCoverage)] == [2]


def test_a_denied_plan_is_unread_and_its_selections_are_not(service: BackupService) -> None:
    """A gap covers exactly the fields that rest on it."""
    service.pages["/backup/plans/"] = [listed("one")]
    service.pages["/backup/plans/one/selections/"] = [{"BackupSelectionsList": []}]

    found = service.read(COLLECTOR).fact(BackupPlan, "one")
    denied = Unread(Reason.PERMISSION_DENIED, "backup:GetBackupPlan", "backup:GetBackupPlan", "AccessDeniedException")

    assert found.rules == denied
    assert found.shortest_retention_days == denied
    assert found.copies_elsewhere == denied
    assert found.selections == 0


def test_a_plan_without_rules_in_the_answer_is_unread(service: BackupService) -> None:
    """A malformed answer is not a plan without rules."""
    service.pages["/backup/plans/"] = [listed("one")]
    service.pages["/backup/plans/one/"] = [{"BackupPlanArn": f"{OWN}:backup-plan:one"}]

    found = service.read(COLLECTOR).fact(BackupPlan, "one")

    assert isinstance(found.rules, Unread)
    assert isinstance(found.shortest_retention_days, Unread)
    assert isinstance(found.copies_elsewhere, Unread)


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_a_failed_listing_is_not_a_region_without_plans(read: Read, faults: Faults, fault: str) -> None:
    """The number of plans is unread, and so is the population."""
    getattr(faults, fault).add("backup:GET /backup/plans/")

    reading = read(COLLECTOR)
    (coverage,) = reading.facts(BackupCoverage)

    assert isinstance(coverage.plans, Unread)
    assert coverage.plans.operation == "backup:ListBackupPlans"
    assert reading.documents.complete(PLAN, REGION) == coverage.plans


@pytest.mark.parametrize(
    ("rules", "days"),
    [
        ([{}], None),
        ([{"Lifecycle": {}}], None),
        ([{"Lifecycle": {"MoveToColdStorageAfterDays": 30}}], None),
        ([{}, {"Lifecycle": {"DeleteAfterDays": 5}}], 5),
        ([{"Lifecycle": {"DeleteAfterDays": 35}}, {"Lifecycle": {"DeleteAfterDays": 8}}], 8),
    ],
)
def test_a_rule_without_an_age_keeps_for_ever(rules: list[dict[str, Any]], days: int | None) -> None:
    """Only rules that delete have an age, and the smallest one counts."""
    assert shortest_retention(plan(*rules)) == days


@pytest.mark.parametrize(
    ("vault", "elsewhere"),
    [
        ("arn:aws:backup:us-east-1:123456789012:backup-vault:other", False),
        ("arn:aws:backup:eu-west-1:123456789012:backup-vault:other", True),
        ("arn:aws:backup:us-east-1:210987654321:backup-vault:other", True),
    ],
)
def test_a_copy_counts_when_it_leaves_region_or_account(vault: str, elsewhere: bool) -> None:
    """A second vault in the same place is not elsewhere."""
    assert copies_elsewhere(plan({}, copy_to(vault))) is elsewhere


def test_a_plan_that_copies_nothing_copies_nothing_elsewhere() -> None:
    """AWS leaves the copies of such a rule out."""
    assert copies_elsewhere(plan({"RuleName": "r"})) is False
