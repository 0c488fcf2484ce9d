"""azure.activity_alerts"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import SUBSCRIPTION, AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.activity_alerts import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import ChangeAlert
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
NSG = "Microsoft.Network/networkSecurityGroups"
MAIL = {"name": "team", "emailAddress": "team@example.com", "status": "Enabled"}
Leaf = dict[str, Any]


def where(field: str, value: str) -> Leaf:
    """One condition of an alert."""
    return {"field": field, "equals": value}


ADMINISTRATIVE = where("category", "Administrative")
WRITE = where("operationName", f"{NSG}/write")


def group(estate: AzureEstate, name: str, **said: Any) -> str:
    """An action group with one mailbox, but for what is said."""
    known = {"groupShortName": name, "enabled": True, "emailReceivers": [MAIL], "smsReceivers": []}
    return estate.put(f"ops/Microsoft.Insights/actionGroups/{name}", properties={**known, **said})


def alert(estate: AzureEstate, name: str, *groups: str, leaves: list[Leaf] | None = None, **said: Any) -> None:
    """An alert on writes of security groups in the whole subscription, but for what is said."""
    known: dict[str, Any] = {
        "scopes": [SCOPE],
        "condition": {"allOf": [ADMINISTRATIVE, WRITE] if leaves is None else leaves},
        "actions": {"actionGroups": [{"actionGroupId": each, "webhookProperties": {}} for each in groups]},
        "enabled": True,
    }
    estate.put(f"ops/Microsoft.Insights/activityLogAlerts/{name}", properties={**known, **said})


def test_a_subscription_without_alerts_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(ChangeAlert) == []
    assert {listing.kind for listing in reading.page.listings} == {
        "azure.insights.activity_log_alert",
        "azure.insights.metric_alert",
        "azure.insights.action_group",
    }


def test_an_alert_is_read_with_its_group(read: Read, estate: AzureEstate) -> None:
    """Ids are written in any case."""
    alert(estate, "nsg", group(estate, "team").replace("Microsoft.Insights", "microsoft.insights"))

    it = read(COLLECTOR).fact(ChangeAlert, "nsg")

    assert (it.enabled, it.whole_account, it.receivers) == (True, True, 1)
    assert it.events == (f"{NSG}/write".lower(),)
    assert len(it.documents) == 2


@pytest.mark.parametrize(
    ("leaves", "expected"),
    [
        ([WRITE], ("microsoft.network/networksecuritygroups/write",)),
        ([ADMINISTRATIVE], ("*",)),
        ([where("category", "Security"), WRITE], ()),
        (
            [where("category", "Security"), where("operationName", "Microsoft.Security/securitySolutions/write")],
            ("microsoft.security/securitysolutions/write",),
        ),
        ([where("category", "ResourceHealth")], ()),
        (
            [ADMINISTRATIVE, where("resourceType", NSG)],
            tuple(f"{NSG}/{word}".lower() for word in ("action", "delete", "write")),
        ),
        ([ADMINISTRATIVE, where("resourceProvider", "Microsoft.Network")], ("microsoft.network/*",)),
        ([WRITE, where("resourceType", NSG)], ("microsoft.network/networksecuritygroups/write",)),
        ([WRITE, where("resourceType", "Microsoft.Sql/servers")], ()),
        ([WRITE, where("resourceProvider", "Microsoft.Sql")], ()),
        ([WRITE, where("status", "Succeeded")], ("microsoft.network/networksecuritygroups/write",)),
        ([WRITE, where("status", "Failed")], ()),
        ([WRITE, where("level", "Informational")], ("microsoft.network/networksecuritygroups/write",)),
        ([WRITE, where("level", "Error")], ()),
        ([WRITE, where("caller", "ann@example.com")], ()),
        ([WRITE, where("resourceGroup", "web")], ()),
        ([{"field": "operationName", "containsAny": ["a/write", "A/delete"]}], ("a/delete", "a/write")),
        ([{"anyOf": [where("operationName", "a/write"), where("operationName", "b/write")]}], ("a/write", "b/write")),
        ([{"anyOf": [where("operationName", "a/write"), where("caller", "x")]}], ()),
        ([where("operationName", "a/write"), where("operationName", "b/write")], ()),
        ([where("category", "ServiceHealth")], ("health:*",)),
        (
            [where("category", "ServiceHealth"), where("properties.incidentType", "Incident")],
            ("health:incident",),
        ),
        (
            [
                where("category", "ServiceHealth"),
                {"field": "properties.impactedServices[*].ServiceName", "containsAny": ["Storage"]},
            ],
            ("health:*",),
        ),
        ([where("category", "ServiceHealth"), where("level", "Error")], ()),
    ],
)
def test_events_are_those_that_certainly_set_it_off(
    read: Read, estate: AzureEstate, leaves: list[Leaf], expected: tuple[str, ...]
) -> None:
    """A further condition narrows an alert, unless every event of a change that works meets it."""
    alert(estate, "it", leaves=leaves)

    assert read(COLLECTOR).fact(ChangeAlert, "it").events == expected


@pytest.mark.parametrize(
    ("scopes", "whole"),
    [
        ([SCOPE], True),
        ([f"{SCOPE.lstrip('/').upper()}/"], True),
        ([f"{SCOPE}/resourceGroups/web"], False),
        ([f"{SCOPE}/resourceGroups/web", SCOPE], True),
    ],
)
def test_an_alert_watches_its_scopes(read: Read, estate: AzureEstate, scopes: list[str], whole: bool) -> None:
    """Slashes and case come and go."""
    alert(estate, "it", scopes=scopes)

    assert read(COLLECTOR).fact(ChangeAlert, "it").whole_account is whole


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, 1),
        ({"enabled": False}, 0),
        ({"emailReceivers": []}, 0),
        ({"emailReceivers": [{**MAIL, "status": "Disabled"}]}, 0),
        ({"webhookReceivers": [{"name": "page"}], "smsReceivers": [{"name": "x", "status": "Enabled"}]}, 3),
    ],
)
def test_receivers_that_are_on_count(read: Read, estate: AzureEstate, said: dict[str, Any], expected: int) -> None:
    """A group that is off tells nobody, whatever it holds."""
    alert(estate, "it", group(estate, "team", **said))

    assert read(COLLECTOR).fact(ChangeAlert, "it").receivers == expected


def test_an_alert_that_names_nobody_or_a_deleted_group_tells_nobody(read: Read, estate: AzureEstate) -> None:
    """A complete list of groups shows that the named one is gone."""
    alert(estate, "none")
    alert(estate, "gone", f"{SCOPE}/resourceGroups/ops/providers/Microsoft.Insights/actionGroups/gone")
    alert(estate, "null", actions={"actionGroups": None})

    assert {fact.resource.name: fact.receivers for fact in read(COLLECTOR).facts(ChangeAlert)} == {
        "none": 0,
        "gone": 0,
        "null": 0,
    }


def test_a_group_of_another_subscription_is_unread(read: Read, estate: AzureEstate) -> None:
    """It may well have receivers; beside a group that certainly has one, that does not matter."""
    elsewhere = "/subscriptions/other/resourceGroups/ops/providers/Microsoft.Insights/actionGroups/x"
    alert(estate, "far", elsewhere)
    alert(estate, "both", elsewhere, group(estate, "team"))

    reading = read(COLLECTOR)

    receivers = reading.fact(ChangeAlert, "far").receivers
    assert isinstance(receivers, Unread)
    assert receivers.reason is Reason.ACCOUNT_NOT_ONBOARDED
    assert reading.fact(ChangeAlert, "both").receivers == 1


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_groups_that_cannot_be_listed_leave_receivers_unread(read: Read, estate: AzureEstate, kind: str) -> None:
    """What the alert watches is known all the same."""
    alert(estate, "it", group(estate, "team"))
    alert(estate, "mute")
    estate.faults.append(Fault(r"GET /.*/actionGroups\?", kind=kind))

    reading = read(COLLECTOR)

    it = reading.fact(ChangeAlert, "it")
    assert isinstance(it.receivers, Unread)
    assert it.receivers.operation == "Microsoft.Insights:actionGroups"
    assert it.receivers.permission == "Microsoft.Insights/actionGroups/read"
    assert it.enabled is True
    assert reading.fact(ChangeAlert, "mute").receivers == 0


def test_a_garbled_alert_is_unread_by_itself(read: Read, estate: AzureEstate) -> None:
    """Its neighbor is known."""
    estate.put("ops/Microsoft.Insights/activityLogAlerts/broken", properties={})
    alert(estate, "good")

    reading = read(COLLECTOR)

    broken = reading.fact(ChangeAlert, "broken")
    assert isinstance(broken.events, Unread)
    assert isinstance(broken.receivers, Unread)
    assert isinstance(broken.whole_account, Unread)
    assert reading.fact(ChangeAlert, "good").events != ()


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What the first page held is kept, and the population is not known."""
    for name in "abc":
        alert(estate, name)
    estate.faults.append(Fault(r"GET /.*/activityLogAlerts\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(ChangeAlert)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.insights.activity_log_alert")
    assert estate.writes == []
