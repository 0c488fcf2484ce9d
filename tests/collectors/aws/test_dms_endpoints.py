"""aws.dms_endpoints"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.dms_endpoints import COLLECTOR, ENDPOINT, encrypted
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import DataConnections
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"


def create(dms: Any, name: str, protocol: str) -> None:
    """A target of Redis."""
    dms.create_endpoint(
        EndpointIdentifier=name,
        EndpointType="target",
        EngineName="redis",
        RedisSettings={"ServerName": "cache", "Port": 6379, "SslSecurityProtocol": protocol},
        ExtraConnectionAttributes="password=made-up",
    )


def test_endpoints_of_redis(read: Read, client: Client) -> None:
    """By their own setting."""
    create(client("dms"), "tls", "ssl-encryption")
    create(client("dms"), "bare", "plaintext")

    reading = read(COLLECTOR)

    assert reading.fact(DataConnections, "tls").plain == ()
    assert reading.fact(DataConnections, "bare").plain == ("with its database",)
    assert reading.fact(DataConnections, "bare").what == "DMS endpoint for redis"


def test_free_text_that_may_hold_passwords_is_not_kept(read: Read, client: Client) -> None:
    """What the endpoint connects with is no evidence."""
    create(client("dms"), "one", "plaintext")

    (document,) = read(COLLECTOR).documents.of(ENDPOINT)

    assert "made-up" not in str(document.body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"EngineName": "redis", "RedisSettings": {}}, True),
        ({"EngineName": "kafka", "KafkaSettings": {"SecurityProtocol": "sasl-ssl"}}, True),
        ({"EngineName": "kafka", "KafkaSettings": {"SecurityProtocol": "plaintext"}}, False),
        ({"EngineName": "kafka", "KafkaSettings": {}}, False),
        ({"EngineName": "postgres", "SslMode": "verify-full"}, True),
        ({"EngineName": "postgres", "SslMode": "none"}, False),
        ({"EngineName": "s3"}, True),
        ({"EngineName": "redshift", "SslMode": "none"}, True),
    ],
)
def test_each_engine_by_its_own_setting(body: dict[str, Any], expected: bool) -> None:
    """Some have one, some have the mode of SSL, and some need none."""
    assert encrypted(body) is expected


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"EngineName": "postgres"},
        {"EngineName": "redis"},
        {"EngineName": "redis", "RedisSettings": {"SslSecurityProtocol": "?"}},
    ],
)
def test_an_endpoint_that_says_nothing_is_malformed(body: dict[str, Any]) -> None:
    """Nothing follows from silence."""
    with pytest.raises(KeyError):
        encrypted(body)


def test_a_malformed_endpoint_is_unread(read: Read, client: Client) -> None:
    """The endpoint is there, and how it connects is not known."""
    client("dms").create_endpoint(EndpointIdentifier="odd", EndpointType="source", EngineName="redis")

    found = read(COLLECTOR).fact(DataConnections, "odd").plain

    assert isinstance(found, Unread)
    assert found.permission == "dms:DescribeEndpoints"


def test_none_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert list(COLLECTOR.shape(reading.documents)) == []
    assert reading.documents.complete(ENDPOINT, REGION) is None


@pytest.mark.parametrize(("fault", "reason"), [("deny", Reason.PERMISSION_DENIED), ("garble", Reason.PARTIAL_LISTING)])
def test_a_failed_listing_leaves_the_population_unknown(
    read: Read, client: Client, faults: Faults, fault: str, reason: Reason
) -> None:
    """Nothing is known to be there, and that is said."""
    create(client("dms"), "there", "plaintext")
    getattr(faults, fault).add("dms:DescribeEndpoints")

    reading = read(COLLECTOR)
    unlisted = reading.documents.complete(ENDPOINT, REGION)

    assert reading.facts(DataConnections) == []
    assert unlisted is not None
    assert (unlisted.reason, unlisted.operation, unlisted.permission) == (
        reason,
        "dms:DescribeEndpoints",
        "dms:DescribeEndpoints",
    )
