"""What each request to Azure passes on its way."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import RetryPolicy, SansIOHTTPPolicy

from collectors.errors import ReadRefused
from collectors.rates import Rates
from collectors.web import LONGEST_PAUSE, RETRIED

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
READING_POSTS = re.compile(
    r"/providers/(Microsoft\.ResourceGraph/resources"
    r"|Microsoft\.PolicyInsights/policyStates/latest/summarize"
    r"|Microsoft\.Web/sites/[^/]+/config/authsettings(V2)?/list)$",
    re.IGNORECASE,
)
"""Questions that Resource Manager takes by POST, that change nothing."""


def is_read(method: str, url: str) -> bool:
    """A request that changes nothing."""
    return method == "GET" or (method == "POST" and bool(READING_POSTS.search(urlsplit(url).path)))


class ReadsOnly(SansIOHTTPPolicy[Any, Any]):
    """The last gate before a request is sent, whoever asks."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Raises ReadRefused for anything that is not a read."""
        asked = request.http_request
        if not is_read(asked.method, asked.url):
            raise ReadRefused(f"{asked.method} {urlsplit(asked.url).path} is not a read and was not sent")


class LoopbackOnly(SansIOHTTPPolicy[Any, Any]):
    """Lets a token go over plain HTTP, to this machine and nowhere else."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Raises ReadRefused for any other host."""
        if urlsplit(request.http_request.url).hostname not in LOOPBACK:
            raise ReadRefused("plain http is for loopback addresses only; write https")
        request.context.options.setdefault("enforce_https", False)


class Counted(SansIOHTTPPolicy[Any, Any]):
    """Lets Graph count: without this header it leaves the total out of the answer, and says nothing."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Only for questions that ask for a count, since it means an index that is seconds behind."""
        if "$count=true" in unquote(urlsplit(request.http_request.url).query):
            request.http_request.headers["ConsistencyLevel"] = "eventual"


class Turn(SansIOHTTPPolicy[Any, Any]):
    """Lets each attempt wait for its turn, so that retries count; stands behind the retries."""

    def __init__(self, rates: Rates) -> None:
        """`rates` are shared by all that reads the account."""
        super().__init__()
        self._rates = rates

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Return when one more request may be sent."""
        self._rates.wait(request.context.options.pop("service", "*"), "global")


class Patience(RetryPolicy[Any, Any]):
    """Azure's own retries, which wait as long as the provider asks, or not at all when that is too long.

    The SDK waits however long the provider says; a run cannot.  To ask again sooner would be worse than to give up.
    """

    def __init__(self, attempts: int) -> None:
        """`attempts` is how often a request is sent at most."""
        again = attempts - 1
        super().__init__(retry_total=again, retry_connect=again, retry_read=again, retry_status=again)

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Whether the same request may be answered better soon."""
        if response.http_response.status_code not in RETRIED or not settings["total"]:
            return False
        return (self.get_retry_after(response) or 0) <= LONGEST_PAUSE
