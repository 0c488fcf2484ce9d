"""aws.dynamodb_tables"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.dynamodb_tables import COLLECTOR, NAME, TABLE, named_key, recovery_days
from collectors.facts.core import Reason, Unread
from collectors.facts.stores import Database
from collectors.testing import Reading
from collectors.volatile import split

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"
KEY = "arn:aws:kms:us-east-1:123456789012:key/k"


def create(dynamodb: Any, name: str, **settings: Any) -> None:
    """A table with a key `id`."""
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        **settings,
    )


def test_a_well_kept_table(read: Read, client: Client) -> None:
    """Key, recovery and protection are read; what DynamoDB does for every table needs no reading."""
    dynamodb = client("dynamodb")
    create(
        dynamodb,
        "kept",
        DeletionProtectionEnabled=True,
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY},
    )
    dynamodb.update_continuous_backups(
        TableName="kept", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )

    kept = read(COLLECTOR).fact(Database, "kept")

    assert kept.resource.uid == "arn:aws:dynamodb:us-east-1:123456789012:table/kept"
    assert kept.customer_key == KEY
    assert (kept.backup_days, kept.point_in_time) == (35, True)
    assert kept.deletion_protected is True
    assert (kept.encrypted_at_rest, kept.public, kept.multi_zone) == (True, False, True)
    assert (kept.exported_logs, kept.copies_tags_to_snapshots) == (None, None)
    assert {ref.kind for ref in kept.documents} == {kind.name for kind in COLLECTOR.kinds}


def test_a_table_with_defaults(read: Read, client: Client) -> None:
    """A key that AWS owns is none of the company's, and nothing restores to any moment."""
    create(client("dynamodb"), "plain")

    plain = read(COLLECTOR).fact(Database, "plain")

    assert plain.customer_key is None
    assert (plain.backup_days, plain.point_in_time) == (0, False)
    assert plain.deletion_protected is False


def test_no_tables_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    documents = read(COLLECTOR).documents

    assert list(COLLECTOR.shape(documents)) == []
    assert documents.complete(NAME, REGION) is None


def test_every_page_is_read(read: Read, client: Client) -> None:
    """The 101st table is on the second page."""
    dynamodb = client("dynamodb")
    for number in range(101):
        create(dynamodb, f"t-{number:03}")

    reading = read(COLLECTOR)

    assert len(reading.facts(Database)) == 101
    assert next(call.pages for call in reading.page.calls if call.operation == "ListTables") == 2


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """No table is known, and that is said."""
    create(client("dynamodb"), "t")
    getattr(faults, fault).add("dynamodb:ListTables")

    unlisted = read(COLLECTOR).documents.complete(NAME, REGION)

    assert unlisted is not None
    assert unlisted.operation == "dynamodb:ListTables"


def test_a_denied_table_leaves_its_backups_read(read: Read, client: Client, faults: Faults) -> None:
    """A gap covers exactly the fields that rest on it."""
    create(client("dynamodb"), "t")
    faults.deny.add("dynamodb:DescribeTable")

    table = read(COLLECTOR).fact(Database, "t")
    denied = Unread(Reason.PERMISSION_DENIED, "dynamodb:DescribeTable", "dynamodb:DescribeTable", "AccessDenied")

    assert table.customer_key == denied
    assert table.deletion_protected == denied
    assert (table.backup_days, table.point_in_time) == (0, False)


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_unread_backups_are_not_no_backups(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """Point-in-time recovery that was not read is neither on nor off."""
    create(client("dynamodb"), "t")
    getattr(faults, fault).add("dynamodb:DescribeContinuousBackups")

    table = read(COLLECTOR).fact(Database, "t")

    assert isinstance(table.backup_days, Unread)
    assert isinstance(table.point_in_time, Unread)
    assert table.deletion_protected is False


def index(name: str, count: int) -> dict[str, Any]:
    """One local index of DescribeTable's answer, `count` items large."""
    return {"IndexName": name, "ItemCount": count, "IndexSizeBytes": 100 * count}


def global_index(name: str, count: int) -> dict[str, Any]:
    """One global index, which has a throughput of its own, after `count` decreases of it."""
    throughput = {"ReadCapacityUnits": 5, "NumberOfDecreasesToday": count}
    return {**index(name, count), "ProvisionedThroughput": throughput}


@pytest.mark.parametrize(
    ("indexes", "make"), [("LocalSecondaryIndexes", index), ("GlobalSecondaryIndexes", global_index)]
)
def test_counters_of_indexes_make_no_new_version(indexes: str, make: Callable[[str, int], dict[str, Any]]) -> None:
    """Tables fill and shrink all day; another index, or another name of one, is a change."""

    def stable(*given: dict[str, Any]) -> dict[str, Any]:
        return split({"Table": {"TableName": "t", indexes: list(given)}}, TABLE.volatile)[0]

    assert stable(make("a", 1), make("b", 2)) == stable(make("a", 3), make("b", 4))
    assert stable(make("a", 1)) != stable(make("a", 1), make("b", 2))
    assert stable(make("a", 1)) != stable(make("c", 1))


def test_an_item_more_makes_no_new_version(read: Read, client: Client) -> None:
    """The counters of a table that was read over HTTP leave its document."""
    dynamodb = client("dynamodb")
    create(dynamodb, "t")

    def stable_and_count() -> tuple[dict[str, Any], int]:
        (document,) = read(COLLECTOR).documents.of(TABLE)
        return split(document.body, TABLE.volatile)[0], document.body["Table"]["ItemCount"]

    before, none = stable_and_count()
    dynamodb.put_item(TableName="t", Item={"id": {"S": "1"}})
    after, one = stable_and_count()

    assert (none, one) == (0, 1)
    assert before == after


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({}, None),
        ({"SSEDescription": {"Status": "DISABLED"}}, None),
        ({"SSEDescription": {"Status": "ENABLED", "KMSMasterKeyArn": KEY}}, KEY),
        ({"SSEDescription": {"Status": "UPDATING", "KMSMasterKeyArn": KEY}}, KEY),
    ],
)
def test_the_key_is_named_unless_aws_owns_it(table: dict[str, Any], key: str | None) -> None:
    """DescribeTable says nothing of a key that AWS owns."""
    assert named_key({"Table": table}) == key


@pytest.mark.parametrize(
    ("recovery", "days"),
    [
        ({"PointInTimeRecoveryStatus": "DISABLED"}, 0),
        ({"PointInTimeRecoveryStatus": "ENABLED"}, 35),
        ({"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 7}, 7),
    ],
)
def test_recovery_reaches_as_far_as_its_window(recovery: dict[str, Any], days: int) -> None:
    """The window is 35 days unless a shorter one was chosen."""
    body = {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": recovery}}

    assert recovery_days(body) == days
