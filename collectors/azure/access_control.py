"""Roles and who holds them: the company's own roles, and those of Azure that are assigned in the subscription."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import TypeVar

from collectors.api import Body, Collector, Document, Then
from collectors.azure.kinds import arm, of_subscription
from collectors.azure.resources import properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.identity import AccessPolicy, PolicyOrigin, WatchedRight

T = TypeVar("T")

VERSION = "2022-04-01"
ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
DEFINITIONS = "Microsoft.Authorization/roleDefinitions"

ASSIGNMENT = of_subscription("azure.authorization.role_assignment", ASSIGNMENTS, VERSION)
CUSTOM = arm(
    "azure.authorization.custom_role",
    DEFINITIONS,
    "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions?$filter=type%20eq%20'CustomRole'",
    VERSION,
    items="value",
)
DEFINITION = arm("azure.authorization.role", DEFINITIONS, "{id:path}", VERSION)
_ABOVE = re.compile(r"/|/subscriptions/[^/]+|/providers/microsoft\.management/managementgroups/[^/]+")
"""Scopes that hold the whole subscription."""
GRANTING = "microsoft.authorization/roleassignments/write"
"""Whoever may do this can take whatever else a role leaves out."""
SWITCHING_OFF = (
    "microsoft.insights/diagnosticsettings/write",
    "microsoft.insights/diagnosticsettings/delete",
)
"""Whoever may do these can stop the export of the activity log."""
WATCHED = {
    WatchedRight.MARKETPLACE: (
        "microsoft.marketplaceordering/agreements/offers/plans/sign/action",
        "microsoft.marketplaceordering/offertypes/publishers/offers/plans/agreements/write",
    ),
    WatchedRight.MODELS: (
        "microsoft.cognitiveservices/accounts/write",
        "microsoft.cognitiveservices/accounts/deployments/write",
        "microsoft.cognitiveservices/accounts/listkeys/action",
    ),
}
"""Operations that make up each watched right: Azure resource provider operations."""


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """The company's own roles, every assignment, and each assigned role that is not among the first."""
    known = set()
    for role in azure.listing(CUSTOM):
        uid = role_uid(role["id"])
        known.add(uid)
        yield azure.document(CUSTOM, uid, role)
    for assignment in azure.listing(ASSIGNMENT):
        yield azure.document(ASSIGNMENT, uid_of(assignment), assignment)
        id_ = str(assignment.get("properties", {}).get("roleDefinitionId", ""))
        uid = role_uid(id_)
        if id_ and uid not in known:
            known.add(uid)
            yield Then(definition, (uid, id_), f"{uid}/{DEFINITION.operation}")


def definition(azure: Reader, uid: str, id_: str) -> Iterator[Document]:
    """One role."""
    yield from azure.read(DEFINITION, uid, id=id_)


def role_uid(id_: str) -> str:
    """The id of a role without the scope at which it was seen: the same role is written at many."""
    return f"/providers/{DEFINITIONS}/{id_.rpartition('/')[2]}".lower()


def shape(docs: Documents) -> Iterator[Fact]:
    """One policy per role: the company's own, and every other one that somebody holds."""
    grants = [(document, docs.field(ASSIGNMENT, document, grant)) for document in docs.of(ASSIGNMENT)]
    # An assignment that cannot be understood may be one of any role.
    unread = docs.complete(ASSIGNMENT, "global") or next((each for _, each in grants if isinstance(each, Unread)), None)
    held: dict[str, list[tuple[Document, Grant]]] = {}
    for document, each in grants:
        if not isinstance(each, Unread):
            held.setdefault(each.role, []).append((document, each))
    for uid in sorted({*held, *(document.uid for document in docs.of(CUSTOM))}):
        yield _policy(docs, uid, held.get(uid, []), unread)


@dataclass(frozen=True, slots=True)
class Grant:
    """What one assignment says."""

    role: str
    """Uid of the role."""
    holder: str
    """Object id of a user, a group or a workload, in lower case."""
    account_wide: bool
    """It counts for the whole subscription: made there, at a management group or at the root."""


def grant(assignment: Body) -> Grant:
    """An assignment in our words."""
    said = properties(assignment)
    return Grant(
        role_uid(said["roleDefinitionId"]),
        str(said["principalId"]).lower(),
        bool(_ABOVE.fullmatch(str(said["scope"]).lower())),
    )


def _policy(docs: Documents, uid: str, held: list[tuple[Document, Grant]], unread: Unread | None) -> AccessPolicy:
    listed = docs.get(CUSTOM, uid)
    kind, role = (DEFINITION, docs.get(DEFINITION, uid)) if isinstance(listed, Unread) else (CUSTOM, listed)
    attached = unread or tuple(sorted({each.holder for _, each in held}))
    widely = unread or tuple(sorted({each.holder for _, each in held if each.account_wide}))

    def said(read: Callable[[Body], T]) -> T | Unread:
        return role if isinstance(role, Unread) else docs.field(kind, role, read)

    name, own = said(lambda body: str(properties(body)["roleName"])), said(is_own)
    rights: list[bool | Unread] = [
        own if isinstance(own, Unread) else said(partial(allows, operations=(GRANTING,), everything=True)),
        own if isinstance(own, Unread) else said(partial(allows, operations=SWITCHING_OFF)),
    ]
    everything, trail = (_everywhere(right, attached, widely) for right in rights)
    return AccessPolicy(
        resource=docs.resource("policy", uid, name if isinstance(name, str) else uid.rpartition("/")[2], "global"),
        documents=docs.about(uid, *(document for document, _ in held)),
        origin=own if isinstance(own, Unread) else PolicyOrigin.CUSTOMER if own else PolicyOrigin.PROVIDER,
        attached_to=attached,
        account_wide=widely,
        allows_everything=everything,
        controls_audit_trail=trail,
        watched=_watched(
            [_everywhere(said(partial(allows, operations=each)), attached, widely) for each in WATCHED.values()]
        ),
    )


def _watched(held: list[bool | Unread]) -> tuple[WatchedRight, ...] | Unread:
    """Which of the watched rights a role gives everywhere, in their order."""
    unread = next((each for each in held if isinstance(each, Unread)), None)
    return unread or tuple(right for right, given in zip(WATCHED, held, strict=True) if given is True)


def _everywhere(
    right: bool | Unread, attached: tuple[str, ...] | Unread, widely: tuple[str, ...] | Unread
) -> bool | Unread:
    """A right that a role gives counts on every resource unless the role is held for parts of the subscription only."""
    if right is not True:
        return right
    return widely if isinstance(widely, Unread) else bool(widely) or not attached


def is_own(role: Body) -> bool:
    """The company wrote it.  Raises KeyError for a role that says nothing of it."""
    return str(properties(role)["type"]).lower() != "builtinrole"


def allows(role: Body, operations: Iterable[str], *, everything: bool = False) -> bool:
    """Some block of permissions allows each operation; for `everything`, it also begins from `*`.

    What a block excludes counts only where it is one of these operations: a role that grants rights can give itself
    whatever else it leaves out.  Permissions that only add up over several blocks are not seen.
    """
    return any(
        (not everything or "*" in block["actions"])
        and all(
            covers(block["actions"], operation) and not covers(block.get("notActions") or (), operation)
            for operation in operations
        )
        for block in properties(role)["permissions"]
    )


def covers(patterns: Iterable[str], operation: str) -> bool:
    """Some pattern, in which `*` stands for any text, is the operation."""
    return any(fnmatchcase(operation, pattern.lower().replace("[", "[[]")) for pattern in patterns)


COLLECTOR = Collector(
    id="azure.access_control",
    title="Roles and their assignments",
    scope="global",
    kinds=(CUSTOM, ASSIGNMENT, DEFINITION),
    # A role of Azure's own is known by its assignment alone, and one of the company's that nobody holds grants nothing.
    emits={AccessPolicy: ASSIGNMENT},
    source=f"Azure Authorization resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
