"""A known flaw is closed within the time that its weight gives it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from checks.api import DIRECT, SUPPORTING, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown
from checks.thresholds import number
from checks.when import day, older_than
from collectors.facts.core import Unread
from collectors.facts.detection import DatedFlaws


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per thing with an open flaw; one that is overdue settles it."""
    for thing in facts.of(DatedFlaws):
        oldest = {"critical": thing.critical_since, "high": thing.high_since, "medium": thing.medium_since}
        limits = {severity: number(params, f"{severity}_days") for severity in oldest}
        known = {severity: since for severity, since in oldest.items() if isinstance(since, datetime)}
        late = [severity for severity, since in known.items() if older_than(since, limits[severity], now)]
        gap = next((since for since in oldest.values() if isinstance(since, Unread)), None)
        if late:
            said = (f"a {word} flaw is known since {day(known[word])}, more than {limits[word]} days" for word in late)
            yield fails(thing, "; ".join(said))
        elif gap is not None:
            yield unknown(thing, gap)
        elif known:
            due = min(since + timedelta(days=limits[severity]) for severity, since in known.items())
            yield passes(thing, f"open flaws are to be closed by {day(due)}")
        else:
            yield passes(thing, "no open flaw has a time to be closed in")


CHECK = Check(
    id="detection.flaws_closed",
    title="Known flaws are closed in the time that their weight gives",
    criteria=(
        Criterion("CC7.1", DIRECT, "known flaws are closed before they grow old"),
        Criterion("CC7.4", SUPPORTING, "weaknesses that were found are removed"),
    ),
    severity="high",
    needs=(DatedFlaws,),
    remediation="Install the version that Inspector names in the finding: patch the machine, rebuild the image and "
    "delete the old ones, or update the function's packages.",
    equivalents={},
    judge=judge,
    params=(
        Param("critical_days", 7, "days", "longest time that a critical flaw may be known and open"),
        Param("high_days", 30, "days", "longest time for one of high severity"),
        Param("medium_days", 90, "days", "longest time for one of medium severity"),
    ),
    time_dependent=True,
)
