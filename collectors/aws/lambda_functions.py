"""Lambda functions: addresses of their own on the internet, and the role that they act with."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.address_sets import EVERYWHERE, FOUR, SIX
from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.apps import WebApp
from collectors.facts.core import Fact

FUNCTION = Kind("aws.lambda.function", "lambda", "ListFunctions", items="Functions")
ADDRESSES = Kind("aws.lambda.function_urls", "lambda", "ListFunctionUrlConfigs", items="FunctionUrlConfigs")

NOT_KEPT = {"Environment"}
"""Settings of the function's own program, where secrets are common; no check needs them."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every function of the region, and its addresses."""
    for function in aws.listing(FUNCTION):
        uid = function["FunctionArn"]
        yield aws.document(FUNCTION, uid, {key: value for key, value in function.items() if key not in NOT_KEPT})
        yield Then(own_addresses, (uid, function["FunctionName"]), f"{uid}/{ADDRESSES.operation}")


def own_addresses(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """The addresses of one function and its aliases."""
    yield from aws.gather(ADDRESSES, uid, FunctionName=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per function."""
    for function in docs.of(FUNCTION):
        yield WebApp(
            resource=docs.resource("web_app", function.uid, str(function.body["FunctionName"]), function.region),
            documents=docs.about(function.uid),
            what="function app",
            open_ranges=docs.value(ADDRESSES, function.uid, open_ranges),
            identity=docs.field(FUNCTION, function, lambda body: (str(body["Role"]),)),
            # What a function itself writes is all that there is; calls of its API are in the audit trail.
            access_logged=None,
        )


def open_ranges(body: Body) -> tuple[str, ...]:
    """Everywhere, when some address of the function asks nobody who calls; it has both versions of IP.

    An address that asks for a signature of IAM lets in whom the function's policies name, like the API does.
    """
    asks_nobody = any(each["AuthType"] == "NONE" for each in body["FunctionUrlConfigs"])
    return (EVERYWHERE[FOUR], EVERYWHERE[SIX]) if asks_nobody else ()


COLLECTOR = Collector(
    id="aws.lambda_functions",
    title="Lambda functions",
    scope="region",
    kinds=(FUNCTION, ADDRESSES),
    emits={WebApp: FUNCTION},
    source="AWS Lambda API 2015-03-31",
    fetch=fetch,
    shape=shape,
)
