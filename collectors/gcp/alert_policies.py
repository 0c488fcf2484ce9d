"""Alert policies, the log metrics that they watch, and the channels that they tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.availability import MetricAlarm
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.detection import ChangeAlert
from collectors.gcp.kinds import rest
from collectors.gcp.log_entries import CHANGES, INCIDENT
from collectors.gcp.log_filters import Entry, parse
from collectors.gcp.names import full_name, seconds
from collectors.gcp.session import Reader

_MUTATIONS = ("mutationRecord", "mutationRecords", "creationRecord")
ALERT = rest(
    "gcp.monitoring.alert_policy",
    "monitoring",
    "projects.alertPolicies.list",
    "/v3/projects/{project}/alertPolicies?pageSize=1000",
    permission="monitoring.alertPolicies.list",
    items="alertPolicies",
    omits_empty=True,
    volatile=_MUTATIONS,
)
CHANNEL = rest(
    "gcp.monitoring.channel",
    "monitoring",
    "projects.notificationChannels.list",
    "/v3/projects/{project}/notificationChannels?pageSize=1000",
    permission="monitoring.notificationChannels.list",
    items="notificationChannels",
    omits_empty=True,
    volatile=_MUTATIONS,
)
METRIC = rest(
    "gcp.logging.metric",
    "logging",
    "projects.metrics.list",
    "/v2/projects/{project}/metrics?pageSize=1000",
    permission="logging.logMetrics.list",
    items="metrics",
    omits_empty=True,
    volatile=("updateTime",),
)
OF_LOGS = "logging.googleapis.com/user/"
"""Begins the names of metrics that the company counts log entries with."""
EVENTS: Mapping[str, Entry] = {**CHANGES, "health:incident": INCIDENT}
_TYPE = re.compile(r"metric\.type\s*=\s*[\"']?([A-Za-z0-9_./-]+)")
_QUERIES = ("conditionMonitoringQueryLanguage", "conditionPrometheusQueryLanguage", "conditionSql")
"""Conditions that are a text in a language of their own, `query`."""


def fetch(gcp: Reader) -> Iterator[Document]:
    """All three, each listed as a whole."""
    for kind, service in ((ALERT, "monitoring"), (CHANNEL, "monitoring")):
        for item in gcp.listing(kind):
            yield gcp.document(kind, full_name(service, item["name"]), item)
    for metric in gcp.listing(METRIC):
        yield gcp.document(
            METRIC, full_name("logging", f"projects/{gcp.known['project']}/metrics/{metric['name']}"), metric
        )


def shape(docs: Documents) -> Iterator[Fact]:
    """One alert on events per policy that looks at logs, one on measures per policy that looks at anything else."""
    for alert in docs.of(ALERT):
        name = str(alert.body.get("displayName") or alert.body["name"])
        channels = docs.field(ALERT, alert, lambda body: tuple(body.get("notificationChannels", ())))
        told = channels if isinstance(channels, Unread) else _receivers(docs, channels)
        about = docs.about(alert.uid, *_channels(docs, channels), *docs.of(METRIC))
        enabled = docs.field(ALERT, alert, lambda body: bool(body.get("enabled", True)))
        measured = docs.field(ALERT, alert, measures)
        logs = docs.field(ALERT, alert, looks_at_logs)
        if logs is not False:
            yield ChangeAlert(
                resource=docs.resource("alert", alert.uid, name, "global"),
                documents=about,
                enabled=enabled,
                events=_events(docs, alert),
                whole_account=True,  # the logs of a project are those of all that is in it
                receivers=told,
            )
        if isinstance(measured, Unread) or measured:
            yield MetricAlarm(
                resource=docs.resource("metric_alarm", alert.uid, name, "global"),
                documents=about,
                enabled=enabled,
                measures=measured,
                receivers=told,
            )


def looks_at_logs(alert: Body) -> bool:
    """Some condition is about log entries, or about a metric that counts them."""
    return any(
        "conditionMatchedLog" in each or any(OF_LOGS in str(part.get("filter", "")) for part in _parts(each))
        for each in alert["conditions"]
    )


def measures(alert: Body) -> tuple[str, ...]:
    """What else it watches: metrics by their names, and queries as they are written."""
    found: set[str] = set()
    for condition in alert["conditions"]:
        for part in _parts(condition):
            found |= {
                name.lower() for name in _TYPE.findall(str(part.get("filter", ""))) if not name.startswith(OF_LOGS)
            }
        found |= {str(condition[query]["query"]).lower() for query in _QUERIES if query in condition}
    return tuple(sorted(found))


def _parts(condition: Body) -> Iterable[Body]:
    return [value for name, value in condition.items() if name.startswith("condition") and isinstance(value, dict)]


def _events(docs: Documents, alert: Document) -> tuple[str, ...] | Unread:
    """Names of the events that set it off by themselves."""
    unlisted = docs.complete(METRIC, "global")
    if unlisted is not None and any(OF_LOGS in str(part) for part in alert.body.get("conditions", ())):
        return unlisted
    filters: dict[str, str] = {}
    for metric in docs.of(METRIC):
        if metric.body.get("disabled", False) or metric.body.get("bucketName"):
            continue  # it counts nothing, or only what comes into one log bucket
        filters[OF_LOGS + str(metric.body["name"])] = str(metric.body.get("filter", ""))
    found = docs.field(ALERT, alert, lambda body: events(body, filters))
    if isinstance(found, Unread):
        return Unread(Reason.PARTIAL_LISTING, ALERT.call, ALERT.needs, found.error)
    return found


def events(alert: Body, metrics: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the events of which any one sets an alert off, whatever else there is.

    `metrics` are the filters of log metrics by name.  Raises NotUnderstood for a filter that cannot be read.
    """
    conditions = [_of_condition(each, metrics) for each in alert["conditions"]]
    if not conditions:
        return ()
    both = str(alert.get("combiner", "OR")).startswith("AND")
    joined = frozenset.intersection(*conditions) if both else frozenset.union(*conditions)
    return tuple(sorted(name.lower() for name in joined))


def _of_condition(condition: Body, metrics: Mapping[str, str]) -> frozenset[str]:
    if "conditionMatchedLog" in condition:
        takes = parse(str(condition["conditionMatchedLog"]["filter"]))
        return frozenset(name for name, entry in EVENTS.items() if takes(entry) is True)
    threshold = condition.get("conditionThreshold")
    if threshold is None or not _at_once(threshold) or OF_LOGS not in str(threshold.get("filter", "")):
        return frozenset()
    watches = parse(str(threshold["filter"]))
    found: set[str] = set()
    for metric, text in metrics.items():
        if metric not in str(threshold["filter"]):
            continue
        counts = parse(text)
        for name, entry in EVENTS.items():
            # entries whose type Monitoring does not know are counted under `global`
            point: Entry = {"metric.type": (metric,), "resource.type": (*entry["resource.type"], "global")}
            if watches(point) is True and counts(entry) is True:
                found.add(name)
    return frozenset(found)


def _at_once(threshold: Body) -> bool:
    """One entry is enough.  What is left out is zero: MetricThreshold."""
    value, comparison = float(threshold.get("thresholdValue", 0)), threshold.get("comparison")
    over = (comparison == "COMPARISON_GT" and value < 1) or (comparison == "COMPARISON_GE" and 0 < value <= 1)
    lasting = seconds(str(threshold.get("duration", "0s"))) > 0
    return over and not lasting and int(threshold.get("trigger", {}).get("count", 1)) <= 1


def _channels(docs: Documents, named: tuple[str, ...] | Unread) -> list[Document]:
    uids = set() if isinstance(named, Unread) else {full_name("monitoring", each) for each in named}
    return [channel for channel in docs.of(CHANNEL) if channel.uid in uids]


def _receivers(docs: Documents, named: tuple[str, ...]) -> int | Unread:
    """How many are told for certain; only when that is nobody, does it matter what could not be read."""
    found = _channels(docs, named)
    known = sum(tells(channel.body) for channel in found)
    if known or len(found) == len(set(named)):
        return known
    # Google keeps the names of channels that were deleted, and one of another project is not listed here.
    return docs.complete(CHANNEL, "global") or 0


def tells(channel: Body) -> bool:
    """A channel is on unless it says otherwise, and is of no use while its owner has not confirmed it."""
    return bool(channel.get("enabled", True)) and channel.get("verificationStatus") != "UNVERIFIED"


COLLECTOR = Collector(
    id="gcp.alert_policies",
    title="Alert policies, log metrics and notification channels",
    scope="global",
    kinds=(ALERT, CHANNEL, METRIC),
    emits={ChangeAlert: ALERT, MetricAlarm: ALERT},
    source="Cloud Monitoring API v3, Cloud Logging API v2",
    fetch=fetch,
    shape=shape,
)
