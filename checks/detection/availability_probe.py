"""Something asks from outside, again and again, whether the service answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import number
from collectors.facts.availability import AvailabilityProbe
from collectors.facts.core import Unread
from collectors.facts.monitoring import AuditCoverage


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account; one probe that is known to do settles it."""
    seconds, places = number(params, "max_seconds"), number(params, "min_places")
    for account in facts.of(AuditCoverage):
        gaps = list(unread_in(facts.unlisted(AvailabilityProbe)))
        for probe in facts.of(AvailabilityProbe):
            does = _does(probe, seconds, places)
            if does is True:
                said = f"{probe.resource.name} asks every {probe.every_seconds} seconds from {probe.places} places"
                yield passes(account, said, probe)
                break
            gaps += unread_in(does)
        else:
            if gaps:
                yield unknown(account, *gaps)
            else:
                said = f"no test that is on asks every {seconds} seconds from {places} places"
                yield fails(account, said, *facts.of(AvailabilityProbe))


def _does(probe: AvailabilityProbe, seconds: float, places: float) -> bool | Unread:
    """One part that is known to be wrong settles that this probe does not."""
    parts = (
        probe.enabled,
        probe.every_seconds if isinstance(probe.every_seconds, Unread) else probe.every_seconds <= seconds,
        probe.places if isinstance(probe.places, Unread) else probe.places >= places,
    )
    if False in parts:
        return False
    return next(iter(unread_in(*parts)), True)


CHECK = Check(
    id="detection.availability_probe",
    title="The service is tested from outside",
    criteria=(
        Criterion("A1.1", PARTIAL, "that customers cannot get through is seen, whatever the cause"),
        Criterion("CC7.2", PARTIAL, "failures are seen from outside"),
    ),
    severity="medium",
    needs=(AuditCoverage, AvailabilityProbe),
    remediation="Create an availability test that is on: a standard test of Application Insights on Azure, an uptime "
    "check on Google Cloud, a health check of Route 53 on AWS.",
    equivalents={},
    judge=judge,
    params=(
        Param("max_seconds", 300, "seconds", "longest time between two tests"),
        Param("min_places", 2, "places", "fewest places that ask"),
    ),
)
