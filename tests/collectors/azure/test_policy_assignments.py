"""azure.policy_assignments"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import SUBSCRIPTION, AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.policy_assignments import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import BaselineCoverage, BaselineResult
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
ROOT = "/providers/Microsoft.Management/managementGroups/root"
SUMMARY = f"{SCOPE}/providers/Microsoft.PolicyInsights/policyStates/latest/summarize".lower()
SET = "/providers/Microsoft.Authorization/policySetDefinitions/1f3a"


def assignment(name: str, *, scope: str = SCOPE, rules: str = SET, **said: Any) -> dict[str, Any]:
    """An assignment as the listing of the subscription holds it."""
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/policyAssignments/{name}",
        "name": name,
        "properties": {"policyDefinitionId": rules, "scope": scope, **said},
    }


def serve(estate: AzureEstate, *assignments: dict[str, Any], failing: dict[str, int] | None = None) -> None:
    """The assignments, and the newest results of some of them."""
    estate.answers[f"{SCOPE}/providers/Microsoft.Authorization/policyAssignments".lower()] = list(assignments)
    by_name = {each["name"]: each["id"] for each in assignments}
    results = [
        {"policyAssignmentId": by_name[name].lower(), "results": {"nonCompliantResources": number}}
        for name, number in (failing or {}).items()
    ]
    estate.answers[SUMMARY] = {"value": [{"results": {}, "policyAssignments": results}]}


def test_a_subscription_without_assignments_is_held_against_nothing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    serve(estate)

    reading = read(COLLECTOR)

    (coverage,) = reading.facts(BaselineCoverage)
    assert coverage.assigned == ()
    assert coverage.resource.uid == SCOPE
    assert reading.facts(BaselineResult) == []


def test_initiatives_in_force_for_the_whole_subscription_count(read: Read, estate: AzureEstate) -> None:
    """Those from above do; one for a group, and a single rule, do not."""
    serve(
        estate,
        assignment("bench", displayName="Benchmark"),
        assignment("above", scope=ROOT),
        assignment("group", scope=f"{SCOPE}/resourceGroups/web"),
        assignment("rule", rules="/providers/Microsoft.Authorization/policyDefinitions/06a7"),
        failing={"bench": 3, "above": 0},
    )

    reading = read(COLLECTOR)

    assert reading.facts(BaselineCoverage)[0].assigned == ("Benchmark", "above")
    assert {fact.resource.name: fact.failing for fact in reading.facts(BaselineResult)} == {"bench": 3, "above": 0}


def test_an_assignment_that_was_not_evaluated_yet_is_unread(read: Read, estate: AzureEstate) -> None:
    """No result is not the same as no failure."""
    serve(estate, assignment("new"))

    assert isinstance(read(COLLECTOR).fact(BaselineResult, "new").failing, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_results_that_cannot_be_read_leave_the_assignments_known(read: Read, estate: AzureEstate, kind: str) -> None:
    """The gap names operation and permission."""
    serve(estate, assignment("bench"), failing={"bench": 0})
    estate.faults.append(Fault(r"POST /.*/summarize\?", kind=kind))

    reading = read(COLLECTOR)

    failing = reading.fact(BaselineResult, "bench").failing
    assert isinstance(failing, Unread)
    assert failing.operation == "Microsoft.PolicyInsights:policyStates"
    assert failing.permission == "Microsoft.PolicyInsights/policyStates/summarize/read"
    assert reading.facts(BaselineCoverage)[0].assigned == ("bench",)


def test_a_listing_that_breaks_off_leaves_the_coverage_unread(read: Read, estate: AzureEstate) -> None:
    """The rest may hold the set that the company asks for."""
    serve(estate, assignment("a"), assignment("b"), assignment("c"), failing={"a": 0, "b": 0, "c": 0})
    estate.faults.append(Fault(r"GET /.*/policyAssignments\?", after=1))

    reading = read(COLLECTOR)

    assigned = reading.facts(BaselineCoverage)[0].assigned
    assert isinstance(assigned, Unread)
    assert assigned.reason is Reason.PARTIAL_LISTING
    assert [fact.resource.name for fact in reading.facts(BaselineResult)] == ["a", "b"]
    assert estate.writes == []


def test_a_garbled_assignment_is_unread_by_itself(read: Read, estate: AzureEstate) -> None:
    """The others keep their results, and the whole is not known."""
    broken = assignment("broken")
    del broken["properties"]["scope"]
    serve(estate, assignment("good"), broken, failing={"good": 1})

    reading = read(COLLECTOR)

    assert isinstance(reading.facts(BaselineCoverage)[0].assigned, Unread)
    assert isinstance(reading.fact(BaselineResult, "broken").failing, Unread)
    assert reading.fact(BaselineResult, "good").failing == 1
