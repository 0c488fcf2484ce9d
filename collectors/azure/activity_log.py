"""Exports of the subscription's activity log: what they send, and where."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from collectors.api import Body, Collector, Document
from collectors.azure.diagnostics import VERSION, destinations
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, properties
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.monitoring import AuditCoverage, AuditTrail

SETTING = of_subscription("azure.insights.activity_log_setting", "Microsoft.Insights/diagnosticSettings", VERSION)

ADMINISTRATIVE = "Administrative"
"""The category of every change that somebody makes through Resource Manager."""
OF_CHANGES = (ADMINISTRATIVE, "Security", "Policy", "Alert")
"""Categories that together hold all that is done to the subscription and what the provider noticed about it."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every diagnostic setting of the subscription itself.  Without one, the log stays in Azure for 90 days only."""
    for setting in azure.listing(SETTING):
        yield azure.document(SETTING, uid(setting), setting)


def uid(setting: Body) -> str:
    """The id of a setting, which Azure writes without its first slash here."""
    return f"/{str(setting['id']).lower().lstrip('/')}"


def shape(docs: Documents) -> Iterator[Fact]:
    """One audit trail per setting, and what they achieve together."""
    trails = [_trail(docs, setting) for setting in docs.of(SETTING)]
    yield from trails
    yield _coverage(docs, trails)


def _trail(docs: Documents, setting: Document) -> AuditTrail:
    return AuditTrail(
        resource=docs.resource("audit_trail", setting.uid, name_of(setting.body), "global"),
        documents=docs.about(setting.uid),
        # There is one activity log per subscription, and it holds the events of all regions.
        all_regions=True,
        logging=docs.field(SETTING, setting, sends_any),
        # Azure signs no exported log, keeps no key for an export, and reports nothing about deliveries.
        validated=None,
        customer_key=None,
        key_of_store=True,
        store=docs.field(SETTING, setting, partial(receiver, name="storageAccountId")),
        delivery_told=False,
        delivery_error=None,
        last_delivery=None,
        searchable_in=docs.field(SETTING, setting, partial(receiver, name="workspaceId")),
        last_search_delivery=None,
        # The activity log holds writes, deletions and actions; Azure keeps no record of reads through Resource Manager.
        management_reads=None,
        management_writes=docs.field(SETTING, setting, lambda body: all(sends(body, each) for each in OF_CHANGES)),
        # Access to blobs is logged by each storage account, whatever the activity log's settings say.
        objects_elsewhere=True,
        object_reads=False,
        object_writes=False,
    )


def receiver(setting: Body, name: str) -> str | None:
    """The id of a destination of a setting; None when it has none of that kind."""
    found = properties(setting).get(name)
    return str(found).lower() if found else None


def sends(setting: Body, category: str) -> bool:
    """A setting sends a category to something."""
    return bool(destinations({"value": [setting]}, category))


def sends_any(setting: Body) -> bool:
    """A setting sends something somewhere."""
    return any(sends(setting, log.get("category") or log["categoryGroup"]) for log in properties(setting)["logs"])


def _coverage(docs: Documents, trails: list[AuditTrail]) -> AuditCoverage:
    """One export of administrative events settles it; without one, whatever is unread might have been it."""
    unlisted = docs.complete(SETTING, "global")
    covers = [
        (trail, docs.value(SETTING, trail.resource.uid, partial(sends, category=ADMINISTRATIVE))) for trail in trails
    ]
    covering = tuple(sorted(trail.resource.name for trail, value in covers if value is True))
    unread = unlisted or next((value for _, value in covers if isinstance(value, Unread)), None)
    account = f"/subscriptions/{docs.account}"
    return AuditCoverage(
        resource=docs.resource("account", account, docs.account, "global"),
        documents=docs.about(account, *docs.of(SETTING)),
        trails=unlisted or len(trails),
        covers_all_regions=True if covering else unread or False,
        covering=covering if covering or not unread else unread,
    )


COLLECTOR = Collector(
    id="azure.activity_log",
    title="Exports of the activity log",
    scope="global",
    kinds=(SETTING,),
    emits={AuditTrail: SETTING, AuditCoverage: None},
    source=f"Azure Monitor diagnostic settings {VERSION}",
    fetch=fetch,
    shape=shape,
)
