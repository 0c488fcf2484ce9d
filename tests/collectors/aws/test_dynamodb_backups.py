"""aws.dynamodb_backups"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.dynamodb_backups import BACKUP, COLLECTOR
from collectors.documents import Documents
from collectors.facts.core import Unread
from collectors.facts.recovery import RecoveryPoint
from collectors.provenance import Identity
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"


def test_a_backup_is_a_recovery_point_of_its_table(read: Read, client: Client) -> None:
    """The backup names its table, its state and when it was made."""
    before = datetime.now(UTC).replace(microsecond=0)
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    made = dynamodb.create_backup(TableName="orders", BackupName="before-release")

    reading = read(COLLECTOR)
    (found,) = reading.facts(RecoveryPoint)

    assert found.resource.uid == made["BackupDetails"]["BackupArn"]
    assert found.of == TABLE
    assert found.completed is True
    assert isinstance(found.created, datetime)
    assert before <= found.created <= datetime.now(UTC)
    assert found.encrypted_at_rest is True
    assert [call.parameters for call in reading.page.calls] == [{"BackupType": "USER"}]


def test_no_backups_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    documents = read(COLLECTOR).documents

    assert list(COLLECTOR.shape(documents)) == []
    assert documents.complete(BACKUP, REGION) is None


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, faults: Faults, fault: str) -> None:
    """No backup is known, and that is said."""
    getattr(faults, fault).add("dynamodb:ListBackups")

    unlisted = read(COLLECTOR).documents.complete(BACKUP, REGION)

    assert unlisted is not None
    assert unlisted.operation == "dynamodb:ListBackups"


def shaped(body: dict[str, Any]) -> RecoveryPoint:
    """The fact about one backup with this body."""
    document = Document(BACKUP.name, f"{TABLE}/backup/01", REGION, body)
    documents = Documents(COLLECTOR, Identity("aws", "1", "me", "aws"), (REGION,), [document])
    (fact,) = COLLECTOR.shape(documents)
    assert isinstance(fact, RecoveryPoint)
    return fact


def test_every_field_that_aws_left_out_is_unread() -> None:
    """A bare answer proves neither state nor time; the table stands in the ARN."""
    fact = shaped({})

    assert fact.of == TABLE
    assert isinstance(fact.completed, Unread)
    assert isinstance(fact.created, Unread)


@pytest.mark.parametrize("state", ["CREATING", "DELETED"])
def test_only_an_available_backup_is_complete(state: str) -> None:
    """What is being made, or is gone, restores nothing."""
    assert shaped({"BackupStatus": state}).completed is False
