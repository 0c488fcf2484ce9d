"""Access policies: what they allow, and which users, groups and roles hold them.

A policy is judged by itself, statement by statement.  Whether a denial, a permissions boundary or a policy of the
organization takes part of it away again is not worked out: the grant is there, and the other may go tomorrow.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.identity import AccessPolicy, PolicyOrigin

_DETAILS = "GetAccountAuthorizationDetails"
POLICY = Kind("aws.iam.policy", "iam", _DETAILS, items="Policies")
USER = Kind("aws.iam.user_authorization", "iam", _DETAILS, items="UserDetailList")
GROUP = Kind("aws.iam.group_authorization", "iam", _DETAILS, items="GroupDetailList")
ROLE = Kind("aws.iam.role_authorization", "iam", _DETAILS, items="RoleDetailList", volatile=("RoleLastUsed",))
PROVIDER_POLICY = Kind("aws.iam.provider_policy", "iam", "ListPolicies", items="Policies")
PROVIDER_VERSION = Kind("aws.iam.provider_policy_version", "iam", "GetPolicyVersion")

HOLDERS = {USER: "User", GROUP: "Group", ROLE: "Role"}
"""Kinds of principals that hold policies, with what IAM puts before the names of their fields."""
PAGE = 1000
"""Most items that IAM puts into one answer."""
EVERY_ACTION = re.compile(r"\*+(:\*+)?")
EVERY_RESOURCE = re.compile(r"\*+|arn:\*+(:\*+)*|arn:aws[a-z-]*(:\*+)+")
TRAIL = "cloudtrail"
EVERY_TRAIL_ACTION = re.compile(rf"\*+(:\*+)?|{TRAIL}:\*+")


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """All principals and the company's own policies from one call, page by page; then the provider's policies."""
    yield Then(provider_policies, (), PROVIDER_POLICY.operation)
    kinds = (POLICY, *HOLDERS)
    for page in aws.pages(*kinds, Filter=["LocalManagedPolicy", *HOLDERS.values()], MaxItems=PAGE):
        for kind in kinds:
            for item in page[kind.items]:
                yield aws.document(kind, item["Arn"], item)


def provider_policies(aws: Reader) -> Iterator[Document | Then]:
    """The policies of the provider that somebody holds."""
    for policy in aws.listing(PROVIDER_POLICY, Scope="AWS", OnlyAttached=True, MaxItems=PAGE):
        yield aws.document(PROVIDER_POLICY, policy["Arn"], policy)
        yield Then(provider_version, (policy["Arn"], policy["DefaultVersionId"]), policy["Arn"])


def provider_version(aws: Reader, uid: str, version: str) -> Iterator[Document]:
    """The text of one of the provider's policies that is in force."""
    yield from aws.read(PROVIDER_VERSION, uid, PolicyArn=uid, VersionId=version)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per policy: the company's own, the provider's that somebody holds, and those inside a principal."""
    holders = _holders(docs)
    for policy in docs.of(POLICY):
        yield AccessPolicy(
            resource=docs.resource("policy", policy.uid, policy.uid.rpartition("/")[2], "global"),
            documents=_about(docs, policy.uid, holders),
            origin=PolicyOrigin.CUSTOMER,
            attached_to=_attached_to(policy.uid, holders),
            allows_everything=docs.field(POLICY, policy, lambda body: allows_everything(default_text(body))),
            controls_audit_trail=docs.field(POLICY, policy, lambda body: controls_audit_trail(default_text(body))),
        )
    for uid in _provider_policies(docs, holders):
        yield AccessPolicy(
            resource=docs.resource("policy", uid, uid.rpartition("/")[2], "global"),
            documents=_about(docs, uid, holders),
            origin=PolicyOrigin.PROVIDER,
            attached_to=_attached_to(uid, holders),
            allows_everything=_of_provider(docs, uid, allows_everything),
            controls_audit_trail=_of_provider(docs, uid, controls_audit_trail),
        )
    for kind, prefix in HOLDERS.items():
        for principal in docs.of(kind):
            yield from _inline(docs, principal, prefix)


def _holders(docs: Documents) -> Mapping[str, list[Document]] | Unread:
    """By policy: every principal that it is attached to.  Known only when every principal is."""
    found: dict[str, list[Document]] = defaultdict(list)
    for kind in HOLDERS:
        incomplete = docs.complete(kind, "global")
        if incomplete is not None:
            return incomplete
        for principal in docs.of(kind):
            attached = docs.field(kind, principal, attached_policies)
            if isinstance(attached, Unread):
                return attached
            for policy in attached:
                found[policy].append(principal)
    return found


def _attached_to(uid: str, holders: Mapping[str, list[Document]] | Unread) -> tuple[str, ...] | Unread:
    return holders if isinstance(holders, Unread) else tuple(sorted(each.uid for each in holders.get(uid, ())))


def _about(docs: Documents, uid: str, holders: Mapping[str, list[Document]] | Unread) -> tuple[DocumentRef, ...]:
    return docs.about(uid, *(() if isinstance(holders, Unread) else holders.get(uid, ())))
