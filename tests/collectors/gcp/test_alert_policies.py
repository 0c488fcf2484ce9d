"""gcp.alert_policies"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.availability import MetricAlarm
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import ChangeAlert
from collectors.gcp.alert_policies import COLLECTOR
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
ALERTS = f"monitoring/v3/projects/{PROJECT}/alertPolicies"
CHANNELS = f"monitoring/v3/projects/{PROJECT}/notificationChannels"
METRICS = f"logging/v2/projects/{PROJECT}/metrics"
ROUTES = 'resource.type="gce_route" AND protoPayload.methodName:"compute.routes."'
BOTH = ("compute.routes.delete", "compute.routes.insert")
CPU = 'metric.type="compute.googleapis.com/instance/cpu/utilization" AND resource.type="gce_instance"'


@pytest.fixture(autouse=True)
def _empty(estate: GcpEstate) -> None:
    """One channel, and nothing that uses it."""
    estate.answers[ALERTS] = Listed("alertPolicies", [])
    estate.answers[CHANNELS] = Listed("notificationChannels", [{"name": channel("mail"), "type": "email"}])
    estate.answers[METRICS] = Listed("metrics", [])


def channel(name: str) -> str:
    """The name of a channel."""
    return f"projects/{PROJECT}/notificationChannels/{name}"


def metric(estate: GcpEstate, name: str, text: str, **body: Any) -> str:
    """A log metric; what an alert on it asks for."""
    estate.answers[METRICS].items.append({"name": name, "filter": text, **body})
    return f'metric.type="logging.googleapis.com/user/{name}"'


def threshold(text: str, **body: Any) -> dict[str, Any]:
    """A condition that one entry meets."""
    return {"conditionThreshold": {"filter": text, "comparison": "COMPARISON_GT", "duration": "0s", **body}}


def alert(estate: GcpEstate, *conditions: dict[str, Any], name: str = "watch", **body: Any) -> None:
    """An alert policy that tells the one channel."""
    made = {
        "name": f"projects/{PROJECT}/alertPolicies/{name}",
        "displayName": name,
        "combiner": "OR",
        "conditions": list(conditions),
        "notificationChannels": [channel("mail")],
        **body,
    }
    estate.answers[ALERTS].items.append(made)


def test_no_alerts_are_a_complete_listing(read: Read) -> None:
    """Empty is proven."""
    reading = read(COLLECTOR)

    assert [*reading.facts(ChangeAlert), *reading.facts(MetricAlarm)] == []
    assert reading.page.gaps == []


def test_an_alert_on_a_log_metric_learns_of_what_the_metric_counts(read: Read, estate: GcpEstate) -> None:
    """The events are those that its filter takes."""
    alert(estate, threshold(metric(estate, "routes", ROUTES)))

    fact = read(COLLECTOR).fact(ChangeAlert, "watch")

    assert (fact.enabled, fact.whole_account, fact.receivers) == (True, True, 1)
    assert fact.events == BOTH


def test_an_alert_on_logs_themselves_learns_of_what_its_filter_takes(read: Read, estate: GcpEstate) -> None:
    """No metric stands between."""
    alert(estate, {"conditionMatchedLog": {"filter": 'resource.type="servicehealth.googleapis.com/Event"'}})

    assert read(COLLECTOR).fact(ChangeAlert, "watch").events == ("health:incident",)


@pytest.mark.parametrize("kind", ["gce_route", "global"])
def test_a_metric_may_be_asked_for_by_the_kind_of_resource(read: Read, estate: GcpEstate, kind: str) -> None:
    """By its own, or by the one under which Monitoring counts what it does not know."""
    alert(estate, threshold(f'{metric(estate, "routes", ROUTES)} AND resource.type="{kind}"'))

    assert read(COLLECTOR).fact(ChangeAlert, "watch").events == BOTH


@pytest.mark.parametrize(
    "changed",
    [
        {"thresholdValue": 5},
        {"duration": "300s"},
        {"comparison": "COMPARISON_LT"},
        {"trigger": {"count": 2}},
    ],
)
def test_an_alert_that_one_entry_does_not_set_off_learns_of_nothing(
    read: Read, estate: GcpEstate, changed: dict[str, Any]
) -> None:
    """A single change would stay unseen."""
    alert(estate, threshold(metric(estate, "routes", ROUTES), **changed))

    assert read(COLLECTOR).fact(ChangeAlert, "watch").events == ()


@pytest.mark.parametrize("changed", [{"disabled": True}, {"bucketName": "projects/p/locations/global/buckets/b"}])
def test_a_metric_that_does_not_count_all_entries_is_none(
    read: Read, estate: GcpEstate, changed: dict[str, Any]
) -> None:
    """Off, or for one log bucket."""
    alert(estate, threshold(metric(estate, "routes", ROUTES, **changed)))

    assert read(COLLECTOR).fact(ChangeAlert, "watch").events == ()


def test_a_narrowed_filter_learns_of_nothing_for_certain(read: Read, estate: GcpEstate) -> None:
    """It fires for one person's changes only."""
    narrow = f'{ROUTES} AND protoPayload.authenticationInfo.principalEmail="ann@example.com"'
    alert(estate, threshold(metric(estate, "routes", narrow)))

    assert read(COLLECTOR).fact(ChangeAlert, "watch").events == ()


@pytest.mark.parametrize(("combiner", "events"), [("OR", BOTH), ("AND", ()), ("AND_WITH_MATCHING_RESOURCE", ())])
def test_conditions_are_taken_together_as_the_policy_says(
    read: Read, estate: GcpEstate, combiner: str, events: tuple[str, ...]
) -> None:
    """With AND, the processor would have to be busy as well."""
    alert(estate, threshold(metric(estate, "routes", ROUTES)), threshold(CPU), combiner=combiner)

    reading = read(COLLECTOR)

    assert reading.fact(ChangeAlert, "watch").events == events
    assert reading.fact(MetricAlarm, "watch").measures == ("compute.googleapis.com/instance/cpu/utilization",)


def test_an_alert_on_measures_is_no_alert_on_changes(read: Read, estate: GcpEstate) -> None:
    """Queries count by their text."""
    alert(estate, threshold(CPU), {"conditionPrometheusQueryLanguage": {"query": "UP == 0"}}, enabled=False)

    reading = read(COLLECTOR)

    assert reading.facts(ChangeAlert) == []
    alarm = reading.fact(MetricAlarm, "watch")
    assert alarm.measures == ("compute.googleapis.com/instance/cpu/utilization", "up == 0")
    assert (alarm.enabled, alarm.receivers) == (False, 1)


def test_channels_that_are_off_unconfirmed_or_gone_tell_nobody(read: Read, estate: GcpEstate) -> None:
    """Only the one that works counts."""
    estate.answers[CHANNELS].items.extend(
        [
            {"name": channel("off"), "enabled": False},
            {"name": channel("new"), "verificationStatus": "UNVERIFIED"},
            {"name": channel("good"), "enabled": True, "verificationStatus": "VERIFIED"},
        ]
    )
    named = [channel(name) for name in ("off", "new", "gone", "good")]
    alert(estate, threshold(CPU), notificationChannels=named, name="one")
    alert(estate, threshold(CPU), notificationChannels=named[:3], name="two")

    reading = read(COLLECTOR)

    assert reading.fact(MetricAlarm, "one").receivers == 1
    assert reading.fact(MetricAlarm, "two").receivers == 0


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_channels_that_were_not_read_leave_the_receivers_unread(read: Read, estate: GcpEstate, kind: str) -> None:
    """Some channel may tell somebody."""
    alert(estate, threshold(CPU))
    estate.faults.append(Fault("notificationChannels", kind=kind))

    lost = read(COLLECTOR).fact(MetricAlarm, "watch").receivers

    assert isinstance(lost, Unread)
    assert lost.permission == "monitoring.notificationChannels.list"


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_metrics_that_were_not_read_leave_the_events_unread(read: Read, estate: GcpEstate, kind: str) -> None:
    """An alert on logs themselves needs none."""
    alert(estate, threshold(metric(estate, "routes", ROUTES)), name="one")
    alert(estate, {"conditionMatchedLog": {"filter": ROUTES}}, name="two")
    estate.faults.append(Fault("/metrics", kind=kind))

    reading = read(COLLECTOR)

    lost = reading.fact(ChangeAlert, "one").events
    assert isinstance(lost, Unread)
    assert lost.permission == "logging.logMetrics.list"
    assert reading.fact(ChangeAlert, "two").events == BOTH


def test_a_filter_that_nobody_understands_is_unread(read: Read, estate: GcpEstate) -> None:
    """It may take the event or not."""
    alert(estate, {"conditionMatchedLog": {"filter": "sample(insertId, 0.1)"}})

    assert isinstance(read(COLLECTOR).fact(ChangeAlert, "watch").events, Unread)


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: GcpEstate) -> None:
    """The alerts of the first page are known."""
    for name in ("a", "b", "c"):
        alert(estate, threshold(CPU), name=name)
    estate.faults.append(Fault("alertPolicies.*pageToken"))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(MetricAlarm)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "gcp.monitoring.alert_policy")
    assert estate.writes == []
