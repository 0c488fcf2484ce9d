"""detection.endpoint_protection"""

from typing import Any

from checks.api import Outcome
from checks.detection.endpoint_protection import CHECK, TOPIC
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.detection import Assessment


def assessment(name: str = "vm", **values: Any) -> Assessment:
    """An answer to this check's question."""
    return fact(Assessment, name, **{"topic": TOPIC, "because": "", **values})


def test_a_healthy_resource_passes() -> None:
    """The provider's scanner found nothing to mend."""
    assert outcome(CHECK, assessment(status="healthy")) is Outcome.PASS


def test_an_unhealthy_resource_fails_with_the_provider_s_reason() -> None:
    """The cause is told, where there is one."""
    (finding,) = judged(CHECK, assessment(status="unhealthy", because="NotReported"))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason.endswith(": NotReported")


def test_an_unread_cause_does_not_hide_the_status() -> None:
    """The reason is a comment, and the status decides."""
    assert outcome(CHECK, assessment(status="unhealthy", because=DENIED)) is Outcome.FAIL


def test_an_exempt_resource_is_not_applicable() -> None:
    """The provider does not ask the question of it."""
    assert outcome(CHECK, assessment(status="exempt", because="Exempt")) is Outcome.NOT_APPLICABLE


def test_an_unread_status_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, assessment())

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_other_topics_are_left_to_other_checks() -> None:
    """One resource is assessed under many questions."""
    others = assessment("other", topic="system_updates", status="unhealthy")

    assert [finding.resource.name for finding in judged(CHECK, others, assessment(status="healthy"))] == ["vm"]
