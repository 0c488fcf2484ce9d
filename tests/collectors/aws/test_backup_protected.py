"""aws.backup_protected"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from collectors.aws.backup_protected import COLLECTOR, PROTECTED
from collectors.facts.core import Reason, Unread
from collectors.facts.recovery import ProtectedResource
from tests.collectors.aws.backup_service import REGION, BackupService, backup_service

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
DISK = "arn:aws:ec2:us-east-1:123456789012:volume/vol-1"
PATH = "/resources/"
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.fixture
def service() -> Iterator[BackupService]:
    """AWS Backup, which denies whatever the test does not answer."""
    with backup_service() as running:
        yield running


def test_every_page_of_protected_resources_is_read(service: BackupService) -> None:
    """Resources of the second page count too, each under its own ARN."""
    service.pages[PATH] = [
        {"Results": [{"ResourceArn": TABLE, "ResourceName": "orders", "LastBackupTime": NOON.timestamp()}]},
        {"Results": [{"ResourceArn": DISK, "LastBackupTime": NOON.timestamp() + 60}]},
    ]

    reading = service.read(COLLECTOR)
    orders, disk = reading.facts(ProtectedResource)

    assert (orders.resource.uid, orders.resource.name, orders.last_backup) == (TABLE, "orders", NOON)
    assert (disk.resource.uid, disk.resource.name) == (DISK, "volume/vol-1")
    assert disk.last_backup == NOON.replace(minute=1)
    assert reading.documents.complete(PROTECTED, REGION) is None
    assert [call.pages for call in reading.page.calls] == [2]


def test_nothing_protected_is_a_complete_listing(service: BackupService) -> None:
    """Empty is proven, not assumed."""
    service.pages[PATH] = [{"Results": []}]

    reading = service.read(COLLECTOR)

    assert reading.facts(ProtectedResource) == []
    assert reading.documents.complete(PROTECTED, REGION) is None


def test_a_denied_listing_leaves_the_population_unknown(service: BackupService) -> None:
    """The missing permission is named."""
    assert service.read(COLLECTOR).documents.complete(PROTECTED, REGION) == Unread(
        Reason.PERMISSION_DENIED,
        "backup:ListProtectedResources",
        "backup:ListProtectedResources",
        "AccessDeniedException",
    )


def test_a_resource_without_its_time_is_unread(service: BackupService) -> None:
    """A time that AWS left out is neither never nor now."""
    service.pages[PATH] = [{"Results": [{"ResourceArn": TABLE}]}]

    assert isinstance(service.read(COLLECTOR).facts(ProtectedResource)[0].last_backup, Unread)


def test_an_answer_without_its_list_is_malformed(service: BackupService) -> None:
    """An empty object is no empty list."""
    service.pages[PATH] = [{}]

    assert service.read(COLLECTOR).documents.complete(PROTECTED, REGION) is not None
