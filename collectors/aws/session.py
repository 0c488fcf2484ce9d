"""A session that can only read, and a reader that records each call and turns each failure into a gap."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from collectors import reader
from collectors.api import Kind
from collectors.aws.failures import classify
from collectors.errors import ReadRefused
from collectors.facts.core import Reason
from collectors.rates import Rates
from collectors.reader import CallUnderWay, Place

_READS = re.compile(r"^(Get|List|Describe|Lookup|Head)[A-Z]")
_ALSO_READS = frozenset({"BatchGetProjects", "GenerateCredentialReport"})
"""The settings of build projects, which nothing else tells; and a report of what is, which IAM counts as a read."""
_SECRET_BEARING = re.compile(
    r"^(GetSecretValue|BatchGetSecretValue|GetObject|GetObjectTorrent|GetParameters?|GetParametersByPath"
    r"|GetParameterHistory|GetSessionToken|GetFederationToken|GetRandomPassword|GetPasswordData|GetConsoleOutput"
    r"|GetLogEvents|GetRecords|GetItem|GetDataKey.*|GetAuthorizationToken|GetFunction|GetClusterCredentials.*)$"
)

_MARKS = ("NextToken", "nextToken", "Marker", "NextMarker")
"""By which answers say that they go on; some that the SDK has no pages of take the same word in the next question."""

CONNECT_SECONDS = 10
READ_SECONDS = 60


def is_read(operation: str) -> bool:
    """An operation that changes nothing and answers with configuration, not with customers' data or secrets."""
    return operation in _ALSO_READS or bool(_READS.match(operation) and not _SECRET_BEARING.match(operation))


def refuse_writes(model: Any, **_: Any) -> None:
    """Botocore hook before a request is built: the last gate, whoever asks."""
    _refuse_write(model.service_model.service_name, model.name)


def _refuse_write(service: str, operation: str) -> None:
    if not is_read(operation):
        message = f"{service}:{operation} is not a read and was not sent"
        raise ReadRefused(message)


def refuse_garbage(operation_model: Any, response_dict: Any, **_: Any) -> None:
    """Botocore hook before an answer is parsed: bytes that are no JSON are no answer.

    Botocore itself takes them for an empty one, from which "nothing is configured" would follow.
    """
    from botocore.parsers import ResponseParserError  # noqa: PLC0415  # the SDK is an extra

    if response_dict["status_code"] != HTTPStatus.OK or "json" not in operation_model.service_model.resolved_protocol:
        return
    try:
        json.loads(response_dict["body"])
    except ValueError as error:
        raise ResponseParserError(f"{operation_model.name} was answered with bytes that are no JSON") from error


def refuse_half(operation_model: Any, response_dict: Any, **_: Any) -> None:
    """Botocore hook before an answer is parsed: one that ends before its announced length is no answer.

    The connection that breaks off is not always noticed below, and half a text may still be a text.
    """
    from botocore.parsers import ResponseParserError  # noqa: PLC0415  # the SDK is an extra

    announced = response_dict["headers"].get("content-length")
    body = response_dict["body"]
    if announced is None or not isinstance(body, bytes) or response_dict["headers"].get("content-encoding"):
        return
    if operation_model.http["method"] != "HEAD" and len(body) < int(announced):
        raise ResponseParserError(f"{operation_model.name} was answered with {len(body)} of {announced} bytes")


def drop_account_label(request: Any, **_others: Any) -> None:
    """S3 Control writes the account before the host, which no loopback or bare IP address can serve."""
    parts = urlsplit(request.url)
    account, _, host = (parts.hostname or "").partition(".")
    if account.isdigit() and (host == "localhost" or re.fullmatch(r"[\d.]+", host)):
        request.url = urlunsplit(parts._replace(netloc=parts.netloc.partition(".")[2]))


class Session:
    """Clients of one AWS identity, made once per service and region and shared by all threads."""

    def __init__(
        self,
        core: Any,
        *,
        pool: int,
        attempts: int,
        rates: Rates,
        endpoint: str | None = None,
        custom: bool = False,
    ) -> None:
        """`core` is a boto3 session with credentials; `pool` is how many calls may be under way at once.

        `custom` says that calls go to an address of the company's own (`endpoint`, or AWS_ENDPOINT_URL), where
        names like `bucket.host` do not resolve.
        """
        from botocore.config import Config  # noqa: PLC0415  # the SDK is an extra

        self._core = core
        self._endpoint = endpoint
        self._rates = rates
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._config = Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=pool,
            s3={"addressing_style": "path"} if custom else None,
            inject_host_prefix=not custom,
            user_agent_extra="proofkeep",
        )
        core.events.register("before-parameter-build", refuse_writes)
        core.events.register("before-parse", refuse_half)
        core.events.register("before-parse", refuse_garbage)
        if custom:
            core.events.register("before-sign.s3-control", drop_account_label)

    def client(self, service: str, region: str) -> Any:
        """The client of a service in a region.  Making one is not safe in two threads at once, hence the lock."""
        client = self._clients.get((service, region))
        if client is None:
            with self._lock:
                client = self._clients.get((service, region))
                if client is None:
                    client = self._core.client(
                        service, region_name=region, config=self._config, endpoint_url=self._endpoint
                    )
                    self._pace(client, service, region)
                    self._clients[service, region] = client
        return client

    def _pace(self, client: Any, service: str, region: str) -> None:
        """Let each attempt wait for its turn.

        Botocore signs each attempt anew and says `before-sign` right before it, so retries count, and neither the
        signature nor the credentials in it grow old while the call waits.
        """
        if self._rates.limit(service) is not None:
            client.meta.events.register("before-sign", lambda **_: self._rates.wait(service, region))


@dataclass(frozen=True, slots=True)
class AwsPlace(Place):
    """For whom a call is made, with whose clients, and where it goes."""

    session: Session
    where: str
    """The region that the call goes to."""


class Reader(reader.Reader):
    """What a collector's `fetch` reads with: one collector, one region."""

    _place: AwsPlace

    def __init__(self, place: AwsPlace) -> None:
        """Every call made through it is recorded in `place.recorder`."""
        super().__init__(place)

    def at(self, region: str) -> Reader:
        """The same reader whose calls go to another region; what they answer counts for the same scope."""
        return Reader(replace(self._place, where=region))

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """An ARN in this account; `region` defaults to this reader's own, none for a global one."""
        place = region if region is not None else ("" if self.region == "global" else self.region)
        return f"arn:{self.partition}:{service}:{place}:{self.account}:{resource}"

    def _call(self, kind: Kind, parameters: dict[str, Any]) -> _AwsCall:
        _refuse_write(kind.service, kind.operation)  # the clients do not even know how to write
        return _AwsCall(self._place, kind, parameters)


class _AwsCall(CallUnderWay):
    """One operation of the SDK."""

    def __init__(self, place: AwsPlace, kind: Kind, parameters: dict[str, Any]) -> None:
        self._client = place.session.client(kind.service, place.where)
        self.where = place.where
        self.endpoint = str(self._client.meta.endpoint_url)
        self.api_version = str(self._client.meta.service_model.api_version)
        super().__init__(place, kind, parameters)

    def bodies(self, *, paged: bool = True) -> Iterator[dict[str, Any]]:
        """Each page as answered, without the transport's own metadata."""
        from botocore import xform_name  # noqa: PLC0415  # the SDK is an extra

        method = xform_name(self._kind.operation)
        if paged and self._client.can_paginate(method):
            for page in self._client.get_paginator(method).paginate(**self._parameters):
                yield self._body(page)
            return
        model = self._client.meta.service_model.operation_model(self._kind.operation)
        asked: dict[str, Any] = {}
        while True:
            body = self._body(getattr(self._client, method)(**self._parameters, **asked))
            mark = next((each for each in _MARKS if paged and body.get(each)), "")
            if mark and mark not in model.input_shape.members:
                message = "the answer goes on, and the SDK cannot page it"
                raise ValueError(message)
            yield body
            if not mark or asked.get(mark) == body[mark]:
                return
            asked = {mark: body[mark]}

    def classify(self, error: Exception) -> tuple[Reason, str]:
        """By what botocore raised."""
        return classify(error, self._kind.operation)

    def absent_code(self, error: Exception) -> str:
        """The code of an answer that is an error."""
        response = getattr(error, "response", None)
        return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""

    def note_failure(self, error: Exception) -> None:
        """An answer that is an error has metadata like any other."""
        response = getattr(error, "response", None)
        if isinstance(response, dict):
            self._note(response.get("ResponseMetadata", {}))

    def _body(self, response: dict[str, Any]) -> dict[str, Any]:
        self._note(response.get("ResponseMetadata", {}))
        self._pages += 1
        return {key: value for key, value in response.items() if key != "ResponseMetadata"}

    def _note(self, metadata: Mapping[str, Any]) -> None:
        headers = metadata.get("HTTPHeaders", {})
        request_id = metadata.get("RequestId") or headers.get("x-amz-request-id") or ""
        self.note(str(request_id), str(headers.get("date", "")), int(metadata.get("RetryAttempts", 0)) + 1)
