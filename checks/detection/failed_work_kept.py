"""A message that nobody can process is put aside, and neither lost nor tried for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase

from checks.api import (
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
)
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.processing import UnattendedWork


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per queue; one that takes what failed elsewhere is the end of the way."""
    exceptions = names(params, "exceptions")
    for work in facts.of(UnattendedWork):
        if work.failures_kept is None:
            yield not_applicable(work, f"{work.what} keeps a history of its runs")
        elif any(fnmatchcase(work.resource.name, each) for each in exceptions):
            yield not_applicable(work, f"{work.what} is on the list of those that need no place for failed messages")
        elif work.failures_kept is True:
            yield passes(work, "messages that fail too often are put aside")
        elif isinstance(work.failures_kept, Unread):
            yield unknown(work, work.failures_kept)
        elif work.takes_failures is True:
            yield not_applicable(work, f"{work.what} takes what failed elsewhere")
        elif isinstance(work.takes_failures, Unread):
            yield unknown(work, work.takes_failures)
        else:
            yield fails(work, f"{work.what} has no place for messages that fail again and again")


CHECK = Check(
    id="detection.failed_work_kept",
    title="Messages that nobody can process are put aside",
    criteria=(Criterion("PI1.3", PARTIAL, "work that failed waits for people, and is neither lost nor done forever"),),
    severity="medium",
    needs=(UnattendedWork,),
    remediation="Give the SQS queue a dead-letter queue (RedrivePolicy with deadLetterTargetArn and maxReceiveCount); "
    "Service Bus has one for each queue anyway. Or name the queue in the parameters of this check.",
    equivalents={},
    judge=judge,
    params=(Param("exceptions", (), "names of queues, * for any text", "those that need no place for what failed"),),
)
