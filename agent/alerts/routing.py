"""Who is told about an alert."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from agent.alerts.message import Alert
from agent.sections import AlertRoute, Severity

WORST_FIRST: tuple[str, ...] = get_args(Severity)


def routes(alert: Alert, given: Iterable[AlertRoute]) -> list[str]:
    """Names of the receivers whose filters all let the alert pass, in the order of the configuration."""
    return [route.name for route in given if _passes(route, alert)]


def _passes(route: AlertRoute, alert: Alert) -> bool:
    return (
        alert.about.value in route.about
        and WORST_FIRST.index(alert.severity) <= WORST_FIRST.index(route.severity)
        and _meets(route.controls, (alert.control, *alert.also))
        and _meets(route.criteria, alert.criteria)
        and _meets(route.owners, (alert.owner,))
        and (not route.targets or alert.target.partition("/")[0] in route.targets or alert.target in route.targets)
    )


def _meets(wanted: tuple[str, ...], found: Iterable[str]) -> bool:
    return not wanted or not set(wanted).isdisjoint(found)
