"""Alerts on measures, whose action groups are read with those of the other alerts."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body
from collectors.azure.action_groups import GROUP, receivers_of
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, properties
from collectors.documents import Documents
from collectors.facts.availability import MetricAlarm
from collectors.facts.core import Unread

VERSION = "2018-03-01"

ALERT = of_subscription("azure.insights.metric_alert", "Microsoft.Insights/metricAlerts", VERSION)
AVAILABILITY = "availabilityresults/availabilitypercentage"
"""What an alert on the places that a web test fails at watches, in the name that Azure gives the measure."""


def alarms(docs: Documents) -> Iterator[MetricAlarm]:
    """One fact per alert."""
    for alert in docs.of(ALERT):
        groups = docs.field(ALERT, alert, groups_of)
        named = () if isinstance(groups, Unread) else groups
        yield MetricAlarm(
            resource=docs.resource("metric_alarm", alert.uid, name_of(alert.body), "global"),
            documents=docs.about(alert.uid, *(each for each in docs.of(GROUP) if each.uid in named)),
            enabled=docs.field(ALERT, alert, lambda body: bool(properties(body)["enabled"])),
            measures=docs.field(ALERT, alert, measures),
            receivers=groups if isinstance(groups, Unread) else receivers_of(docs, groups),
            watches=docs.field(ALERT, alert, watches),
        )


def groups_of(alert: Body) -> tuple[str, ...]:
    """Uids of the action groups of an alert, each once.  One that tells nobody leaves the list out."""
    return tuple(sorted({str(each["actionGroupId"]).lower() for each in properties(alert).get("actions") or ()}))


def measures(alert: Body) -> tuple[str, ...]:
    """What an alert watches."""
    criteria = properties(alert)["criteria"]
    if criteria.get("webTestId"):
        return (AVAILABILITY,)
    return tuple(sorted({str(each["metricName"]).lower() for each in criteria["allOf"]}))


def watches(alert: Body) -> tuple[str, ...]:
    """Each measure with the uid of each resource that it is measured of as a whole; a dimension makes it a part.

    One that includes `*` takes all of them.
    """
    said = properties(alert)
    if said["criteria"].get("webTestId"):
        return ()
    whole = {
        str(each["metricName"]).lower()
        for each in said["criteria"]["allOf"]
        if all(by["operator"] == "Include" and "*" in by["values"] for by in each.get("dimensions") or ())
    }
    return tuple(sorted(f"{measure} {str(scope).lower()}" for measure in whole for scope in said["scopes"]))
