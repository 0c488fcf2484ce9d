"""Web ACLs of AWS WAF: whether they log requests, and count what their rules match."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.aws.web_firewalls import parts_of
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.service_logs import UseLog

REGIONAL = Kind("aws.wafv2.regional_acls", "wafv2", "ListWebACLs", items="WebACLs", volatile=("LockToken",))
EDGE = Kind("aws.wafv2.edge_acls", "wafv2", "ListWebACLs", items="WebACLs", volatile=("LockToken",))
ACL = Kind("aws.wafv2.acl", "wafv2", "GetWebACL", volatile=("LockToken",))
LOGGING = Kind(
    "aws.wafv2.logging", "wafv2", "GetLoggingConfiguration", absent=("WAFNonexistentItemException",)
)  # AWS says so for an ACL that has none
GROUP = Kind("aws.wafv2.rule_group", "wafv2", "GetRuleGroup", volatile=("LockToken",))
EDGE_HOME = "us-east-1"
"""Where the ACLs of distributions live, which other partitions do not have."""

REQUESTS, MATCHES = "requests", "matches of rules"


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every ACL of the region; those of distributions count for the first region that is read."""
    for acl in aws.listing(REGIONAL, Scope="REGIONAL"):
        yield from _found(aws, REGIONAL, acl, aws.region)
    if aws.partition == "aws" and aws.region == min(aws.regions):
        yield Then(of_distributions, (), EDGE.name, EDGE_HOME)


def of_distributions(aws: Reader) -> Iterator[Document | Then]:
    """Every ACL that can stand before distributions."""
    for acl in aws.listing(EDGE, Scope="CLOUDFRONT"):
        yield from _found(aws, EDGE, acl, EDGE_HOME)


def _found(aws: Reader, kind: Kind, acl: Body, home: str) -> Iterator[Document | Then]:
    uid = acl["ARN"]
    yield aws.document(kind, uid, acl)
    yield Then(rules, (uid,), f"{uid}/{ACL.operation}", home)
    yield Then(logging, (uid,), f"{uid}/{LOGGING.operation}", home)


def rules(aws: Reader, uid: str) -> Iterator[Document]:
    """One ACL, and the company's own groups of rules in it."""
    for found in aws.read(ACL, uid, **(parts_of(uid) or {})):
        yield found
        for group in groups_in((found.body.get("WebACL") or {}).get("Rules") or ()):
            yield from aws.read(GROUP, group, ARN=group)


def logging(aws: Reader, uid: str) -> Iterator[Document]:
    """Where one ACL sends its log."""
    yield from aws.read(LOGGING, uid, ResourceArn=uid)


def groups_in(found: Iterable[Body]) -> list[str]:
    """ARNs of the company's own groups among rules."""
    references = (rule["Statement"].get("RuleGroupReferenceStatement") for rule in found)
    return [str(each["ARN"]) for each in references if each]


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per ACL."""
    for kind in (REGIONAL, EDGE):
        for acl in docs.of(kind):
            groups = docs.value(ACL, acl.uid, lambda body: groups_in(body["WebACL"]["Rules"]))
            known = () if isinstance(groups, Unread) else groups
            place = acl.region if kind is REGIONAL else "global"
            yield UseLog(
                resource=docs.resource("web_firewall", acl.uid, str(acl.body["Name"]), place),
                documents=docs.about(acl.uid, *(each for each in docs.of(GROUP) if each.uid in known)),
                what="web ACL",
                kinds=docs.value(ACL, acl.uid, kinds_of),
                kept=_kept(docs, acl.uid, groups),
            )


def kinds_of(body: Body) -> tuple[str, ...]:
    """Requests, and what rules match where there are rules."""
    return (REQUESTS, MATCHES) if body["WebACL"]["Rules"] else (REQUESTS,)


def _kept(docs: Documents, uid: str, groups: list[str] | Unread) -> tuple[str, ...] | Unread:
    """Which of the two are kept; a group of which it is not known costs all."""
    if isinstance(groups, Unread):
        return groups
    requests = docs.value(LOGGING, uid, logs_requests)
    counted = [docs.value(ACL, uid, lambda body: counts(body["WebACL"]["Rules"]))]
    counted += [docs.value(GROUP, group, lambda body: counts(body["RuleGroup"]["Rules"])) for group in groups]
    unread = next((each for each in (requests, *counted) if isinstance(each, Unread)), None)
    if unread is not None:
        return unread
    return (*([REQUESTS] if requests else []), *([MATCHES] if all(counted) else []))


def logs_requests(body: Body) -> bool:
    """The log goes somewhere."""
    return "absent" not in body and bool(body["LoggingConfiguration"]["LogDestinationConfigs"])


def counts(found: Iterable[Body]) -> bool:
    """What each rule matches becomes a metric."""
    return all(rule["VisibilityConfig"]["CloudWatchMetricsEnabled"] for rule in found)


COLLECTOR = Collector(
    id="aws.web_acls",
    title="Web ACLs and their logs",
    scope="region",
    kinds=(REGIONAL, EDGE, ACL, LOGGING, GROUP),
    emits={UseLog: REGIONAL},
    bounded_by={UseLog: (EDGE,)},
    source="AWS WAFV2 API 2019-07-29",
    fetch=fetch,
    shape=shape,
)
