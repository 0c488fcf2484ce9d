"""What the provider's own scanners found, as verdicts: shared by checks of several topics."""

from __future__ import annotations

from collections.abc import Iterator

from checks.api import Facts, Finding, fails, not_applicable, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.detection import Assessment


def judge_assessments(facts: Facts, topic: str, *, healthy: str, unhealthy: str) -> Iterator[Finding]:
    """One finding per resource and question of a topic; `healthy` and `unhealthy` say what its status means."""
    for each in facts.of(Assessment):
        if each.topic != topic:
            continue
        if isinstance(each.status, Unread):
            yield unknown(each, each.status)
        elif each.status == "healthy":
            yield passes(each, healthy)
        elif each.status == "exempt":
            yield not_applicable(each, f"the provider does not ask this of the resource{_because(each)}")
        else:
            yield fails(each, f"{unhealthy}{_because(each)}")


def _because(each: Assessment) -> str:
    return f": {each.because}" if isinstance(each.because, str) and each.because else ""
