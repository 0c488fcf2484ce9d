"""Answers of a provider's own scanner, for the tests of the checks that repeat them."""

from __future__ import annotations

from typing import Any

from checks.api import Check, Finding
from checks.testing import fact, judged
from collectors.facts.detection import Assessment


def assessment(topic: str, name: str = "vm", **values: Any) -> Assessment:
    """An answer to the question of `topic`; its status is unread where none is given."""
    return fact(Assessment, name, **{"topic": topic, "because": "", **values})


def each_status(check: Check, topic: str) -> list[Finding]:
    """What `check` says of a resource that is healthy, of one that is not, of an exempt one, and of an unread one."""
    told = (assessment(topic, status=status) for status in ("healthy", "unhealthy", "exempt"))
    return judged(check, *told, assessment(topic))
