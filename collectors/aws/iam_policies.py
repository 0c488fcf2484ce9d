"""Access policies: what they allow, which users, groups and roles hold them, and what these may do by all of theirs.

A policy is judged by itself, statement by statement.  A condition does not take a grant away, since most can be
met at will.  Nor does a denial, a boundary or a policy of the organization: the grant is there, and what
holds it back may go tomorrow.  Of a user or role, denials and boundaries count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from collectors.api import Collector, Document, Kind, Then
from collectors.aws import escalation
from collectors.aws.authorization_details import (
    HOLDERS,
    INLINE,
    INLINE_PATH,
    POLICY,
    PROVIDER_BOUNDARY,
    PROVIDER_POLICY,
    PROVIDER_VERSION,
    ROLE,
    Policies,
    attached_policies,
    is_providers,
)
from collectors.aws.escalation import Holder
from collectors.aws.identity_rights import identities
from collectors.aws.policy_evaluator import EVERY_ACTION, Layer, Statement, everywhere
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import DocumentRef, Fact, Unread
from collectors.facts.identity import AccessPolicy, PolicyOrigin, WatchedRight
from collectors.facts.rights import IdentityRights, PolicyEscalation, RoleUse

T = TypeVar("T")

PAGE = 1000
"""Most items that IAM puts into one answer."""

TRAIL = "cloudtrail:*"
WATCHED = {WatchedRight.MARKETPLACE: "aws-marketplace:Subscribe", WatchedRight.MODELS: "bedrock:*"}
"""The actions that make up each watched right."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """The company's policies and all principals out of one paged call; beside it the provider's policies."""
    yield Then(provider_policies, (), PROVIDER_POLICY.operation)
    wanted = ["LocalManagedPolicy", *HOLDERS.values()]
    attached: set[str] = set()
    bounds: set[str] = set()
    for page in aws.pages(POLICY, *HOLDERS, Filter=wanted, MaxItems=PAGE):
        for policy in page[POLICY.items]:
            yield aws.document(POLICY, policy["Arn"], policy)
        for kind, word in HOLDERS.items():
            for principal in page[kind.items]:
                yield from _principal(aws, kind, f"{word}PolicyList", principal)
                # what a malformed principal lacks is missed when it is shaped, and costs nobody else's policies
                attached.update(policy.get("PolicyArn", "") for policy in principal.get("AttachedManagedPolicies", ()))
                bounds.add(principal.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""))
    if missing := tuple(sorted(uid for uid in bounds - attached if uid and is_providers(uid))):
        yield Then(provider_boundaries, (missing,), f"{PROVIDER_BOUNDARY.operation}/boundaries")


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


def provider_boundaries(aws: Reader, wanted: tuple[str, ...]) -> Iterator[Document | Then]:
    """The policies of the provider that nobody holds, and that bound what somebody may do."""
    for policy in aws.listing(PROVIDER_BOUNDARY, Scope="AWS", PolicyUsageFilter="PermissionsBoundary", MaxItems=PAGE):
        if policy["Arn"] in wanted:
            yield aws.document(PROVIDER_BOUNDARY, policy["Arn"], policy)
            yield Then(provider_version, (policy["Arn"], policy["DefaultVersionId"]), policy["Arn"])


def provider_version(aws: Reader, uid: str, version: str) -> Iterator[Document]:
    """The text in force of one of the provider's policies."""
    yield from aws.read(PROVIDER_VERSION, uid, PolicyArn=uid, VersionId=version)


def shape(docs: Documents) -> Iterator[Fact]:
    """Each policy (the company's own, the provider's in use, those written into a principal), and each principal."""
    attachments = _Attachments(docs)
    policies = Policies(docs)
    for policy in docs.of(POLICY):
        name = policy.uid.rpartition("/")[2]
        yield _policy(docs, policies, policy.uid, name, PolicyOrigin.CUSTOMER, attachments)
        yield _escalation(docs, policies, policy.uid, name, attachments)
    for uid in attachments.provider_policies():
        yield _policy(docs, policies, uid, uid.rpartition("/")[2], PolicyOrigin.PROVIDER, attachments)
    for inline in docs.of(INLINE):
        holder, _, written = inline.uid.rpartition(INLINE_PATH)
        name = f"{holder.rpartition('/')[2]}/{written}"
        yield _policy(docs, policies, inline.uid, name, PolicyOrigin.INLINE, attachments)
        yield _escalation(docs, policies, inline.uid, name, attachments)
    yield from identities(docs, policies)


def _policy(
    docs: Documents, policies: Policies, uid: str, name: str, origin: PolicyOrigin, attachments: _Attachments
) -> AccessPolicy:
    statements = policies.statements(uid)

    def said(read: Callable[[tuple[Statement, ...]], T]) -> T | Unread:
        return statements if isinstance(statements, Unread) else read(statements)

    holders = attachments.holders(uid)
    return AccessPolicy(
        resource=docs.resource("policy", uid, name, "global"),
        documents=attachments.documents(uid),
        origin=origin,
        attached_to=holders,
        account_wide=holders,
        allows_everything=said(allows_everything),
        controls_audit_trail=said(controls_audit_trail),
        watched=said(watched),
    )


def _escalation(
    docs: Documents, policies: Policies, uid: str, name: str, attachments: _Attachments
) -> PolicyEscalation:
    statements = policies.statements(uid, escalation.ACTIONS)
    holder = Holder.of_policy(docs.partition, docs.account, () if INLINE_PATH in uid else (uid,))
    return PolicyEscalation(
        resource=docs.resource("policy", uid, name, "global"),
        documents=attachments.documents(uid),
        attached_to=attachments.holders(uid),
        ways=statements if isinstance(statements, Unread) else ways(statements, holder),
    )


class _Attachments:
    """Which principals each managed policy is attached to: known only when all principals are."""

    def __init__(self, docs: Documents) -> None:
        self._docs = docs
        self._by_policy: dict[str, list[Document]] = defaultdict(list)
        self._inline = {inline.uid: inline.uid.rpartition(INLINE_PATH)[0] for inline in docs.of(INLINE)}
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
        """Uids of the principals that hold a policy; one that is written into a principal has that one alone."""
        if uid in self._inline:
            return (self._inline[uid],)
        return self._unread or tuple(sorted(principal.uid for principal in self._by_policy.get(uid, ())))

    def documents(self, uid: str) -> tuple[DocumentRef, ...]:
        """What is known about a policy, and the principals that were seen to hold it."""
        return self._docs.about(uid, *self._by_policy.get(uid, ()))

    def provider_policies(self) -> list[str]:
        """Uids of the provider's policies that are attached, whether the list of them was read or not."""
        attached = {uid for uid in self._by_policy if is_providers(uid)}
        return sorted(attached | {policy.uid for policy in self._docs.of(PROVIDER_POLICY)})


def allows_everything(statements: tuple[Statement, ...]) -> bool:
    """Some statement allows every action on every resource.

    `NotAction` and `NotResource` allow all but what they name, so a statement with either counts only when it
    names nothing.
    """
    return everywhere(statements, EVERY_ACTION)


def controls_audit_trail(statements: tuple[Statement, ...]) -> bool:
    """Some statement allows every action of CloudTrail on every resource.

    `NotAction` does so too, as long as nothing that it names can be an action of CloudTrail.
    """
    return everywhere(statements, TRAIL)


def watched(statements: tuple[Statement, ...]) -> tuple[WatchedRight, ...]:
    """The watched rights that some statement gives on every resource."""
    return tuple(right for right, action in WATCHED.items() if everywhere(statements, action))


def ways(statements: tuple[Statement, ...], holder: Holder) -> tuple[str, ...]:
    """The ways of taking further rights that a policy opens, whatever other policies deny."""
    allowing = tuple(each for each in statements if each.allows)
    return escalation.ways((Layer(allowing),), holder) or ()


COLLECTOR = Collector(
    id="aws.iam_policies",
    title="IAM policies and who holds them",
    scope="global",
    kinds=(POLICY, *HOLDERS, INLINE, PROVIDER_POLICY, PROVIDER_BOUNDARY, PROVIDER_VERSION),
    emits={AccessPolicy: POLICY, PolicyEscalation: POLICY, IdentityRights: ROLE, RoleUse: ROLE},
    source="AWS IAM API 2010-05-08",
    fetch=fetch,
    shape=shape,
)
