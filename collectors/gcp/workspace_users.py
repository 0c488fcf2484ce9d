"""People of Cloud Identity or Google Workspace: their second step, their administrators, their last sign-in.

Read with credentials of its own.  Where the target has no setting `customer`, nobody is known, which is a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from collectors.api import DIRECTORY, Body, Collector, Document
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.directory import (
    EVERYONE,
    EVERYTHING,
    AdminRole,
    Clients,
    DirectorySettings,
    GuestView,
    Inviters,
    SignInRule,
)
from collectors.facts.identity import PasswordPolicy, User, UserDirectory
from collectors.gcp.kinds import rest
from collectors.gcp.provider import ADMIN
from collectors.gcp.session import Reader

_FIELDS = (
    "id,primaryEmail,isAdmin,isDelegatedAdmin,suspended,archived,isEnrolledIn2Sv,isEnforcedIn2Sv,"
    "lastLoginTime,creationTime"
)
USER = rest(
    "gcp.admin.user",
    ADMIN,
    "directory.users.list",
    f"/admin/directory/v1/users?customer={{customer}}&maxResults=500&fields=nextPageToken,users({_FIELDS})",
    permission="https://www.googleapis.com/auth/admin.directory.user.readonly",
    items="users",
    omits_empty=True,
    volatile=("lastLoginTime",),
)
NEVER = 1970
"""The year of the last sign-in of somebody who never signed in: users, lastLoginTime."""
SUPER_ADMIN, DELEGATED = "Super Admin", "Delegated administrator"
ENFORCED, REFUSED = "2-step verification is enforced", "Programs that know only a password are refused"
_UNTOLD = Unread(
    Reason.SERVICE_UNSUPPORTED,
    "cloudidentity:policies.list",
    "https://www.googleapis.com/auth/cloud-identity.policies.readonly",
    "only a super administrator may read this setting",
)


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every user of the customer."""
    for user in gcp.listing(USER):
        yield gcp.document(USER, uid_of(user["id"]), user)


def uid_of(id_: str) -> str:
    """The full name of a user."""
    return f"//admin.googleapis.com/users/{id_}"


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per user; who administers the directory; and what is asked of whoever signs in."""
    for user in docs.of(USER):
        yield _user(docs, user)
    yield from _roles(docs)
    yield from _directory(docs)


def _user(docs: Documents, user: Document) -> User:
    return User(
        resource=docs.resource("user", user.uid, str(user.body.get("primaryEmail") or user.uid), DIRECTORY),
        documents=docs.about(user.uid),
        created=docs.field(USER, user, lambda body: when(body["creationTime"])),
        can_sign_in=docs.field(USER, user, can_sign_in),
        has_mfa=docs.field(USER, user, lambda body: flag(body, "isEnrolledIn2Sv")),
        mfa_devices=Unread(Reason.SERVICE_UNSUPPORTED, USER.call, USER.needs, "Google tells no number of factors"),
        password_last_used=docs.field(USER, user, last_sign_in),
        password_changed=None,  # Google does not tell
        direct_policies=None,  # the policies of each project give rights, and are judged there
        guest=False,  # a directory of Google's holds nobody from outside
        invited_since=None,
        keys_told=False,  # people can have keys for Cloud Storage alone, and no listing names them
    )


def _roles(docs: Documents) -> Iterator[AdminRole]:
    for name, field in ((SUPER_ADMIN, "isAdmin"), (DELEGATED, "isDelegatedAdmin")):
        holders: set[str] = set()
        unread = docs.complete(USER, DIRECTORY)
        for user in docs.of(USER):
            holds = docs.field(USER, user, partial(administers, field=field))
            if isinstance(holds, Unread):
                unread = unread or holds
            elif holds:
                holders.add(user.uid)
        yield AdminRole(
            resource=docs.resource("admin_role", f"{_uid(docs)}/roles/{field}", name, DIRECTORY),
            documents=docs.about(_uid(docs), *docs.of(USER)),
            highest=name == SUPER_ADMIN,
            standing=unread or tuple(sorted(holders)),
            eligible=(),  # nobody takes a role for a while
        )


def _directory(docs: Documents) -> Iterator[Fact]:
    """The directory as a whole.

    Google enforces the second step by groups and units.  What that amounts to is told of each user: everybody is
    covered but those of whom Google says otherwise.
    """
    uid, users = _uid(docs), list(docs.of(USER))
    unlisted = docs.complete(USER, DIRECTORY)
    about = docs.about(uid, *users)
    resource = docs.resource("directory", uid, docs.account, DIRECTORY)
    yield UserDirectory(
        resource=resource,
        documents=about,
        listed=unlisted or len(users),
        counted_by_provider=None,  # only reports count users, and these are days old
        reported=None,
        report_generated=None,
    )
    exempt, covered = set(), False
    unread = unlisted
    for user in users:
        forced = docs.field(USER, user, lambda body: flag(body, "isEnforcedIn2Sv") or not can_sign_in(body))
        if isinstance(forced, Unread):
            unread = unread or forced
        elif forced:
            covered = True
        else:
            exempt.add(f"user {user.body['id']}")
    yield SignInRule(
        resource=docs.resource("sign_in_rule", f"{uid}/rules/enforced", ENFORCED, DIRECTORY),
        documents=about,
        enforced=True if covered else unread or False,
        covers=(EVERYONE,),
        applications=(EVERYTHING,),
        exceptions=unread or tuple(sorted(exempt)),
        only_when=(),
        clients=(Clients.MODERN,),
        demands_mfa=True,
        blocks=False,
    )
    yield SignInRule(
        # Google takes a mere password from no program any more: Google Workspace, less secure apps, since 2025.
        resource=docs.resource("sign_in_rule", f"{uid}/rules/refused", REFUSED, DIRECTORY),
        documents=about,
        enforced=unlisted or True,
        covers=(EVERYONE,),
        applications=(EVERYTHING,),
        exceptions=(),
        only_when=(),
        clients=(Clients.LEGACY,),
        demands_mfa=False,
        blocks=True,
    )
    yield DirectorySettings(
        resource=resource,
        documents=about,
        users_create_applications=_UNTOLD,
        users_create_groups=_UNTOLD,
        users_create_mail_groups=_UNTOLD,
        # Whoever opens another one proves a domain for it, and is nobody here by that.
        users_create_directories=unlisted or False,
        consent_rules=_UNTOLD,
        # There are no guests in a directory of Google's.
        guests_invited_by=unlisted or Inviters.NOBODY,
        guests_see=unlisted or GuestView.THEMSELVES,
    )
    yield PasswordPolicy(
        resource=resource,
        documents=about,
        exists=_UNTOLD,
        minimum_length=_UNTOLD,
        remembered=_UNTOLD,
        maximum_age_days=_UNTOLD,
        requires_upper=_UNTOLD,
        requires_lower=_UNTOLD,
        requires_digit=_UNTOLD,
        requires_symbol=_UNTOLD,
    )


def _uid(docs: Documents) -> str:
    return f"//cloudresourcemanager.googleapis.com/{docs.account}"


def flag(body: Body, name: str) -> bool:
    """Something that Google says of every user.  Raises KeyError, TypeError where it does not."""
    value = body[name]
    if not isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}")
    return value


def can_sign_in(body: Body) -> bool:
    """Neither suspended nor archived.  Not every edition can archive, and those that cannot leave the field out."""
    return not flag(body, "suspended") and not body.get("archived", False)


def administers(body: Body, field: str) -> bool:
    """Somebody who can sign in has the rights that a field tells of."""
    return flag(body, field) and can_sign_in(body)


def last_sign_in(body: Body) -> datetime | None:
    """When somebody signed in last; None for never."""
    moment = when(body["lastLoginTime"])
    return None if moment.year == NEVER else moment


COLLECTOR = Collector(
    id="gcp.workspace_users",
    title="People of the directory, their second step and their administrators",
    scope="directory",
    kinds=(USER,),
    emits={
        User: USER,
        AdminRole: None,
        UserDirectory: None,
        SignInRule: USER,
        DirectorySettings: None,
        PasswordPolicy: None,
    },
    source="Admin SDK Directory API v1",
    fetch=fetch,
    shape=shape,
)
