"""Restore jobs of AWS Backup, those of restore testing too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact
from collectors.facts.recovery import RestoreJob

JOB = Kind(
    "aws.backup.restore_job",
    "backup",
    "ListRestoreJobs",
    items="RestoreJobs",
    volatile=("BackupSizeInBytes", "DeletionStatus", "DeletionStatusMessage", "ExpectedCompletionTimeMinutes",
              "PercentDone"),
)  # fmt: skip
UNDER_WAY = ("PENDING", "RUNNING")
ENDED = {"COMPLETED": True, "ABORTED": False, "FAILED": False}
"""Every other state that AWS documents, and whether something came back."""


def fetch(aws: Reader) -> Iterator[Document]:
    """Every restore job of the region that AWS still knows."""
    for job in aws.listing(JOB):
        yield aws.document(JOB, aws.arn("backup", f"restore-job:{job['RestoreJobId']}"), job)


def shape(docs: Documents) -> Iterator[Fact]:
    """One restore job each."""
    for job in docs.of(JOB):
        yield RestoreJob(
            resource=docs.resource("restore_job", job.uid, job.body["RestoreJobId"], job.region),
            documents=docs.about(job.uid),
            # Older jobs do not tell what was backed up, but always which backup they read.
            of=str(job.body.get("SourceResourceArn") or job.body.get("RecoveryPointArn") or "unknown"),
            ended=docs.field(JOB, job, ended),
            succeeded=docs.field(JOB, job, succeeded),
        )


def ended(body: Body) -> datetime | None:
    """When the job ended; None while it is under way."""
    return None if body["Status"] in UNDER_WAY else when(body["CompletionDate"])


def succeeded(body: Body) -> bool:
    """Something came back.  A test of it that AWS was asked to run, and that failed, means that it did not."""
    if body["Status"] in UNDER_WAY:
        return False
    return ENDED[body["Status"]] and body.get("ValidationStatus") not in {"FAILED", "TIMED_OUT"}


COLLECTOR = Collector(
    id="aws.backup_restores",
    title="AWS Backup restore jobs",
    scope="region",
    kinds=(JOB,),
    emits={RestoreJob: JOB},
    source="AWS Backup API 2018-11-15",
    fetch=fetch,
    shape=shape,
)
