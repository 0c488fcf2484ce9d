"""A session that can only read, and a reader that records each call and turns each failure into a gap."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from collectors.api import Document, Kind
from collectors.aws.failures import classify
from collectors.errors import ReadRefused
from collectors.facts.core import Reason
from collectors.provenance import Call, Gap, Listing, Page
from collectors.rates import Rates

_READS = re.compile(r"^(Get|List|Describe|Lookup|Head)[A-Z]")
_ALSO_READS = frozenset({"GenerateCredentialReport"})
"""Makes the provider assemble a report of what is; IAM itself counts it as a read."""
_SECRET_BEARING = re.compile(
    r"^(GetSecretValue|BatchGetSecretValue|GetObject|GetObjectTorrent|GetParameters?|GetParametersByPath"
    r"|GetParameterHistory|GetSessionToken|GetFederationToken|GetRandomPassword|GetPasswordData|GetConsoleOutput"
    r"|GetLogEvents|GetRecords|GetItem|GetDataKey.*|GetAuthorizationToken|GetFunction|GetClusterCredentials.*)$"
)

CONNECT_SECONDS = 10
READ_SECONDS = 60


def now() -> int:
    """When a call begins by this machine's clock: microseconds since the epoch, UTC."""
    return time.time_ns() // 1000


def is_read(operation: str) -> bool:
    """An operation that changes nothing and answers with configuration, not with customers' data or secrets."""
    return operation in _ALSO_READS or bool(_READS.match(operation) and not _SECRET_BEARING.match(operation))


def refuse_writes(model: Any, **_: Any) -> None:
    """Botocore hook before a request is built: the last gate, whoever asks."""
    if not is_read(model.name):
        message = f"{model.service_model.service_name}:{model.name} is not a read and was not sent"
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


@dataclass(slots=True)
class Recorder:
    """Where one task's page grows until it is taken away for staging."""

    numbers: Iterator[int]
    flush: Callable[[Page], None]
    page: Page = field(default_factory=Page)
    current: int = -1
    """Number of the call whose answer is being read."""

    def turn(self) -> None:
        """Hand over what has arrived and start a new page."""
        if self.page:
            full, self.page = self.page, Page()
            self.flush(full)


@dataclass(frozen=True, slots=True)
class Place:
    """For whom a call is made, and where it goes."""

    session: Session
    collector: str
    account: str
    partition: str
    region: str
    """The scope it counts for: a region, or `global`."""
    where: str
    """The region that the call goes to."""
    regions: tuple[str, ...]
    """Every region that this run reads."""
    recorder: Recorder


class Reader:
    """What a collector's `fetch` reads with: one collector, one region."""

    def __init__(self, place: Place) -> None:
        """Every call made through it is recorded in `place.recorder`."""
        self._place = place
        self.account = place.account
        self.partition = place.partition
        self.region = place.region
        self.regions = place.regions

    def at(self, region: str) -> Reader:
        """The same reader whose calls go to another region; what they answer counts for the same scope."""
        return Reader(replace(self._place, where=region))

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """An ARN in this account; `region` defaults to this reader's own, none for a global one."""
        place = region if region is not None else ("" if self.region == "global" else self.region)
        return f"arn:{self.partition}:{service}:{place}:{self.account}:{resource}"

    def document(self, kind: Kind, uid: str, body: Mapping[str, Any]) -> Document:
        """A document made of what the call at hand answered."""
        return Document(kind.name, uid, self.region, body, self._place.recorder.current)

    def listing(self, kind: Kind, *, within: str = "", **parameters: Any) -> Iterator[dict[str, Any]]:
        """Each item of a listing, page after page, to its end; a failure ends it and leaves a gap.

        `within` is the uid of the parent item, when `kind` is listed once per parent.
        """
        for body in self.pages(kind, within=within, **parameters):
            number = self._place.recorder.current
            for item in dig(body, kind):
                self._place.recorder.current = number
                yield item

    def pages(self, kind: Kind, *also: Kind, within: str = "", **parameters: Any) -> Iterator[dict[str, Any]]:
        """Each page of an answer; the listings of `kind` and of `also` are complete once the last was read."""
        call = _CallUnderWay(self._place, kind, parameters)
        counts = dict.fromkeys((kind, *also), 0)
        bodies = call.bodies()
        while True:
            try:
                body = next(bodies, None)
                for each in counts if body is not None else ():
                    counts[each] += len(dig(body or {}, each))
            except Exception as error:  # noqa: BLE001  # sorted into a gap by consequence, never swallowed
                call.failed(error, [(each, within or None, True) for each in counts])
                return
            if body is None:
                break
            self._place.recorder.current = call.number
            yield body
            self._place.recorder.turn()
        call.succeeded(items=sum(counts.values()))
        self._place.recorder.page.listings += [
            Listing(self._place.collector, each.name, self.region, within, items, call.number)
            for each, items in counts.items()
        ]

    def read(self, kind: Kind, uid: str, **parameters: Any) -> Iterator[Document]:
        """The one document about `uid`, or none and a gap.  "There is none" is a document with that error code."""
        call = _CallUnderWay(self._place, kind, parameters)
        try:
            (body,) = call.bodies(paged=False)
        except Exception as error:  # noqa: BLE001  # sorted into a gap by consequence, never swallowed
            yield from self._absent_or_gap(call, error, kind, uid)
            return
        call.succeeded(items=1)
        yield Document(kind.name, uid, self.region, body, call.number)

    def gather(self, kind: Kind, uid: str, **parameters: Any) -> Iterator[Document]:
        """One document about `uid` that holds all items of all pages, or none and a gap."""
        call = _CallUnderWay(self._place, kind, parameters)
        try:
            items = [item for body in call.bodies() for item in dig(body, kind)]
        except Exception as error:  # noqa: BLE001  # sorted into a gap by consequence, never swallowed
            yield from self._absent_or_gap(call, error, kind, uid)
            return
        call.succeeded(items=len(items))
        yield Document(kind.name, uid, self.region, {kind.items: items}, call.number)

    def _absent_or_gap(self, call: _CallUnderWay, error: Exception, kind: Kind, uid: str) -> Iterator[Document]:
        response = getattr(error, "response", None)
        code = str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""
        if code and code in kind.absent:
            call.answered_absent(error, code)
            yield Document(kind.name, uid, self.region, {"absent": code}, call.number)
            return
        call.failed(error, [(kind, uid, False)])


def dig(body: Mapping[str, Any], kind: Kind) -> list[Any]:
    """The list at `kind.items` in a page.  A page without it is malformed, unless the kind may leave it out."""
    found: Any = body
    for step in kind.items.split("."):
        if step not in found and kind.omits_empty:
            return []
        found = found[step]
    if not isinstance(found, list):
        message = f"{kind.items} is not a list"
        raise TypeError(message)
    return found


class _CallUnderWay:
    """One operation being performed: what it asked, what came back, how long it took."""

    def __init__(self, place: Place, kind: Kind, parameters: dict[str, Any]) -> None:
        self._place = place
        self._kind = kind
        self._parameters = parameters
        self._client = place.session.client(kind.service, place.where)
        self._began = now()
        self._clock = time.monotonic_ns()
        self._ids: list[str] = []
        self._pages = 0
        self._attempts = 0
        self._date = ""
        self.number = next(place.recorder.numbers)

    def bodies(self, *, paged: bool = True) -> Iterator[dict[str, Any]]:
        """Each page as answered, without the transport's own metadata."""
        from botocore import xform_name  # noqa: PLC0415  # the SDK is an extra

        method = xform_name(self._kind.operation)
        if paged and self._client.can_paginate(method):
            for page in self._client.get_paginator(method).paginate(**self._parameters):
                yield self._body(page)
            return
        body = self._body(getattr(self._client, method)(**self._parameters))
        if paged and any(body.get(mark) for mark in ("NextToken", "nextToken", "Marker", "NextMarker")):
            message = "the answer goes on, and the SDK cannot page it"
            raise ValueError(message)
        yield body

    def _body(self, response: dict[str, Any]) -> dict[str, Any]:
        self._note(response.get("ResponseMetadata", {}))
        self._pages += 1
        return {key: value for key, value in response.items() if key != "ResponseMetadata"}

    def _note(self, metadata: Mapping[str, Any]) -> None:
        headers = metadata.get("HTTPHeaders", {})
        request_id = metadata.get("RequestId") or headers.get("x-amz-request-id")
        if request_id:
            self._ids.append(str(request_id))
        self._date = str(headers.get("date", self._date))
        self._attempts += int(metadata.get("RetryAttempts", 0)) + 1

    def succeeded(self, *, items: int) -> None:
        """The last page said that it was the last."""
        self._record(items=items, complete=True, error="")

    def answered_absent(self, error: Any, code: str) -> None:
        """The provider said that there is none: an answer like any other."""
        self._note(error.response.get("ResponseMetadata", {}))
        self._record(items=0, complete=True, error=code)

    def failed(self, error: Exception, left_out: list[tuple[Kind, str | None, bool]]) -> None:
        """Record the call, and a gap for each (kind, uid, is a listing) that it should have answered."""
        if isinstance(error, ReadRefused):
            raise error
        response = getattr(error, "response", None)
        if isinstance(response, dict):
            self._note(response.get("ResponseMetadata", {}))
        reason, said = classify(error, self._kind.operation)
        cut_off = self._pages > 0 and left_out[0][2]
        self._record(items=0, complete=False, error=said)
        self._place.recorder.page.gaps += [
            Gap(
                reason=Reason.PARTIAL_LISTING if cut_off else reason,
                collector=self._place.collector,
                region=self._place.region,
                kind=kind.name,
                uid=uid,
                listing=listing,
                operation=kind.call,
                permission=kind.needs,
                error=f"{reason} after page {self._pages}: {said}" if cut_off else said,
                call=self.number,
            )
            for kind, uid, listing in left_out
        ]

    def _record(self, *, items: int, complete: bool, error: str) -> None:
        self._place.recorder.page.calls.append(
            Call(
                number=self.number,
                collector=self._place.collector,
                service=self._kind.service,
                operation=self._kind.operation,
                region=self._place.where,
                endpoint=str(self._client.meta.endpoint_url),
                parameters=self._parameters,
                started=self._began,
                duration=(time.monotonic_ns() - self._clock) // 1000,
                pages=self._pages,
                items=items,
                attempts=max(self._attempts, 1),
                request_ids=tuple(self._ids),
                provider_date=self._date,
                complete=complete,
                error=error,
                api_version=str(self._client.meta.service_model.api_version),
            )
        )
