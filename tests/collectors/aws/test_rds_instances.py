"""aws.rds_instances"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.rds_instances import COLLECTOR, INSTANCE, encrypted, exported_logs, name_in, named_key
from collectors.documents import Documents
from collectors.facts.core import Reason, Unread
from collectors.facts.stores import Database
from collectors.provenance import Identity
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"
KEY = "arn:aws:kms:us-east-1:123456789012:key/k"


def create(rds: Any, name: str, **settings: Any) -> None:
    """A small PostgreSQL instance, unless the settings say otherwise."""
    rds.create_db_instance(
        **{
            "DBInstanceIdentifier": name,
            "Engine": "postgres",
            "DBInstanceClass": "db.t3.medium",
            "AllocatedStorage": 20,
            "MasterUsername": "app",
            "MasterUserPassword": "not-a-secret-1",
            **settings,
        }
    )


def test_a_well_kept_instance(read: Read, client: Client) -> None:
    """Each setting that is on is a fact that is true."""
    create(
        client("rds"),
        "kept",
        StorageEncrypted=True,
        KmsKeyId=KEY,
        PubliclyAccessible=False,
        BackupRetentionPeriod=14,
        DeletionProtection=True,
        MultiAZ=True,
        CopyTagsToSnapshot=True,
        EnableCloudwatchLogsExports=["upgrade", "postgresql"],
    )

    kept = read(COLLECTOR).fact(Database, "kept")

    assert (kept.engine, kept.clustered) == ("postgres", False)
    assert (kept.encrypted_at_rest, kept.customer_key) == (True, KEY)
    assert kept.public is False
    assert (kept.backup_days, kept.point_in_time) == (14, True)
    assert kept.deletion_protected is True
    assert kept.multi_zone is True
    assert kept.exported_logs == ("postgresql", "upgrade")
    assert kept.copies_tags_to_snapshots is True


def test_a_careless_instance(read: Read, client: Client) -> None:
    """Each setting that is off is a fact that is false, read as such."""
    create(
        client("rds"),
        "careless",
        StorageEncrypted=False,
        PubliclyAccessible=True,
        BackupRetentionPeriod=0,
        DeletionProtection=False,
        MultiAZ=False,
        CopyTagsToSnapshot=False,
    )

    careless = read(COLLECTOR).fact(Database, "careless")

    assert (careless.encrypted_at_rest, careless.customer_key) == (False, None)
    assert careless.public is True
    assert (careless.backup_days, careless.point_in_time) == (0, False)
    assert careless.deletion_protected is False
    assert careless.multi_zone is False
    assert careless.exported_logs == ()
    assert careless.copies_tags_to_snapshots is False


def test_a_member_of_a_cluster_says_so(read: Read, client: Client) -> None:
    """Backups and logs of a member are its cluster's affair."""
    rds = client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="c",
        Engine="aurora-postgresql",
        MasterUsername="app",
        MasterUserPassword="not-a-secret-1",
    )
    create(rds, "member", Engine="aurora-postgresql", DBClusterIdentifier="c")

    assert read(COLLECTOR).fact(Database, "member").clustered is True


def test_no_instances_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    documents = read(COLLECTOR).documents

    assert list(COLLECTOR.shape(documents)) == []
    assert documents.complete(INSTANCE, REGION) is None


def test_every_page_is_read_and_a_cut_off_one_is_said(read: Read, client: Client, faults: Faults) -> None:
    """The 101st instance is on the second page; when that is denied, the population is unknown."""
    rds = client("rds")
    for number in range(101):
        create(rds, f"db-{number:03}")

    reading = read(COLLECTOR)

    assert len(reading.facts(Database)) == 101
    assert [(call.operation, call.pages) for call in reading.page.calls] == [
        ("DescribeDBInstances", 2),
        ("DescribeDBParameters", 1),  # all of them have the same group
    ]

    faults.calls.clear()
    faults.after = 1
    faults.deny.add("rds:DescribeDBInstances")
    cut = read(COLLECTOR)
    unlisted = cut.documents.complete(INSTANCE, REGION)

    assert len(cut.facts(Database)) == 100
    assert unlisted is not None
    assert unlisted.reason is Reason.PARTIAL_LISTING


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """Denied, throttled, malformed or broken: no instance is known, and that is said."""
    create(client("rds"), "db")
    getattr(faults, fault).add("rds:DescribeDBInstances")

    unlisted = read(COLLECTOR).documents.complete(INSTANCE, REGION)

    assert unlisted is not None
    assert unlisted.operation == "rds:DescribeDBInstances"


def test_every_field_that_aws_left_out_is_unread() -> None:
    """A bare answer proves no setting, on or off."""
    bare = Document(INSTANCE.name, "arn:aws:rds:us-east-1:1:db:bare", REGION, {"Engine": "mysql"})
    documents = Documents(COLLECTOR, Identity("aws", "1", "me", "aws"), (REGION,), [bare])

    fact = next(each for each in COLLECTOR.shape(documents) if isinstance(each, Database))

    assert fact.resource.name == "bare"
    for value in (
        fact.encrypted_at_rest,
        fact.customer_key,
        fact.public,
        fact.backup_days,
        fact.point_in_time,
        fact.deletion_protected,
        fact.multi_zone,
        fact.copies_tags_to_snapshots,
    ):
        assert isinstance(value, Unread)
    assert fact.exported_logs == ()  # AWS leaves this one out when it is empty


@pytest.mark.parametrize(
    ("body", "result"),
    [
        ({"StorageEncrypted": True}, True),
        ({"StorageEncrypted": True, "StorageEncryptionType": "sse-kms"}, True),
        ({"StorageEncrypted": False}, False),
        ({"StorageEncrypted": False, "StorageEncryptionType": "none"}, False),
        ({"StorageEncrypted": False, "StorageEncryptionType": "sse-rds"}, True),
    ],
)
def test_a_key_that_aws_owns_encrypts_too(body: dict[str, Any], result: bool) -> None:
    """StorageEncrypted is false for it, so the type of encryption has the last word."""
    assert encrypted(body) is result
    assert named_key({**body, "KmsKeyId": KEY}) == (KEY if body["StorageEncrypted"] else None)


def test_a_name_may_hold_a_colon() -> None:
    """Automatic snapshots are called `rds:` and more."""
    assert name_in("arn:aws:rds:us-east-1:1:snapshot:rds:db-2026") == "rds:db-2026"
    assert name_in("arn:aws:rds:us-east-1:1:db:orders") == "orders"


def test_exported_logs_are_sorted() -> None:
    """The order in which AWS lists them is no change."""
    assert exported_logs({"EnabledCloudwatchLogsExports": ["b", "a"]}) == ("a", "b")
