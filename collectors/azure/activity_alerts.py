"""Alerts on the activity log and on measures, and the action groups that they tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collectors.api import Body, Collector, Document
from collectors.azure import metric_alerts
from collectors.azure.action_groups import GROUP, GROUPS_VERSION, receivers_of
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.availability import MetricAlarm
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import ChangeAlert

ALERTS_VERSION = "2020-10-01"

ALERT = of_subscription("azure.insights.activity_log_alert", "Microsoft.Insights/activityLogAlerts", ALERTS_VERSION)

GOOD_STATES = {"started", "accepted", "succeeded", "success"}
"""States that the events of a change that works go through."""
GOOD_LEVELS = {"informational", "information"}
"""The level of the events of a change that works."""
ADMINISTRATIVE = "administrative"
OF_A_TYPE = ("write", "delete", "action")
"""Last words of the operations on a type of resource."""
IMPACTED = "properties.impactedservices"
"""Begins the fields that choose among Azure's services and regions: which ones the company uses is its own choice."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every alert of both kinds, then every action group."""
    for kind in (ALERT, metric_alerts.ALERT, GROUP):
        for item in azure.listing(kind):
            yield azure.document(kind, uid_of(item), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per alert, with the receivers of all groups that it names."""
    for alert in docs.of(ALERT):
        groups = docs.field(ALERT, alert, groups_of)
        named = () if isinstance(groups, Unread) else groups
        yield ChangeAlert(
            resource=docs.resource("alert", alert.uid, name_of(alert.body), "global"),
            documents=docs.about(alert.uid, *(each for each in docs.of(GROUP) if each.uid in named)),
            # A rule is on unless it says otherwise: Azure's default.
            enabled=docs.field(ALERT, alert, lambda body: bool(properties(body).get("enabled", True))),
            events=docs.field(ALERT, alert, events),
            whole_account=docs.field(ALERT, alert, lambda body: f"subscriptions/{docs.account}" in scopes(body)),
            receivers=groups if isinstance(groups, Unread) else receivers_of(docs, groups),
        )
    yield from metric_alerts.alarms(docs)


def groups_of(alert: Body) -> tuple[str, ...]:
    """Uids of the action groups of an alert, each once."""
    actions = properties(alert)["actions"]
    # A rule that tells nobody has no list of groups.
    return tuple(sorted({str(each["actionGroupId"]).lower() for each in actions.get("actionGroups") or ()}))


def scopes(alert: Body) -> set[str]:
    """What an alert watches, in lower case and without slashes at the ends, which come and go."""
    return {str(scope).lower().strip("/") for scope in properties(alert)["scopes"]}


def events(alert: Body) -> tuple[str, ...]:
    """What sets an alert off, as `ChangeAlert.events` has it; nothing, where a further condition narrows it."""
    conditions: dict[str, set[str]] = {}
    for leaf in properties(alert)["condition"]["allOf"]:
        field, values = choice(leaf)
        conditions[field] = conditions[field] & values if field in conditions else values
    categories = conditions.pop("category", {ADMINISTRATIVE})
    if categories == {"servicehealth"}:
        return _health(conditions)
    if not categories & {ADMINISTRATIVE, "security"} or _narrowed(conditions):
        return ()
    found = set(_operations(conditions))
    if ADMINISTRATIVE not in categories:
        # What Resource Manager does is never in this category, but for the security service's own operations.
        found = {each for each in found if each.startswith("microsoft.security/")}
    return tuple(sorted(found))


def choice(leaf: Body) -> tuple[str, set[str]]:
    """A field and the values of which it has to have one, in lower case.

    Alternatives over several fields come back under a name that no field has, so that they narrow.
    """
    if leaf.get("anyOf"):
        inner = [choice(each) for each in leaf["anyOf"]]
        fields = {field for field, _ in inner}
        return fields.pop() if len(fields) == 1 else "several", {value for _, values in inner for value in values}
    values = leaf["containsAny"] if leaf.get("containsAny") else [leaf["equals"]]
    return str(leaf["field"]).lower(), {str(value).lower() for value in values}


def _narrowed(conditions: Mapping[str, set[str]]) -> bool:
    """Some condition keeps events of a change that works from setting the alert off."""
    passed: dict[str, set[str]] = {"status": GOOD_STATES, "level": GOOD_LEVELS}
    chosen = {"operationname", "resourcetype", "resourceprovider"}
    return any(
        not values & passed[field] if field in passed else field not in chosen for field, values in conditions.items()
    )


def _operations(conditions: Mapping[str, set[str]]) -> Iterator[str]:
    """The operations that meet what is asked of name, type and provider."""
    types, providers = conditions.get("resourcetype"), conditions.get("resourceprovider")
    if "operationname" in conditions:
        for operation in conditions["operationname"]:
            type_ = operation.rpartition("/")[0]
            if (types is None or type_ in types) and (providers is None or type_.partition("/")[0] in providers):
                yield operation
    elif types is not None:
        yield from (f"{type_}/{word}" for type_ in types for word in OF_A_TYPE)
    elif providers is not None:
        yield from (f"{provider}/*" for provider in providers)
    else:
        yield "*"


def _health(conditions: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The kinds of events in Azure's own services."""
    rest = [field for field in conditions if field != "properties.incidenttype" and not field.startswith(IMPACTED)]
    if rest:
        return ()
    return tuple(sorted(f"health:{kind}" for kind in conditions.get("properties.incidenttype", {"*"})))


COLLECTOR = Collector(
    id="azure.activity_alerts",
    title="Activity log alerts, metric alerts and action groups",
    scope="global",
    kinds=(ALERT, metric_alerts.ALERT, GROUP),
    emits={ChangeAlert: ALERT, MetricAlarm: metric_alerts.ALERT},
    source=f"Azure Monitor activity log alerts {ALERTS_VERSION}, metric alerts {metric_alerts.VERSION} and "
    f"action groups {GROUPS_VERSION}",
    fetch=fetch,
    shape=shape,
)
