"""Roles over the directory and the people who hold them: for good, for a while, or as soon as they ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from collectors.api import DIRECTORY, Body, Collector, Document, Then
from collectors.azure.directory_objects import id_of
from collectors.azure.kinds import graph
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.directory import AdminRole

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
"""The built-in role that may do everything, with the same id in every directory: Entra built-in roles reference."""
_NAMES = {GLOBAL_ADMINISTRATOR: "Global Administrator"}
"""What roles are called whose names were not read."""
_ROLES = "/v1.0/roleManagement/directory"
_WITHOUT_LICENCE = ("AadPremiumLicenseRequired",)
"""Graph's refusal to a directory without the licence for roles on demand.  There are none then: Entra
takes them away when the licence ends (Microsoft Entra ID Governance licensing fundamentals)."""

ROLE = graph(
    "azure.entra.role",
    f"{_ROLES}/roleDefinitions?$select=id,displayName,isBuiltIn",
    "RoleManagement.Read.Directory",
    items="value",
)
ASSIGNMENT = graph(
    "azure.entra.role_assignment",
    f"{_ROLES}/roleAssignments?$expand=principal",
    "RoleManagement.Read.Directory",
    items="value",
)
ON_REQUEST = graph(
    "azure.entra.roles_on_request",
    f"{_ROLES}/roleEligibilityScheduleInstances?$expand=principal",
    "RoleEligibilitySchedule.Read.Directory",
    items="value",
    absent=_WITHOUT_LICENCE,
)
FOR_A_WHILE = graph(
    "azure.entra.roles_for_a_while",
    f"{_ROLES}/roleAssignmentScheduleInstances",
    "RoleAssignmentSchedule.Read.Directory",
    items="value",
    absent=_WITHOUT_LICENCE,
    # people take a role and give it back; nobody changes a setting by that
    volatile=("*",),
)
MEMBERS = graph(
    "azure.entra.role_group_members",
    "/v1.0/groups/{group}/members?$select=id",
    "GroupMember.Read.All",
    items="value",
)
PERSON, GROUP, PROGRAM = "#microsoft.graph.user", "#microsoft.graph.group", "#microsoft.graph.servicePrincipal"
_TELLS_WHO = ("@odata.type", "id", "displayName", "userPrincipalName")


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Who holds which role, and the members of each group among them."""
    yield Then(roles, (), ROLE.name)
    yield Then(for_a_while, (), FOR_A_WHILE.name)
    groups: set[str] = set()
    for assignment in azure.listing(ASSIGNMENT):
        yield azure.document(ASSIGNMENT, id_of(assignment), bare(assignment))
        yield from _members([assignment], groups)
    for document in azure.gather(ON_REQUEST, azure.account):
        given = [bare(each) for each in document.body.get("value", [])]
        yield document if document.absent else replace(document, body={"value": given})
        yield from _members(given, groups)


def _members(assignments: Iterable[Body], known: set[str]) -> Iterator[Then]:
    for each in assignments:
        principal = each.get("principal") or {}  # one that is missing is unread, once it is shaped
        group = principal.get("id") if principal.get("@odata.type") == GROUP else None
        if group and group not in known:
            known.add(group)
            yield Then(members, (group,), f"{MEMBERS.name}/{group}")


def bare(assignment: Body) -> Body:
    """An assignment without what the directory keeps on its holder beside who it is: phones, addresses, titles."""
    principal = assignment.get("principal") or {}
    return {**assignment, "principal": {name: principal[name] for name in _TELLS_WHO if name in principal}}


def roles(azure: Reader) -> Iterator[Document]:
    """What roles there are and what people call them."""
    for role in azure.listing(ROLE):
        yield azure.document(ROLE, id_of(role).lower(), role)


def for_a_while(azure: Reader) -> Iterator[Document]:
    """Who was given a role with a schedule, or took one on request."""
    yield from azure.gather(FOR_A_WHILE, azure.account)


def members(azure: Reader, group: str) -> Iterator[Document]:
    """Members of a group that holds a role; such groups hold no groups."""
    yield from azure.gather(MEMBERS, group, group=group)


def shape(docs: Documents) -> Iterator[Fact]:
    """One role each that somebody holds or may take, and the highest one in any case."""
    held: dict[str, list[Document]] = {GLOBAL_ADMINISTRATOR: []}
    for assignment in docs.of(ASSIGNMENT):
        held.setdefault(str(assignment.body["roleDefinitionId"]).lower(), []).append(assignment)
    requested = docs.value(ON_REQUEST, docs.account, _on_request)
    for role in () if isinstance(requested, Unread) else requested:
        held.setdefault(role, [])
    taken = docs.value(FOR_A_WHILE, docs.account, _taken)
    for role, assignments in held.items():
        told = docs.value(ROLE, role, lambda body: str(body["displayName"]))
        name = _NAMES.get(role, role) if isinstance(told, Unread) else told
        yield AdminRole(
            resource=docs.resource("admin_role", role, name, DIRECTORY),
            documents=docs.about(role, *assignments, *docs.of(ON_REQUEST), *docs.of(MEMBERS)),
            highest=role == GLOBAL_ADMINISTRATOR,
            standing=_standing(docs, assignments, taken),
            eligible=requested if isinstance(requested, Unread) else _people(docs, requested.get(role, ())),
        )


def _standing(docs: Documents, assignments: list[Document], taken: frozenset[str] | Unread) -> tuple[str, ...] | Unread:
    unlisted = docs.complete(ASSIGNMENT, DIRECTORY)
    if unlisted is not None:
        return unlisted
    if isinstance(taken, Unread):
        return taken if assignments else ()
    principals = []
    for assignment in assignments:
        if assignment.uid in taken:
            continue
        principal = docs.field(ASSIGNMENT, assignment, _principal)
        if isinstance(principal, Unread):
            return principal
        principals.append(principal)
    return _people(docs, principals)


def _people(docs: Documents, principals: Iterable[tuple[str, str]]) -> tuple[str, ...] | Unread:
    """The users among these (type, id), with those in groups.  Applications hold roles too, and are no people."""
    found: set[str] = set()
    for kind, id_ in principals:
        if kind == PERSON:
            found.add(id_)
        elif kind == GROUP:
            inside = docs.value(MEMBERS, id_, _users_in)
            if isinstance(inside, Unread):
                return inside
            found |= inside
    return tuple(sorted(found))


def _principal(body: Body) -> tuple[str, str]:
    kind, id_ = body["principal"]["@odata.type"], body["principal"]["id"]
    if kind not in {PERSON, GROUP, PROGRAM}:
        raise ValueError(f"a role is held by {kind}")
    return kind, id_


def _users_in(body: Body) -> frozenset[str]:
    return frozenset(each["id"] for each in body["value"] if each["@odata.type"] == PERSON)


def _on_request(body: Body) -> dict[str, list[tuple[str, str]]]:
    """By role: (type, id) of those who may take it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in () if "absent" in body else body["value"]:
        found.setdefault(each["roleDefinitionId"].lower(), []).append(_principal(each))
    return found


def _taken(body: Body) -> frozenset[str]:
    """Ids of the assignments that stand only because somebody took the role for a while."""
    if "absent" in body:
        return frozenset()
    return frozenset(each["roleAssignmentOriginId"] for each in body["value"] if each["assignmentType"] == "Activated")


COLLECTOR = Collector(
    id="azure.entra_roles",
    title="Roles over the directory and who holds them",
    scope="directory",
    kinds=(ROLE, ASSIGNMENT, ON_REQUEST, FOR_A_WHILE, MEMBERS),
    emits={AdminRole: ASSIGNMENT},
    source="Microsoft Graph v1.0: unifiedRoleAssignment, unifiedRoleEligibilityScheduleInstance, "
    "unifiedRoleAssignmentScheduleInstance",
    fetch=fetch,
    shape=shape,
)
