"""Stages of REST APIs in API Gateway: the web firewalls before them, and whether they log calls.

HTTP and WebSocket APIs are read apart: no web ACL can be put before these, only before a distribution that they serve.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.aws.web_firewalls import acl_of, blocking, named, parts_of
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import WebFront
from collectors.facts.service_logs import UseLog

API = Kind(
    "aws.apigateway.rest_api", "apigateway", "GetRestApis", permission="apigateway:GET", items="items", omits_empty=True
)
STAGE = Kind(
    "aws.apigateway.stage",
    "apigateway",
    "GetStages",
    permission="apigateway:GET",
    items="item",
    omits_empty=True,
    within=API,
)
ACL = acl_of("aws.wafv2.acl_of_stage")

UNSEEN = frozenset({"variables", "canarySettings"})
"""Values that a company hands to its programs; nothing is judged by them, and some may be secret."""
PRIVATE = "PRIVATE"
WHAT = "stage of an API"
CALLS = "calls"
EVERY_METHOD = "*/*"
OFF = "OFF"


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every API, then its stages."""
    for api in aws.listing(API):
        uid = api_uid(aws.partition, aws.region, api["id"])
        yield aws.document(API, uid, api)
        yield Then(stages, (uid, api["id"]), f"{uid}/{STAGE.operation}")


def api_uid(partition: str, region: str, id_: str) -> str:
    """The ARN of an API, in which AWS names no account."""
    return f"arn:{partition}:apigateway:{region}::/restapis/{id_}"


def stages(aws: Reader, uid: str, id_: str) -> Iterator[Document | Then]:
    """Every stage of one API, and the web ACL that it refers to."""
    for stage in aws.listing(STAGE, within=uid, restApiId=id_):
        place = f"{uid}/stages/{stage['stageName']}"
        yield aws.document(STAGE, place, {key: value for key, value in stage.items() if key not in UNSEEN})
        reference = str(stage.get("webAclArn") or "")
        asked = parts_of(reference) if reference else None
        if asked:
            yield Then(acl, (reference, asked), f"{place}/{ACL.operation}")


def acl(aws: Reader, arn: str, asked: Mapping[str, Any]) -> Iterator[Document]:
    """One web ACL."""
    yield from aws.read(ACL, arn, **asked)


def shape(docs: Documents) -> Iterator[Fact]:
    """Two facts per stage."""
    for stage in docs.of(STAGE):
        api = stage.uid.rpartition("/stages/")[0]
        # AWS leaves the reference out of a stage that has none.
        reference = docs.field(STAGE, stage, lambda body: str(body.get("webAclArn") or ""))
        known = [] if isinstance(reference, Unread) else [each for each in docs.of(ACL) if each.uid == reference]
        parent = docs.get(API, api)
        resource = docs.resource("web_front", stage.uid, name_of(parent, stage), stage.region)
        yield WebFront(
            resource=resource,
            documents=docs.about(stage.uid, *known, *([] if isinstance(parent, Unread) else [parent])),
            what=WHAT,
            internet_facing=docs.value(API, api, faces_internet),
            firewalls=reference if isinstance(reference, Unread) else named(reference),
            covered=True,  # a web ACL sees every request of its stage
            blocking=reference if isinstance(reference, Unread) else blocking(docs, ACL, reference),
        )
        yield UseLog(
            resource=resource,
            documents=docs.about(stage.uid),
            what=WHAT,
            kinds=(CALLS,),
            kept=docs.field(STAGE, stage, kept_logs),
        )


def name_of(api: Document | Unread, stage: Document) -> str:
    """What people call a stage: the API's name with its own."""
    known = stage.uid.split("/")[-3] if isinstance(api, Unread) else api.body.get("name") or api.body["id"]
    return f"{known}/{stage.body['stageName']}"


def faces_internet(api: Body) -> bool:
    """Somebody outside of the company's networks can reach it: some endpoint of it is not private."""
    return any(each != PRIVATE for each in api["endpointConfiguration"]["types"])


def kept_logs(stage: Body) -> tuple[str, ...]:
    """Calls, where each one leaves a line in an access log, or in the execution log that no method is taken out of.

    AWS leaves out what was never set.
    """
    if (stage.get("accessLogSettings") or {}).get("destinationArn"):
        return (CALLS,)
    levels = {path: str(each.get("loggingLevel", OFF)) for path, each in (stage.get("methodSettings") or {}).items()}
    return (CALLS,) if EVERY_METHOD in levels and OFF not in levels.values() else ()


COLLECTOR = Collector(
    id="aws.api_stages",
    title="Stages of REST APIs, their web firewalls and their logs",
    scope="region",
    kinds=(API, STAGE, ACL),
    emits={WebFront: STAGE, UseLog: STAGE},
    source="Amazon API Gateway API 2015-07-09; AWS WAFV2 API 2019-07-29",
    fetch=fetch,
    shape=shape,
)
