"""Posts alerts as signed JSON to an address of the company's own.

A receiver that knows the secret can tell that a message is ours, whole and recent:

    POST /hook
    Content-Type: application/json
    User-Agent: proofkeep/<version>
    Proofkeep-Timestamp: 1773480413
    Proofkeep-Signature: v1=<hex HMAC-SHA256 of "1773480413." and the body, under the secret>
    Idempotency-Key: <the same in each repeat of one message>

The body is the JSON of `agent.alerts.message.Alert.to_json`, the same bytes in each attempt.  Any status of the 200s
within the time limit means that the message was taken; `verify_signature` shows what a receiver should do first.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import quote

import requests
from pydantic import SecretStr
from urllib3.exceptions import HTTPError

from agent.alerts.answer import YES, Answer, Limits, is_permanent
from storage.rows import OutboxRow

TIMESTAMP = "Proofkeep-Timestamp"
SIGNATURE = "Proofkeep-Signature"
TOLERANCE = 300
"""Seconds by which a timestamp may differ from the receiver's clock."""
_SCHEME = "v1="
_SECOND = 1_000_000
_MOST_READ = 65536
"""Bytes of an answer that are read; what it says does not matter, only that it is whole."""
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")

# At debug level the library logs the path of each address, which often is a secret.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


class Webhook:
    """One address that signed JSON is posted to."""

    def __init__(self, address: SecretStr, secret: SecretStr, limits: Limits) -> None:
        """Keep the address; nothing is connected yet."""
        self._address = address
        self._secret = secret
        self._limits = limits

    def __call__(self, row: OutboxRow, now: int) -> Answer:
        """Post one message at `now`, in microseconds since the epoch."""
        timestamp = now // _SECOND
        headers = {
            "Content-Type": "application/json",
            "User-Agent": _user_agent(),
            TIMESTAMP: str(timestamp),
            SIGNATURE: sign(self._secret.get_secret_value(), timestamp, row.payload),
            # A header is ASCII; names of receivers need not be.
            "Idempotency-Key": quote(row.key, safe=_PRINTABLE),
        }
        try:
            return self._post(headers, row.payload, timestamp)
        except requests.RequestException as error:
            return _unanswered(error, self._limits)
        except (HTTPError, ValueError):
            return Answer("the address cannot be used", permanent=True)

    def _post(self, headers: Mapping[str, str], body: bytes, timestamp: int) -> Answer:
        ends = time.monotonic() + self._limits.connect + self._limits.read
        with requests.post(
            self._address.get_secret_value(),
            data=body,
            headers=headers,
            # Without this, a password for that host in ~/.netrc would go along.
            auth=_as_it_is,
            allow_redirects=False,
            timeout=(self._limits.connect, self._limits.read),
            stream=True,
        ) as response:
            # A connection that breaks off in the answer may have been a proxy's: only a whole answer is a yes.
            read = 0
            for chunk in response.iter_content(8192):
                read += len(chunk)
                if read > _MOST_READ or time.monotonic() > ends:
                    break
            status = response.status_code
            if status // 100 == 2:  # noqa: PLR2004  # all of the 200s
                return YES
            more = ", a redirect, which is not followed" if status // 100 == 3 else ""  # noqa: PLR2004  # the 300s
            wait = _retry_after(response.headers, timestamp)
            return Answer(f"answered {status}{more}", is_permanent((status,)), wait)


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Value of the signature's header for a body that is sent at `timestamp`, in seconds since the epoch."""
    return _SCHEME + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def verify_signature(
    secret: str, headers: Mapping[str, str], body: bytes, now: float, tolerance: int = TOLERANCE
) -> bool:
    """Whether a message is ours, whole and recent: what a receiver does before it reads the body.

    `headers` as they arrived, in any case; `now` and `tolerance` in seconds.  Compare first, parse afterwards; a
    receiver that also remembers each Idempotency-Key for `tolerance` is safe from replays.
    """
    found = {name.lower(): value for name, value in headers.items()}
    timestamp, signature = found.get(TIMESTAMP.lower(), ""), found.get(SIGNATURE.lower(), "")
    if not re.fullmatch(r"[0-9]{1,15}", timestamp):
        return False
    expected = sign(secret, int(timestamp), body)
    return hmac.compare_digest(expected.encode(), signature.encode()) and abs(now - int(timestamp)) <= tolerance


@cache
def _user_agent() -> str:
    try:
        return f"proofkeep/{version('proofkeep')}"
    except PackageNotFoundError:  # runs from its source without being installed
        return "proofkeep"


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _retry_after(headers: Mapping[str, str], timestamp: int) -> float:
    """Seconds that the receiver asks to be left alone; 0 when it does not, or not in a way that can be read."""
    said = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", said):
        return float(said)
    try:
        until = parsedate_to_datetime(said).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    try:
        # Its own clock, where it tells it: ours may differ.
        since = parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except (ValueError, OverflowError):
        since = timestamp
    return max(0.0, until - since)


def _unanswered(error: requests.RequestException, limits: Limits) -> Answer:
    """Why there is no answer.  What the library says itself holds the address, so only its kind is told."""
    match error:
        case requests.ConnectTimeout():
            return Answer(f"no connection within {limits.connect:g} s")
        case requests.Timeout():
            return Answer(f"no answer within {limits.read:g} s")
        case requests.exceptions.SSLError():
            return Answer("no trusted connection (TLS)")
        case requests.exceptions.ProxyError():
            return Answer("the proxy does not connect")
        case (
            requests.exceptions.InvalidURL() | requests.exceptions.InvalidSchema() | requests.exceptions.MissingSchema()
        ):
            return Answer("the address cannot be used", permanent=True)
        case requests.exceptions.ChunkedEncodingError() | requests.exceptions.ContentDecodingError():
            return Answer("the answer broke off")
        case _:
            return Answer(_broken(error))


def _broken(error: BaseException) -> str:
    """The system's word for what happened to the connection."""
    for cause in _causes(error):
        if type(cause).__name__ == "NameResolutionError":
            return "its name does not resolve"
        if type(cause).__name__ == "ReadTimeoutError":
            return "the answer took too long"
        if isinstance(cause, OSError) and isinstance(cause.errno, int):
            return os.strerror(cause.errno).lower()
    return "the connection broke off"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and those within it, as the libraries nest them: as cause, context, argument or reason."""
    pending: list[object] = [error]
    seen: set[int] = set()
    while pending:
        one = pending.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            pending += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
