"""aws.web_acls"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.web_acls import COLLECTOR, EDGE, REGIONAL
from collectors.facts.core import Reason, Unread
from collectors.facts.service_logs import UseLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

LOG = "arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-records"


def seen(*, counted: bool) -> dict[str, Any]:
    """What becomes of matches."""
    return {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": counted, "MetricName": "edge"}


def rule(*, counted: bool) -> dict[str, Any]:
    """A rule about one country."""
    return {
        "Name": "one",
        "Priority": 1,
        "Statement": {"GeoMatchStatement": {"CountryCodes": ["NO"]}},
        "Action": {"Block": {}},
        "VisibilityConfig": seen(counted=counted),
    }


def make_acl(client: Client, name: str, *rules: dict[str, Any], logged: bool = False, scope: str = "REGIONAL") -> str:
    """A web ACL; the value is its ARN."""
    waf = client("wafv2")
    made = waf.create_web_acl(
        Name=name, Scope=scope, DefaultAction={"Allow": {}}, VisibilityConfig=seen(counted=True), Rules=list(rules)
    )["Summary"]["ARN"]
    if logged:
        waf.put_logging_configuration(LoggingConfiguration={"ResourceArn": made, "LogDestinationConfigs": [LOG]})
    return str(made)


def group_of(client: Client, *, counted: bool) -> dict[str, Any]:
    """A rule that hands over to a group of the company's own."""
    waf = client("wafv2")
    arn = waf.create_rule_group(
        Name="own", Scope="REGIONAL", Capacity=10, VisibilityConfig=seen(counted=True), Rules=[rule(counted=counted)]
    )["Summary"]["ARN"]
    return {
        "Name": "own",
        "Priority": 2,
        "Statement": {"RuleGroupReferenceStatement": {"ARN": arn}},
        "OverrideAction": {"None": {}},
        "VisibilityConfig": seen(counted=True),
    }


def test_an_account_without_acls_costs_one_call_for_each_scope(read: Read) -> None:
    """ACLs of distributions count for the first region."""
    reading = read(COLLECTOR, "eu-west-1", "us-east-1")

    assert reading.facts(UseLog) == []
    assert [call.region for call in reading.page.calls if call.parameters["Scope"] == "CLOUDFRONT"] == ["us-east-1"]
    assert reading.documents.complete(EDGE, "eu-west-1") is None
    assert reading.documents.complete(REGIONAL, "us-east-1") is None
    assert reading.operations() == {"wafv2:ListWebACLs"}


def test_acls_say_what_they_log(read: Read, client: Client) -> None:
    """Requests by a log, and matches by a metric of each rule; without rules there are no matches."""
    whole = make_acl(client, "whole", rule(counted=True), logged=True)
    make_acl(client, "counting", rule(counted=True))
    make_acl(client, "logging", rule(counted=False), logged=True)
    make_acl(client, "bare")
    make_acl(client, "edge", logged=True, scope="CLOUDFRONT")

    reading = read(COLLECTOR)
    found = {log.resource.name: (log.kinds, log.kept) for log in reading.facts(UseLog)}

    both = ("requests", "matches of rules")
    assert found == {
        "whole": (both, both),
        "counting": (both, ("matches of rules",)),
        "logging": (both, ("requests",)),
        "bare": (("requests",), ("matches of rules",)),
        "edge": (("requests",), both),
    }
    assert reading.fact(UseLog, "whole").resource.uid == whole
    assert reading.fact(UseLog, "edge").resource.region == "global"


@pytest.mark.parametrize("counted", [True, False])
def test_rules_of_own_groups_are_looked_at(read: Read, client: Client, counted: bool) -> None:
    """One of them that is not counted costs the matches."""
    make_acl(client, "grouped", group_of(client, counted=counted), logged=True)

    log = read(COLLECTOR).fact(UseLog, "grouped")

    assert log.kept == (("requests", "matches of rules") if counted else ("requests",))


@pytest.mark.parametrize("operation", ["GetWebACL", "GetLoggingConfiguration", "GetRuleGroup"])
@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_detail_is_no_answer(read: Read, client: Client, faults: Faults, fault: str, operation: str) -> None:
    """Each of the three may hide a log that is off."""
    make_acl(client, "grouped", group_of(client, counted=True), logged=True)
    getattr(faults, fault).add(f"wafv2:{operation}")

    log = read(COLLECTOR).fact(UseLog, "grouped")

    assert isinstance(log.kept, Unread)
    assert log.kept.permission == f"wafv2:{operation}"


def test_a_denied_listing_leaves_both_populations_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_acl(client, "whole")
    faults.deny.add("wafv2:ListWebACLs")

    reading = read(COLLECTOR)

    assert reading.facts(UseLog) == []
    for kind in (REGIONAL, EDGE):
        unread = reading.documents.complete(kind, "us-east-1")
        assert unread is not None
        assert (unread.reason, unread.permission) == (Reason.PERMISSION_DENIED, "wafv2:ListWebACLs")
    assert COLLECTOR.bounded_by == {UseLog: (EDGE,)}
