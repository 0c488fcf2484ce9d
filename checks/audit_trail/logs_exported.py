"""All logs of an account are copied out of the provider's own log stores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.monitoring import LogExports


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account."""
    for account in facts.of(LogExports):
        places = account.everything_to
        if isinstance(places, Unread):
            yield unknown(account, places)
        elif places:
            yield passes(account, f"every log entry is copied to {', '.join(places)}")
        else:
            yield fails(account, "no export takes every log entry")


CHECK = Check(
    id="audit_trail.logs_exported",
    title="All logs are exported",
    criteria=(
        Criterion("CC7.2", PARTIAL, "logs outlive the store in which they arose, and can be watched in one place"),
        Criterion("CC7.3", PARTIAL, "an event found late can still be judged from a copy"),
        Criterion("CC2.1", SUPPORTING, "the record of activity is whole"),
    ),
    severity="medium",
    needs=(LogExports,),
    remediation="Create a log sink without a filter in the Google Cloud project, or one with includeChildren in its "
    "organization, to a bucket, a dataset or a topic in a project for logs.",
    equivalents={"prowler": ("logging_sink_created",), "cis": ("GCP 2.2",)},
    judge=judge,
)
