"""aws.http_api_stages"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.http_api_stages import COLLECTOR, STAGE
from collectors.facts.core import Reason
from collectors.facts.service_logs import UseLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

LOG = "arn:aws:logs:us-east-1:123456789012:log-group:records"


def make_stage(client: Client, name: str, **settings: Any) -> str:
    """An API with the stage `live`; the value is the API's id."""
    gateway = client("apigatewayv2")
    id_ = str(gateway.create_api(Name=name, ProtocolType="HTTP")["ApiId"])
    gateway.create_stage(ApiId=id_, StageName="live", StageVariables={"hint": "made-up"}, **settings)
    return id_


def test_a_region_without_any_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(UseLog) == []
    assert reading.documents.complete(STAGE, "us-east-1") is None
    assert reading.operations() == {"apigatewayv2:GetApis"}


def test_stages_say_whether_they_log_calls(read: Read, client: Client) -> None:
    """What a company hands to its programs is not kept."""
    id_ = make_stage(client, "shop", AccessLogSettings={"DestinationArn": LOG, "Format": "$context.requestId"})
    make_stage(client, "bare")

    reading = read(COLLECTOR)
    shop, bare = reading.fact(UseLog, "shop/live"), reading.fact(UseLog, "bare/live")

    assert shop.resource.uid == f"arn:aws:apigateway:us-east-1::/apis/{id_}/stages/live"
    assert (shop.what, shop.kinds, shop.kept) == ("stage of an API", ("calls",), ("calls",))
    assert bare.kept == ()
    assert "made-up" not in str([document.body for document in reading.page.documents])


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_lost_stages_of_one_api_leave_the_population_unknown(
    read: Read, client: Client, faults: Faults, fault: str
) -> None:
    """The stages of the other one stay known."""
    lost = make_stage(client, "lost")
    make_stage(client, "kept")
    getattr(faults, fault).add(f"apigateway:GET /v2/apis/{lost}/stages")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(STAGE, "us-east-1")

    assert [log.resource.name for log in reading.facts(UseLog)] == ["kept/live"]
    assert unread is not None
    assert (unread.operation, unread.permission) == ("apigatewayv2:GetStages", "apigateway:GET")


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_stage(client, "shop")
    faults.deny.add("apigateway:GET /v2/apis")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(STAGE, "us-east-1")

    assert reading.facts(UseLog) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "apigatewayv2:GetApis",
        "apigateway:GET",
    )
