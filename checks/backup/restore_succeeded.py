"""Whatever is restored from a backup comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    decide,
    not_applicable,
    unknown,
)
from collectors.facts.core import Unread
from collectors.facts.recovery import RestoreJob


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per restore job that the provider still lists; it forgets them after some months."""
    for job in facts.of(RestoreJob):
        if isinstance(job.ended, Unread):
            yield unknown(job, job.ended)
        elif job.ended is None:
            yield not_applicable(job, f"restore of {job.of} is under way")
        else:
            yield decide(
                job,
                job.succeeded,
                yes=f"{job.of} was restored on {job.ended.date().isoformat()}",
                no=f"restore of {job.of} failed on {job.ended.date().isoformat()}",
            )


CHECK = Check(
    id="backup.restore_succeeded",
    title="Restores from backups succeed",
    criteria=(
        Criterion("A1.3", DIRECT, "a restore that worked is a test of recovery"),
        Criterion("CC7.5", PARTIAL, "the way back to normal works when it is gone"),
        Criterion("PI1.5", SUPPORTING, "kept copies prove to be readable"),
    ),
    severity="high",
    needs=(RestoreJob,),
    remediation="Look at the error of the restore job in the vault, mend its cause and restore again; record the "
    "successful test.",
    equivalents={},
    judge=judge,
)
