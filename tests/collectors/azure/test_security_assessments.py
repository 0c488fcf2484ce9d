"""azure.security_assessments"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import SUBSCRIPTION, AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.security_assessments import COLLECTOR, ENDPOINT, SCANNER, TOPICS, UPDATES
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import Assessment
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
LISTING = f"{SCOPE}/providers/microsoft.security/assessments"
KEYS = {topic: key for key, topic in TOPICS.items()}


def assessment(vm: str, key: str, **status: Any) -> dict[str, Any]:
    """An answer about a machine."""
    id_ = f"{SCOPE}/resourceGroups/Web/providers/Microsoft.Compute/virtualMachines/{vm}"
    said = {"resourceDetails": {"Source": "Azure", "Id": id_}, "displayName": "x", "status": status}
    return {
        "id": f"{id_}/providers/Microsoft.Security/assessments/{key}",
        "name": key,
        "type": "Microsoft.Security/assessments",
        "properties": said,
    }


def serve(estate: AzureEstate, *assessments: dict[str, Any]) -> None:
    """These and no others."""
    estate.answers[LISTING] = list(assessments)


def test_a_subscription_without_assessments_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(Assessment) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [("azure.security.assessment", 0)]


def test_answers_to_the_questions_that_are_asked_become_facts(read: Read, estate: AzureEstate) -> None:
    """Others are not kept; the machine is named and the topic is neutral."""
    serve(
        estate,
        assessment("one", KEYS[UPDATES].upper(), code="Unhealthy", cause="", description="x"),
        assessment("two", KEYS[ENDPOINT], code="Healthy"),
        assessment("three", KEYS[SCANNER], code="NotApplicable", cause="Exempt"),
        assessment("four", "00000000-0000-0000-0000-000000000000", code="Unhealthy"),
    )

    reading = read(COLLECTOR)

    found = {fact.resource.name: (fact.topic, fact.status, fact.because) for fact in reading.facts(Assessment)}
    assert found == {
        "one": (UPDATES, "unhealthy", ""),
        "two": (ENDPOINT, "healthy", ""),
        "three": (SCANNER, "exempt", "Exempt"),
    }
    assert len(reading.page.documents) == 3
    assert reading.page.listings[0].items == 4


def test_a_question_that_a_policy_switched_off_is_unread(read: Read, estate: AzureEstate) -> None:
    """Nobody looked, which is no exemption."""
    serve(estate, assessment("one", KEYS[SCANNER], code="NotApplicable", cause="OffByPolicy"))

    status = read(COLLECTOR).fact(Assessment, "one").status

    assert isinstance(status, Unread)
    assert status.reason is Reason.EXCLUDED_BY_CONFIG


@pytest.mark.parametrize("status", [{}, {"code": "Perhaps"}])
def test_a_status_that_is_none_is_unread_by_itself(read: Read, estate: AzureEstate, status: dict[str, Any]) -> None:
    """Its neighbor is known."""
    serve(
        estate,
        assessment("one", KEYS[SCANNER], **status),
        assessment("two", KEYS[SCANNER], code="Healthy"),
    )

    reading = read(COLLECTOR)

    assert isinstance(reading.fact(Assessment, "one").status, Unread)
    assert reading.fact(Assessment, "two").status == "healthy"


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate, kind: str) -> None:
    """What the first page held is kept, and the population is not known."""
    serve(estate, *(assessment(name, KEYS[SCANNER], code="Healthy") for name in "abc"))
    estate.faults.append(Fault(r"GET /.*/assessments\?", kind=kind, after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(Assessment)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.operation, gap.permission) == (
        Reason.PARTIAL_LISTING,
        "Microsoft.Security:assessments",
        "Microsoft.Security/assessments/read",
    )
    assert reading.page.listings == []
    assert estate.writes == []
