"""azure.metric_alerts"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.activity_alerts import COLLECTOR
from collectors.facts.availability import MetricAlarm
from collectors.facts.core import Reason, Unread
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
NAMESPACE = "Microsoft.Insights"


def group(estate: AzureEstate, name: str, **said: Any) -> str:
    """A group with one receiver."""
    known = {"enabled": True, "emailReceivers": [{"name": "team", "status": "Enabled"}], **said}
    return estate.put(f"ops/{NAMESPACE}/actionGroups/{name}", location="global", properties=known)


def alert(estate: AzureEstate, name: str, *groups: str, **said: Any) -> None:
    """An alert on the load of processors that tells these groups."""
    known = {
        "enabled": True,
        "criteria": {"allOf": [{"metricName": "Percentage CPU"}]},
        "actions": [{"actionGroupId": each.upper()} for each in groups],
        **said,
    }
    estate.put(f"ops/{NAMESPACE}/metricAlerts/{name}", location="global", properties=known)


def test_alerts_with_those_that_they_tell(read: Read, estate: AzureEstate) -> None:
    """Each group once; a group that was deleted tells nobody."""
    team = group(estate, "team")
    alert(estate, "told", team, team)
    alert(estate, "mute", actions=None)
    alert(estate, "gone", f"{team}x")
    alert(estate, "off", team, enabled=False)

    reading = read(COLLECTOR)

    found = {each.resource.name: (each.enabled, each.receivers) for each in reading.facts(MetricAlarm)}
    assert found == {"told": (True, 1), "mute": (True, 0), "gone": (True, 0), "off": (False, 1)}


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"allOf": [{"metricName": "Http5xx"}, {"metricName": "CpuTime"}]}, ("cputime", "http5xx")),
        ({"webTestId": "/x", "componentId": "/y"}, ("availabilityresults/availabilitypercentage",)),
    ],
)
def test_what_an_alert_watches(
    read: Read, estate: AzureEstate, criteria: dict[str, Any], expected: tuple[str, ...]
) -> None:
    """Measures by name, or the places that a web test fails at."""
    alert(estate, "it", criteria=criteria)

    assert read(COLLECTOR).fact(MetricAlarm, "it").measures == expected


ALL = {"name": "EntityName", "operator": "Include", "values": ["*"]}
ONE = {**ALL, "values": ["orders"]}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, ("deadletteredmessages /subscriptions/x/bus",)),
        ({"dimensions": [ALL]}, ("deadletteredmessages /subscriptions/x/bus",)),
        ({"dimensions": [ONE]}, ()),
        ({"dimensions": [{**ALL, "operator": "Exclude"}]}, ()),
    ],
)
def test_of_what_an_alert_watches_a_measure(
    read: Read, estate: AzureEstate, condition: dict[str, Any], expected: tuple[str, ...]
) -> None:
    """Of each of its scopes, but where a dimension picks a part."""
    criteria = {"allOf": [{"metricName": "DeadletteredMessages", **condition}]}
    alert(estate, "it", criteria=criteria, scopes=["/subscriptions/X/bus"])

    assert read(COLLECTOR).fact(MetricAlarm, "it").watches == expected


def test_an_alert_without_scopes_is_malformed(read: Read, estate: AzureEstate) -> None:
    """Azure always tells of what an alert watches the measures."""
    alert(estate, "it")

    assert isinstance(read(COLLECTOR).fact(MetricAlarm, "it").watches, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_groups_that_cannot_be_listed_leave_receivers_unread(read: Read, estate: AzureEstate, kind: str) -> None:
    """What the alert watches is known all the same."""
    alert(estate, "it", group(estate, "team"))
    estate.faults.append(Fault(r"GET /.*/actionGroups\?", kind=kind))

    it = read(COLLECTOR).fact(MetricAlarm, "it")

    assert isinstance(it.receivers, Unread)
    assert it.receivers.operation == "Microsoft.Insights:actionGroups"
    assert it.receivers.permission == "Microsoft.Insights/actionGroups/read"
    assert it.measures == ("percentage cpu",)


def test_a_garbled_alert_is_unread_by_itself(read: Read, estate: AzureEstate) -> None:
    """Its neighbor is known."""
    estate.put(f"ops/{NAMESPACE}/metricAlerts/odd", properties={"actions": [{}]})
    alert(estate, "good")

    reading = read(COLLECTOR)

    odd = reading.fact(MetricAlarm, "odd")
    assert all(isinstance(value, Unread) for value in (odd.enabled, odd.measures, odd.receivers))
    assert reading.fact(MetricAlarm, "good").receivers == 0


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What the first page held is kept, and the population is not known."""
    for name in "abc":
        alert(estate, name)
    estate.faults.append(Fault(r"GET /.*/metricAlerts\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(MetricAlarm)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.insights.metric_alert")
