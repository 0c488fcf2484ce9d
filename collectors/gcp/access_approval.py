"""Access Approval: whether Google's staff have to ask before they look at the data of a project."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.account import ProviderAccess
from collectors.facts.core import Fact
from collectors.gcp.ancestry import Level
from collectors.gcp.kinds import rest
from collectors.gcp.session import Reader

SETTINGS = rest(
    "gcp.accessapproval.settings",
    "accessapproval",
    "projects.getAccessApprovalSettings",
    "/v1/projects/{project}/accessApprovalSettings",
    permission="accessapproval.settings.get",
    # Nobody ever enrolled the project or anything above it: projects.getAccessApprovalSettings.
    absent=("NOT_FOUND", "notFound"),
)
ABOVE = "above"
"""Stands for the services that a folder or the organization named: the project's settings do not repeat them."""


def fetch(gcp: Reader) -> Iterator[Document]:
    """The settings that are in force, whether set here or above."""
    yield from gcp.read(SETTINGS, Level("projects", gcp.known["project"]).uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """Exactly one fact per project."""
    project = Level("projects", docs.account).uid
    yield ProviderAccess(
        resource=docs.resource("account", project, docs.account, "global"),
        documents=docs.about(project),
        approval_for=docs.value(SETTINGS, project, services),
        receivers=docs.value(SETTINGS, project, lambda body: len(body.get("notificationEmails", ()))),
    )


def services(body: Body) -> tuple[str, ...]:
    """Services for which approval is needed."""
    if "absent" in body:
        return ()
    named = {str(each["cloudProduct"]).lower() for each in body.get("enrolledServices", ())}
    return tuple(sorted({*named, ABOVE} if body.get("enrolledAncestor", False) else named))


COLLECTOR = Collector(
    id="gcp.access_approval",
    title="Access Approval",
    scope="global",
    kinds=(SETTINGS,),
    emits={ProviderAccess: None},
    source="Access Approval API v1",
    fetch=fetch,
    shape=shape,
)
