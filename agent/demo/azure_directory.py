"""The demo's directory: people with and without a second factor, guests, applications, roles, rules of signing in."""

from __future__ import annotations

from typing import Any

from agent.demo.azure_company import Company, guid

GRAPH = "/v1.0"
ROLES = f"{GRAPH}/rolemanagement/directory"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
HELPDESK_ADMINISTRATOR = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
MANAGEMENT_API = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
PASSWORD_RULES = "5cf42378-d67d-4f36-ba46-e8b86229381d"  # the id of a template
RESTRICTED_GUEST = "2af84b1e-32c8-42b7-82bc-daa82404023b"


def build(company: Company) -> None:
    """Fill the directory."""
    _people(company)
    _applications(company)
    _roles(company)
    _sign_in(company)
    _settings(company)


def _people(company: Company) -> None:
    people = [
        _person(company, "alice", signed_in=1),
        _person(company, "bob", signed_in=2),
        _person(company, "carol", signed_in=1),
        _person(company, "dora", signed_in=200),
        _person(company, "erik", accountEnabled=False),
        _person(company, "frida", signed_in=3),
        _person(company, "auditor", signed_in=5, userType="Guest", externalUserState="Accepted"),
        _person(
            company,
            "vendor",
            userType="Guest",
            externalUserState="PendingAcceptance",
            externalUserStateChangeDateTime=company.day(-150),
        ),
    ]
    company.estate.answers[f"{GRAPH}/users"] = people
    company.estate.answers[f"{GRAPH}/reports/authenticationmethods/userregistrationdetails"] = [
        {
            "id": guid(name),
            "isMfaCapable": bool(methods),
            "methodsRegistered": list(methods),
            "lastUpdatedDateTime": company.day(-0.5),
        }
        for name, methods in (
            ("alice", ("microsoftAuthenticatorPush", "email")),
            ("bob", ()),
            ("carol", ("fido2SecurityKey",)),
            ("dora", ("mobilePhone",)),
            ("erik", ()),
            ("frida", ("microsoftAuthenticatorPush",)),
            ("auditor", ("microsoftAuthenticatorPush",)),
            ("vendor", ()),
        )
    ]


def _person(company: Company, name: str, *, signed_in: float | None = None, **changed: Any) -> dict[str, Any]:
    """A member, who signed in so many days ago."""
    used = {} if signed_in is None else {"signInActivity": {"lastSuccessfulSignInDateTime": company.day(-signed_in)}}
    return {
        "id": guid(name),
        "userPrincipalName": f"{name}@acme.example",
        "userType": "Member",
        "accountEnabled": True,
        "createdDateTime": company.day(-400),
        "lastPasswordChangeDateTime": company.day(-60),
        "onPremisesSyncEnabled": None,
        "externalUserState": None,
        "externalUserStateChangeDateTime": None,
        **used,
        **changed,
    }


def _applications(company: Company) -> None:
    def secret(name: str, since: float, until: float) -> dict[str, Any]:
        return {
            "keyId": guid(name),
            "displayName": name,
            "startDateTime": company.day(-since),
            "endDateTime": company.day(until),
        }

    def holder(name: str, **changed: Any) -> dict[str, Any]:
        return {
            "id": guid(name),
            "appId": guid(f"app-{name}"),
            "displayName": name,
            "passwordCredentials": [],
            "keyCredentials": [],
            **changed,
        }

    certificate = {**secret("deploy-2", 30, 300), "usage": "Verify", "type": "AsymmetricX509Cert"}
    company.estate.answers[f"{GRAPH}/applications"] = [
        holder("shop", passwordCredentials=[secret("shop-1", 355, 10), secret("shop-2", 20, 160)]),
        holder("deploy", keyCredentials=[certificate]),
        holder("wiki"),
    ]
    company.estate.answers[f"{GRAPH}/serviceprincipals"] = [
        holder("shop-here", servicePrincipalType="Application"),
        holder("partner", servicePrincipalType="Application", passwordCredentials=[secret("partner-1", 800, 1100)]),
        holder("web-identity", servicePrincipalType="ManagedIdentity", keyCredentials=[certificate]),
    ]


def _roles(company: Company) -> None:
    def held(role: str, who: str, kind: str = "user") -> dict[str, Any]:
        return {
            "id": guid(f"{role}-{who}"),
            "roleDefinitionId": role,
            "principalId": guid(who),
            "directoryScopeId": "/",
            "principal": {"@odata.type": f"#microsoft.graph.{kind}", "id": guid(who), "displayName": who},
        }

    answers = company.estate.answers
    answers[f"{ROLES}/roledefinitions"] = [
        {"id": GLOBAL_ADMINISTRATOR, "displayName": "Global Administrator", "isBuiltIn": True},
        {"id": HELPDESK_ADMINISTRATOR, "displayName": "Helpdesk Administrator", "isBuiltIn": True},
    ]
    taken = held(GLOBAL_ADMINISTRATOR, "dora")
    answers[f"{ROLES}/roleassignments"] = [
        held(GLOBAL_ADMINISTRATOR, "alice"),
        held(GLOBAL_ADMINISTRATOR, "carol"),
        taken,
        held(HELPDESK_ADMINISTRATOR, "helpdesk", "group"),
        held(HELPDESK_ADMINISTRATOR, "shop-here", "servicePrincipal"),
    ]
    answers[f"{ROLES}/roleeligibilityscheduleinstances"] = [held(GLOBAL_ADMINISTRATOR, "dora")]
    answers[f"{ROLES}/roleassignmentscheduleinstances"] = [
        {"id": guid("activation"), "roleAssignmentOriginId": taken["id"], "assignmentType": "Activated"}
    ]
    answers[f"{GRAPH}/groups/{guid('helpdesk')}/members"] = [
        {"@odata.type": "#microsoft.graph.user", "id": guid(name)} for name in ("bob", "frida")
    ]


def _sign_in(company: Company) -> None:
    def policy(name: str, controls: tuple[str, ...], *, state: str = "enabled", **conditions: Any) -> dict[str, Any]:
        people = dict.fromkeys(
            ("includeUsers", "includeGroups", "includeRoles", "excludeUsers", "excludeGroups", "excludeRoles"), ()
        )
        grant = {"operator": "OR", "builtInControls": controls, "customAuthenticationFactors": (), "termsOfUse": ()}
        return {
            "id": guid(name),
            "displayName": name,
            "state": state,
            "grantControls": grant,
            "conditions": {
                "clientAppTypes": ["all"],
                "applications": {"includeApplications": ["All"], "excludeApplications": []},
                "users": {**people, "includeUsers": ["All"]},
                "platforms": None,
                "locations": None,
                "clientApplications": None,
                **conditions,
            },
        }

    console = {"includeApplications": [MANAGEMENT_API], "excludeApplications": []}
    company.estate.answers[f"{GRAPH}/identity/conditionalaccess/policies"] = [
        policy("Second factor for everybody", ("mfa",)),
        policy("Second factor for the console", ("mfa",), applications=console),
        policy("No old protocols", ("block",), state="enabledForReportingButNotEnforced", clientAppTypes=["other"]),
    ]
    company.estate.answers[f"{GRAPH}/policies/identitysecuritydefaultsenforcementpolicy"] = {
        "id": "00000000-0000-0000-0000-000000000005",
        "isEnabled": False,
    }


def _settings(company: Company) -> None:
    company.estate.answers[f"{GRAPH}/policies/authorizationpolicy"] = {
        "id": "authorizationPolicy",
        "allowInvitesFrom": "adminsAndGuestInviters",
        "guestUserRoleId": RESTRICTED_GUEST,
        "defaultUserRolePermissions": {
            "allowedToCreateApps": False,
            "allowedToCreateSecurityGroups": True,
            "allowedToCreateTenants": False,
            "permissionGrantPoliciesAssigned": [
                "ManagePermissionGrantsForSelf.microsoft-user-default-low",
                "ManagePermissionGrantsForOwnedResource.microsoft-dynamically-managed-permissions-for-team",
            ],
        },
    }
    rules = {
        "EnableBannedPasswordCheck": "True",
        "BannedPasswordList": "acme\tanvil",
        "LockoutThreshold": "10",
        "LockoutDurationInSeconds": "60",
    }
    company.estate.answers[f"{GRAPH}/groupsettings"] = [
        {
            "id": guid("password-rules"),
            "templateId": PASSWORD_RULES,
            "values": [{"name": name, "value": value} for name, value in rules.items()],
        }
    ]
