"""Everybody whom the directory knows, members and guests: what they sign in with, and when they last did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

from collectors.api import DIRECTORY, Body, Collector, Document, Kind, Then
from collectors.azure.directory_objects import flag, id_of
from collectors.azure.kinds import graph
from collectors.azure.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.identity import User, UserDirectory
from collectors.reader import dig

T = TypeVar("T")

_FIELDS = (
    "id,userPrincipalName,userType,accountEnabled,createdDateTime,lastPasswordChangeDateTime,"
    "onPremisesSyncEnabled,externalUserState,externalUserStateChangeDateTime"
)
USER = graph("azure.entra.user", f"/v1.0/users?$select={_FIELDS}&$count=true&$top=999", "User.Read.All", items="value")
COUNT = graph("azure.entra.user_count", USER.path, USER.permission)
"""How many users Graph says there are, in the first page of their listing."""
SIGN_IN = graph(
    "azure.entra.user_sign_in",
    # Graph takes no longer pages of this field
    "/v1.0/users?$select=id,signInActivity&$top=120",
    "AuditLog.Read.All",
    items="value",
    volatile=("signInActivity",),
)
REGISTRATION = graph(
    "azure.entra.user_registration",
    "/v1.0/reports/authenticationMethods/userRegistrationDetails",
    "AuditLog.Read.All",
    items="value",
    volatile=("lastUpdatedDateTime",),
)
TOTAL = "@odata.count"
NO_SECOND_FACTOR = frozenset({"email", "securityQuestion", "temporaryAccessPass", "none"})
"""Registered methods that reset a password or start somebody off, and prove nothing at sign-in."""
SUCCESS_KNOWN_SINCE = when("2023-12-01T00:00:00Z")
"""Since when Graph tells successful sign-ins apart from those that were tried."""


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """All users with the number that Graph counts, and two listings that each need a right and a licence."""
    for kind in (SIGN_IN, REGISTRATION):
        yield Then(rows, (kind,), kind.name)
    for page in azure.pages(USER):
        if TOTAL in page:
            yield azure.document(COUNT, azure.account, {TOTAL: page[TOTAL]})
        for user in dig(page, USER):
            yield azure.document(USER, id_of(user), user)


def rows(azure: Reader, kind: Kind) -> Iterator[Document]:
    """One document per user of a listing of users."""
    for row in azure.listing(kind):
        yield azure.document(kind, id_of(row), row)


def shape(docs: Documents) -> Iterator[Fact]:
    """One user each, and the count that the listing is held against."""
    tenant = docs.account
    unlisted = docs.complete(USER, DIRECTORY)
    reports = list(docs.of(REGISTRATION))
    unreported = docs.complete(REGISTRATION, DIRECTORY)
    yield UserDirectory(
        resource=docs.resource("directory", tenant, tenant, DIRECTORY),
        documents=docs.about(tenant),
        listed=unlisted or sum(1 for _ in docs.of(USER)),
        counted_by_provider=unlisted or _total(docs),
        # not about disabled users: Graph, List userRegistrationDetails
        reported=unreported or len(reports),
        report_generated=unreported or _newest(docs, reports),
    )
    for user in docs.of(USER):
        uid = user.uid
        yield User(
            resource=docs.resource("user", uid, str(user.body.get("userPrincipalName") or uid), DIRECTORY),
            documents=docs.about(uid),
            created=docs.field(USER, user, lambda body: when(body["createdDateTime"])),
            can_sign_in=docs.field(USER, user, lambda body: flag(body, "accountEnabled")),
            # registered and allowed: a factor that the directory's rules forbid opens nothing
            has_mfa=_row(docs, REGISTRATION, uid, lambda body: flag(body, "isMfaCapable")),
            mfa_devices=_row(docs, REGISTRATION, uid, second_factors),
            password_last_used=_row(docs, SIGN_IN, uid, last_sign_in),
            password_changed=docs.field(USER, user, password_changed),
            direct_policies=None,  # each subscription gives its own rights, see its role assignments
            guest=docs.field(USER, user, is_guest),
            invited_since=docs.field(USER, user, invited_since),
        )


def _row(docs: Documents, kind: Kind, uid: str, read: Callable[[Body], T]) -> T | Unread:
    """What the row of a user says; one that a complete answer lacks was made since, or is yet to be counted."""
    if isinstance(docs.get(kind, uid), Unread) and docs.complete(kind, DIRECTORY) is None:
        return Unread(Reason.PARTIAL_LISTING, kind.call, kind.needs, "the answer has no row of this user")
    return docs.value(kind, uid, read)


def _total(docs: Documents) -> int | Unread:
    """How many users Graph counts."""
    if isinstance(docs.get(COUNT, docs.account), Unread):
        return Unread(Reason.PARTIAL_LISTING, COUNT.call, COUNT.needs, "the answer holds no count")
    return docs.value(COUNT, docs.account, lambda body: int(body[TOTAL]))


def _newest(docs: Documents, reports: list[Document]) -> datetime | Unread:
    """When the newest row of the report was made."""
    made = [docs.field(REGISTRATION, report, lambda body: when(body["lastUpdatedDateTime"])) for report in reports]
    told = [moment for moment in made if isinstance(moment, datetime)]
    return max(told) if told else Unread(Reason.PARTIAL_LISTING, REGISTRATION.call, REGISTRATION.needs, "no dated row")


def second_factors(body: Body) -> int:
    """How many registered methods prove something beside the password."""
    return sum(method not in NO_SECOND_FACTOR for method in body["methodsRegistered"])


def last_sign_in(body: Body) -> datetime | None:
    """The newest sign-in that succeeded.  Graph leaves the whole field out for a user who never signed in.

    Older dates count failed attempts as well.  They are told only where Graph did not yet know the difference, since
    somebody who guesses passwords would keep a dead account alive.
    """
    activity = body.get("signInActivity")
    if activity is None:
        return None
    if succeeded := activity.get("lastSuccessfulSignInDateTime"):
        return when(succeeded)
    tried = (activity.get("lastSignInDateTime"), activity.get("lastNonInteractiveSignInDateTime"))
    old = [moment for moment in map(when, filter(None, tried)) if moment < SUCCESS_KNOWN_SINCE]
    return max(old, default=None)


def password_changed(body: Body) -> datetime | None:
    """When the password was set; None for somebody whose password is kept elsewhere."""
    changed = body["lastPasswordChangeDateTime"]
    return None if changed is None else when(changed)


def is_guest(body: Body) -> bool:
    """Comes from outside.  The type is empty for accounts from before there were guests, which are members."""
    kind = body["userType"]
    if kind is None:
        return False
    return {"guest": True, "member": False}[kind.lower()]


def invited_since(body: Body) -> datetime | None:
    """Since when an invitation awaits an answer; None when it was answered, or there was none."""
    if body["externalUserState"] != "PendingAcceptance":
        return None
    return when(body["externalUserStateChangeDateTime"])


COLLECTOR = Collector(
    id="azure.entra_users",
    title="Users and guests of the directory, their second factors and sign-ins",
    scope="directory",
    kinds=(USER, COUNT, SIGN_IN, REGISTRATION),
    emits={UserDirectory: None, User: USER},
    source="Microsoft Graph v1.0: user, signInActivity, userRegistrationDetails",
    fetch=fetch,
    shape=shape,
)
