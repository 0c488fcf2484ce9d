"""detection.protection_plans"""

from typing import Any

import pytest

from checks.api import Outcome
from checks.detection.protection_plans import CHECK, PLANS
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Resource
from collectors.facts.detection import ProtectionPlan
from collectors.facts.monitoring import AuditCoverage

ACCOUNT = fact(AuditCoverage, resource=Resource("azure", "s", "global", "account", "/subscriptions/s", "s"))


def plan(name: str = "KeyVaults", **values: Any) -> ProtectionPlan:
    """A plan that is on for everything, but for `values`."""
    good: dict[str, Any] = {"enabled": True, "covers_all": True, "superseded_by": ()}
    return fact(ProtectionPlan, name, **{**good, **values})


def test_a_plan_that_is_on_passes() -> None:
    """Names are compared without regard to case."""
    assert outcome(CHECK, plan("keyvaults")) is Outcome.PASS


def test_a_plan_that_is_off_fails() -> None:
    """Nothing is watched in workloads of its kind."""
    assert outcome(CHECK, plan(enabled=False)) is Outcome.FAIL


def test_a_plan_with_exceptions_fails() -> None:
    """Some resources are not watched."""
    (finding,) = judged(CHECK, plan(covers_all=False))

    assert finding.outcome is Outcome.FAIL
    assert "taken out" in finding.reason


def test_a_plan_that_is_not_on_the_list_is_not_applicable() -> None:
    """The company chose to do without it."""
    assert outcome(CHECK, plan(enabled=False), plans=()) is Outcome.NOT_APPLICABLE


def test_a_retired_plan_is_not_applicable_and_names_its_successor() -> None:
    """What took its place is judged instead."""
    (finding,) = judged(CHECK, plan("Dns", enabled=False, superseded_by=("VirtualMachines",)))

    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert "VirtualMachines" in finding.reason


@pytest.mark.parametrize("lost", ["enabled", "covers_all", "superseded_by"])
def test_an_unread_plan_is_unknown_and_names_the_operation(lost: str) -> None:
    """A denied read is never a verdict."""
    values: dict[str, Any] = {lost: DENIED}
    (finding,) = judged(CHECK, plan("KeyVaults", **values))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_a_plan_that_is_known_to_be_off_fails_beside_a_gap() -> None:
    """Off decides, whatever else could not be read."""
    assert outcome(CHECK, plan(enabled=False, covers_all=DENIED)) is Outcome.FAIL


def test_names_that_the_provider_does_not_know_are_told_and_decide_nothing() -> None:
    """A misspelled plan would otherwise never be judged, and nobody would notice."""
    found = judged(CHECK, ACCOUNT, plan(), plans=("KeyVaults", "Misspelled"))

    assert {finding.resource.name: finding.outcome for finding in found} == {
        "KeyVaults": Outcome.PASS,
        "s": Outcome.NOT_APPLICABLE,
    }
    assert "Misspelled" in found[1].reason


def test_a_listing_of_plans_that_broke_off_tells_nothing_of_missing_names() -> None:
    """The rest of the list may hold them."""
    found = judged(CHECK, ACCOUNT, plan(), unlisted={(ProtectionPlan, "global"): DENIED})

    assert [finding.resource.name for finding in found] == ["KeyVaults"]


def test_the_retired_agent_is_judged_only_by_choice() -> None:
    """The default list does without it, and a company can name it."""
    agent = plan("AutoProvisioning", enabled=False)

    assert "AutoProvisioning" not in PLANS
    assert outcome(CHECK, agent) is Outcome.NOT_APPLICABLE
    assert outcome(CHECK, agent, plans=("AutoProvisioning",)) is Outcome.FAIL
