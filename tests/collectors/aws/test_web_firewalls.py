"""Web ACLs of AWS WAF"""

from __future__ import annotations

from typing import Any

import pytest

from collectors.aws.web_firewalls import blocks, named, parts_of

ALLOW: dict[str, Any] = {"Allow": {}}
REGIONAL = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/edge/1a2b"
GLOBAL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/edge/1a2b"
CLASSIC = "arn:aws:waf-regional:eu-west-1:123456789012:webacl/1a2b"

GEO = {"GeoMatchStatement": {"CountryCodes": ["NO"]}}
MANAGED = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}
OWN = {"RuleGroupReferenceStatement": {"ARN": REGIONAL.replace("webacl", "rulegroup")}}


def acl(*rules: dict[str, Any], default: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A web ACL as AWS answers it, which lets in what no rule is about."""
    return {"Name": "edge", "DefaultAction": ALLOW if default is None else default, "Rules": list(rules), **more}


def rule(action: str) -> dict[str, Any]:
    """A rule of its own."""
    return {"Name": action, "Statement": GEO, "Action": {action: {}}}


def group(statement: dict[str, Any], override: str = "None") -> dict[str, Any]:
    """A rule that stands for a group of rules."""
    return {"Name": "group", "Statement": statement, "OverrideAction": {override: {}}}


def by_manager(override: str) -> dict[str, Any]:
    """A group that Firewall Manager put into a web ACL."""
    return {"Name": "company", "FirewallManagerStatement": MANAGED, "OverrideAction": {override: {}}}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (acl(), False),
        (acl(default={"Block": {}}), True),
        (acl(rule("Block")), True),
        (acl(rule("Captcha")), True),
        (acl(rule("Challenge")), True),
        (acl(rule("Count"), rule("Allow")), False),
        (acl(rule("Count"), rule("Block")), True),
        (acl(group(MANAGED)), True),
        (acl(group(MANAGED, "Count")), False),
        (acl(group(OWN, "Count")), False),
        (acl(group(OWN), rule("Block")), True),
        (acl(group(OWN), group(MANAGED)), True),
        (acl(PreProcessFirewallManagerRuleGroups=[by_manager("None")]), True),
        (acl(PostProcessFirewallManagerRuleGroups=[by_manager("Count")]), False),
    ],
)
def test_a_firewall_blocks_what_some_rule_turns_away(said: dict[str, Any], expected: bool) -> None:
    """Rules that only count stop nobody."""
    assert blocks(said) is expected


@pytest.mark.parametrize("said", [acl(group(OWN)), {"Name": "edge", "Rules": [rule("Count")]}])
def test_what_cannot_be_told_is_malformed(said: dict[str, Any]) -> None:
    """Neither the rules of an unread group nor the default action is guessed."""
    with pytest.raises((KeyError, ValueError)):
        blocks(said)


def test_a_reference_says_what_to_ask_for() -> None:
    """A reference to the classic firewall leads to nothing that can be asked."""
    assert parts_of(REGIONAL) == {"Name": "edge", "Id": "1a2b", "Scope": "REGIONAL"}
    assert parts_of(GLOBAL) == {"Name": "edge", "Id": "1a2b", "Scope": "CLOUDFRONT"}
    assert parts_of(CLASSIC) is None
    assert parts_of("1a2b") is None
    assert [named(each) for each in (REGIONAL, CLASSIC, "1a2b", "")] == [("edge",), ("1a2b",), ("1a2b",), ()]
