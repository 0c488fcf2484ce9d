"""aws.graphql_apis"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.graphql_apis import API, COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.service_logs import UseLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

ROLE = "arn:aws:iam::123456789012:role/role"


def make_api(client: Client, name: str, level: str = "") -> None:
    """An API, with a log configuration if a level is given."""
    config = {"logConfig": {"fieldLogLevel": level, "cloudWatchLogsRoleArn": ROLE}} if level else {}
    client("appsync").create_graphql_api(name=name, authenticationType="API_KEY", **config)


def test_a_region_without_any_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(UseLog) == []
    assert reading.documents.complete(API, "us-east-1") is None
    assert reading.operations() == {"appsync:ListGraphqlApis"}


@pytest.mark.parametrize(
    ("level", "kept"),
    [("ALL", ("queries of fields",)), ("ERROR", ("queries of fields",)), ("NONE", ()), ("", ())],
)
def test_apis_say_whether_fields_are_logged(read: Read, client: Client, level: str, kept: tuple[str, ...]) -> None:
    """Any level but none will do."""
    make_api(client, "graph", level)

    log = read(COLLECTOR).fact(UseLog, "graph")

    assert log.resource.uid.startswith("arn:aws:appsync:us-east-1:123456789012:apis/")
    assert (log.what, log.kinds, log.kept) == ("GraphQL API", ("queries of fields",), kept)


def test_a_configuration_without_its_level_is_malformed(read: Read, faults: Faults) -> None:
    """What is missing proves nothing."""
    arn = "arn:aws:appsync:us-east-1:123456789012:apis/a1"
    faults.answers["appsync:GET /v1/apis"] = {"graphqlApis": [{"name": "graph", "arn": arn, "logConfig": {"a": "b"}}]}

    assert isinstance(read(COLLECTOR).fact(UseLog, "graph").kept, Unread)


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_api(client, "graph")
    faults.deny.add("appsync:GET /v1/apis")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(API, "us-east-1")

    assert reading.facts(UseLog) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "appsync:ListGraphqlApis",
        "appsync:ListGraphqlApis",
    )
