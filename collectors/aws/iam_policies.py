"""Access policies: what they allow, and which users, groups and roles hold them.

A policy is judged by itself, statement by statement.  A condition does not take a grant away, since most can
be met at will.  Nor does a denial, a boundary or a policy of the organization: the grant is there, and what
holds it back may go tomorrow.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.aws.statements import as_list
from collectors.documents import Documents
from collectors.facts.core import DocumentRef, Fact, Unread
from collectors.facts.identity import AccessPolicy, PolicyOrigin

_DETAILS = "GetAccountAuthorizationDetails"
POLICY = Kind("aws.iam.policy", "iam", _DETAILS, items="Policies")
USER = Kind("aws.iam.user_authorization", "iam", _DETAILS, items="UserDetailList")
GROUP = Kind("aws.iam.group_authorization", "iam", _DETAILS, items="GroupDetailList")
ROLE = Kind("aws.iam.role_authorization", "iam", _DETAILS, items="RoleDetailList", volatile=("RoleLastUsed",))
INLINE = Kind("aws.iam.inline_policy", "iam", _DETAILS)
PROVIDER_POLICY = Kind("aws.iam.provider_policy", "iam", "ListPolicies", items="Policies")
PROVIDER_VERSION = Kind("aws.iam.provider_policy_version", "iam", "GetPolicyVersion")

HOLDERS = {USER: "User", GROUP: "Group", ROLE: "Role"}
"""Kinds of principals that hold policies, with IAM's word for each."""
INLINE_PATH = "/inline/"
"""Between a principal's ARN and the name of a policy written into it, which has no ARN of its own."""
PAGE = 1000
"""Most items that IAM puts into one answer."""

EVERY_ACTION = re.compile(r"\*+(:\*+)?")
EVERY_RESOURCE = re.compile(r"\*+|arn:\*+(:\*+)*|arn:aws[a-z-]*(:\*+)+")
TRAIL = "cloudtrail"
EVERY_TRAIL_ACTION = re.compile(rf"\*+(:\*+)?|{TRAIL}:\*+")


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """The company's policies and all principals out of one paged call; beside it the provider's policies."""
    yield Then(provider_policies, (), PROVIDER_POLICY.operation)
    wanted = ["LocalManagedPolicy", *HOLDERS.values()]
    for page in aws.pages(POLICY, *HOLDERS, Filter=wanted, MaxItems=PAGE):
        for policy in page[POLICY.items]:
            yield aws.document(POLICY, policy["Arn"], policy)
        for kind, word in HOLDERS.items():
            for principal in page[kind.items]:
                yield from _principal(aws, kind, f"{word}PolicyList", principal)


def _principal(aws: Reader, kind: Kind, written_in: str, principal: dict[str, Any]) -> Iterator[Document]:
    """A principal, and apart from it each policy written into it."""
    uid = principal["Arn"]
    yield aws.document(kind, uid, {key: value for key, value in principal.items() if key != written_in})
    # IAM leaves the list out for a user that has none
    for policy in principal.get(written_in, []):
        yield aws.document(INLINE, uid + INLINE_PATH + policy["PolicyName"], policy)


def provider_policies(aws: Reader) -> Iterator[Document | Then]:
    """The policies of the provider that somebody holds."""
    for policy in aws.listing(PROVIDER_POLICY, Scope="AWS", OnlyAttached=True, MaxItems=PAGE):
        yield aws.document(PROVIDER_POLICY, policy["Arn"], policy)
        yield Then(provider_version, (policy["Arn"], policy["DefaultVersionId"]), policy["Arn"])


def provider_version(aws: Reader, uid: str, version: str) -> Iterator[Document]:
    """The text in force of one of the provider's policies."""
    yield from aws.read(PROVIDER_VERSION, uid, PolicyArn=uid, VersionId=version)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per policy: the company's own, the provider's in use, and those written into a principal."""
    attachments = _Attachments(docs)
    for policy in docs.of(POLICY):
        yield AccessPolicy(
            resource=docs.resource("policy", policy.uid, policy.uid.rpartition("/")[2], "global"),
            documents=attachments.documents(policy.uid),
            origin=PolicyOrigin.CUSTOMER,
            attached_to=attachments.holders(policy.uid),
            account_wide=attachments.holders(policy.uid),
            allows_everything=docs.field(POLICY, policy, lambda body: allows_everything(text_in_force(body))),
            controls_audit_trail=docs.field(POLICY, policy, lambda body: controls_audit_trail(text_in_force(body))),
        )
    for uid in attachments.provider_policies():
        yield AccessPolicy(
            resource=docs.resource("policy", uid, uid.rpartition("/")[2], "global"),
            documents=attachments.documents(uid),
            origin=PolicyOrigin.PROVIDER,
            attached_to=attachments.holders(uid),
            account_wide=attachments.holders(uid),
            allows_everything=_of_provider(docs, uid, allows_everything),
            controls_audit_trail=_of_provider(docs, uid, controls_audit_trail),
        )
    for inline in docs.of(INLINE):
        holder, _, name = inline.uid.rpartition(INLINE_PATH)
        yield AccessPolicy(
            resource=docs.resource("policy", inline.uid, f"{holder.rpartition('/')[2]}/{name}", "global"),
            documents=docs.about(inline.uid),
            origin=PolicyOrigin.INLINE,
            attached_to=(holder,),
            account_wide=(holder,),
            allows_everything=docs.field(INLINE, inline, lambda body: allows_everything(body["PolicyDocument"])),
            controls_audit_trail=docs.field(INLINE, inline, lambda body: controls_audit_trail(body["PolicyDocument"])),
        )


def _of_provider(docs: Documents, uid: str, judge: Callable[[Body], bool]) -> bool | Unread:
    """What a policy of the provider amounts to.  Without the list, its text was never asked for."""
    version = docs.get(PROVIDER_VERSION, uid)
    if isinstance(version, Unread):
        return docs.complete(PROVIDER_POLICY, "global") or version
    return docs.field(PROVIDER_VERSION, version, lambda body: judge(body["PolicyVersion"]["Document"]))


class _Attachments:
    """Which principals each managed policy is attached to: known only when all principals are."""

    def __init__(self, docs: Documents) -> None:
        self._docs = docs
        self._by_policy: dict[str, list[Document]] = defaultdict(list)
        self._unread: Unread | None = None
        for kind in HOLDERS:
            self._unread = self._unread or docs.complete(kind, "global")
            for principal in docs.of(kind):
                attached = docs.field(kind, principal, attached_policies)
                if isinstance(attached, Unread):
                    self._unread = self._unread or attached
                    continue
                for policy in attached:
                    self._by_policy[policy].append(principal)

    def holders(self, uid: str) -> tuple[str, ...] | Unread:
        """Uids of the principals that hold a policy."""
        return self._unread or tuple(sorted(principal.uid for principal in self._by_policy.get(uid, ())))

    def documents(self, uid: str) -> tuple[DocumentRef, ...]:
        """What is known about a policy, and the principals that were seen to hold it."""
        return self._docs.about(uid, *self._by_policy.get(uid, ()))

    def provider_policies(self) -> list[str]:
        """Uids of the provider's policies that are attached, whether the list of them was read or not."""
        attached = {uid for uid in self._by_policy if is_providers(uid)}
        return sorted(attached | {policy.uid for policy in self._docs.of(PROVIDER_POLICY)})


def attached_policies(body: Body) -> list[str]:
    """ARNs of the managed policies that a principal holds."""
    return [policy["PolicyArn"] for policy in body["AttachedManagedPolicies"]]


def is_providers(uid: str) -> bool:
    """The provider wrote the policy: its ARN has `aws` in place of an account."""
    return uid.split(":")[4] == "aws"


def text_in_force(body: Body) -> Body:
    """The default version of a managed policy.  Raises ValueError unless exactly one is the default."""
    (text,) = [version["Document"] for version in body["PolicyVersionList"] if version["IsDefaultVersion"]]
    return dict(text)


def allows_everything(text: Body) -> bool:
    """Some statement allows every action on every resource.

    `NotAction` and `NotResource` allow all but what they name, so a statement with either counts only when it
    names nothing.  Grants that only add up to everything over several statements or patterns are not seen.
    """
    return any(_allows(statement, EVERY_ACTION, lambda _excluded: True) for statement in as_list(text["Statement"]))


def controls_audit_trail(text: Body) -> bool:
    """Some statement allows every action of CloudTrail on every resource.

    `NotAction` does so too, as long as nothing that it names can be an action of CloudTrail.
    """
    return any(_allows(statement, EVERY_TRAIL_ACTION, of_trail) for statement in as_list(text["Statement"]))


def of_trail(action: str) -> bool:
    """An action or pattern that can mean one of CloudTrail's actions."""
    return fnmatchcase(TRAIL, action.lower().partition(":")[0])


def _allows(statement: Body, every_action: re.Pattern[str], matters: Callable[[str], bool]) -> bool:
    """The statement allows all that `every_action` stands for, on all resources.

    `matters` tells whether an action that the statement excludes takes something of it away.
    """
    if not {"Allow": True, "Deny": False}[statement["Effect"]]:
        return False
    if "NotAction" in statement:
        actions = not any(matters(action) for action in as_list(statement["NotAction"]))
    else:
        actions = any(every_action.fullmatch(action.lower()) for action in as_list(statement["Action"]))
    if "NotResource" in statement:
        return actions and not as_list(statement["NotResource"])
    return actions and any(EVERY_RESOURCE.fullmatch(resource) for resource in as_list(statement["Resource"]))


COLLECTOR = Collector(
    id="aws.iam_policies",
    title="IAM policies and who holds them",
    scope="global",
    kinds=(POLICY, *HOLDERS, INLINE, PROVIDER_POLICY, PROVIDER_VERSION),
    emits={AccessPolicy: POLICY},
    source="AWS IAM API 2010-05-08",
    fetch=fetch,
    shape=shape,
)
