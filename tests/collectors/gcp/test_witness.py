"""A service that is off, and the inventory that tells whether it holds anything all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Reason
from collectors.gcp import kms_keys, secrets, spanner_databases, sql_instances
from collectors.gcp.kinds import WITNESS, WITNESSED
from collectors.registry import collectors_of
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
MODULES = {"secretmanager": secrets, "spanner": spanner_databases, "sqladmin": sql_instances, "cloudkms": kms_keys}


def inventory(estate: GcpEstate, service: str, *names: str) -> None:
    """What Cloud Asset Inventory knows of a service."""
    where = f"cloudasset/v1/projects/{PROJECT}:searchAllResources?assetTypes={service}.googleapis.com.*"
    estate.answers[where] = Listed("results", [{"name": name} for name in names])


@pytest.mark.parametrize(("service", "module"), MODULES.items())
def test_a_service_that_is_off_and_holds_nothing_is_empty(
    read: Read, estate: GcpEstate, service: str, module: Any
) -> None:
    """Every type of fact has a whole population, of none, and both questions are on record."""
    estate.disabled.add(service)
    inventory(estate, service)

    reading = read(module.COLLECTOR)

    assert reading.page.gaps == []
    for kind in module.COLLECTOR.emits.values():
        assert kind is None or reading.documents.complete(kind, "global") is None
    assert WITNESS.call in reading.operations()
    assert all(call.complete for call in reading.page.calls)


def test_a_service_that_was_turned_off_with_things_in_it_is_a_gap(read: Read, estate: GcpEstate) -> None:
    """The things are there, and nobody can look at them."""
    estate.disabled.add("secretmanager")
    inventory(estate, "secretmanager", "//secretmanager.googleapis.com/projects/1/secrets/s")

    (gap,) = read(secrets.COLLECTOR).page.gaps

    assert (gap.reason, gap.error, gap.operation) == (
        Reason.SERVICE_UNSUPPORTED,
        "SERVICE_DISABLED",
        secrets.SECRET.call,
    )


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_without_the_inventory_nobody_knows(read: Read, estate: GcpEstate, kind: str) -> None:
    """The gap is that of the listing, and the question that failed is on record."""
    estate.disabled.add("secretmanager")
    inventory(estate, "secretmanager")
    estate.faults.append(Fault(r"GET /?cloudasset.*searchAllResources", kind=kind))

    reading = read(secrets.COLLECTOR)

    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind, gap.listing) == (Reason.SERVICE_UNSUPPORTED, secrets.SECRET.name, True)
    assert [call.complete for call in reading.page.calls if call.service == "cloudasset"] == [False]


def test_other_refusals_ask_no_inventory(read: Read, estate: GcpEstate) -> None:
    """Whoever may not look learns nothing from what others know."""
    inventory(estate, "secretmanager")
    estate.faults.append(Fault(r"GET /?secretmanager"))

    reading = read(secrets.COLLECTOR)

    assert [gap.reason for gap in reading.page.gaps] == [Reason.PERMISSION_DENIED]
    assert WITNESS.call not in reading.operations()


def test_each_service_that_is_witnessed_is_read() -> None:
    """The list holds no service that no collector asks."""
    asked = {kind.service for collector in collectors_of("gcp").values() for kind in collector.kinds}

    assert asked >= WITNESSED
