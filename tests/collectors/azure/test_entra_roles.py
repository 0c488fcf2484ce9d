"""azure.entra_roles"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import TENANT, AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.entra_roles import ASSIGNMENT, COLLECTOR, GLOBAL_ADMINISTRATOR, ON_REQUEST
from collectors.facts.core import Reason, Unread
from collectors.facts.directory import AdminRole
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
ROLES = "/v1.0/rolemanagement/directory"
HELPDESK = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
NAMES = {GLOBAL_ADMINISTRATOR: "Global Administrator", HELPDESK: "Helpdesk Administrator"}


def held(role: str, who: str, kind: str = "user", id_: str = "") -> dict[str, Any]:
    """An assignment, with all that Graph tells of its holder."""
    principal = {"@odata.type": f"#microsoft.graph.{kind}", "id": who, "displayName": who, "mobilePhone": "+1 555 0100"}
    return {
        "id": id_ or f"{role}/{who}",
        "roleDefinitionId": role,
        "principalId": who,
        "directoryScopeId": "/",
        "principal": principal,
    }


@pytest.fixture(autouse=True)
def directory(estate: AzureEstate) -> AzureEstate:
    """A directory that answers, and in which nobody holds anything."""
    estate.answers[f"{ROLES}/roledefinitions"] = [{"id": id_, "displayName": name} for id_, name in NAMES.items()]
    for name in ("roleassignments", "roleeligibilityscheduleinstances", "roleassignmentscheduleinstances"):
        estate.answers[f"{ROLES}/{name}"] = []
    return estate


def test_without_assignments_the_highest_role_has_no_holder(read: Read) -> None:
    """Empty is proven, and the role that must have holders is told of all the same."""
    reading = read(COLLECTOR)

    (role,) = reading.facts(AdminRole)
    assert (role.resource.name, role.resource.uid) == ("Global Administrator", GLOBAL_ADMINISTRATOR)
    assert (role.highest, role.standing, role.eligible) == (True, (), ())
    assert (ASSIGNMENT.name, 0) in [(listing.kind, listing.items) for listing in reading.page.listings]


def test_holders_become_people(read: Read, directory: AzureEstate) -> None:
    """Users count, members of groups count, applications are no people, and who may ask stands apart."""
    directory.answers[f"{ROLES}/roleassignments"] = [
        held(GLOBAL_ADMINISTRATOR, "ann"),
        held(GLOBAL_ADMINISTRATOR, "robot", "servicePrincipal"),
        held(GLOBAL_ADMINISTRATOR, "team", "group"),
    ]
    directory.answers[f"{ROLES}/roleeligibilityscheduleinstances"] = [
        held(HELPDESK, "bob"),
        held(HELPDESK, "team", "group"),
    ]
    directory.answers["/v1.0/groups/team/members"] = [
        {"@odata.type": "#microsoft.graph.user", "id": "cat"},
        {"@odata.type": "#microsoft.graph.servicePrincipal", "id": "robot"},
        {"@odata.type": "#microsoft.graph.user", "id": "ann"},
    ]

    reading = read(COLLECTOR)

    top = reading.fact(AdminRole, "Global Administrator")
    assert (top.standing, top.eligible) == (("ann", "cat"), ())
    helpdesk = reading.fact(AdminRole, "Helpdesk Administrator")
    assert (helpdesk.highest, helpdesk.standing, helpdesk.eligible) == (False, (), ("ann", "bob", "cat"))
    assert directory.calls["GET /v1.0/groups/team/members"] == 2  # two pages of one reading
    assert "555 0100" not in repr(reading.page)


def test_a_role_taken_for_a_while_is_not_held_all_the_time(read: Read, directory: AzureEstate) -> None:
    """An activation stands among the assignments as long as it lasts."""
    directory.answers[f"{ROLES}/roleassignments"] = [
        held(GLOBAL_ADMINISTRATOR, "ann", id_="one"),
        held(GLOBAL_ADMINISTRATOR, "bob", id_="two"),
    ]
    directory.answers[f"{ROLES}/roleassignmentscheduleinstances"] = [
        {"id": "s1", "assignmentType": "Assigned", "roleAssignmentOriginId": "one"},
        {"id": "s2", "assignmentType": "Activated", "roleAssignmentOriginId": "two"},
    ]

    assert read(COLLECTOR).fact(AdminRole, "Global Administrator").standing == ("ann",)


def test_without_the_licence_nobody_is_eligible(read: Read, directory: AzureEstate) -> None:
    """The refusal says that there is none, and is kept as an answer."""
    directory.answers[f"{ROLES}/roleassignments"] = [held(GLOBAL_ADMINISTRATOR, "ann")]
    directory.faults.append(Fault("GET /.*ScheduleInstances", status=400, code="AadPremiumLicenseRequired"))

    reading = read(COLLECTOR)

    role = reading.fact(AdminRole, "Global Administrator")
    assert (role.standing, role.eligible) == (("ann",), ())
    assert reading.page.gaps == []
    assert reading.documents.get(ON_REQUEST, TENANT).body == {"absent": "AadPremiumLicenseRequired"}  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
@pytest.mark.parametrize(
    ("path", "permission", "lost"),
    [
        ("roleEligibilityScheduleInstances", "RoleEligibilitySchedule.Read.Directory", "eligible"),
        ("roleAssignmentScheduleInstances", "RoleAssignmentSchedule.Read.Directory", "standing"),
        ("groups/team/members", "GroupMember.Read.All", "standing"),
    ],
)
def test_what_cannot_be_read_is_unread(
    read: Read, directory: AzureEstate, kind: str, path: str, permission: str, lost: str
) -> None:
    """One reading fails: the field that rests on it is unread, the other one stays."""
    directory.answers[f"{ROLES}/roleassignments"] = [held(HELPDESK, "team", "group")]
    directory.answers["/v1.0/groups/team/members"] = [{"@odata.type": "#microsoft.graph.user", "id": "cat"}]
    directory.faults.append(Fault(f"GET /.*{path}", kind=kind))

    role = read(COLLECTOR).fact(AdminRole, "Helpdesk Administrator")

    values = {"standing": role.standing, "eligible": role.eligible}
    unread = values.pop(lost)
    assert isinstance(unread, Unread)
    assert unread.permission == permission
    assert not any(isinstance(value, Unread) for value in values.values())


def test_names_that_cannot_be_read_cost_nothing_but_names(read: Read, directory: AzureEstate) -> None:
    """The id stands in for the name, but for the one name that everybody knows."""
    directory.answers[f"{ROLES}/roleassignments"] = [held(HELPDESK, "ann")]
    directory.faults.append(Fault("GET /.*roleDefinitions"))

    reading = read(COLLECTOR)

    assert reading.fact(AdminRole, HELPDESK).standing == ("ann",)
    assert reading.fact(AdminRole, "Global Administrator").standing == ()


@pytest.mark.parametrize("principal", [None, {}, {"@odata.type": "#microsoft.graph.device", "id": "d"}])
def test_a_holder_that_is_not_told_is_unread(
    read: Read, directory: AzureEstate, principal: dict[str, Any] | None
) -> None:
    """Who cannot be told is not nobody."""
    directory.answers[f"{ROLES}/roleassignments"] = [{**held(HELPDESK, "x"), "principal": principal}]

    assert isinstance(read(COLLECTOR).fact(AdminRole, "Helpdesk Administrator").standing, Unread)


def test_a_listing_that_breaks_off_is_not_complete(read: Read, directory: AzureEstate) -> None:
    """The second page is refused: no role's holders are all known."""
    directory.answers[f"{ROLES}/roleassignments"] = [held(GLOBAL_ADMINISTRATOR, name) for name in ("a", "b", "c")]
    directory.faults.append(Fault("GET /.*roleAssignments", after=1))

    reading = read(COLLECTOR)

    standing = reading.fact(AdminRole, "Global Administrator").standing
    assert isinstance(standing, Unread)
    assert (standing.reason, standing.permission) == (Reason.PARTIAL_LISTING, "RoleManagement.Read.Directory")
    assert reading.documents.complete(ASSIGNMENT, "directory") == standing
