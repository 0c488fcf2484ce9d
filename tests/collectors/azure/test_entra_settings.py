"""azure.entra_settings"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import TENANT, AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.entra_settings import COLLECTOR, MAIL_GROUPS, PASSWORD_RULES
from collectors.facts.core import Unread
from collectors.facts.directory import DirectorySettings, GuestView, Inviters, PasswordProtection
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
POLICY, SETTINGS = "/v1.0/policies/authorizationpolicy", "/v1.0/groupsettings"


def policy(users: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """The authorization policy of a new directory, in which much is allowed."""
    return {
        "id": "authorizationPolicy",
        "allowInvitesFrom": "everyone",
        "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
        "defaultUserRolePermissions": {
            "allowedToCreateApps": True,
            "allowedToCreateSecurityGroups": True,
            "allowedToCreateTenants": True,
            "permissionGrantPoliciesAssigned": [
                "ManagePermissionGrantsForSelf.microsoft-user-default-legacy",
                "ManagePermissionGrantsForOwnedResource.microsoft-dynamically-managed-permissions-for-team",
            ],
            **(users or {}),
        },
        **changed,
    }


def setting(template: str, **values: str) -> dict[str, Any]:
    """Settings of a template that somebody changed."""
    pairs = [{"name": name, "value": value} for name, value in values.items()]
    return {"id": f"of-{template}", "templateId": template, "values": pairs}


def rules(**changed: str) -> dict[str, Any]:
    """Password rules with a list in force."""
    said = {
        "LockoutThreshold": "5",
        "LockoutDurationInSeconds": "120",
        "EnableBannedPasswordCheck": "True",
        "BannedPasswordList": "acme\tproofkeep",
        **changed,
    }
    return setting(PASSWORD_RULES, **said)


@pytest.fixture(autouse=True)
def directory(estate: AzureEstate) -> AzureEstate:
    """A new directory."""
    estate.answers[POLICY] = policy()
    estate.answers[SETTINGS] = []
    return estate


def test_a_new_directory_has_the_defaults(read: Read) -> None:
    """Settings that nobody changed have the values that Microsoft documents, the lax ones included."""
    reading = read(COLLECTOR)

    found = reading.fact(DirectorySettings, TENANT)
    assert found.users_create_applications is True
    assert found.users_create_groups is True
    assert found.users_create_directories is True
    assert found.users_create_mail_groups is True
    assert found.consent_rules == ("microsoft-user-default-legacy",)
    assert (found.guests_invited_by, found.guests_see) == (Inviters.EVERYONE, GuestView.SOME)
    protection = reading.fact(PasswordProtection, TENANT)
    assert (protection.lockout_after, protection.lockout_seconds, protection.own_words_refused) == (10, 60, False)


def test_settings_become_facts(read: Read, directory: AzureEstate) -> None:
    """A directory in which little is allowed."""
    users = {
        "allowedToCreateApps": False,
        "allowedToCreateSecurityGroups": False,
        "allowedToCreateTenants": False,
        "permissionGrantPoliciesAssigned": [],
    }
    restricted = "2AF84B1E-32C8-42B7-82BC-DAA82404023B"
    directory.answers[POLICY] = policy(users, allowInvitesFrom="adminsAndGuestInviters", guestUserRoleId=restricted)
    directory.answers[SETTINGS] = [
        setting("00000000-0000-0000-0000-000000000000", Other="x"),
        setting(MAIL_GROUPS.upper(), EnableGroupCreation="False"),
        rules(),
    ]

    reading = read(COLLECTOR)

    found = reading.fact(DirectorySettings, TENANT)
    assert found.users_create_applications is False
    assert found.users_create_groups is False
    assert found.users_create_directories is False
    assert found.users_create_mail_groups is False
    assert found.consent_rules == ()
    assert (found.guests_invited_by, found.guests_see) == (Inviters.ADMINISTRATORS, GuestView.THEMSELVES)
    protection = reading.fact(PasswordProtection, TENANT)
    assert (protection.lockout_after, protection.lockout_seconds, protection.own_words_refused) == (5, 120, True)


@pytest.mark.parametrize("changed", [{"EnableBannedPasswordCheck": "False"}, {"BannedPasswordList": " "}])
def test_a_list_that_is_off_or_empty_refuses_nothing(
    read: Read, directory: AzureEstate, changed: dict[str, str]
) -> None:
    """Both the switch and the words are needed."""
    directory.answers[SETTINGS] = [rules(**changed)]

    assert read(COLLECTOR).fact(PasswordProtection, TENANT).own_words_refused is False


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("ManagePermissionGrantsForSelf.our-own", ("our-own",)),
        ("just-user-read", ("just-user-read",)),
        ("ManagePermissionGrantsForOwnedResource.anything", ()),
    ],
)
def test_a_rule_of_an_unknown_kind_lets_users_consent(
    read: Read, directory: AzureEstate, given: str, known: tuple[str, ...]
) -> None:
    """Only what is known to reach no further than a team is left aside."""
    directory.answers[POLICY] = policy({"permissionGrantPoliciesAssigned": [given]})

    assert read(COLLECTOR).fact(DirectorySettings, TENANT).consent_rules == known


@pytest.mark.parametrize(
    ("body", "lost"),
    [
        (policy({"allowedToCreateTenants": None}), "users_create_directories"),
        (policy(allowInvitesFrom="unknownFutureValue"), "guests_invited_by"),
        (policy(guestUserRoleId="none of the three"), "guests_see"),
    ],
)
def test_a_value_that_is_not_known_is_unread(
    read: Read, directory: AzureEstate, body: dict[str, Any], lost: str
) -> None:
    """What it would allow, nobody can tell; the rest stays."""
    directory.answers[POLICY] = body

    found = read(COLLECTOR).fact(DirectorySettings, TENANT)

    names = [name for name in DirectorySettings.__slots__ if isinstance(getattr(found, name), Unread)]
    assert names == [lost]


def test_settings_without_the_one_in_question_are_unread(read: Read, directory: AzureEstate) -> None:
    """A template that somebody changed lists all its values; one that is missing has no default."""
    directory.answers[SETTINGS] = [setting(MAIL_GROUPS), setting(PASSWORD_RULES, LockoutThreshold="ten")]

    reading = read(COLLECTOR)

    assert isinstance(reading.fact(DirectorySettings, TENANT).users_create_mail_groups, Unread)
    protection = reading.fact(PasswordProtection, TENANT)
    assert isinstance(protection.lockout_after, Unread)
    assert isinstance(protection.own_words_refused, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
@pytest.mark.parametrize(
    ("path", "operation", "permission", "mail_groups"),
    [
        ("policies/authorizationPolicy", "graph:policies/authorizationPolicy", "Policy.Read.All", False),
        ("groupSettings", "graph:groupSettings", "GroupSettings.Read.All", True),
    ],
)
def test_what_cannot_be_read_is_unread_and_nothing_else(
    read: Read, directory: AzureEstate, kind: str, path: str, operation: str, permission: str, mail_groups: bool
) -> None:
    """Each field rests on one of two answers; no refusal is a default."""
    directory.faults.append(Fault(f"GET /v1.0/{path}", kind=kind))

    reading = read(COLLECTOR)

    found, protection = reading.fact(DirectorySettings, TENANT), reading.fact(PasswordProtection, TENANT)
    assert isinstance(found.users_create_mail_groups, Unread) is mail_groups
    assert isinstance(found.users_create_applications, Unread) is not mail_groups
    assert isinstance(found.guests_see, Unread) is not mail_groups
    assert isinstance(protection.lockout_after, Unread) is mail_groups
    assert isinstance(protection.own_words_refused, Unread) is mail_groups
    assert {(gap.operation, gap.permission) for gap in reading.page.gaps} == {(operation, permission)}


def test_settings_that_break_off_are_no_settings(read: Read, directory: AzureEstate) -> None:
    """The second page may hold the one that counts."""
    others = [setting(f"00000000-0000-0000-0000-00000000000{number}") for number in range(3)]
    directory.answers[SETTINGS] = [*others, rules()]
    directory.faults.append(Fault("GET /v1.0/groupSettings", after=1))

    assert isinstance(read(COLLECTOR).fact(PasswordProtection, TENANT).lockout_after, Unread)
