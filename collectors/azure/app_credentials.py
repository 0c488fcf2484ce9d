"""Secrets and certificates of applications: how long they have been there, and how long they will be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TypeVar

from collectors.api import DIRECTORY, Body, Document, Kind
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.directory import AppCredential, CredentialKind
from collectors.facts.identity import AccessKey

T = TypeVar("T")

FIELDS = "id,appId,displayName,passwordCredentials,keyCredentials"
_GIVES_AWAY = frozenset({"hint", "secretText", "key", "proof"})
"""Fields of a credential that hold it, or its first letters."""
NOT_TOLD = Unread(
    Reason.SERVICE_UNSUPPORTED,
    "graph:reports/appCredentialSignInActivities",
    "AuditLog.Read.All",
    "told in a preview of Graph only",
)
"""When an application last used which credential."""


def bare(body: Body) -> Body:
    """An application without anything of its credentials that could help to sign in with them."""
    lists = {
        name: [{key: value for key, value in each.items() if key not in _GIVES_AWAY} for each in body[name]]
        for name in ("passwordCredentials", "keyCredentials")
        if body.get(name)
    }
    return {**body, **lists}


def credentials(docs: Documents, kind: Kind, holders: Iterable[Document]) -> Iterator[Fact]:
    """An AppCredential for each credential of these holders, and for each secret an AccessKey as well.

    A holder whose credentials cannot be told gets one of each that says so.
    """
    for holder in holders:
        found = docs.field(kind, holder, lists)
        if isinstance(found, Unread):
            yield _credential(docs, holder, {}, found, found)
            yield _key(docs, holder, {}, active=found, created=found, expires=found)
            continue
        secrets, certificates = found
        for each in secrets:
            expires, created = docs.field(kind, holder, of(each, ends)), docs.field(kind, holder, of(each, begins))
            yield _credential(docs, holder, each, CredentialKind.SECRET, expires)
            # nobody can switch a secret off: it works until it ends or is deleted
            yield _key(docs, holder, each, active=True, created=created, expires=expires)
        for each in certificates:
            expires = docs.field(kind, holder, of(each, ends))
            yield _credential(docs, holder, each, CredentialKind.CERTIFICATE, expires)


def lists(body: Body) -> tuple[list[Body], list[Body]]:
    """Secrets and certificates that stand for themselves.  Raises KeyError for an answer that leaves them out."""
    certificates = body["keyCredentials"]
    # a certificate that Entra made keeps its private key behind a password of the same id: no second credential
    inside = {each["keyId"] for each in certificates}
    secrets = [each for each in body["passwordCredentials"] if each["keyId"] not in inside]
    # the half that signs stands beside the half that proves, with the same dates
    return secrets, [each for each in certificates if each["usage"] != "Sign"]


def _credential(
    docs: Documents,
    holder: Document,
    each: Body,
    what: CredentialKind | Unread,
    expires: datetime | None | Unread,
) -> AppCredential:
    return AppCredential(
        resource=docs.resource("app_credential", _uid(holder, each), _name(holder, each), DIRECTORY),
        documents=docs.about(holder.uid),
        owner=_owner(holder),
        kind=what,
        expires=expires,
    )


def _key(
    docs: Documents,
    holder: Document,
    each: Body,
    *,
    active: bool | Unread,
    created: datetime | Unread,
    expires: datetime | None | Unread,
) -> AccessKey:
    return AccessKey(
        resource=docs.resource("access_key", _uid(holder, each), _name(holder, each), DIRECTORY),
        documents=docs.about(holder.uid),
        owner=_owner(holder),
        active=active,
        created=created,
        last_used=NOT_TOLD,
        expires=expires,
    )


def of(credential: Body, read: Callable[[Body], T]) -> Callable[[Body], T]:
    """`read` of this credential, as a reading of its holder's document."""
    return lambda _: read(credential)


def begins(credential: Body) -> datetime:
    """Since when a credential works: when it was made, unless somebody chose another day."""
    return when(credential["startDateTime"])


def ends(credential: Body) -> datetime | None:
    """When a credential stops working; None for one that was made without an end."""
    end = credential["endDateTime"]
    return None if end is None else when(end)


def _owner(holder: Document) -> str:
    return str(holder.body.get("displayName") or holder.uid)


def _uid(holder: Document, credential: Body) -> str:
    return f"{holder.uid}/{credential['keyId']}".lower() if credential else holder.uid.lower()


def _name(holder: Document, credential: Body) -> str:
    if not credential:
        return _owner(holder)
    return f"{_owner(holder)}: {credential.get('displayName') or credential['keyId']}"
