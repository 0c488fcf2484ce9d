"""Web ACLs of AWS WAF, as balancers, stages of APIs and distributions refer to them."""

from __future__ import annotations

from collectors.api import Body, Kind
from collectors.documents import Documents
from collectors.facts.core import Unread

WAF = "wafv2"
BLOCK = "Block"
STOPS = frozenset({BLOCK, "Captcha", "Challenge"})
"""Actions that turn a request away, the last two unless whoever sent it solves something first."""
NO_OVERRIDE = "None"
"""Lets the rules of a group do what they say."""


def acl_of(name: str) -> Kind:
    """The web ACL that a thing refers to by its ARN."""
    return Kind(name, WAF, "GetWebACL", volatile=("LockToken",))


def parts_of(arn: str) -> dict[str, str] | None:
    """What a web ACL is asked for by; None when the reference is to the classic firewall, which has other ACLs."""
    service, _, rest = arn.partition(":wafv2:")
    path = rest.rpartition(":")[2].split("/")
    if not (service and rest):
        return None
    scope, _, name, id_ = path
    return {"Name": name, "Id": id_, "Scope": "CLOUDFRONT" if scope == "global" else "REGIONAL"}


def named(reference: str) -> tuple[str, ...]:
    """Name of the web ACL behind a reference; empty without one."""
    if not reference:
        return ()
    asked = parts_of(reference)
    return (asked["Name"] if asked else reference.rpartition("/")[2],)


def blocking(docs: Documents, kind: Kind, reference: str) -> bool | Unread:
    """The web ACL behind a reference blocks; without one nothing does.  A classic one is never asked for: unread."""
    return docs.value(kind, reference, lambda body: blocks(body["WebACL"])) if reference else False


def blocks(acl: Body) -> bool:
    """A web ACL turns away what some rule of it matches, or all that no rule lets in.

    A group of managed rules counts as one that does, unless its results are only counted.  Raises ValueError where
    only a group of the company's own could, whose rules are not read.
    """
    if BLOCK in acl["DefaultAction"]:
        return True
    rules = [*(acl.get("Rules") or ())]
    managed = [
        *(acl.get("PreProcessFirewallManagerRuleGroups") or ()),
        *(acl.get("PostProcessFirewallManagerRuleGroups") or ()),
    ]
    if any(STOPS & set(rule.get("Action") or ()) for rule in rules):
        return True
    acting = [rule for rule in (*rules, *managed) if NO_OVERRIDE in (rule.get("OverrideAction") or ())]
    statements = [rule.get("Statement") or rule["FirewallManagerStatement"] for rule in acting]
    if any("ManagedRuleGroupStatement" in each for each in statements):
        return True
    if statements:
        raise ValueError("only a group of rules whose own actions are not read may block")
    return False
