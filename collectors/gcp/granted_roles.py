"""Roles: the company's own, and every other one that somebody holds, with the permissions in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from collectors.api import Body, Document
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.identity import AccessPolicy, BoundMember, PolicyOrigin, WatchedRight
from collectors.gcp.ancestry import Binding, Level, kind_of
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name
from collectors.gcp.session import Reader

T = TypeVar("T")

OWN_ROLE = rest(
    "gcp.iam.own_role",
    "iam",
    "projects.roles.list",
    "/v1/projects/{project}/roles?view=FULL&pageSize=1000",
    permission="iam.roles.list",
    items="roles",
    omits_empty=True,
    volatile=("etag",),
)
ROLE = rest(
    "gcp.iam.role",
    "iam",
    "roles.get",
    "/v1/{role:path}",
    permission="iam.roles.get",
    # Google adds permissions to its roles whenever it adds features
    volatile=("etag", "includedPermissions", "description"),
)
KINDS = (OWN_ROLE, ROLE)
GRANTING = "resourcemanager.projects.setIamPolicy"
"""Whoever may do this can take every other right in the project."""
SWITCHING_OFF = frozenset({"logging.sinks.update", "logging.sinks.delete"})
"""Whoever may do these can stop the export of all logs."""
WATCHED = {
    WatchedRight.MARKETPLACE: frozenset({"consumerprocurement.orders.place"}),
    WatchedRight.MODELS: frozenset(
        {"aiplatform.models.upload", "aiplatform.models.delete", "aiplatform.endpoints.deploy"}
    ),
}
"""Permissions that make up each watched right: IAM permissions reference of Google Cloud."""


def own(gcp: Reader) -> Iterator[Document]:
    """Every role that the company made in the project, with its permissions."""
    for role in gcp.listing(OWN_ROLE):
        yield gcp.document(OWN_ROLE, uid_of(role["name"]), role)


def one(gcp: Reader, name: str) -> Iterator[Document]:
    """A role of Google's or of the organization's."""
    yield from gcp.read(ROLE, uid_of(name), role=name)


def uid_of(name: str) -> str:
    """The full name of a role that policies call `roles/owner`."""
    return full_name("iam", name)


def policies(docs: Documents, bindings: Iterable[Binding], unread: Unread | None) -> Iterator[AccessPolicy]:
    """One fact per role that somebody holds or the company made."""
    held: dict[str, list[Binding]] = {document.body["name"]: [] for document in docs.of(OWN_ROLE)}
    for binding in bindings:
        held.setdefault(binding.role, []).append(binding)
    for name in sorted(held):
        yield _policy(docs, name, held[name], unread)


def _policy(docs: Documents, name: str, held: list[Binding], unread: Unread | None) -> AccessPolicy:
    uid = uid_of(name)
    # The company's own roles are listed, with what is in them; all others are asked for one by one.
    kind = OWN_ROLE if name.startswith(f"projects/{docs.account}/roles/") else ROLE
    role = docs.get(kind, uid)
    if kind is OWN_ROLE and isinstance(role, Unread):
        role = docs.complete(OWN_ROLE, "global") or role

    def said(read: Callable[[Body], T]) -> T | Unread:
        return role if isinstance(role, Unread) else docs.field(kind, role, read)

    holders = tuple(sorted({each.member for each in held}))
    return AccessPolicy(
        resource=docs.resource("policy", uid, name, "global"),
        documents=docs.about(uid, *{each.policy.uid: each.policy for each in held}.values()),
        origin=PolicyOrigin.PROVIDER if name.startswith("roles/") else PolicyOrigin.CUSTOMER,
        attached_to=unread or holders,
        # A policy counts for all that is below; a condition on a binding may narrow it, or may only end it some day.
        account_wide=unread or holders,
        allows_everything=said(lambda body: GRANTING in permissions(body)),
        controls_audit_trail=said(lambda body: permissions(body) >= SWITCHING_OFF),
        watched=said(lambda body: tuple(right for right, wanted in WATCHED.items() if permissions(body) >= wanted)),
    )


def permissions(role: Body) -> frozenset[str]:
    """What a role allows.  One that was deleted allows nothing, and one without permissions has no such field."""
    return frozenset() if role.get("deleted") else frozenset(role.get("includedPermissions", ()))


def members(docs: Documents, bindings: Iterable[Binding], unread: Unread | None) -> Iterator[BoundMember]:
    """One fact per member that some binding names."""
    held: dict[str, list[Binding]] = {}
    for binding in bindings:
        held.setdefault(binding.member, []).append(binding)
    project = Level("projects", docs.account).uid
    for member in sorted(held):
        uid = f"{project}/members/{member}"
        yield BoundMember(
            resource=docs.resource("member", uid, member, "global"),
            documents=docs.about(uid, *{each.policy.uid: each.policy for each in held[member]}.values()),
            kind=kind_of(member),
            roles=tuple(sorted({each.role for each in held[member]})),
            complete=unread or True,
        )


def shape(docs: Documents, bindings: list[Binding], unread: Unread | None) -> Iterator[Fact]:
    """Roles and members."""
    yield from policies(docs, bindings, unread)
    yield from members(docs, bindings, unread)
