"""collectors.azure.conditional_access"""

from __future__ import annotations

from typing import Any

import pytest

from collectors.azure import conditional_access as access
from collectors.azure.conditional_access import GUEST_TYPES, MANAGEMENT_API
from collectors.facts.directory import Clients

BOTH = (Clients.MODERN, Clients.LEGACY)


def policy(*, state: str = "enabled", grant: Any = "mfa", users: Any = None, **conditions: Any) -> dict[str, Any]:
    """A policy that demands a second factor of all users for all applications, unless said otherwise."""
    controls = {
        "operator": "OR",
        "builtInControls": ["mfa"],
        "customAuthenticationFactors": [],
        "termsOfUse": [],
        **(grant if isinstance(grant, dict) else {}),
    }
    return {
        "id": "p",
        "displayName": "p",
        "state": state,
        "grantControls": None if grant is None else controls,
        "conditions": {
            "clientAppTypes": ["all"],
            "applications": {"includeApplications": ["All"], "excludeApplications": [], "includeUserActions": []},
            "users": {
                "includeUsers": ["All"],
                "includeGroups": [],
                "includeRoles": [],
                "excludeUsers": [],
                "excludeGroups": [],
                "excludeRoles": [],
                "includeGuestsOrExternalUsers": None,
                "excludeGuestsOrExternalUsers": None,
                **(users or {}),
            },
            "platforms": None,
            "locations": None,
            "signInRiskLevels": [],
            "userRiskLevels": [],
            "devices": None,
            "clientApplications": None,
            "authenticationFlows": None,
            **conditions,
        },
    }


def outsiders(*types: str, tenants: str = "all") -> dict[str, Any]:
    """The newer way to name guests."""
    return {"guestOrExternalUserTypes": ",".join(types), "externalTenants": {"membershipKind": tenants}}


def test_a_plain_policy_covers_everyone_and_everything() -> None:
    """Nobody is left out and nothing narrows it."""
    plain = policy()

    assert access.enforced(plain) is True
    assert access.covers(plain) == ("everyone",)
    assert access.applications(plain) == ("everything",)
    assert access.exceptions(plain) == ()
    assert access.only_when(plain) == ()
    assert access.clients(plain) == BOTH
    assert (access.demands_mfa(plain), access.blocks(plain)) == (True, False)


@pytest.mark.parametrize(
    ("state", "enforced"), [("enabled", True), ("disabled", False), ("enabledForReportingButNotEnforced", False)]
)
def test_only_an_enabled_policy_decides(state: str, enforced: bool) -> None:
    """A report of what would happen stops nobody."""
    assert access.enforced(policy(state=state)) is enforced


def test_a_state_that_is_not_known_is_malformed() -> None:
    """Neither on nor off."""
    with pytest.raises(KeyError):
        access.enforced(policy(state="unknownFutureValue"))


STRONG = {"id": "s", "requirementsSatisfied": "mfa"}
WEAK = {"id": "s", "requirementsSatisfied": "none"}


@pytest.mark.parametrize(
    ("grant", "demands"),
    [
        (None, False),
        ({"builtInControls": []}, False),
        ({"builtInControls": ["mfa"], "operator": None}, True),
        ({"builtInControls": ["compliantDevice"]}, False),
        ({"builtInControls": ["mfa", "compliantDevice"]}, False),
        ({"builtInControls": ["mfa", "compliantDevice"], "operator": "AND"}, True),
        ({"builtInControls": ["mfa"], "termsOfUse": ["t"]}, False),
        ({"builtInControls": ["mfa"], "termsOfUse": ["t"], "operator": "AND"}, True),
        ({"builtInControls": ["mfa"], "customAuthenticationFactors": ["f"]}, False),
        ({"builtInControls": [], "authenticationStrength": STRONG}, True),
        ({"builtInControls": [], "authenticationStrength": WEAK}, False),
        ({"builtInControls": ["compliantDevice"], "authenticationStrength": STRONG}, False),
        ({"builtInControls": ["mfa"], "authenticationStrength": STRONG}, True),
        ({"builtInControls": ["mfa"], "authenticationStrength": {"id": None}}, True),
        ({"builtInControls": ["block"]}, False),
    ],
)
def test_a_weaker_choice_is_no_demand(grant: Any, demands: bool) -> None:
    """With OR each choice must be a second factor, with AND one is enough."""
    assert access.demands_mfa(policy(grant=grant)) is demands


def test_a_block_lets_nobody_in() -> None:
    """It is told apart from a demand."""
    assert access.blocks(policy(grant={"builtInControls": ["block"]})) is True
    assert access.blocks(policy(grant=None)) is False


def test_two_choices_need_to_know_how_they_are_joined() -> None:
    """Without AND or OR nobody can tell."""
    with pytest.raises(KeyError):
        access.demands_mfa(policy(grant={"builtInControls": ["mfa", "compliantDevice"], "operator": None}))


def test_a_strength_must_say_what_it_satisfies() -> None:
    """A missing word is no weak strength, and no strong one."""
    with pytest.raises(KeyError):
        access.demands_mfa(policy(grant={"builtInControls": [], "authenticationStrength": {"id": "s"}}))


@pytest.mark.parametrize(
    ("users", "covered"),
    [
        ({"includeUsers": ["None"], "includeRoles": ["r"]}, ("role r",)),
        ({"includeUsers": ["u"], "includeGroups": ["g"]}, ("group g", "user u")),
        ({"includeUsers": ["GuestsOrExternalUsers"]}, ("guests",)),
        ({"includeUsers": [], "includeGuestsOrExternalUsers": outsiders(*GUEST_TYPES)}, ("guests",)),
        ({"includeUsers": [], "includeGuestsOrExternalUsers": outsiders("internalGuest")}, ("guests internalGuest",)),
        ({"includeUsers": [], "includeGuestsOrExternalUsers": outsiders(*GUEST_TYPES, tenants="enumerated")}, ()),
    ],
)
def test_whom_a_policy_covers(users: dict[str, Any], covered: tuple[str, ...]) -> None:
    """Users, groups, roles and guests, written so that exceptions can name them."""
    assert access.covers(policy(users=users)) == covered


def test_a_policy_for_workloads_covers_no_people() -> None:
    """Graph leaves the users out then."""
    body = policy(clientApplications={"includeServicePrincipals": ["s"]})
    body["conditions"]["users"] = None

    assert access.covers(body) == ()
    assert access.exceptions(body) == ()


def test_whom_and_what_a_policy_leaves_out() -> None:
    """Every kind of exclusion is told."""
    body = policy(
        users={
            "excludeUsers": ["u", "None"],
            "excludeGroups": ["g"],
            "excludeRoles": ["r"],
            "excludeGuestsOrExternalUsers": outsiders("serviceProvider", tenants="enumerated"),
        },
        applications={"includeApplications": ["All"], "excludeApplications": ["a", MANAGEMENT_API]},
        locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]},
        platforms={"includePlatforms": ["all"], "excludePlatforms": ["linux"]},
    )

    assert access.exceptions(body) == (
        "application a",
        "application management",
        "group g",
        "guests serviceProvider",
        "location AllTrusted",
        "platform linux",
        "role r",
        "user u",
    )
    assert access.only_when(body) == ()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("signInRiskLevels", ["high"]),
        ("userRiskLevels", ["low"]),
        ("devices", {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}),
        ("locations", {"includeLocations": ["office"], "excludeLocations": []}),
        ("platforms", {"includePlatforms": ["android"], "excludePlatforms": []}),
        ("authenticationFlows", {"transferMethods": "deviceCodeFlow"}),
        ("somethingNew", "set"),
    ],
)
def test_a_condition_narrows(name: str, said: Any) -> None:
    """Any condition means that some sign-ins pass by, and one that is not known here as well."""
    assert access.only_when(policy(**{name: said})) == (name,)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("devices", {"includeDevices": [], "deviceFilter": None}),
        ("locations", {"includeLocations": [], "excludeLocations": []}),
        ("authenticationFlows", {"transferMethods": "none"}),
        ("clientApplications", {"@odata.type": "#x", "includeServicePrincipals": []}),
    ],
)
def test_an_empty_condition_narrows_nothing(name: str, said: Any) -> None:
    """Graph writes conditions that nobody set in several ways."""
    assert access.only_when(policy(**{name: said})) == ()


@pytest.mark.parametrize(
    ("said", "guarded"),
    [
        ({"includeApplications": [MANAGEMENT_API]}, ("management",)),
        ({"includeApplications": ["Office365", "a"]}, ("Office365", "a")),
        ({"includeApplications": ["None"]}, ()),
        ({"includeApplications": [], "includeUserActions": ["urn:user:registersecurityinfo"]}, ()),
        ({"includeApplications": ["All"], "applicationFilter": {"mode": "exclude", "rule": "r"}}, ()),
    ],
)
def test_the_applications_that_a_policy_guards(said: dict[str, Any], guarded: tuple[str, ...]) -> None:
    """The management interface has a name of its own; what a filter picks cannot be told."""
    assert access.applications(policy(applications={"excludeApplications": [], **said})) == guarded


@pytest.mark.parametrize(
    ("types", "covered"),
    [
        (["browser"], ()),
        (["browser", "mobileAppsAndDesktopClients"], (Clients.MODERN,)),
        (["exchangeActiveSync", "other"], (Clients.LEGACY,)),
        (["exchangeActiveSync"], ()),
    ],
)
def test_kinds_of_programs_count_only_whole(types: list[str], covered: tuple[Clients, ...]) -> None:
    """A browser alone leaves every other program free."""
    assert access.clients(policy(clientAppTypes=types)) == covered
