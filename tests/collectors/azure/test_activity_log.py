"""azure.activity_log"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import SUBSCRIPTION, AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.activity_log import COLLECTOR, OF_CHANGES
from collectors.facts.core import Reason, Unread
from collectors.facts.monitoring import AuditCoverage, AuditTrail
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
SETTINGS = f"/subscriptions/{SUBSCRIPTION}/providers/microsoft.insights/diagnosticSettings"
STORE = "/subscriptions/s/resourceGroups/Logs/providers/Microsoft.Storage/storageAccounts/Audit"
WORKSPACE = "/subscriptions/s/resourceGroups/Logs/providers/Microsoft.OperationalInsights/workspaces/All"


def setting(name: str, *categories: str, **said: Any) -> dict[str, Any]:
    """An export as Azure lists it, without the first slash of its id."""
    logs = [{"category": each, "categoryGroup": None, "enabled": each in categories} for each in OF_CHANGES]
    return {"id": f"{SETTINGS}/{name}".lstrip("/"), "name": name, "properties": {"logs": logs, **said}}


def serve(estate: AzureEstate, *settings: dict[str, Any]) -> None:
    """These exports and no other."""
    estate.answers[SETTINGS.lower()] = list(settings)


def test_a_subscription_without_export_has_no_trail(read: Read, estate: AzureEstate) -> None:
    """What Azure keeps by itself is no trail of the company's."""
    reading = read(COLLECTOR)

    assert reading.facts(AuditTrail) == []
    (coverage,) = reading.facts(AuditCoverage)
    assert (coverage.trails, coverage.covers_all_regions, coverage.covering) == (0, False, ())
    assert coverage.resource.uid == f"/subscriptions/{SUBSCRIPTION}"


def test_an_export_becomes_a_trail(read: Read, estate: AzureEstate) -> None:
    """What Azure has no word for is told as it is by design."""
    serve(estate, setting("all", *OF_CHANGES, storageAccountId=STORE, workspaceId=WORKSPACE))

    reading = read(COLLECTOR)

    trail = reading.fact(AuditTrail, "all")
    assert trail.resource.uid == f"{SETTINGS}/all".lower()
    assert (trail.all_regions, trail.logging, trail.management_writes) == (True, True, True)
    assert (trail.store, trail.searchable_in) == (STORE.lower(), WORKSPACE.lower())
    assert (trail.management_reads, trail.objects_elsewhere) == (None, True)
    assert (trail.validated, trail.customer_key, trail.key_of_store, trail.delivery_told) == (None, None, True, False)
    (coverage,) = reading.facts(AuditCoverage)
    assert (coverage.trails, coverage.covers_all_regions, coverage.covering) == (1, True, ("all",))


@pytest.mark.parametrize(
    ("made", "logging", "writes", "covers"),
    [
        (setting("it", "Administrative", storageAccountId=STORE), True, False, True),
        (setting("it", "Security", "Alert", "Policy", storageAccountId=STORE), True, False, False),
        (setting("it", storageAccountId=STORE), False, False, False),
        (setting("it", *OF_CHANGES), False, False, False),
        (setting("it", *OF_CHANGES, eventHubAuthorizationRuleId="/x"), True, True, True),
        (
            setting("it", workspaceId=WORKSPACE, logs=[{"categoryGroup": "allLogs", "enabled": True}]),
            True,
            True,
            True,
        ),
    ],
)
def test_an_export_records_what_it_sends_somewhere(
    read: Read, estate: AzureEstate, made: dict[str, Any], logging: bool, writes: bool, covers: bool
) -> None:
    """A category counts when it is on and has a destination; the group of all stands for each."""
    serve(estate, made)

    reading = read(COLLECTOR)

    trail = reading.fact(AuditTrail, "it")
    assert (trail.logging, trail.management_writes) == (logging, writes)
    assert reading.facts(AuditCoverage)[0].covers_all_regions is covers


def test_an_export_without_storage_delivers_to_no_object_store(read: Read, estate: AzureEstate) -> None:
    """None is an answer."""
    serve(estate, setting("it", *OF_CHANGES, workspaceId=WORKSPACE))

    assert read(COLLECTOR).fact(AuditTrail, "it").store is None


def test_a_garbled_export_is_unread_and_may_be_the_one_that_covers(read: Read, estate: AzureEstate) -> None:
    """Nothing of it is decided; another one still settles the coverage."""
    broken = {"id": f"{SETTINGS}/broken", "name": "broken"}
    serve(estate, broken)

    reading = read(COLLECTOR)

    trail = reading.fact(AuditTrail, "broken")
    for value in (trail.logging, trail.store, trail.searchable_in, trail.management_writes):
        assert isinstance(value, Unread)
    assert isinstance(reading.facts(AuditCoverage)[0].covers_all_regions, Unread)
    serve(estate, broken, setting("all", *OF_CHANGES, storageAccountId=STORE))
    assert read(COLLECTOR).facts(AuditCoverage)[0].covers_all_regions is True


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_refused_listing_is_no_missing_trail(read: Read, estate: AzureEstate, kind: str) -> None:
    """The gap names operation and permission."""
    estate.faults.append(Fault(r"GET /.*/diagnosticSettings\?", kind=kind))

    (coverage,) = read(COLLECTOR).facts(AuditCoverage)

    assert isinstance(coverage.trails, Unread)
    assert isinstance(coverage.covers_all_regions, Unread)
    assert coverage.trails.operation == "Microsoft.Insights:diagnosticSettings"
    assert coverage.trails.permission == "Microsoft.Insights/diagnosticSettings/read"


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What was read so far covers nothing; the rest may."""
    serve(estate, *(setting(name, storageAccountId=STORE) for name in "abc"))
    estate.faults.append(Fault(r"GET /.*/diagnosticSettings\?", after=1))

    reading = read(COLLECTOR)

    assert [trail.resource.name for trail in reading.facts(AuditTrail)] == ["a", "b"]
    covers = reading.facts(AuditCoverage)[0].covers_all_regions
    assert isinstance(covers, Unread)
    assert covers.reason is Reason.PARTIAL_LISTING
    assert estate.writes == []
