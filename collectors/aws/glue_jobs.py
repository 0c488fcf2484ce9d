"""Jobs of Glue, whether they log while they run, and what tells that one failed."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.processing import UnattendedWork
from collectors.facts.service_logs import WorkLog

JOB = Kind("aws.glue.job", "glue", "GetJobs", items="Jobs")

LIVE_LOG = "--enable-continuous-cloudwatch-log"
ARGUMENTS = "DefaultArguments"
JUDGED = frozenset({LIVE_LOG})
"""Arguments that are judged; others are handed to the company's own program, and some may be secret."""
UNSEEN = frozenset({"NonOverridableArguments", "CodeGenConfigurationNodes"})

RUNS = "runs"
ALWAYS_FROM = 5
"""Jobs log while they run, whatever their arguments say, from this version on: Developer Guide, logging for jobs."""
SPARK = frozenset({"glueetl", "gluestreaming"})
"""Commands whose jobs have such a log; others write to a log store anyway."""


def fetch(aws: Reader) -> Iterator[Document]:
    """Every job of the region."""
    for job in aws.listing(JOB):
        kept = {key: value for key, value in job.items() if key not in UNSEEN}
        arguments = job.get(ARGUMENTS) or {}
        kept[ARGUMENTS] = {key: value for key, value in arguments.items() if key in JUDGED}
        yield aws.document(JOB, aws.arn("glue", f"job/{job['Name']}"), kept)


def shape(docs: Documents) -> Iterator[Fact]:
    """Two facts per job."""
    for job in docs.of(JOB):
        resource = docs.resource("data_job", job.uid, str(job.body["Name"]), job.region)
        yield UnattendedWork(
            resource=resource,
            documents=docs.about(job.uid),
            what="data job",
            failures_kept=None,
            takes_failures=False,
            measures=(),  # no measure of Glue counts runs that failed: its metrics are about parts of a run
            events=(f"failed:data_job {resource.name.lower()}",),
        )
        yield WorkLog(
            resource=resource,
            documents=docs.about(job.uid),
            what="data job",
            kinds=(RUNS,),
            kept=docs.field(JOB, job, kept_logs),
        )


def kept_logs(job: Body) -> tuple[str, ...]:
    """Runs, where lines go to a log store while they happen.  An argument that is left out is false."""
    if str(job["Command"]["Name"]) not in SPARK:
        return (RUNS,)
    version = str(job.get("GlueVersion") or "0").partition(".")[0]
    always = version.isdigit() and int(version) >= ALWAYS_FROM
    return (RUNS,) if always or str(job[ARGUMENTS].get(LIVE_LOG, "")).lower() == "true" else ()


COLLECTOR = Collector(
    id="aws.glue_jobs",
    title="Glue jobs and their logs",
    scope="region",
    kinds=(JOB,),
    emits={WorkLog: JOB, UnattendedWork: JOB},
    source="AWS Glue API 2017-03-31",
    fetch=fetch,
    shape=shape,
)
