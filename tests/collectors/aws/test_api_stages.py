"""aws.api_stages"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.api_stages import API, COLLECTOR, STAGE, faces_internet, kept_logs
from collectors.documents import Documents
from collectors.facts.core import Unread
from collectors.facts.network import WebFront
from collectors.facts.service_logs import UseLog
from collectors.provenance import Identity
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

SEEN = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "edge"}


def make_stage(client: Client, api: str, type_: str = "REGIONAL") -> str:
    """An API with the stage `live`; the value is the stage's ARN."""
    gateway = client("apigateway")
    id_ = gateway.create_rest_api(name=api, endpointConfiguration={"types": [type_]})["id"]
    root = gateway.get_resources(restApiId=id_)["items"][0]["id"]
    gateway.put_method(restApiId=id_, resourceId=root, httpMethod="GET", authorizationType="NONE")
    gateway.put_integration(
        restApiId=id_,
        resourceId=root,
        httpMethod="GET",
        type="HTTP",
        uri="https://example.com",
        integrationHttpMethod="GET",
    )
    deployment = gateway.create_deployment(restApiId=id_)["id"]
    gateway.create_stage(restApiId=id_, stageName="live", deploymentId=deployment, variables={"hint": "made-up"})
    return f"arn:aws:apigateway:us-east-1::/restapis/{id_}/stages/live"


def put_before(client: Client, stage: str, *rules: dict[str, Any]) -> str:
    """A web ACL before a stage; the value is its ARN."""
    waf = client("wafv2")
    made = waf.create_web_acl(
        Name="edge", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=SEEN, Rules=list(rules)
    )["Summary"]
    waf.associate_web_acl(WebACLArn=made["ARN"], ResourceArn=stage)
    return str(made["ARN"])


def rule(action: str) -> dict[str, Any]:
    """A rule about one country."""
    return {
        "Name": "one", "Priority": 1, "Statement": {"GeoMatchStatement": {"CountryCodes": ["NO"]}},
        "Action": {action: {}}, "VisibilityConfig": SEEN,
    }  # fmt: skip


def test_a_region_without_apis_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(WebFront) == []
    assert reading.documents.complete(STAGE, "us-east-1") is None
    assert reading.operations() == {"apigateway:GetRestApis"}


def test_stages_become_fronts(read: Read, client: Client) -> None:
    """Where they answer and what stands before them; the values that a company hands to its programs are not kept."""
    shop = make_stage(client, "shop")
    acl = put_before(client, shop, rule("Block"))
    make_stage(client, "bare")
    make_stage(client, "inside", "PRIVATE")

    reading = read(COLLECTOR)
    guarded, bare, inside = (reading.fact(WebFront, f"{name}/live") for name in ("shop", "bare", "inside"))

    assert (guarded.resource.uid, guarded.what) == (shop, "stage of an API")
    assert (guarded.internet_facing, guarded.firewalls, guarded.covered, guarded.blocking) == (
        True,
        ("edge",),
        True,
        True,
    )
    assert acl in {reference.uid for reference in guarded.documents}
    assert (bare.internet_facing, bare.firewalls, bare.blocking) == (True, (), False)
    assert inside.internet_facing is False
    assert "made-up" not in str([document.body for document in reading.page.documents])


def test_a_firewall_that_only_counts_does_not_block(read: Read, client: Client) -> None:
    """It is there, and stops nobody."""
    put_before(client, make_stage(client, "shop"), rule("Count"))

    front = read(COLLECTOR).fact(WebFront, "shop/live")

    assert (front.firewalls, front.blocking) == (("edge",), False)


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_firewall_costs_what_rests_on_it(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """Its name is known from the stage; whether it blocks is not."""
    put_before(client, make_stage(client, "shop"), rule("Block"))
    getattr(faults, fault).add("wafv2:GetWebACL")

    front = read(COLLECTOR).fact(WebFront, "shop/live")

    assert front.firewalls == ("edge",)
    assert isinstance(front.blocking, Unread)
    assert front.blocking.permission == "wafv2:GetWebACL"


def test_lost_stages_of_one_api_leave_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """The stages of the other one stay known."""
    lost = make_stage(client, "lost").split("/")[2]
    make_stage(client, "kept")
    faults.deny.add(f"apigateway:GET /restapis/{lost}/stages")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(STAGE, "us-east-1")

    assert [front.resource.name for front in reading.facts(WebFront)] == ["kept/live"]
    assert unread is not None
    assert (unread.operation, unread.permission) == ("apigateway:GetStages", "apigateway:GET")


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_stage(client, "shop")
    faults.deny.add("apigateway:GET /restapis")

    reading = read(COLLECTOR)

    assert reading.facts(WebFront) == []
    assert reading.documents.complete(STAGE, "us-east-1") is not None


def test_a_classic_firewall_is_named_and_not_known() -> None:
    """Its rules cannot be asked for, so nothing is said about them."""
    api = "arn:aws:apigateway:us-east-1::/restapis/a1"
    identity = Identity("aws", "123456789012", "arn:aws:iam::123456789012:user/reader", "aws")
    stage = {"stageName": "live", "webAclArn": "arn:aws:waf-regional:us-east-1:123456789012:webacl/1a2b"}
    documents = (
        Document(API.name, api, "us-east-1", {"id": "a1", "endpointConfiguration": {"types": ["EDGE"]}}),
        Document(STAGE.name, f"{api}/stages/live", "us-east-1", stage),
    )

    front, _ = COLLECTOR.shape(Documents(COLLECTOR, identity, ("us-east-1",), documents))

    assert isinstance(front, WebFront)
    assert (front.resource.name, front.internet_facing, front.firewalls) == ("a1/live", True, ("1a2b",))
    assert isinstance(front.blocking, Unread)


def test_an_api_of_which_nobody_says_where_it_answers_is_malformed() -> None:
    """Whether strangers can reach it is never guessed."""
    assert faces_internet({"endpointConfiguration": {"types": ["PRIVATE"]}}) is False
    with pytest.raises(KeyError):
        faces_internet({"id": "a1"})


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"accessLogSettings": {"destinationArn": "arn:log", "format": "x"}}, ("calls",)),
        ({"methodSettings": {"*/*": {"loggingLevel": "ERROR"}}}, ("calls",)),
        ({"methodSettings": {"*/*": {"loggingLevel": "INFO"}, "~1a/GET": {"loggingLevel": "OFF"}}}, ()),
        ({"methodSettings": {"~1a/GET": {"loggingLevel": "INFO"}}}, ()),
        ({"methodSettings": {"*/*": {"metricsEnabled": True}}}, ()),
        ({}, ()),
    ],
)
def test_one_log_of_every_call_will_do(said: dict[str, Any], kept: tuple[str, ...]) -> None:
    """An access log, or an execution log that no method is taken out of."""
    assert kept_logs({"stageName": "live", **said}) == kept


def test_stages_say_whether_they_log_calls(read: Read, client: Client) -> None:
    """The log is about the same resource as the front."""
    loud, silent = make_stage(client, "loud"), make_stage(client, "silent")
    level = {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"}
    client("apigateway").update_stage(restApiId=loud.split("/")[2], stageName="live", patchOperations=[level])

    reading = read(COLLECTOR)
    logs = {log.resource.uid: (log.kinds, log.kept) for log in reading.facts(UseLog)}

    assert logs == {loud: (("calls",), ("calls",)), silent: (("calls",), ())}
    assert reading.fact(UseLog, "loud/live").resource == reading.fact(WebFront, "loud/live").resource
