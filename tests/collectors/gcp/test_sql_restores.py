"""gcp.sql_restores"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Reason, Unread
from collectors.facts.recovery import RestoreJob
from collectors.gcp.sql_restores import COLLECTOR, OPERATION
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LIST = f"sqladmin/v1/projects/{PROJECT}/operations"


def operation(estate: GcpEstate, name: str, **changed: Any) -> None:
    """A restore that went well."""
    done = {
        "name": name,
        "operationType": "RESTORE_VOLUME",
        "status": "DONE",
        "targetId": "orders",
        "endTime": "2026-02-03T04:05:06.789Z",
        "user": "alice@acme.example",
        **changed,
    }
    estate.answers.setdefault(LIST, Listed("items", [])).items.append(done)


def test_no_operations_are_a_complete_listing(read: Read, estate: GcpEstate) -> None:
    """Empty is proven."""
    estate.answers[LIST] = Listed("items", [])

    reading = read(COLLECTOR)

    assert reading.facts(RestoreJob) == []
    assert [listing.items for listing in reading.page.listings] == [0]


def test_only_restores_count(read: Read, estate: GcpEstate) -> None:
    """One that broke, one under way, and a backup, which restores nothing."""
    operation(estate, "good")
    operation(estate, "bad", error={"errors": [{"code": "INTERNAL_ERROR"}]})
    operation(estate, "now", status="RUNNING", endTime="")
    operation(estate, "other", operationType="BACKUP_VOLUME")

    found = {each.resource.name: each for each in read(COLLECTOR).facts(RestoreJob)}

    assert {name: each.succeeded for name, each in found.items()} == {"good": True, "bad": False, "now": False}
    assert found["good"].ended == datetime(2026, 2, 3, 4, 5, 6, 789000, UTC)
    assert (found["now"].ended, found["good"].of) == (None, "orders")


def test_who_asked_for_it_is_not_kept(read: Read, estate: GcpEstate) -> None:
    """No check rests on a name of a person."""
    operation(estate, "good")

    (document,) = read(COLLECTOR).documents.of(OPERATION)

    assert "user" not in document.body


def test_words_that_nobody_knows_are_unread(read: Read, estate: GcpEstate) -> None:
    """An end without a time, and a state that Google has not."""
    operation(estate, "odd", status="NAPPING")
    operation(estate, "endless", endTime=None)

    endless, odd = read(COLLECTOR).facts(RestoreJob)

    assert isinstance(odd.succeeded, Unread)
    assert isinstance(odd.ended, Unread)
    assert isinstance(endless.ended, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: GcpEstate, kind: str) -> None:
    """The second page fails."""
    for name in ("a", "b", "c"):
        operation(estate, name)
    estate.faults.append(Fault(r"GET .*/operations", kind=kind, after=1))

    reading = read(COLLECTOR)

    assert len(reading.facts(RestoreJob)) == 2
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.unread.permission) == (Reason.PARTIAL_LISTING, "cloudsql.instances.get")
