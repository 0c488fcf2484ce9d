"""CloudWatch log groups: how long they keep, with which key, and what is watched in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from collectors.api import Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.monitoring import LogStore

GROUP = Kind("aws.logs.log_group", "logs", "DescribeLogGroups", items="logGroups", volatile=("storedBytes",))
FILTER = Kind("aws.logs.metric_filter", "logs", "DescribeMetricFilters", items="metricFilters")


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every log group and every metric filter of the region: two listings, however many groups there are."""
    for group in aws.listing(GROUP):
        yield aws.document(GROUP, group_uid(group["arn"]), group)
    yield Then(metric_filters, (), FILTER.operation)


def metric_filters(aws: Reader) -> Iterator[Document]:
    """Every metric filter, told apart by its log group and its name."""
    for each in aws.listing(FILTER):
        group = aws.arn("logs", f"log-group:{each['logGroupName']}")
        yield aws.document(FILTER, f"{group}:metric-filter:{each['filterName']}", each)


def group_uid(arn: str) -> str:
    """The ARN of the group itself; AWS appends `:*`, which stands for its streams."""
    return arn.removesuffix(":*")


def shape(docs: Documents) -> Iterator[Fact]:
    """One log store per group."""
    filters: dict[str, list[Document]] = defaultdict(list)
    for each in docs.of(FILTER):
        filters[each.uid.partition(":metric-filter:")[0]].append(each)
    for group in docs.of(GROUP):
        yield _log_store(docs, group, filters)


def _log_store(docs: Documents, group: Document, filters: Mapping[str, list[Document]]) -> LogStore:
    found = filters.get(group.uid, [])
    patterns = [docs.field(FILTER, each, lambda body: str(body["filterPattern"])) for each in found]
    unread = docs.complete(FILTER, group.region) or next((each for each in patterns if not isinstance(each, str)), None)
    return LogStore(
        resource=docs.resource("log_store", group.uid, group.body["logGroupName"], group.region),
        documents=docs.about(group.uid, *found),
        # AWS leaves out the retention of a group that never expires, and the key of one that has none.
        retention_days=docs.field(GROUP, group, lambda body: body.get("retentionInDays")),
        customer_key=docs.field(GROUP, group, lambda body: body.get("kmsKeyId")),
        metric_filters=unread or tuple(sorted(each for each in patterns if isinstance(each, str))),
    )


COLLECTOR = Collector(
    id="aws.log_groups",
    title="CloudWatch log groups and their metric filters",
    scope="region",
    kinds=(GROUP, FILTER),
    emits={LogStore: GROUP},
    source="Amazon CloudWatch Logs API 2014-03-28",
    fetch=fetch,
    shape=shape,
)
