"""gcp.image_flaws"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import Assessment
from collectors.gcp.image_flaws import COLLECTOR
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LIST = f"containeranalysis/v1/projects/{PROJECT}/occurrences:vulnerabilitySummary"


def count(estate: GcpEstate, image: str, severity: str, **numbers: Any) -> None:
    """Flaws of one severity; an image without a name stands for the sum of all."""
    body = {"resourceUri": f"https://pkg.dev/p/apps/{image}@sha256:0", "severity": severity, **numbers}
    estate.answers.setdefault(LIST, Listed("counts", [])).items.append(
        {key: value for key, value in body.items() if value is not None}
    )


def found(reading: Reading) -> dict[str, str | Unread]:
    """The status of each image."""
    return {each.resource.name: each.status for each in reading.facts(Assessment)}


def test_no_flaws_are_a_complete_listing(read: Read, estate: GcpEstate) -> None:
    """Empty is proven."""
    estate.answers[LIST] = Listed("counts", [])

    reading = read(COLLECTOR)

    assert found(reading) == {}
    assert [listing.items for listing in reading.page.listings] == [0]


def test_grave_flaws_that_can_be_closed_decide(read: Read, estate: GcpEstate) -> None:
    """Small ones do not, nor those for which there is no newer version; the sum over all images is no image."""
    count(estate, "bad", "CRITICAL", fixableCount="2")
    count(estate, "bad", "HIGH", fixableCount="1")
    count(estate, "small", "LOW", fixableCount="9")
    count(estate, "stuck", "HIGH", totalCount="3")
    count(estate, "", "HIGH", fixableCount="3", resourceUri=None)

    reading = read(COLLECTOR)

    assert found(reading) == {
        "bad@sha256:0": "unhealthy",
        "small@sha256:0": "healthy",
        "stuck@sha256:0": "healthy",
    }
    assert reading.fact(Assessment, "bad@sha256:0").because == "grave flaws that can be closed: 3"
    assert {each.topic for each in reading.facts(Assessment)} == {"image_vulnerabilities"}


def test_a_severity_that_nobody_knows_is_unread(read: Read, estate: GcpEstate) -> None:
    """Unless another count of the image settles it."""
    count(estate, "odd", "DIRE", fixableCount="1")
    count(estate, "bad", "DIRE", fixableCount="1")
    count(estate, "bad", "HIGH", fixableCount="1")

    said = found(read(COLLECTOR))

    assert isinstance(said["odd@sha256:0"], Unread)
    assert said["bad@sha256:0"] == "unhealthy"


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: GcpEstate, kind: str) -> None:
    """The second page fails."""
    for name in ("a", "b", "c"):
        count(estate, name, "LOW")
    estate.faults.append(Fault(r"GET .*vulnerabilitySummary", kind=kind, after=1))

    reading = read(COLLECTOR)

    assert len(found(reading)) == 2
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.unread.permission) == (Reason.PARTIAL_LISTING, "containeranalysis.occurrences.list")
