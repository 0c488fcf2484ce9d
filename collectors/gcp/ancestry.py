"""A project and what stands above it: folders and the organization, with the policies that all of them hold.

A policy counts for everything below it.  So the rights in a project are known only once all of these were read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from collectors.api import Body, Document, Kind
from collectors.documents import Documents
from collectors.facts.core import Unread
from collectors.facts.identity import MemberKind
from collectors.gcp.kinds import posted, rest
from collectors.gcp.session import Reader

SERVICE = "cloudresourcemanager"
NOTHING = "none"
"""What a project and a folder list.  They are read as listings all the same, each within the one before, so that the
policies count as completely listed only when the way up was found to its end."""
_WITH_CONDITIONS = {"options": {"requestedPolicyVersion": 3}}
"""Without it, Google leaves the conditions of bindings out."""


def _level(name: str, operation: str, path: str, permission: str, within: Kind | None) -> Kind:
    volatile = ("etag", "updateTime")
    return rest(
        name,
        SERVICE,
        operation,
        path,
        permission=permission,
        items=NOTHING,
        omits_empty=True,
        volatile=volatile,
        within=within,
    )


def _policy(name: str, operation: str, path: str, permission: str, within: Kind) -> Kind:
    more: dict[str, Any] = {"items": "bindings", "omits_empty": True, "volatile": ("etag",), "within": within}
    return posted(name, SERVICE, operation, path, permission=permission, body=_WITH_CONDITIONS, **more)


PROJECT = _level(
    "gcp.resourcemanager.project", "projects.get", "/v3/projects/{project}", "resourcemanager.projects.get", None
)
FOLDER = _level(
    "gcp.resourcemanager.folder", "folders.get", "/v3/folders/{folder}", "resourcemanager.folders.get", PROJECT
)
PROJECT_POLICY = _policy(
    "gcp.resourcemanager.project_policy",
    "projects.getIamPolicy",
    "/v3/projects/{project}:getIamPolicy",
    "resourcemanager.projects.getIamPolicy",
    FOLDER,
)
FOLDER_POLICY = _policy(
    "gcp.resourcemanager.folder_policy",
    "folders.getIamPolicy",
    "/v3/folders/{folder}:getIamPolicy",
    "resourcemanager.folders.getIamPolicy",
    PROJECT_POLICY,
)
ORGANIZATION_POLICY = _policy(
    "gcp.resourcemanager.organization_policy",
    "organizations.getIamPolicy",
    "/v3/organizations/{above}:getIamPolicy",
    "resourcemanager.organizations.getIamPolicy",
    FOLDER_POLICY,
)
KINDS = (PROJECT, FOLDER, PROJECT_POLICY, FOLDER_POLICY, ORGANIZATION_POLICY)
POLICIES = (PROJECT_POLICY, FOLDER_POLICY, ORGANIZATION_POLICY)
WAY_UP = FOLDER
"""Its listing is complete when the way up was found to its end."""
WHOLE = ORGANIZATION_POLICY
"""Its listing is complete when every policy was read, that of the project and of all above it."""


@dataclass(frozen=True, slots=True)
class Level:
    """Something above a project, or the project itself."""

    what: str
    """`projects`, `folders` or `organizations`."""
    id: str

    @property
    def uid(self) -> str:
        """Its full name, as Cloud Asset Inventory writes it."""
        return f"//{SERVICE}.googleapis.com/{self.what}/{self.id}"


def fetch(gcp: Reader) -> Iterator[Document | Level]:
    """The project with its policy, and then each level above, from the nearest on.

    Between the documents come the levels above the project as they become known.  A level that cannot be read ends
    the way up, and leaves a gap.
    """
    here = Level("projects", gcp.known["project"])
    yield from _held(gcp, PROJECT_POLICY, here)
    above = ""
    for body in gcp.pages(PROJECT):
        yield gcp.document(PROJECT, here.uid, body)
        above = str(body.get("parent", ""))  # a project can be without anything above it
    seen = set()
    while above:
        if above in seen:
            raise ValueError(f"{above} stands above itself")
        seen.add(above)
        what, _, number = above.partition("/")
        here, above = Level(what, number), ""
        yield here
        if what == "organizations":
            yield from _held(gcp, ORGANIZATION_POLICY, here, above=number)
            continue
        yield from _held(gcp, FOLDER_POLICY, here, folder=number)
        for body in gcp.pages(FOLDER, within=here.uid, folder=number):
            yield gcp.document(FOLDER, here.uid, body)
            above = str(body["parent"])


def _held(gcp: Reader, kind: Kind, level: Level, **parameters: str) -> Iterator[Document]:
    for body in gcp.pages(kind, within="" if kind is PROJECT_POLICY else level.uid, **parameters):
        yield gcp.document(kind, level.uid, body)


@dataclass(frozen=True, slots=True)
class Binding:
    """One role, given to one member somewhere at or above the project."""

    role: str
    """As policies write it: `roles/owner`, `projects/p/roles/own`."""
    member: str
    """`user:ann@example.com`"""
    policy: Document


def bindings(docs: Documents) -> tuple[list[Binding], Unread | None]:
    """Every binding that was read, and why there may be more; members that were deleted hold nothing."""
    found: list[Binding] = []
    unread = docs.complete(WHOLE, "global")
    for kind in POLICIES:
        for policy in docs.of(kind):
            said = docs.field(kind, policy, pairs)
            if isinstance(said, Unread):
                unread = unread or said
            else:
                found += [Binding(role, member, policy) for role, member in said if not member.startswith("deleted:")]
    return found, unread


def pairs(policy: Body) -> list[tuple[str, str]]:
    """(role, member) of a policy.  Google leaves empty lists out."""
    return [
        (str(each["role"]), str(member)) for each in policy.get("bindings", ()) for member in each.get("members", ())
    ]


_PROVIDERS_OWN = re.compile(
    r"serviceAccount:(?:"
    r"\d+@cloudservices\.gserviceaccount\.com"
    r"|service-\d+@(?:gcp-sa-[a-z0-9-]+|compute-system|containerregistry|container-engine-robot|serverless-robot-prod"
    r"|gcf-admin-robot|dataflow-service-producer-prod|dataproc-accounts|cloud-ml\.google\.com|cloud-filer|cloud-redis"
    r"|cloud-tpu|service-networking|service-consumer-management|sourcerepo-service-accounts|gs-project-accounts"
    r"|firebase-rules|endpoints-portal|cloudcomposer-accounts|bigquery-data-connectors)"
    r"(?:\.iam)?\.gserviceaccount\.com"
    r")"
)
"""Service agents, which are in projects of Google's: IAM, service agents.  One whose project is not known to be
Google's counts as a program of the company's."""
_KINDS = {"user": MemberKind.PERSON, "group": MemberKind.GROUP, "serviceAccount": MemberKind.PROGRAM}
EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})


def kind_of(member: str) -> MemberKind:
    """What a member of a binding is."""
    if member in EVERYBODY:
        return MemberKind.EVERYBODY
    if _PROVIDERS_OWN.fullmatch(member):
        return MemberKind.PROVIDER
    return _KINDS.get(member.partition(":")[0], MemberKind.OTHER)
