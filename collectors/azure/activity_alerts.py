"""Alerts on the activity log and the action groups that they tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.detection import ChangeAlert

ALERTS_VERSION = "2020-10-01"
GROUPS_VERSION = "2023-01-01"

ALERT = of_subscription("azure.insights.activity_log_alert", "Microsoft.Insights/activityLogAlerts", ALERTS_VERSION)
GROUP = of_subscription("azure.insights.action_group", "Microsoft.Insights/actionGroups", GROUPS_VERSION)

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
    """Every alert, then every action group."""
    for kind in (ALERT, GROUP):
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
            receivers=groups if isinstance(groups, Unread) else _receivers(docs, groups),
        )


def groups_of(alert: Body) -> tuple[str, ...]:
    """Uids of the action groups of an alert, each once."""
    actions = properties(alert)["actions"]
    # A rule that tells nobody has no list of groups.
    return tuple(sorted({str(each["actionGroupId"]).lower() for each in actions.get("actionGroups") or ()}))


def scopes(alert: Body) -> set[str]:
    """What an alert watches, in lower case and without slashes at the ends, which come and go."""
    return {str(scope).lower().strip("/") for scope in properties(alert)["scopes"]}


def _receivers(docs: Documents, groups: tuple[str, ...]) -> int | Unread:
    """How many are told for certain; only when that is nobody, does it matter what could not be read."""
    found = [_of_group(docs, uid) for uid in groups]
    known = sum(each for each in found if not isinstance(each, Unread))
    return known or next((each for each in found if isinstance(each, Unread)), 0)


def _of_group(docs: Documents, uid: str) -> int | Unread:
    if any(group.uid == uid for group in docs.of(GROUP)):
        return docs.value(GROUP, uid, receivers)
    if not uid.startswith(f"/subscriptions/{docs.account}/"):
        return Unread(Reason.ACCOUNT_NOT_ONBOARDED, GROUP.call, GROUP.needs, f"{uid} is in another subscription")
    # Azure keeps the names of groups that were deleted.
    return docs.complete(GROUP, "global") or 0


def receivers(group: Body) -> int:
    """Number of receivers of a group that are not switched off; none of a group that is.

    A group is on, and has no receivers of a kind, unless it says otherwise: Azure's defaults.
    """
    said = properties(group)
    if not said.get("enabled", True):
        return 0
    lists = [value for name, value in said.items() if name.endswith("Receivers")]
    return sum(str(each.get("status", "")).lower() != "disabled" for each in lists for each in each)


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
    title="Activity log alerts and action groups",
    scope="global",
    kinds=(ALERT, GROUP),
    emits={ChangeAlert: ALERT},
    source=f"Azure Monitor activity log alerts {ALERTS_VERSION} and action groups {GROUPS_VERSION}",
    fetch=fetch,
    shape=shape,
)
