"""Whether Bedrock logs what models are asked and answer, in each region where somebody asks one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.service_logs import UseLog

LOGGING = Kind("aws.bedrock.invocation_logging", "bedrock", "GetModelInvocationLoggingConfiguration")
# CloudWatch lists a metric for two weeks after its last value: ListMetrics.
METRICS = Kind("aws.bedrock.metrics", "cloudwatch", "ListMetrics", items="Metrics", volatile=("*",))
INVOCATIONS = "model invocations"
NAMESPACE, METRIC = "AWS/Bedrock", "Invocations"


def fetch(aws: Reader) -> Iterator[Document]:
    """How the region logs, and if it does not, whether any model was called of late."""
    uid = region_uid(aws.partition, aws.region, aws.account)
    for found in aws.read(LOGGING, uid):
        yield found
        if kept_logs(found.body):
            return
    for found in aws.gather(METRICS, uid, Namespace=NAMESPACE, MetricName=METRIC):
        yield replace(found, body={"Count": len(found.body["Metrics"])})


def region_uid(partition: str, region: str, account: str) -> str:
    """Stands for the models of a region."""
    return f"arn:{partition}:bedrock:{region}:{account}:model-invocations"


def shape(docs: Documents) -> Iterator[Fact]:
    """Exactly one fact per region."""
    for region in docs.regions:
        uid = region_uid(docs.partition, region, docs.account)
        kept = docs.value(LOGGING, uid, kept_logs)
        yield UseLog(
            resource=docs.resource("model_service", uid, region, region),
            documents=docs.about(uid),
            what="model service of the region",
            kinds=kept if not isinstance(kept, Unread) and kept else docs.value(METRICS, uid, kinds),
            kept=kept,
        )


def kept_logs(body: Body) -> tuple[str, ...]:
    """Invocations, where they go to a log store or an object store.  AWS leaves out what is not configured."""
    config = body.get("loggingConfig") or {}
    return (INVOCATIONS,) if config.get("cloudWatchConfig") or config.get("s3Config") else ()


def kinds(body: Body) -> tuple[str, ...]:
    """Invocations, where there were some."""
    return (INVOCATIONS,) if int(body["Count"]) else ()


COLLECTOR = Collector(
    id="aws.model_invocations",
    title="Logging of model invocations",
    scope="region",
    kinds=(LOGGING, METRICS),
    emits={UseLog: None},
    source="Amazon Bedrock API 2023-04-20, Amazon CloudWatch API 2010-08-01",
    fetch=fetch,
    shape=shape,
)
