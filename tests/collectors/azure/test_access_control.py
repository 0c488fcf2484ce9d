"""azure.access_control"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import SUBSCRIPTION, AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.access_control import COLLECTOR, covers
from collectors.facts.core import Reason, Unread
from collectors.facts.identity import AccessPolicy, PolicyOrigin, WatchedRight
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
ROLES = f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions"
OWN_ROLES = f"{ROLES}".lower()


def role(
    estate: AzureEstate, guid: str, name: str, *blocks: dict[str, Any], kind: str = "BuiltInRole", listed: bool = False
) -> str:
    """A role; those of the company are in the listing, which Azure filters."""
    said = {"roleName": name, "type": kind, "permissions": list(blocks), "assignableScopes": [SCOPE]}
    id_ = estate.put(f"{ROLES}/{guid}", properties=said)
    listing = estate.answers.setdefault(OWN_ROLES, [])
    if listed:
        listing.append(estate.things[id_.lower()])
    return id_


def own(estate: AzureEstate, guid: str, name: str, *blocks: dict[str, Any]) -> str:
    """A role that the company wrote."""
    return role(estate, guid, name, *blocks, kind="CustomRole", listed=True)


def assign(estate: AzureEstate, name: str, role_id: str, holder: str, scope: str = SCOPE) -> None:
    """Somebody holds a role at a scope."""
    said = {"roleDefinitionId": role_id, "principalId": holder, "principalType": "User", "scope": scope}
    estate.put(f"{SCOPE}/providers/Microsoft.Authorization/roleAssignments/{name}", properties=said)


ALL: dict[str, Any] = {"actions": ["*"], "notActions": []}
CONTRIBUTOR: dict[str, Any] = {"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}
READER: dict[str, Any] = {"actions": ["*/read"]}


def test_a_subscription_without_roles_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(AccessPolicy) == []
    assert {listing.kind: listing.items for listing in reading.page.listings} == {
        "azure.authorization.custom_role": 0,
        "azure.authorization.role_assignment": 0,
    }


def test_roles_become_policies_with_their_holders(read: Read, estate: AzureEstate) -> None:
    """Azure's own are read one by one, the company's come with the listing; the scope of a holder is told."""
    owner = role(estate, "0000", "Owner", ALL)
    assign(estate, "a", owner, "ANN")
    assign(estate, "b", owner, "bob", f"{SCOPE}/resourceGroups/web")
    assign(estate, "c", owner.replace(SCOPE, ""), "ann", "/providers/Microsoft.Management/managementGroups/root")
    assign(estate, "d", role(estate, "1111", "Reader", READER), "cy", "/")
    own(estate, "2222", "Deployer", {"actions": ["Microsoft.Web/*"], "notActions": []})

    reading = read(COLLECTOR)

    held = reading.fact(AccessPolicy, "Owner")
    assert held.resource.uid == "/providers/microsoft.authorization/roledefinitions/0000"
    assert held.origin is PolicyOrigin.PROVIDER
    assert held.attached_to == ("ann", "bob")
    assert held.account_wide == ("ann",)
    assert held.allows_everything is True
    assert held.controls_audit_trail is True
    reader = reading.fact(AccessPolicy, "Reader")
    assert (reader.account_wide, reader.allows_everything, reader.controls_audit_trail) == (("cy",), False, False)
    deployer = reading.fact(AccessPolicy, "Deployer")
    assert (deployer.origin, deployer.attached_to) == (PolicyOrigin.CUSTOMER, ())
    asked = [path for path in estate.calls if "/roledefinitions/" in path]
    assert len(asked) == 2, "each of Azure's roles once, and none of the company's"


@pytest.mark.parametrize(
    ("block", "everything", "trail"),
    [
        (ALL, True, True),
        (CONTRIBUTOR, False, True),
        ({"actions": ["*"], "notActions": ["Microsoft.Billing/*"]}, True, True),
        ({"actions": ["*/write"], "notActions": []}, False, False),
        ({"actions": ["microsoft.insights/*"], "notActions": []}, False, True),
        ({"actions": ["*"], "notActions": ["Microsoft.Insights/DiagnosticSettings/Delete"]}, True, False),
        ({"actions": [], "dataActions": ["*"]}, False, False),
    ],
)
def test_a_role_amounts_to_what_it_can_take(
    read: Read, estate: AzureEstate, block: dict[str, Any], everything: bool, trail: bool
) -> None:
    """What a role leaves out counts only where its holder could not give it to himself."""
    assign(estate, "a", own(estate, "2222", "Ours", block), "ann")

    policy = read(COLLECTOR).fact(AccessPolicy, "Ours")

    assert policy.origin is PolicyOrigin.CUSTOMER
    assert (policy.allows_everything, policy.controls_audit_trail) == (everything, trail)


@pytest.mark.parametrize(
    ("block", "watched"),
    [
        (ALL, tuple(WatchedRight)),
        ({"actions": ["Microsoft.CognitiveServices/*"], "notActions": []}, (WatchedRight.MODELS,)),
        ({"actions": ["Microsoft.MarketplaceOrdering/*"], "notActions": []}, (WatchedRight.MARKETPLACE,)),
        ({"actions": ["Microsoft.CognitiveServices/*/read"], "notActions": []}, ()),
    ],
)
def test_watched_rights_of_a_role(
    read: Read, estate: AzureEstate, block: dict[str, Any], watched: tuple[WatchedRight, ...]
) -> None:
    """All operations that make one up have to be allowed, and for the whole subscription."""
    assign(estate, "a", own(estate, "2222", "Ours", block), "ann")
    assign(estate, "b", own(estate, "3333", "Part", block), "ann", f"{SCOPE}/resourceGroups/web")

    reading = read(COLLECTOR)

    assert reading.fact(AccessPolicy, "Part").watched == ()
    assert reading.fact(AccessPolicy, "Ours").watched == watched


def test_a_role_that_is_held_for_a_part_only_allows_nothing_on_every_resource(read: Read, estate: AzureEstate) -> None:
    """Its holders are told all the same."""
    assign(estate, "a", own(estate, "2222", "Ours", ALL), "ann", f"{SCOPE}/resourceGroups/web")

    policy = read(COLLECTOR).fact(AccessPolicy, "Ours")

    assert (policy.attached_to, policy.account_wide) == (("ann",), ())
    assert (policy.allows_everything, policy.controls_audit_trail) == (False, False)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_role_that_cannot_be_read_is_unread_and_the_others_are_known(
    read: Read, estate: AzureEstate, kind: str
) -> None:
    """Its holders are known from the assignments."""
    assign(estate, "a", role(estate, "0000", "Owner", ALL), "ann")
    assign(estate, "b", role(estate, "1111", "Reader", READER), "bob")
    estate.faults.append(Fault(r"GET /.*/roleDefinitions/0000\?", kind=kind))

    reading = read(COLLECTOR)

    policy = reading.fact(AccessPolicy, "0000")
    assert isinstance(policy.allows_everything, Unread)
    assert policy.allows_everything.operation == "Microsoft.Authorization:roleDefinitions"
    assert policy.allows_everything.permission == "Microsoft.Authorization/roleDefinitions/read"
    assert isinstance(policy.controls_audit_trail, Unread)
    assert isinstance(policy.watched, Unread)
    assert policy.account_wide == ("ann",)
    assert reading.fact(AccessPolicy, "Reader").allows_everything is False


def test_a_role_without_its_type_is_unread(read: Read, estate: AzureEstate) -> None:
    """Nobody can tell who wrote it, so nothing is said of its rights."""
    id_ = own(estate, "2222", "Ours", ALL)
    del estate.things[id_.lower()]["properties"]["type"]
    assign(estate, "a", id_, "ann")

    assert isinstance(read(COLLECTOR).fact(AccessPolicy, "Ours").allows_everything, Unread)


def test_a_listing_of_assignments_that_breaks_off_leaves_all_holders_unread(read: Read, estate: AzureEstate) -> None:
    """What the second page holds may be a holder of any role."""
    for name in ("a", "b", "c"):
        assign(estate, name, role(estate, "0000", "Owner", ALL), name)
    estate.faults.append(Fault(r"GET /.*/roleAssignments\?", after=1))

    reading = read(COLLECTOR)

    policy = reading.fact(AccessPolicy, "Owner")
    assert isinstance(policy.attached_to, Unread)
    assert isinstance(policy.account_wide, Unread)
    assert isinstance(policy.allows_everything, Unread)
    (gap,) = [gap for gap in reading.page.gaps if gap.listing]
    assert (gap.reason, gap.permission) == (
        Reason.PARTIAL_LISTING,
        "Microsoft.Authorization/roleAssignments/read",
    )
    assert estate.writes == []


def test_a_garbled_assignment_leaves_all_holders_unread(read: Read, estate: AzureEstate) -> None:
    """It may be one of any role."""
    assign(estate, "a", role(estate, "0000", "Owner", ALL), "ann")
    estate.put(f"{SCOPE}/providers/Microsoft.Authorization/roleAssignments/b", properties={"scope": SCOPE})

    assert isinstance(read(COLLECTOR).fact(AccessPolicy, "Owner").attached_to, Unread)


def test_a_refused_listing_of_own_roles_does_not_hide_those_that_are_held(read: Read, estate: AzureEstate) -> None:
    """An assigned role is then read by itself."""
    assign(estate, "a", own(estate, "2222", "Ours", ALL), "ann")
    estate.faults.append(Fault(r"GET /.*/roleDefinitions\?"))

    policy = read(COLLECTOR).fact(AccessPolicy, "Ours")

    assert (policy.origin, policy.allows_everything) == (PolicyOrigin.CUSTOMER, True)


def test_only_a_star_is_a_wildcard() -> None:
    """Brackets and question marks mean themselves."""
    assert covers(["Microsoft.Web/*"], "microsoft.web/sites/write")
    assert not covers(["microsoft.we[b]/*"], "microsoft.web/sites/write")
    assert not covers([], "microsoft.web/sites/write")
