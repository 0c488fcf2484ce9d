"""What Azure's two backup services have in common: their vaults, what lies in these, and the state of their jobs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from collectors.api import Body, Document, Kind
from collectors.azure.resources import properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import DocumentRef, Fact, Unread
from collectors.facts.recovery import ProtectedResource, RecoveryPoint

LOCKED = ("locked", "unlocked")
"""States of an immutable vault.  In both nobody can delete a backup early; in the first nobody can end that either."""
PROVIDERS_KEY = "platform-managed key"
"""With which every vault is encrypted unless a key of the customer's is named: Azure Backup, encryption."""


@dataclass(frozen=True, slots=True)
class Source:
    """What something is a backup of."""

    uid: str
    name: str
    place: str
    """The region of its vault."""


def contents(azure: Reader, kind: Kind, vault: str) -> Iterator[Document]:
    """Everything of one kind in one vault."""
    for thing in azure.listing(kind, within=vault, id=vault):
        yield azure.document(kind, uid_of(thing), thing)


def vault_of(uid: str) -> str:
    """The vault that something is in: the first resource of its id."""
    return "/".join(uid.split("/")[:9])


def security(body: Body) -> Body:
    """How a vault is protected."""
    found: Body = properties(body)["securitySettings"]
    return found


def locked(body: Body) -> bool:
    """Backups cannot be deleted before their time.  A vault is made without, and then says nothing of it."""
    state = (security(body).get("immutabilitySettings") or {}).get("state") or "Disabled"
    return state.lower() in LOCKED


def backed_up(
    docs: Documents, source: Source, documents: tuple[DocumentRef, ...], newest: datetime | None | Unread
) -> Iterator[Fact]:
    """A resource with the time of its newest backup, and that backup; None while there is none."""
    yield ProtectedResource(
        resource=docs.resource("protected_resource", source.uid, source.name, source.place),
        documents=documents,
        last_backup=newest,
    )
    if newest is not None:
        # The newest one stands for all, since Azure encrypts each of them alike, whatever its source.
        yield RecoveryPoint(
            resource=docs.resource("recovery_point", f"{source.uid}/newest-backup", source.name, source.place),
            documents=documents,
            of=source.uid,
            completed=True if isinstance(newest, datetime) else newest,
            created=newest,
            encrypted_at_rest=True,
        )


def status(body: Body) -> str:
    """How a job stands."""
    return str(properties(body)["status"]).lower()


def is_over(body: Body) -> bool:
    """The job has ended, well or badly."""
    return status(body) not in {"inprogress", "cancelling"}
