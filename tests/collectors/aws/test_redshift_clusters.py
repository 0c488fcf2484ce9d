"""aws.redshift_clusters"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.redshift_clusters import COLLECTOR, logs_connections, receivers
from collectors.facts.core import Unread
from collectors.facts.data_access import DatabaseAudit, DatabaseSignIn, DataEndpoint
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
    assert isinstance(endpoint.minimum_tls, Unread)
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
