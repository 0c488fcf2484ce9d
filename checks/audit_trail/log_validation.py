"""Log files of audit trails carry signed digests, so that a change shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.monitoring import AuditTrail


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per trail."""
    for trail in facts.of(AuditTrail):
        yield decide(
            trail,
            trail.validated,
            yes="log file validation is on",
            no="log file validation is off, so a changed log file would go unnoticed",
        )


CHECK = Check(
    id="audit_trail.log_validation",
    title="Audit trails sign their log files",
    criteria=(
        Criterion("PI1.5", PARTIAL, "a stored record that was altered is found"),
        Criterion("CC7.2", PARTIAL, "whoever alters the record of activity is seen"),
        Criterion("CC7.3", SUPPORTING, "an event is judged from records that can be shown to be unchanged"),
    ),
    severity="medium",
    needs=(AuditTrail,),
    remediation="Turn on log file validation for the trail (EnableLogFileValidation).",
    equivalents={
        "prowler": ("cloudtrail_log_file_validation_enabled",),
        "aws_config": ("cloud-trail-log-file-validation-enabled",),
        "security_hub": ("CloudTrail.4",),
        "cis": ("AWS 3.2",),
    },
    judge=judge,
)
