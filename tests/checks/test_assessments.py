"""checks.assessments"""

from __future__ import annotations

import pytest

from checks.api import Check, Outcome
from checks.detection import endpoint_protection, image_vulnerabilities, system_updates, vulnerability_scanner
from checks.testing import DENIED, judged, outcome
from tests.checks.assessed import assessment

MODULES = (endpoint_protection, image_vulnerabilities, system_updates, vulnerability_scanner)
CHECKS = {module.TOPIC: module.CHECK for module in MODULES}
each_check = pytest.mark.parametrize(("topic", "check"), CHECKS.items(), ids=list(CHECKS))


@each_check
def test_an_unhealthy_resource_fails_with_the_provider_s_reason(topic: str, check: Check) -> None:
    """The cause is told, where there is one."""
    (finding,) = judged(check, assessment(topic, status="unhealthy", because="NotReported"))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason.endswith(": NotReported")


@each_check
def test_an_unread_cause_does_not_hide_the_status(topic: str, check: Check) -> None:
    """The reason is a comment, and the status decides."""
    assert outcome(check, assessment(topic, status="unhealthy", because=DENIED)) is Outcome.FAIL


@each_check
def test_an_exempt_resource_is_not_applicable(topic: str, check: Check) -> None:
    """The provider does not ask the question of it, and may say why."""
    assert outcome(check, assessment(topic, status="exempt", because="Exempt")) is Outcome.NOT_APPLICABLE


@each_check
def test_an_unread_status_is_unknown_and_names_the_operation(topic: str, check: Check) -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(check, assessment(topic))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


@each_check
def test_other_topics_are_left_to_other_checks(topic: str, check: Check) -> None:
    """One resource is assessed under many questions."""
    others = [assessment(other, other, status="unhealthy") for other in CHECKS if other != topic]

    assert [finding.resource.name for finding in judged(check, *others, assessment(topic, status="healthy"))] == ["vm"]
