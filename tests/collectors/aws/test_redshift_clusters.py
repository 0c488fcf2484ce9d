"""aws.redshift_clusters"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.redshift_clusters import (
    COLLECTOR,
    SNAPSHOT,
    exports,
    in_two_zones,
    logs_connections,
    named_key,
    receivers,
    taken,
)
from collectors.facts.core import Unread
from collectors.facts.data_access import DatabaseAudit, DatabaseSignIn, DataEndpoint
from collectors.facts.stores import Database, DatabaseSnapshot
from collectors.testing import Reading
from tests.collectors.aws.test_rds_access import doors

Read = Callable[..., Reading]
Client = Callable[..., Any]


def create(redshift: Any, name: str, **settings: Any) -> None:
    """A small cluster that the internet does not reach, unless the settings say otherwise."""
    chosen = {"NodeType": "ra3.large", "MasterUsername": "app", "MasterUserPassword": "not-a-Secret-1"}
    redshift.create_cluster(**{"ClusterIdentifier": name, "PubliclyAccessible": False, **chosen, **settings})


def test_a_cluster_as_it_is_made(read: Read, client: Client) -> None:
    """Plain connections are taken, nothing is logged, and everybody with the right signs in by IAM."""
    create(client("redshift"), "plain")

    reading = read(COLLECTOR)
    endpoint, audit = reading.fact(DataEndpoint, "plain"), reading.fact(DatabaseAudit, "plain")

    assert (endpoint.service, endpoint.requires_tls, endpoint.open_ranges) == ("Redshift cluster", False, ())
    assert endpoint.minimum_tls == "1.2"
    assert (audit.connections, audit.sent_to, audit.keeps) == (False, (), False)
    assert reading.fact(DatabaseSignIn, "plain").directory is True
    assert endpoint.resource.uid == "arn:aws:redshift:us-east-1:123456789012:cluster:plain"


def test_a_public_cluster_is_open_to_what_its_groups_let_in(read: Read, client: Client) -> None:
    """Only public networks at its own port."""
    guard = doors(client("ec2"), "0.0.0.0/0", port=5439)
    create(client("redshift"), "public", PubliclyAccessible=True, VpcSecurityGroupIds=[guard])

    assert read(COLLECTOR).fact(DataEndpoint, "public").open_ranges == ("0.0.0.0/0",)


def test_an_audit_log_is_read(read: Read, client: Client) -> None:
    """On, and to where."""
    client("s3").create_bucket(Bucket="log-bucket")
    redshift = client("redshift")
    create(redshift, "logged")
    redshift.enable_logging(ClusterIdentifier="logged", BucketName="log-bucket")

    audit = read(COLLECTOR).fact(DatabaseAudit, "logged")

    assert (audit.connections, audit.sent_to) == (True, ("S3",))


@pytest.mark.parametrize(
    ("denied", "lost"),
    [
        ("redshift:DescribeClusterParameters", {"tls"}),
        ("redshift:DescribeLoggingStatus", {"log", "sent"}),
        ("ec2:DescribeSecurityGroups", {"ranges"}),
    ],
)
def test_each_failed_read_leaves_its_own_field_unread(
    read: Read, client: Client, faults: Faults, denied: str, lost: set[str]
) -> None:
    """The missing permission is named, and the rest is still said."""
    guard = doors(client("ec2"), "0.0.0.0/0", port=5439)
    create(client("redshift"), "c", PubliclyAccessible=True, VpcSecurityGroupIds=[guard])
    faults.deny.add(denied)

    reading = read(COLLECTOR)
    endpoint, audit = reading.fact(DataEndpoint, "c"), reading.fact(DatabaseAudit, "c")
    values = {
        "tls": endpoint.requires_tls,
        "ranges": endpoint.open_ranges,
        "log": audit.connections,
        "sent": audit.sent_to,
    }

    assert {name for name, value in values.items() if isinstance(value, Unread)} == lost
    assert {value.permission for value in values.values() if isinstance(value, Unread)} == {denied}


@pytest.mark.parametrize(
    ("body", "sent_to", "connections"),
    [
        ({"LoggingEnabled": False}, (), False),
        ({"LoggingEnabled": True, "BucketName": "b"}, ("S3",), True),
        (
            {"LoggingEnabled": True, "LogDestinationType": "cloudwatch", "LogExports": ["connectionlog"]},
            ("CloudWatch Logs",),
            True,
        ),
        (
            {"LoggingEnabled": True, "LogDestinationType": "cloudwatch", "LogExports": ["userlog"]},
            ("CloudWatch Logs",),
            False,
        ),
    ],
)
def test_what_the_log_holds(body: dict[str, Any], sent_to: tuple[str, ...], connections: bool) -> None:
    """To S3 it is whole; to CloudWatch Logs it is what was chosen."""
    assert receivers(body) == sent_to
    assert logs_connections(body) is connections


def test_a_cluster_is_a_database(read: Read, client: Client) -> None:
    """Its own backups and its encryption, with what Redshift lacks left open."""
    create(client("redshift"), "kept", AutomatedSnapshotRetentionPeriod=35)
    create(client("redshift"), "bare", Encrypted=False)

    reading = read(COLLECTOR)
    kept, bare = reading.fact(Database, "kept"), reading.fact(Database, "bare")

    assert (kept.backup_days, kept.public) == (35, False)
    assert (bare.encrypted_at_rest, bare.customer_key, bare.backup_days) == (False, None, 1)
    assert (kept.point_in_time, kept.deletion_protected, kept.copies_tags_to_snapshots) == (None, None, None)
    assert kept.resource == reading.fact(DataEndpoint, "kept").resource


@pytest.mark.parametrize(("said", "expected"), [("Enabled", True), ("Disabled", False), ("true", True)])
def test_the_zones_are_a_word(said: str, expected: bool) -> None:
    """AWS writes the switch as text; any other word, and none, is malformed."""
    assert in_two_zones({"MultiAZ": said}) is expected
    for odd in ({"MultiAZ": "maybe"}, {}):
        with pytest.raises(KeyError):
            in_two_zones(odd)


def test_an_encrypted_cluster_names_its_key() -> None:
    """Without a key's name nobody knows whose it is."""
    assert named_key({"Encrypted": True, "KmsKeyId": "arn:key"}) == "arn:key"
    with pytest.raises(KeyError):
        named_key({"Encrypted": True})


def test_snapshots_are_kept_copies(read: Read, client: Client) -> None:
    """By name, with their age and their encryption."""
    redshift = client("redshift")
    create(redshift, "c", Encrypted=True)
    redshift.create_cluster_snapshot(SnapshotIdentifier="copy", ClusterIdentifier="c")

    (copy,) = [each for each in read(COLLECTOR).facts(DatabaseSnapshot) if each.resource.name == "copy"]

    assert copy.encrypted_at_rest is True
    assert copy.created is not None
    assert copy.resource.uid == "arn:aws:redshift:us-east-1:123456789012:snapshot:c/copy"


def test_a_snapshot_counts_once_it_is_there() -> None:
    """One that is being made, or failed, has no time yet."""
    assert taken({"Status": "creating", "SnapshotCreateTime": "2026-01-01T00:00:00+00:00"}) is None
    assert taken({"Status": "available", "SnapshotCreateTime": "2026-01-01T00:00:00+00:00"}) is not None


def test_unlisted_snapshots_are_an_unknown_population(read: Read, client: Client, faults: Faults) -> None:
    """The clusters are still known, and the operation is named."""
    create(client("redshift"), "c")
    faults.deny.add("redshift:DescribeClusterSnapshots")

    reading = read(COLLECTOR)
    unlisted = reading.documents.complete(SNAPSHOT, "us-east-1")

    assert unlisted is not None
    assert unlisted.permission == "redshift:DescribeClusterSnapshots"
    assert reading.facts(DatabaseSnapshot) == []
    assert len(reading.facts(Database)) == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"LoggingEnabled": False}, ()),
        ({"LoggingEnabled": True, "BucketName": "b"}, ("connectionlog", "userlog")),
        ({"LoggingEnabled": True, "LogDestinationType": "cloudwatch", "LogExports": ["userlog"]}, ("userlog",)),
    ],
)
def test_which_logs_leave_the_cluster(body: dict[str, Any], expected: tuple[str, ...]) -> None:
    """None while logging is off."""
    assert exports(body) == expected
