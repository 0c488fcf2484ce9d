"""gcp.bigquery_datasets"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Unread
from collectors.facts.data_access import Sharing
from collectors.facts.stores import Database
from collectors.gcp.bigquery_datasets import COLLECTOR, TABLE_LISTED
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LIST = f"bigquery/bigquery/v2/projects/{PROJECT}/datasets"
KEY = "projects/p/locations/eu/keyRings/r/cryptoKeys/k"


def dataset(estate: GcpEstate, name: str, *tables: tuple[str, str, str | None], **said: Any) -> None:
    """A dataset with tables: name, type, key."""
    reference = {"datasetId": name, "projectId": PROJECT}
    estate.answers.setdefault(LIST, Listed("datasets", [])).items.append(
        {"kind": "bigquery#dataset", "datasetReference": reference, "location": "EU"}
    )
    access = [{"role": "OWNER", "specialGroup": "projectOwners"}]
    estate.answers[f"{LIST}/{name}"] = {"datasetReference": reference, "location": "EU", "access": access, **said}
    listed = [{"tableReference": {**reference, "tableId": table}, "type": type_} for table, type_, _ in tables]
    estate.answers[f"{LIST}/{name}/tables"] = Listed("tables", listed)
    for body, (table, _, key) in zip(listed, tables, strict=True):
        keys = {"encryptionConfiguration": {"kmsKeyName": key}} if key else {}
        estate.answers[f"{LIST}/{name}/tables/{table}"] = {**body, **keys}


def test_a_project_without_datasets_is_a_complete_listing(read: Read, estate: GcpEstate) -> None:
    """Empty is proven: the answer leaves the list out."""
    estate.answers[LIST] = Listed("datasets", [])

    reading = read(COLLECTOR)

    assert reading.facts(Database) == []
    assert reading.documents.complete(TABLE_LISTED, "global") is None


def test_settings_become_facts(read: Read, estate: GcpEstate) -> None:
    """A dataset's key and time travel, and each table's key."""
    dataset(
        estate,
        "ledger",
        ("entries", "TABLE", KEY),
        ("drafts", "TABLE", None),
        ("report", "VIEW", None),
        defaultEncryptionConfiguration={"kmsKeyName": KEY},
        maxTimeTravelHours="48",
    )

    reading = read(COLLECTOR)
    ledger = reading.fact(Database, "ledger")

    assert ledger.resource.uid == f"//bigquery.googleapis.com/projects/{PROJECT}/datasets/ledger"
    assert (ledger.customer_key, ledger.backup_days, ledger.clustered) == (KEY, 2, False)
    assert reading.fact(Database, "ledger.entries").customer_key == KEY
    assert reading.fact(Database, "ledger.drafts").customer_key is None
    assert reading.fact(Database, "ledger.drafts").clustered is True
    assert [fact.resource.name for fact in reading.facts(Database)] == ["ledger", "ledger.drafts", "ledger.entries"]


@pytest.mark.parametrize(
    ("entry", "open_"),
    [
        ({"role": "READER", "specialGroup": "allAuthenticatedUsers"}, True),
        ({"role": "READER", "iamMember": "allUsers"}, True),
        ({"role": "READER", "iamMember": "group:auditors@example.com"}, False),
        ({"role": "READER", "specialGroup": "projectReaders"}, False),
    ],
)
def test_a_dataset_tells_whether_everybody_is_let_in(
    read: Read, estate: GcpEstate, entry: dict[str, str], open_: bool
) -> None:
    """By the old word or the new one."""
    dataset(estate, "open", access=[entry])

    assert read(COLLECTOR).fact(Sharing, "open").everybody is open_


def test_nothing_said_is_a_week_and_googles_key(read: Read, estate: GcpEstate) -> None:
    """The documented defaults."""
    dataset(estate, "plain")

    plain = read(COLLECTOR).fact(Database, "plain")

    assert (plain.backup_days, plain.customer_key) == (7, None)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_what_cannot_be_read_is_unread_for_exactly_that_dataset(read: Read, estate: GcpEstate, kind: str) -> None:
    """One dataset's settings are refused or garbled; the other one's are known."""
    dataset(estate, "one")
    dataset(estate, "two")
    estate.faults.append(Fault(r"/datasets/one$", kind=kind))

    reading = read(COLLECTOR)

    unread = reading.fact(Sharing, "one").everybody
    assert isinstance(unread, Unread)
    assert (unread.operation, unread.permission) == ("bigquery:datasets.get", "bigquery.datasets.get")
    assert reading.fact(Sharing, "two").everybody is False


def test_tables_that_cannot_be_listed_leave_their_population_unknown(read: Read, estate: GcpEstate) -> None:
    """Datasets are known, tables of one are not."""
    dataset(estate, "one", ("a", "TABLE", None))
    dataset(estate, "two", ("b", "TABLE", None))
    estate.faults.append(Fault(r"/datasets/one/tables\?"))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(Database)] == ["one", "two", "two.b"]
    unread = reading.documents.complete(TABLE_LISTED, "global")
    assert unread is not None
    assert unread.permission == "bigquery.tables.list"


def test_a_table_without_access_list_is_malformed(read: Read, estate: GcpEstate) -> None:
    """A dataset that does not say who is let in may let in anybody."""
    dataset(estate, "odd")
    del estate.answers[f"{LIST}/odd"]["access"]

    assert isinstance(read(COLLECTOR).fact(Sharing, "odd").everybody, Unread)
