"""Who is told about what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.alerts.message import About
from agent.alerts.routing import routes
from tests.agent.alerts.messages import OPENED, hook


def told(filters: dict[str, Any], **fields: Any) -> bool:
    """Whether a receiver with these filters is told of the alert with these fields."""
    return routes(replace(OPENED, **fields), [hook("http://127.0.0.1:1/", **filters)]) == ["hook"]


def test_without_filters_everything_passes() -> None:
    """Also the least severe and what concerns no target."""
    assert told({}, severity="low", about=About.COLLECTION, target="", control="", criteria=(), owner="")


@pytest.mark.parametrize(
    ("asked", "passing"),
    [
        ("critical", ["critical"]),
        ("high", ["critical", "high"]),
        ("medium", ["critical", "high", "medium"]),
        ("low", ["critical", "high", "medium", "low"]),
    ],
)
def test_severity_is_a_floor(asked: str, passing: list[str]) -> None:
    """What is as bad or worse is told."""
    levels = ["critical", "high", "medium", "low"]

    assert [level for level in levels if told({"severity": asked}, severity=level)] == passing


@pytest.mark.parametrize(
    ("filters", "passes"),
    [
        ({"controls": ["AC-09"]}, True),
        ({"controls": ["AC-10"]}, True),
        ({"controls": ["AC-01", "AC-02"]}, False),
        ({"criteria": ["CC6.6", "A1.2"]}, True),
        ({"criteria": ["A1.2"]}, False),
        ({"owners": ["Platform"]}, True),
        ({"owners": ["platform"]}, False),
        ({"targets": ["prod"]}, True),
        ({"targets": ["dev", "staging"]}, False),
        ({"about": ["controls"]}, True),
        ({"about": ["collection"]}, False),
        ({"controls": ["AC-09"], "targets": ["dev"]}, False),
    ],
)
def test_filters_narrow(filters: dict[str, Any], passes: bool) -> None:
    """A filter names what passes, controls that share the findings included, and all filters must agree."""
    assert told(filters) is passes


@pytest.mark.parametrize(
    ("targets", "passes"), [(["org"], True), (["org/111122223333"], True), (["org/444455556666"], False)]
)
def test_an_organization_stands_for_its_accounts(targets: list[str], passes: bool) -> None:
    """A receiver can ask for all of them or for one."""
    assert told({"targets": targets}, target="org/111122223333") is passes


def test_receivers_come_in_the_order_of_the_configuration() -> None:
    """Each at most once, and only those that pass."""
    given = [hook("http://127.0.0.1:1/", name) for name in ("b", "a")] + [
        hook("http://127.0.0.1:1/", "c", severity="critical")
    ]

    assert routes(OPENED, given) == ["b", "a"]
