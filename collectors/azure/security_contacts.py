"""Whom Defender for Cloud writes to about the subscription."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import is_on, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import SecurityContact

VERSION = "2020-01-01-preview"
CONTACT = of_subscription("azure.security.contact", "Microsoft.Security/securityContacts", VERSION)

SEVERITIES = ("low", "medium", "high", "critical")
"""The lowest first."""
OWNER = "owner"


def fetch(azure: Reader) -> Iterator[Document]:
    """Every contact."""
    for contact in azure.listing(CONTACT):
        yield azure.document(CONTACT, uid_of(contact), contact)


def shape(docs: Documents) -> Iterator[Fact]:
    """What all contacts together get to hear; with none, nobody is told."""
    contacts = list(docs.of(CONTACT))
    uid = f"/subscriptions/{docs.account}"
    unlisted = docs.complete(CONTACT, "global")
    told = docs.field(CONTACT, _together(contacts), everything) if unlisted is None else unlisted
    boxes, severity, owners = (told, told, told) if isinstance(told, Unread) else told
    yield SecurityContact(
        resource=docs.resource("account", uid, docs.account, "global"),
        documents=docs.about(uid, *contacts),
        mailboxes=boxes,
        alerts_from=severity,
        tells_owners=owners,
    )


def _together(contacts: Iterable[Document]) -> Document:
    """All contacts as one answer."""
    return Document(CONTACT.name, "", "global", {"value": [contact.body for contact in contacts]})


def everything(body: Body) -> tuple[int, str | None, bool]:
    """Number of mailboxes, least severity of which a mail is sent, and whether owners get it."""
    contacts = [properties(each) for each in body["value"]]
    boxes = {box for contact in contacts for box in mailboxes(contact)}
    severities = [severity for contact in contacts if (severity := alerts_from(contact)) is not None]
    return (
        len(boxes),
        min(severities, key=SEVERITIES.index, default=None),
        any(tells_owners(contact) for contact in contacts),
    )


def mailboxes(contact: Body) -> set[str]:
    """The addresses of a contact, which Azure keeps in one text; a contact by role only has none."""
    return {box.strip().lower() for box in str(contact.get("emails") or "").split(";")} - {""}


def alerts_from(contact: Body) -> str | None:
    """The least severity of which a contact is told; None when it is told of no alert, or nothing was ever set."""
    said = contact.get("alertNotifications")
    if not said or not is_on(said["state"]):
        return None
    severity = str(said["minimalSeverity"]).lower()
    if severity not in SEVERITIES:
        raise ValueError(f"{severity!r} is no severity")
    return severity


def tells_owners(contact: Body) -> bool:
    """Whoever holds the role of an owner gets what the contact gets."""
    said = contact.get("notificationsByRole")
    return bool(said and is_on(said["state"]) and OWNER in {str(role).lower() for role in said["roles"]})


COLLECTOR = Collector(
    id="azure.security_contacts",
    title="Security contacts",
    scope="global",
    kinds=(CONTACT,),
    emits={SecurityContact: None},
    source=f"Microsoft Defender for Cloud security contacts {VERSION}",
    fetch=fetch,
    shape=shape,
)
