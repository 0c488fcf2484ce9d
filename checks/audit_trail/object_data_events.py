"""Audit trails record who reads and writes objects in every object store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, not_applicable
from checks.recording import judge_recording
from collectors.facts.monitoring import AuditTrail


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per trail; a trail that is off records nothing."""
    for trail in facts.of(AuditTrail):
        if trail.objects_elsewhere:
            yield not_applicable(trail, "access to objects is logged by each object store, and not by trails")
        else:
            yield judge_recording(trail, trail.object_reads, trail.object_writes, "object data events")


CHECK = Check(
    id="audit_trail.object_data_events",
    title="Audit trails record object reads and writes",
    criteria=(
        Criterion("CC7.2", PARTIAL, "use of stored data is watched, not only its configuration"),
        Criterion("CC7.3", SUPPORTING, "shows whether an event exposed information"),
        Criterion("CC2.1", SUPPORTING, "the record of activity includes the data itself"),
    ),
    severity="low",
    needs=(AuditTrail,),
    remediation="Select data events of all S3 buckets (AWS::S3::Object) with ReadWriteType All on the "
    "trail, and start its logging.  On Google Cloud, turn on DATA_READ and DATA_WRITE of Cloud Storage in the audit "
    "configuration of the project or above.",
    equivalents={
        "prowler": ("cloudtrail_s3_dataevents_read_enabled", "cloudtrail_s3_dataevents_write_enabled"),
        "aws_config": ("cloudtrail-s3-dataevents-enabled",),
        "security_hub": ("S3.22", "S3.23"),
        "cis": ("AWS 3.8", "AWS 3.9"),
    },
    judge=judge,
)
