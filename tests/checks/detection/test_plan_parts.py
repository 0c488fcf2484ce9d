"""detection.plan_parts"""

from typing import Any

from checks.api import Outcome
from checks.detection.plan_parts import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.detection import ProtectionPlan

SCANNER = "ContainerRegistriesVulnerabilityAssessments"


def plan(**values: Any) -> ProtectionPlan:
    """The plan for containers, on and with its scanner, but for `values`."""
    good: dict[str, Any] = {"enabled": True, "parts": (SCANNER,)}
    return fact(ProtectionPlan, "Containers", **{**good, **values})


def test_a_plan_with_its_scanner_passes() -> None:
    """Images in registries are scanned."""
    (finding,) = judged(CHECK, plan())

    assert finding.outcome is Outcome.PASS
    assert SCANNER in finding.reason


def test_a_plan_without_its_scanner_fails_by_name() -> None:
    """The plan alone scans no registry."""
    (finding,) = judged(CHECK, plan(parts=("AgentlessDiscoveryForKubernetes",)))

    assert finding.outcome is Outcome.FAIL
    assert SCANNER in finding.reason


def test_a_plan_that_is_off_fails_whatever_its_parts() -> None:
    """A part of a plan that is off does nothing."""
    assert outcome(CHECK, plan(enabled=False)) is Outcome.FAIL
    assert outcome(CHECK, plan(enabled=False, parts=DENIED)) is Outcome.FAIL


def test_another_plan_is_not_applicable() -> None:
    """No part of it is on the list."""
    assert outcome(CHECK, fact(ProtectionPlan, "Arm")) is Outcome.NOT_APPLICABLE


def test_a_part_that_may_belong_to_a_plan_that_is_off_is_unknown() -> None:
    """The scanner works only with the plan."""
    assert outcome(CHECK, plan(enabled=DENIED)) is Outcome.UNKNOWN


def test_an_unread_plan_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ProtectionPlan, "Containers"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
