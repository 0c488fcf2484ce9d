"""aws.backup_restores"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.aws.backup_restores import COLLECTOR, JOB, succeeded
from collectors.facts.core import Reason, Unread
from collectors.facts.recovery import RestoreJob
from tests.collectors.aws.backup_service import REGION, BackupService, backup_service

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
POINT = "arn:aws:backup:us-east-1:123456789012:recovery-point:p"
PATH = "/restore-jobs/"
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.fixture
def service() -> Iterator[BackupService]:
    """AWS Backup, which denies whatever the test does not answer."""
    with backup_service() as running:
        yield running


def job(name: str, status: str, **more: Any) -> dict[str, Any]:
    """A restore job as AWS lists it."""
    return {"RestoreJobId": name, "RecoveryPointArn": POINT, "Status": status, **more}


def test_jobs_become_facts(service: BackupService) -> None:
    """One that worked, one that failed, one that is under way; all pages are read."""
    ended = {"CompletionDate": NOON.timestamp()}
    service.pages[PATH] = [
        {"RestoreJobs": [job("a", "COMPLETED", SourceResourceArn=TABLE, **ended)]},
        {"RestoreJobs": [job("b", "FAILED", **ended), job("c", "RUNNING")]},
    ]

    reading = service.read(COLLECTOR)
    worked, failed, running = reading.facts(RestoreJob)

    assert (worked.of, worked.ended, worked.succeeded) == (TABLE, NOON, True)
    assert worked.resource.uid == "arn:aws:backup:us-east-1:123456789012:restore-job:a"
    assert (failed.of, failed.ended, failed.succeeded) == (POINT, NOON, False)
    assert (running.ended, running.succeeded) == (None, False)
    assert reading.documents.complete(JOB, REGION) is None
    assert [call.pages for call in reading.page.calls] == [2]


def test_no_jobs_is_a_complete_listing(service: BackupService) -> None:
    """Empty is proven, not assumed."""
    service.pages[PATH] = [{"RestoreJobs": []}]

    reading = service.read(COLLECTOR)

    assert reading.facts(RestoreJob) == []
    assert reading.documents.complete(JOB, REGION) is None


def test_a_denied_listing_leaves_the_population_unknown(service: BackupService) -> None:
    """The missing permission is named."""
    unlisted = service.read(COLLECTOR).documents.complete(JOB, REGION)

    assert unlisted is not None
    assert (unlisted.reason, unlisted.permission) == (Reason.PERMISSION_DENIED, "backup:ListRestoreJobs")


def test_a_job_without_its_fields_is_unread(service: BackupService) -> None:
    """A state that AWS does not document, or an end without its time, proves nothing."""
    service.pages[PATH] = [{"RestoreJobs": [job("a", "COMPLETED"), job("b", "SOMEHOW")]}]

    bare, strange = service.read(COLLECTOR).facts(RestoreJob)

    assert isinstance(bare.ended, Unread)
    assert isinstance(strange.succeeded, Unread)


@pytest.mark.parametrize(
    ("validation", "result"), [("SUCCESSFUL", True), ("FAILED", False), ("TIMED_OUT", False), ("VALIDATING", True)]
)
def test_a_failed_validation_is_no_success(validation: str, result: bool) -> None:
    """What came back was looked at and found wanting."""
    assert succeeded({"Status": "COMPLETED", "ValidationStatus": validation}) is result
