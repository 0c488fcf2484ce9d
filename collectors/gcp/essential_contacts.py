"""Essential contacts: whom Google tells of security events that concern a project."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import SecurityContact
from collectors.gcp.ancestry import Level
from collectors.gcp.kinds import rest
from collectors.gcp.session import Reader

CONTACTS = rest(
    "gcp.essentialcontacts.security",
    "essentialcontacts",
    "projects.contacts.compute",
    # Google works out who is told, from the contacts of the project and of all above it.
    "/v1/projects/{project}/contacts:compute?notificationCategories=SECURITY&pageSize=100",
    permission="essentialcontacts.contacts.list",
    items="contacts",
    omits_empty=True,
    volatile=("contacts.*.validateTime",),
)


def fetch(gcp: Reader) -> Iterator[Document]:
    """All contacts for security events, in one document."""
    yield from gcp.gather(CONTACTS, Level("projects", gcp.known["project"]).uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """Exactly one fact per project."""
    project = Level("projects", docs.account).uid
    count = docs.value(CONTACTS, project, mailboxes)
    yield SecurityContact(
        resource=docs.resource("account", project, docs.account, "global"),
        documents=docs.about(project),
        mailboxes=count,
        # There is one category for all security events, whatever their severity.
        alerts_from=count if isinstance(count, Unread) else "low" if count else None,
        # Owners are told only where there is no contact: Essential Contacts, default contacts.
        tells_owners=count if isinstance(count, Unread) else None,
    )


def mailboxes(body: Body) -> int:
    """Number of contacts, those left out whose address Google found to be wrong."""
    return sum(each.get("validationState") != "INVALID" for each in body["contacts"])


COLLECTOR = Collector(
    id="gcp.essential_contacts",
    title="Essential contacts for security events",
    scope="global",
    kinds=(CONTACTS,),
    emits={SecurityContact: None},
    source="Essential Contacts API v1",
    fetch=fetch,
    shape=shape,
)
