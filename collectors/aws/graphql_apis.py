"""GraphQL APIs of AppSync, and whether they log what is asked of their fields."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.service_logs import UseLog

API = Kind("aws.appsync.api", "appsync", "ListGraphqlApis", items="graphqlApis")
FIELDS = "queries of fields"
NONE = "NONE"


def fetch(aws: Reader) -> Iterator[Document]:
    """Every API of the region."""
    for api in aws.listing(API):
        yield aws.document(API, api["arn"], api)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per API."""
    for api in docs.of(API):
        yield UseLog(
            resource=docs.resource("api", api.uid, str(api.body["name"]), api.region),
            documents=docs.about(api.uid),
            what="GraphQL API",
            kinds=(FIELDS,),
            kept=docs.field(API, api, kept_logs),
        )


def kept_logs(api: Body) -> tuple[str, ...]:
    """Queries of fields, at whatever level.  AWS leaves the configuration out of an API that has none."""
    if "logConfig" not in api:
        return ()
    return () if str(api["logConfig"]["fieldLogLevel"]) == NONE else (FIELDS,)


COLLECTOR = Collector(
    id="aws.graphql_apis",
    title="GraphQL APIs and their logs",
    scope="region",
    kinds=(API,),
    emits={UseLog: API},
    source="AWS AppSync API 2017-07-25",
    fetch=fetch,
    shape=shape,
)
