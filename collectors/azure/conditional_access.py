"""What a conditional access policy amounts to: whom it covers, whom it leaves out, and what it demands.

Conditions are joined by AND, so that each of them can only make a policy apply to less; a condition that is not known
here therefore narrows it.  Shapes: Microsoft Graph v1.0, conditionalAccessPolicy and conditionalAccessConditionSet.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body
from collectors.facts.directory import EVERYONE, EVERYTHING, GUESTS, MANAGEMENT, Clients

MANAGEMENT_API = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
"""The application id of the Windows Azure Service Management API, behind portal, command line and Resource Manager."""
GUEST_TYPES = (
    "internalGuest",
    "b2bCollaborationGuest",
    "b2bCollaborationMember",
    "b2bDirectConnectUser",
    "otherExternalUser",
    "serviceProvider",
)
_JUDGED = frozenset({"applications", "users", "clientAppTypes", "platforms", "locations"})
"""Conditions that are looked into; any other one that is set narrows the policy."""
_LISTS_OF_PEOPLE = ("includeUsers", "includeGroups", "includeRoles", "excludeUsers", "excludeGroups", "excludeRoles")
_MODERN, _LEGACY = {"browser", "mobileAppsAndDesktopClients"}, {"exchangeActiveSync", "other"}
_STATES = {"enabled": True, "disabled": False, "enabledForReportingButNotEnforced": False}


def enforced(policy: Body) -> bool:
    """The policy decides over sign-ins; one that only reports what it would do does not."""
    return _STATES[policy["state"]]


def covers(policy: Body) -> tuple[str, ...]:
    """Whom it covers.  A policy about workloads covers no people."""
    users = _users(policy["conditions"])
    found = {_who(id_) for id_ in users["includeUsers"]}
    found |= {f"group {id_}" for id_ in users["includeGroups"]} | {f"role {id_}" for id_ in users["includeRoles"]}
    outside = users.get("includeGuestsOrExternalUsers")
    if outside and _of_all_tenants(outside):
        found |= set(_guests(outside))
    return tuple(sorted(found - {"nobody"}))


def applications(policy: Body) -> tuple[str, ...]:
    """The applications that it guards.  A filter picks some of them, which nobody can tell from here."""
    said = policy["conditions"]["applications"]
    if said.get("applicationFilter"):
        return ()
    return tuple(sorted({_application(id_) for id_ in said["includeApplications"]} - {"none"}))


def exceptions(policy: Body) -> tuple[str, ...]:
    """Everybody and everything that it leaves out."""
    conditions = policy["conditions"]
    return tuple(sorted({*_people_left_out(_users(conditions)), *_things_left_out(conditions)}))


def only_when(policy: Body) -> tuple[str, ...]:
    """Conditions beside whom and what: without them it does not apply."""
    conditions = policy["conditions"]
    found = {name for name, said in conditions.items() if name not in _JUDGED and _is_set(said)}
    for name, including, everywhere in (
        ("platforms", "includePlatforms", "all"),
        ("locations", "includeLocations", "All"),
    ):
        said = conditions.get(name)
        if _is_set(said) and everywhere.lower() not in map(str.lower, said[including]):
            found.add(name)
    return tuple(sorted(found))


def clients(policy: Body) -> tuple[Clients, ...]:
    """The kinds of programs that it covers whole."""
    types = set(policy["conditions"]["clientAppTypes"])
    found = {Clients.MODERN: _MODERN, Clients.LEGACY: _LEGACY}
    return tuple(kind for kind, needed in found.items() if "all" in types or needed <= types)


def blocks(policy: Body) -> bool:
    """It lets nobody in."""
    grant = policy["grantControls"]
    return grant is not None and "block" in grant["builtInControls"]


def demands_mfa(policy: Body) -> bool:
    """Nobody gets in without a second factor.  With OR it must be every one of the choices."""
    grant = policy["grantControls"]
    if grant is None or blocks(policy):
        return False
    proofs = [control == "mfa" for control in grant["builtInControls"]]
    proofs += [False for _ in (*grant["customAuthenticationFactors"], *grant["termsOfUse"])]
    strength = grant.get("authenticationStrength") or {}
    if strength.get("id"):
        proofs.append(strength["requirementsSatisfied"] == "mfa")
    if len(proofs) < 2:  # noqa: PLR2004  # one choice is no choice
        return any(proofs)
    return {"AND": any, "OR": all}[grant["operator"]](proofs)


def _users(conditions: Body) -> Body:
    """The condition on people; one that names nobody for a policy that is about workloads only."""
    if conditions["users"] is None and conditions.get("clientApplications"):
        return dict.fromkeys(_LISTS_OF_PEOPLE, ())
    people: Body = conditions["users"]
    return people


def _people_left_out(users: Body) -> Iterator[str]:
    for id_ in users["excludeUsers"]:
        if id_ != "None":
            yield _who(id_)
    yield from (f"group {id_}" for id_ in users["excludeGroups"])
    yield from (f"role {id_}" for id_ in users["excludeRoles"])
    outside = users.get("excludeGuestsOrExternalUsers")
    if outside:
        yield from _guests(outside)


def _things_left_out(conditions: Body) -> Iterator[str]:
    yield from (_named(_application(id_)) for id_ in conditions["applications"]["excludeApplications"])
    yield from (f"location {id_}" for id_ in (conditions.get("locations") or {}).get("excludeLocations") or ())
    yield from (f"platform {name}" for name in (conditions.get("platforms") or {}).get("excludePlatforms") or ())


def _who(id_: str) -> str:
    return {"All": EVERYONE, "GuestsOrExternalUsers": GUESTS, "None": "nobody"}.get(id_, f"user {id_}")


def _application(id_: str) -> str:
    return {"All": EVERYTHING, "None": "none", MANAGEMENT_API: MANAGEMENT}.get(id_, id_)


def _named(application: str) -> str:
    return f"application {application}"


def _guests(said: Body) -> tuple[str, ...]:
    """`guests` for all kinds of them, otherwise each kind."""
    types = said["guestOrExternalUserTypes"].replace(" ", "").split(",")
    return (GUESTS,) if set(GUEST_TYPES) <= set(types) else tuple(f"guests {kind}" for kind in types)


def _of_all_tenants(said: Body) -> bool:
    tenants = said.get("externalTenants")
    return not tenants or tenants["membershipKind"] == "all"


def _is_set(said: object) -> bool:
    """A condition that says something: fields of nothing but nulls and empty lists do not."""
    if isinstance(said, dict):
        return any(_is_set(value) for name, value in said.items() if not name.startswith("@"))
    return bool(said) and said != "none"
