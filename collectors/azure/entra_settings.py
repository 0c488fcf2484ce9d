"""What the directory lets ordinary users, guests and people who guess passwords do."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import DIRECTORY, Body, Collector, Document, Then
from collectors.azure.directory_objects import flag
from collectors.azure.kinds import graph
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.directory import DirectorySettings, GuestView, Inviters, PasswordProtection

AUTHORIZATION = graph("azure.entra.authorization_policy", "/v1.0/policies/authorizationPolicy", "Policy.Read.All")
SETTINGS = graph("azure.entra.group_settings", "/v1.0/groupSettings", "GroupSettings.Read.All", items="value")

MAIL_GROUPS = "62375ab9-6b52-47ed-826b-58e47e0e304b"
"""Template of the settings of Microsoft 365 groups, named Group.Unified."""
PASSWORD_RULES = "5cf42378-d67d-4f36-ba46-e8b86229381d"
"""Template of the password rules, named Password Rule Settings."""
LOCKOUT_AFTER, LOCKOUT_SECONDS = 10, 60
"""What smart lockout does where nobody set it: Entra documentation, Protect user accounts with smart lockout."""
SELF_CONSENT = "ManagePermissionGrantsForSelf."
OWNER_CONSENT = "ManagePermissionGrantsForOwnedResource."
"""Rules for owners of a team or chat, which reach no further than that."""
INVITERS = {
    "none": Inviters.NOBODY,
    "adminsAndGuestInviters": Inviters.ADMINISTRATORS,
    "adminsGuestInvitersAndAllMembers": Inviters.MEMBERS,
    "everyone": Inviters.EVERYONE,
}
GUEST_ROLES = {
    "a0b1b346-4d3e-4e8b-98f8-753987be4970": GuestView.ALL,
    "10dae51f-b6af-4016-8d66-8c2a99b929b3": GuestView.SOME,
    "2af84b1e-32c8-42b7-82bc-daa82404023b": GuestView.THEMSELVES,
}
"""What guests count as: users, guests, restricted guests.  Graph, authorizationPolicy, guestUserRoleId."""


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """The authorization policy, and the settings that somebody changed from their defaults."""
    yield Then(settings, (), SETTINGS.name)
    yield from azure.read(AUTHORIZATION, azure.account)


def settings(azure: Reader) -> Iterator[Document]:
    """All settings of the directory as one document."""
    yield from azure.gather(SETTINGS, azure.account)


def shape(docs: Documents) -> Iterator[Fact]:
    """The settings, and the protection of passwords."""
    tenant = docs.account
    yield DirectorySettings(
        resource=docs.resource("directory", tenant, tenant, DIRECTORY),
        documents=docs.about(tenant),
        users_create_applications=docs.value(AUTHORIZATION, tenant, lambda body: may(body, "allowedToCreateApps")),
        users_create_groups=docs.value(AUTHORIZATION, tenant, lambda body: may(body, "allowedToCreateSecurityGroups")),
        users_create_mail_groups=docs.value(SETTINGS, tenant, create_mail_groups),
        users_create_directories=docs.value(AUTHORIZATION, tenant, lambda body: may(body, "allowedToCreateTenants")),
        consent_rules=docs.value(AUTHORIZATION, tenant, consent_rules),
        guests_invited_by=docs.value(AUTHORIZATION, tenant, lambda body: INVITERS[body["allowInvitesFrom"]]),
        guests_see=docs.value(AUTHORIZATION, tenant, lambda body: GUEST_ROLES[body["guestUserRoleId"].lower()]),
    )
    yield PasswordProtection(
        resource=docs.resource("directory", tenant, tenant, DIRECTORY),
        documents=docs.about(tenant),
        lockout_after=docs.value(
            SETTINGS, tenant, lambda body: int(chosen(body, PASSWORD_RULES, "LockoutThreshold", str(LOCKOUT_AFTER)))
        ),
        lockout_seconds=docs.value(
            SETTINGS,
            tenant,
            lambda body: int(chosen(body, PASSWORD_RULES, "LockoutDurationInSeconds", str(LOCKOUT_SECONDS))),
        ),
        own_words_refused=docs.value(SETTINGS, tenant, own_words_refused),
    )


def may(body: Body, name: str) -> bool:
    """What the authorization policy says of ordinary users."""
    return flag(body["defaultUserRolePermissions"], name)


def consent_rules(body: Body) -> tuple[str, ...]:
    """Rules by which users themselves let applications in.  A rule of a kind that is not known counts among them."""
    given = body["defaultUserRolePermissions"]["permissionGrantPoliciesAssigned"]
    return tuple(sorted(rule.removeprefix(SELF_CONSENT) for rule in given if not rule.startswith(OWNER_CONSENT)))


def chosen(body: Body, template: str, name: str, default: str) -> str:
    """A setting of a template; its default where nobody ever changed a setting of that template.

    Raises KeyError where the settings of the template lack it.
    """
    for group in body["value"]:
        if group["templateId"].lower() == template:
            return str({each["name"]: each["value"] for each in group["values"]}[name])
    return default


def create_mail_groups(body: Body) -> bool:
    """Everybody may create Microsoft 365 groups, as long as nobody forbids it."""
    return _true(chosen(body, MAIL_GROUPS, "EnableGroupCreation", "true"))


def own_words_refused(body: Body) -> bool:
    """A list of the company's own is in force and holds something; there is none until somebody writes it."""
    on = chosen(body, PASSWORD_RULES, "EnableBannedPasswordCheck", "false")
    return _true(on) and bool(chosen(body, PASSWORD_RULES, "BannedPasswordList", "").strip())


def _true(word: str) -> bool:
    return {"true": True, "false": False}[word.lower()]


COLLECTOR = Collector(
    id="azure.entra_settings",
    title="Settings of the directory for users, guests and passwords",
    scope="directory",
    kinds=(AUTHORIZATION, SETTINGS),
    emits={DirectorySettings: None, PasswordProtection: None},
    source="Microsoft Graph v1.0: authorizationPolicy, groupSetting",
    fetch=fetch,
    shape=shape,
)
