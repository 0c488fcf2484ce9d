"""Clouds that are asked over HTTP and answer in JSON: one question, its pages, and what its errors mean."""

from __future__ import annotations

import json
import re
import string
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from collectors.api import Kind
from collectors.errors import ReadRefused
from collectors.facts.core import Reason
from collectors.reader import CallUnderWay, Place

RETRIED = (
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
"""Answers after which the same question is asked again."""
LONGEST_PAUSE = 60.0
"""Seconds that a provider's Retry-After is honored for; a call that would have to wait longer is a gap."""
_VERSION = re.compile(r"(?<=api-version=)[\w-]+|(?<=/)v[0-9][\w.]*(?=/)")
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,100}")


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str]
    """Names are compared without regard to case."""
    content: bytes
    attempts: int
    """How often it was asked for."""


class Refused(Exception):
    """The provider answered with an error."""

    def __init__(self, answer: Answer, code: str) -> None:
        """`code` is the provider's own short word for it."""
        super().__init__(code)
        self.answer = answer
        self.code = code


class Garbled(ValueError):
    """The provider answered with something that is no answer."""


class Unanswered(Exception):
    """Nothing came back: no route, no token, a connection that broke."""

    def __init__(self, reason: Reason, said: str) -> None:
        """`said` is a short word for it without addresses or secrets."""
        super().__init__(said)
        self.reason = reason
        self.said = said


class Wire(Protocol):
    """The authenticated way to one service of a cloud; shared by all threads."""

    @property
    def base(self) -> str:
        """Scheme, host and port, and the path that stands before all others, if one does."""

    def ask(self, method: str, url: str, body: Mapping[str, Any] | None, service: str) -> Answer:
        """Send one read, again where that helps; `service` is the one whose limits count.

        Raises Unanswered, ReadRefused.
        """


class WebCall(CallUnderWay):
    """One question over HTTP with all its pages."""

    where = "global"
    id_headers: tuple[str, ...]
    """Headers of an answer that name it, the first that is there counts."""

    def __init__(
        self, place: Place, kind: Kind, parameters: dict[str, Any], wire: Wire, known: Mapping[str, str]
    ) -> None:
        """Nothing is asked yet.  `known` fills in what every path of the account may name, beside `parameters`.

        Raises ReadRefused for a path that would leave its place.
        """
        self._wire = wire
        self.endpoint = wire.base
        self.api_version = next(filter(None, _VERSION.findall(kind.path)), "")
        self._url = wire.base + fill(kind.path, {**known, **parameters})
        super().__init__(place, kind, parameters)

    @abstractmethod
    def following(self, url: str, body: Mapping[str, Any]) -> str | None:
        """The address of the page after this one; None when it is the last."""

    @abstractmethod
    def code_of(self, answer: Answer, body: Any) -> str:
        """The provider's own word in an answer that is an error; empty when there is none."""

    def bodies(self, *, paged: bool = True) -> Iterator[dict[str, Any]]:
        """Each page as answered.  Raises Refused, Garbled, Unanswered."""
        url: str | None = self._url
        seen = set()
        while url is not None:
            if url in seen:
                raise Garbled("the answer goes on with a page that was read already")
            seen.add(url)
            body = self._one(url)
            url = self.following(url, body)
            if url is not None and not paged:
                raise Garbled("the answer goes on, where one thing was asked for")
            if url is not None and origin(url) != origin(self._wire.base):
                # The token must not go to an address that an answer names.
                raise Garbled("the answer goes on at another address")
            yield body

    def classify(self, error: Exception) -> tuple[Reason, str]:
        """By what the provider said, else by the status of the answer."""
        if isinstance(error, Unanswered):
            return error.reason, error.said
        if isinstance(error, Refused):
            return self.reason_of(error.answer.status, error.code), error.code
        return Reason.PARTIAL_LISTING, f"malformed answer: {type(error).__name__} {error}"

    def reason_of(self, status: int, code: str) -> Reason:  # noqa: ARG002  # a cloud may know more by the code
        """The reason code of an answer that is an error."""
        by_status = {
            HTTPStatus.UNAUTHORIZED: Reason.CREDENTIAL_EXPIRED,
            HTTPStatus.FORBIDDEN: Reason.PERMISSION_DENIED,
            HTTPStatus.TOO_MANY_REQUESTS: Reason.THROTTLED,
            HTTPStatus.NOT_FOUND: Reason.SERVICE_UNSUPPORTED,
            HTTPStatus.NOT_IMPLEMENTED: Reason.SERVICE_UNSUPPORTED,
        }
        unreachable = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return by_status.get(HTTPStatus(status), Reason.ACCOUNT_UNREACHABLE if unreachable else Reason.PARTIAL_LISTING)

    def absent_code(self, error: Exception) -> str:
        """The code of an answer that is an error."""
        return error.code if isinstance(error, Refused) else ""

    def note_failure(self, error: Exception) -> None:
        """An answer that is an error has an id like any other."""
        if isinstance(error, Refused):
            self._note(error.answer)

    def _one(self, url: str) -> dict[str, Any]:
        question = self.question()
        method = "GET" if question is None else "POST"
        return self.body_of(self._wire.ask(method, url, question, self._kind.service))

    def question(self) -> Mapping[str, Any] | None:
        """What is sent by POST; None where the question is asked by GET."""
        return self._kind.post

    def body_of(self, answer: Answer) -> dict[str, Any]:
        """What a good answer says.  Raises Refused, Garbled."""
        try:
            body = json.loads(answer.content) if answer.content else None
        except ValueError:
            body = None
        if answer.status != HTTPStatus.OK:
            raise Refused(answer, _word(self.code_of(answer, body)) or f"HTTP {answer.status}")
        self._note(answer)
        if not isinstance(body, dict):
            raise Garbled("bytes that are no JSON object")
        if isinstance(body.get("error"), dict):
            raise Garbled("an error in an answer that says OK")
        self._pages += 1
        return body

    def _note(self, answer: Answer) -> None:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        request_id = next((headers[name] for name in self.id_headers if name in headers), "")
        self.note(request_id, headers.get("date", ""), answer.attempts)


def fill(path: str, parameters: Mapping[str, Any]) -> str:
    """A path with its names filled in.

    A parameter fills one segment; `{name:path}` fills several with what the provider itself calls a thing.
    Raises ReadRefused when a value would lead elsewhere.
    """
    parts = []
    for text, name, form, _ in string.Formatter().parse(path):
        parts.append(text)
        if name is not None:
            value = str(parameters[name])
            if not value or ".." in value.split("/") or "?" in value or "#" in value:
                raise ReadRefused(f"{name}={value!r} is no part of a path")
            parts.append(quote(value, safe="/$:@!,()" if form == "path" else "$:@!,()"))
    return "".join(parts)


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port


def _word(code: str) -> str:
    """A provider's code, if it is one word: longer texts may hold names and addresses."""
    return code if _CODE.fullmatch(code) else ""
