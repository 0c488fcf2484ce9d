"""gcp.machine_assessments"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import Assessment
from collectors.gcp.machine_assessments import COLLECTOR, INSTANCE, NODE
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LIST = f"compute/compute/v1/projects/{PROJECT}/aggregated/instances"
GUARD = f"securitycentermanagement/v1/projects/{PROJECT}/locations/global/securityCenterServices/vm-threat-detection"
FIXABLE = [{"installedInventoryItemId": "a", "availableInventoryItemId": "b"}]
SCANNER, UPDATES, PROTECTION = "vulnerability_scanner", "system_updates", "endpoint_protection"


def machine(estate: GcpEstate, name: str, zone: str = "z1", status: str = "RUNNING", **body: Any) -> None:
    """A machine, whose number is its name, in a zone of which there are no reports yet."""
    link = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/zones/{zone}/instances/{name}"
    made = {"name": name, "id": name, "selfLink": link, "status": status, **body}
    estate.answers.setdefault(LIST, Listed("instances", [], by_place=True)).items.append(made)
    estate.answers.setdefault(where(zone), Listed("vulnerabilityReports", []))
    guard(estate)


def where(zone: str) -> str:
    """The address of the reports of a zone."""
    return f"osconfig/v1/projects/{PROJECT}/locations/{zone}/instances/-/vulnerabilityReports"


def guard(estate: GcpEstate, state: str = "ENABLED") -> None:
    """Whether the detector is on."""
    estate.answers[GUARD] = {"name": "x", "effectiveEnablementState": state}


def report(estate: GcpEstate, name: str, *flaws: dict[str, Any], zone: str = "z1") -> None:
    """A report; without flaws the list is left out."""
    body = {"name": f"projects/1/locations/{zone}/instances/{name}/vulnerabilityReport"}
    estate.answers[where(zone)].items.append({**body, **({"vulnerabilities": list(flaws)} if flaws else {})})


def found(reading: Reading) -> dict[tuple[str, str], str | Unread]:
    """Status by machine and topic."""
    return {(each.resource.name, each.topic): each.status for each in reading.facts(Assessment)}


def test_a_project_without_machines_is_asked_nothing_more(read: Read, estate: GcpEstate) -> None:
    """Empty is proven, also where Compute Engine is off."""
    estate.disabled.add("compute")

    reading = read(COLLECTOR)

    assert found(reading) == {}
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [(INSTANCE.name, 0)]
    assert reading.operations() == {INSTANCE.call}


def test_reports_tell_of_scanners_and_updates(read: Read, estate: GcpEstate) -> None:
    """Grave flaws with an update count; small ones, and those without an update, do not."""
    for name in ("good", "old", "blind"):
        machine(estate, name)
    report(
        estate,
        "good",
        {"details": {"severity": "LOW"}, "items": FIXABLE},
        {"details": {"severity": "HIGH"}, "items": [{"installedInventoryItemId": "a"}]},
    )
    report(estate, "old", {"details": {"severity": "CRITICAL"}, "items": FIXABLE})

    said = found(read(COLLECTOR))

    assert {name: said[name, SCANNER] for name in ("good", "old", "blind")} == {
        "good": "healthy",
        "old": "healthy",
        "blind": "unhealthy",
    }
    assert {name: said[name, UPDATES] for name in ("good", "old", "blind")} == {
        "good": "healthy",
        "old": "unhealthy",
        "blind": "unhealthy",
    }


@pytest.mark.parametrize(("state", "expected"), [("ENABLED", "healthy"), ("DISABLED", "unhealthy")])
def test_one_detector_guards_every_machine(read: Read, estate: GcpEstate, state: str, expected: str) -> None:
    """But for those that stand still."""
    machine(estate, "on")
    machine(estate, "off", status="TERMINATED")
    guard(estate, state)

    said = found(read(COLLECTOR))

    assert (said["on", PROTECTION], said["off", PROTECTION]) == (expected, "exempt")


def test_who_can_be_asked_nothing_is_exempt(read: Read, estate: GcpEstate) -> None:
    """A machine that is stopped, and a node of a cluster, which the detector guards all the same."""
    machine(estate, "off", status="TERMINATED")
    machine(estate, "node", labels={NODE: ""})

    said = found(read(COLLECTOR))

    assert {said[name, topic] for name in ("off", "node") for topic in (SCANNER, UPDATES)} == {"exempt"}
    assert said["node", PROTECTION] == "healthy"


def test_services_that_are_off_look_at_nothing(read: Read, estate: GcpEstate) -> None:
    """Agents report through one, and the other holds the detectors."""
    machine(estate, "web")
    estate.disabled |= {"osconfig", "securitycentermanagement"}

    reading = read(COLLECTOR)

    assert set(found(reading).values()) == {"unhealthy"}
    assert reading.page.gaps == []


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_reports_that_fail_leave_the_machines_of_that_zone_unread(read: Read, estate: GcpEstate, kind: str) -> None:
    """And of no other."""
    machine(estate, "here", "z1")
    machine(estate, "there", "z2")
    report(estate, "there", zone="z2")
    estate.faults.append(Fault(r"GET .*/locations/z1/instances/-/", kind=kind))

    said = found(read(COLLECTOR))

    unread = said["here", SCANNER]
    assert isinstance(unread, Unread)
    assert unread.permission == "osconfig.vulnerabilityReports.list"
    assert isinstance(said["here", UPDATES], Unread)
    assert (said["there", SCANNER], said["there", UPDATES], said["here", PROTECTION]) == ("healthy",) * 3


def test_an_unread_detector_leaves_running_machines_open(read: Read, estate: GcpEstate) -> None:
    """Named with its permission."""
    machine(estate, "web")
    report(estate, "web")
    estate.faults.append(Fault(r"GET .*/vm-threat-detection"))

    reading = read(COLLECTOR)

    unread = found(reading)["web", PROTECTION]
    assert isinstance(unread, Unread)
    assert unread.reason is Reason.PERMISSION_DENIED
    assert unread.permission == "securitycentermanagement.securityCenterServices.get"
    assert found(reading)["web", SCANNER] == "healthy"
