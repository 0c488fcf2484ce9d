"""The contact for security matters that an account names beside its owner."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.detection import SecurityContact

CONTACT = Kind("aws.account.alternate_contact", "account", "GetAlternateContact", absent=("ResourceNotFoundException",))


def account_uid(partition: str, account: str) -> str:
    """Stands for the account as a whole."""
    return f"arn:{partition}:account::{account}:account"


def fetch(aws: Reader) -> Iterator[Document]:
    """The one contact that AWS keeps for security."""
    yield from aws.read(CONTACT, account_uid(aws.partition, aws.account), AlternateContactType="SECURITY")


def shape(docs: Documents) -> Iterator[Fact]:
    """Exactly one fact per account."""
    uid = account_uid(docs.partition, docs.account)
    yield SecurityContact(
        resource=docs.resource("account", uid, docs.account, "global"),
        documents=docs.about(uid),
        mailboxes=docs.value(CONTACT, uid, mailboxes),
        # AWS tells it what it notices itself.  The alerts of GuardDuty and Security Hub are sent by rules of the
        # company's own, which are facts of their own.
        alerts_from=None,
        # The owner's address is that of the root user, to which AWS writes whenever no contact is named.
        tells_owners=None,
    )


def mailboxes(body: Body) -> int:
    """One or none."""
    if "absent" in body:
        return 0
    return int(bool(body["AlternateContact"]["EmailAddress"]))


COLLECTOR = Collector(
    id="aws.account_contacts",
    title="Alternate contact for security",
    scope="global",
    kinds=(CONTACT,),
    emits={SecurityContact: None},
    source="AWS Account Management API 2021-02-01",
    fetch=fetch,
    shape=shape,
)
