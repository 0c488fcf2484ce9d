"""azure.log_workspaces"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.log_workspaces import COLLECTOR, TABLES
from collectors.facts.core import Reason, Unread
from collectors.facts.monitoring import LogStore
from collectors.testing import Reading

Read = Callable[[Collector], Reading]


def workspace(estate: AzureEstate, name: str, *days: int, **said: Any) -> str:
    """A workspace that keeps logs for 30 days by default, and one table for each number of days in all."""
    known = {"customerId": "x", "retentionInDays": 30, "features": {}}
    id_ = estate.put(f"logs/Microsoft.OperationalInsights/workspaces/{name}", properties={**known, **said})
    for number, each in enumerate(days):
        columns = {"columns": [{"name": "TimeGenerated", "type": "datetime"}]}
        table = {"retentionInDays": 30, "totalRetentionInDays": each, "schema": columns}
        estate.put(f"{id_}/tables/T{number}", properties=table)
    return id_


def cluster(estate: AzureEstate, name: str, **said: Any) -> str:
    """A dedicated cluster."""
    return estate.put(f"logs/Microsoft.OperationalInsights/clusters/{name}", properties=said)


def test_a_subscription_without_workspaces_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(LogStore) == []
    assert [listing.kind for listing in reading.page.listings] == ["azure.log_analytics.workspace"]


def test_the_table_that_is_emptied_first_decides(read: Read, estate: AzureEstate) -> None:
    """Total retention counts, archive included; a workspace without tables has its default."""
    id_ = workspace(estate, "audit", 730, 365, 4000)
    workspace(estate, "bare")

    reading = read(COLLECTOR)

    store = reading.fact(LogStore, "audit")
    assert (store.resource.uid, store.resource.region) == (id_.lower(), "westeurope")
    assert store.retention_days == 365
    assert store.customer_key is None
    assert reading.fact(LogStore, "bare").retention_days == 30


def test_a_workspace_that_keeps_everything_never_deletes(read: Read, estate: AzureEstate) -> None:
    """An old kind of workspace says -1; a table with an end of its own still decides."""
    workspace(estate, "all", -1, retentionInDays=-1)
    workspace(estate, "some", -1, 90, retentionInDays=-1)

    reading = read(COLLECTOR)

    assert reading.fact(LogStore, "all").retention_days is None
    assert reading.fact(LogStore, "some").retention_days == 90


def test_columns_of_tables_are_not_kept(read: Read, estate: AzureEstate) -> None:
    """They are megabytes and set nothing."""
    id_ = workspace(estate, "audit", 365)

    document = read(COLLECTOR).documents.get(TABLES, id_.lower())

    assert not isinstance(document, Unread)
    assert document.body["value"][0]["properties"] == {"retentionInDays": 30, "totalRetentionInDays": 365}


def test_the_key_is_that_of_the_cluster(read: Read, estate: AzureEstate) -> None:
    """Two workspaces share it, and it is asked once."""
    key = {"keyVaultUri": "https://Keys.vault.azure.net/", "keyName": "Logs", "keyVersion": "1"}
    id_ = cluster(estate, "own", keyVaultProperties=key)
    for name in ("a", "b"):
        workspace(estate, name, features={"clusterResourceId": id_.upper()})
    workspace(estate, "c", features={"clusterResourceId": cluster(estate, "plain")})

    reading = read(COLLECTOR)

    keys = {fact.resource.name: fact.customer_key for fact in reading.facts(LogStore)}
    assert keys == {**dict.fromkeys("ab", "https://keys.vault.azure.net/keys/logs"), "c": None}
    assert sum(count for path, count in estate.calls.items() if path.endswith("/clusters/own")) == 1


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_what_cannot_be_read_is_unread_for_exactly_that_workspace(read: Read, estate: AzureEstate, kind: str) -> None:
    """The tables of one are refused or garbled; the other one is known."""
    id_ = workspace(estate, "one", 365)
    workspace(estate, "two", 365)
    estate.faults.append(Fault(r"GET /.*/one/tables\?", kind=kind))

    reading = read(COLLECTOR)

    days = reading.fact(LogStore, "one").retention_days
    assert isinstance(days, Unread)
    assert days.operation == "Microsoft.OperationalInsights:workspaces/tables"
    assert days.permission == "Microsoft.OperationalInsights/workspaces/tables/read"
    assert reading.fact(LogStore, "two").retention_days == 365
    assert {gap.uid for gap in reading.page.gaps} == {id_.lower()}


def test_a_page_of_tables_that_is_missing_leaves_the_retention_unread(read: Read, estate: AzureEstate) -> None:
    """The shortest one may be on it."""
    workspace(estate, "one", 365, 365, 30)
    estate.faults.append(Fault(r"GET /.*/one/tables\?", after=1))

    assert isinstance(read(COLLECTOR).fact(LogStore, "one").retention_days, Unread)


def test_a_cluster_that_cannot_be_read_leaves_the_key_unread(read: Read, estate: AzureEstate) -> None:
    """Retention is known all the same."""
    workspace(estate, "one", 365, features={"clusterResourceId": cluster(estate, "own")})
    estate.faults.append(Fault(r"GET /.*/clusters/own\?"))

    store = read(COLLECTOR).fact(LogStore, "one")

    assert isinstance(store.customer_key, Unread)
    assert store.customer_key.permission == "Microsoft.OperationalInsights/clusters/read"
    assert store.retention_days == 365


@pytest.mark.parametrize("lost", ["totalRetentionInDays", "retentionInDays"])
def test_an_answer_without_its_days_is_unread(read: Read, estate: AzureEstate, lost: str) -> None:
    """No number is no retention of any length."""
    id_ = workspace(estate, "one", 365)
    holder = id_ if lost == "retentionInDays" else f"{id_}/tables/T0"
    del estate.things[holder.lower()]["properties"][lost]

    assert isinstance(read(COLLECTOR).fact(LogStore, "one").retention_days, Unread)


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What the first page held is kept, and the population is not known."""
    for name in "abc":
        workspace(estate, name)
    estate.faults.append(Fault(r"GET /subscriptions/[^/]+/providers/Microsoft.OperationalInsights/[^/]+\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(LogStore)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert gap.reason is Reason.PARTIAL_LISTING
    assert reading.page.listings == []
    assert estate.writes == []
