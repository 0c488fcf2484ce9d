"""Stages of HTTP and WebSocket APIs in API Gateway, and whether they log calls."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.service_logs import UseLog

API = Kind("aws.apigatewayv2.api", "apigatewayv2", "GetApis", permission="apigateway:GET", items="Items")
STAGE = Kind(
    "aws.apigatewayv2.stage", "apigatewayv2", "GetStages", permission="apigateway:GET", items="Items", within=API
)

UNSEEN = "StageVariables"
"""Values that a company hands to its programs; nothing is judged by them, and some may be secret."""
CALLS = "calls"


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every API, then its stages."""
    for api in aws.listing(API):
        uid = f"arn:{aws.partition}:apigateway:{aws.region}::/apis/{api['ApiId']}"
        yield aws.document(API, uid, api)
        yield Then(stages, (uid, api["ApiId"]), f"{uid}/{STAGE.operation}")


def stages(aws: Reader, uid: str, id_: str) -> Iterator[Document]:
    """Every stage of one API."""
    for stage in aws.listing(STAGE, within=uid, ApiId=id_):
        kept = {key: value for key, value in stage.items() if key != UNSEEN}
        yield aws.document(STAGE, f"{uid}/stages/{stage['StageName']}", kept)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per stage."""
    for stage in docs.of(STAGE):
        api = stage.uid.rpartition("/stages/")[0]
        name = docs.value(API, api, lambda body: str(body["Name"]))
        known = api.rpartition("/")[2] if isinstance(name, Unread) else name
        yield UseLog(
            resource=docs.resource("api_stage", stage.uid, f"{known}/{stage.body['StageName']}", stage.region),
            documents=docs.about(stage.uid),
            what="stage of an API",
            kinds=(CALLS,),
            kept=docs.field(STAGE, stage, kept_logs),
        )


def kept_logs(stage: Body) -> tuple[str, ...]:
    """Calls, where an access log goes somewhere.  AWS leaves it out of a stage that has none."""
    return (CALLS,) if (stage.get("AccessLogSettings") or {}).get("DestinationArn") else ()


COLLECTOR = Collector(
    id="aws.http_api_stages",
    title="Stages of HTTP and WebSocket APIs and their logs",
    scope="region",
    kinds=(API, STAGE),
    emits={UseLog: STAGE},
    source="Amazon API Gateway V2 API 2018-11-29",
    fetch=fetch,
    shape=shape,
)
