"""The documents about IAM's policies and who holds them, and how they are read once they are there."""

from __future__ import annotations

from collectors.api import Body, Document, Kind
from collectors.aws.policy_evaluator import Layer, Statement, parse, speaks_of
from collectors.documents import Documents
from collectors.facts.core import Reason, Unread

_DETAILS = "GetAccountAuthorizationDetails"
POLICY = Kind("aws.iam.policy", "iam", _DETAILS, items="Policies")
USER = Kind("aws.iam.user_authorization", "iam", _DETAILS, items="UserDetailList")
GROUP = Kind("aws.iam.group_authorization", "iam", _DETAILS, items="GroupDetailList")
ROLE = Kind("aws.iam.role_authorization", "iam", _DETAILS, items="RoleDetailList", volatile=("RoleLastUsed",))
INLINE = Kind("aws.iam.inline_policy", "iam", _DETAILS)
PROVIDER_POLICY = Kind("aws.iam.provider_policy", "iam", "ListPolicies", items="Policies")
PROVIDER_BOUNDARY = Kind("aws.iam.provider_boundary", "iam", "ListPolicies", items="Policies")
PROVIDER_VERSION = Kind("aws.iam.provider_policy_version", "iam", "GetPolicyVersion")

HOLDERS = {USER: "User", GROUP: "Group", ROLE: "Role"}
"""Kinds of principals that hold policies, with IAM's word for each."""
INLINE_PATH = "/inline/"
"""Between a principal's ARN and the name of a policy written into it, which has no ARN of its own."""


def attached_policies(body: Body) -> list[str]:
    """ARNs of the managed policies that a principal holds."""
    return [policy["PolicyArn"] for policy in body["AttachedManagedPolicies"]]


def boundary(body: Body) -> str | None:
    """ARN of the policy that bounds what a principal may do.  IAM leaves it out where there is none."""
    found = body.get("PermissionsBoundary")
    return None if found is None else str(found["PermissionsBoundaryArn"])


def is_providers(uid: str) -> bool:
    """The provider wrote the policy: its ARN has `aws` in place of an account."""
    return uid.split(":")[4] == "aws"


def text_in_force(body: Body) -> Body:
    """The default version of a managed policy.  Raises ValueError unless exactly one is the default."""
    (text,) = [version["Document"] for version in body["PolicyVersionList"] if version["IsDefaultVersion"]]
    return dict(text)


class Policies:
    """Every policy that was read, parsed once."""

    def __init__(self, docs: Documents) -> None:
        """Nothing is parsed yet."""
        self._docs = docs
        self._parsed: dict[str, tuple[Statement, ...] | Unread] = {}
        self._about: dict[tuple[str, tuple[str, ...]], tuple[Statement, ...]] = {}

    def statements(self, uid: str, actions: tuple[str, ...] = ()) -> tuple[Statement, ...] | Unread:
        """What a policy says: the company's, the provider's, or one written into a principal.

        With `actions`, only the statements that speak of one of these.
        """
        if uid not in self._parsed:
            self._parsed[uid] = self._parse(uid)
        said = self._parsed[uid]
        if isinstance(said, Unread) or not actions:
            return said
        if (uid, actions) not in self._about:
            self._about[uid, actions] = tuple(each for each in said if any(speaks_of(each, name) for name in actions))
        return self._about[uid, actions]

    def _parse(self, uid: str) -> tuple[Statement, ...] | Unread:
        docs = self._docs
        if is_providers(uid):
            version = docs.get(PROVIDER_VERSION, uid)
            if isinstance(version, Unread):
                # without the lists, its text was never asked for
                lost = docs.complete(PROVIDER_POLICY, "global") or docs.missed(PROVIDER_VERSION, uid)
                return lost or docs.missed(PROVIDER_BOUNDARY, uid) or version
            return docs.field(PROVIDER_VERSION, version, lambda body: parse(body["PolicyVersion"]["Document"]))
        if INLINE_PATH in uid and not isinstance(inline := docs.get(INLINE, uid), Unread):
            return docs.field(INLINE, inline, lambda body: parse(body["PolicyDocument"]))
        return docs.value(POLICY, uid, lambda body: parse(text_in_force(body)))


class Principals:
    """Users and roles with all policies that count for them."""

    def __init__(self, docs: Documents, policies: Policies) -> None:
        """Index the groups and the policies that are written into principals."""
        self._docs = docs
        self._policies = policies
        self._groups = {group.body.get("GroupName"): group for group in docs.of(GROUP)}
        self._inline: dict[str, list[str]] = {}
        for inline in docs.of(INLINE):
            self._inline.setdefault(inline.uid.rpartition(INLINE_PATH)[0], []).append(inline.uid)

    def policies_of(self, kind: Kind, principal: Document) -> tuple[str, ...] | Unread:
        """Uids of the policies that count: its own, those written into it, and those of its groups."""
        groups = self._docs.field(kind, principal, _groups) if kind is USER else ()
        if isinstance(groups, Unread):
            return groups
        found: list[str] = []
        for group in groups:
            if group not in self._groups:
                said = f"group {group} is not in the answer"
                lost = self._docs.complete(GROUP, "global")
                return lost or Unread(Reason.PARTIAL_LISTING, GROUP.call, GROUP.needs, said)
        for each_kind, each in ((kind, principal), *((GROUP, self._groups[group]) for group in groups)):
            attached = self._docs.field(each_kind, each, attached_policies)
            if isinstance(attached, Unread):
                return attached
            found += [*attached, *self._inline.get(each.uid, ())]
        return tuple(dict.fromkeys(found))

    def documents_of(self, kind: Kind, principal: Document) -> list[Document]:
        """The groups of a user, whose policies are its own."""
        groups = self._docs.field(kind, principal, _groups) if kind is USER else ()
        return [] if isinstance(groups, Unread) else [self._groups[each] for each in groups if each in self._groups]

    def layers(
        self, kind: Kind, principal: Document, actions: tuple[str, ...] = ()
    ) -> tuple[tuple[Layer, ...], Unread | None]:
        """What has to allow something: its policies and its boundary; and the first of these that was not read.

        With `actions`, only what they say about these.
        """
        bound = self._docs.field(kind, principal, boundary)
        sources = [self.policies_of(kind, principal)]
        if bound is not None:
            sources.append(bound if isinstance(bound, Unread) else (bound,))
        layers, unread = [], []
        for source in sources:
            uids = () if isinstance(source, Unread) else source
            said = [self._policies.statements(uid, actions) for uid in uids]
            lost = [each for each in (source, *said) if isinstance(each, Unread)]
            known = (statement for each in said if not isinstance(each, Unread) for statement in each)
            layers.append(Layer(tuple(known), complete=not lost))
            unread += lost
        return tuple(layers), next(iter(unread), None)


def _groups(body: Body) -> tuple[str, ...]:
    """Names of the groups that a user is in."""
    return tuple(body["GroupList"])
