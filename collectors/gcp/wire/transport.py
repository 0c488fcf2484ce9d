"""An authorized session that can only read, with retries that wait as long as Google asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import google.auth
import requests
from google.auth import exceptions as auth
from google.auth import impersonated_credentials
from google.auth.transport.requests import AuthorizedSession, Request
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import MaxRetryError, ResponseError
from urllib3.util import Retry

from collectors.errors import ReadRefused
from collectors.facts.core import Reason
from collectors.rates import Rates
from collectors.web import LONGEST_PAUSE, RETRIED, Answer, Unanswered

CONNECT_SECONDS = 10
READ_SECONDS = 60
SCOPES = ("https://www.googleapis.com/auth/cloud-platform.read-only",)
PEOPLE = (
    "https://www.googleapis.com/auth/admin.directory.user.readonly",
    "https://www.googleapis.com/auth/admin.directory.rolemanagement.readonly",
)
"""Scopes of the directory of people, which only a credential of its own may have."""
READING_POSTS = re.compile(r":(getIamPolicy|getEffectiveOrgPolicy|listOrgPolicies)$")
"""Questions that Google takes by POST, that change nothing."""


def is_read(method: str, url: str) -> bool:
    """A request that changes nothing."""
    return method == "GET" or (method == "POST" and bool(READING_POSTS.search(urlsplit(url).path)))


class Patience(Retry):
    """urllib3's retries, which give up at once when the pause that is asked for is too long."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """The next attempt.  Raises MaxRetryError when there is none."""
        if response is not None and _pool is not None and (self.get_retry_after(response) or 0) > LONGEST_PAUSE:
            raise MaxRetryError(_pool, url or "", ResponseError("too long a pause"))
        return super().increment(method, url, response, error, _pool, _stacktrace)


def credential(impersonate: str, quota_project: str, subject: str = "", scopes: tuple[str, ...] = SCOPES) -> Any:
    """Application default credentials, or those of a service account that they may impersonate.

    `subject` is the administrator on whose behalf a directory of people is read.  Raises Unanswered.
    """
    try:
        found, _ = google.auth.default(scopes=scopes, quota_project_id=quota_project or None)
        if impersonate:
            found = impersonated_credentials.Credentials(  # type: ignore[no-untyped-call]
                found, impersonate, list(scopes), subject=subject or None, quota_project_id=quota_project or None
            )
        elif subject and hasattr(found, "with_subject"):
            found = found.with_subject(subject)
    except auth.GoogleAuthError as error:
        raise Unanswered(Reason.CREDENTIAL_EXPIRED, type(error).__name__) from error
    return found


def _never() -> bool:
    return False


class Transport:
    """One session for all threads and services of an account."""

    def __init__(self, credentials: Any, *, pool: int, attempts: int, rates: Rates, elsewhere: bool) -> None:
        """`pool` calls may be under way; each is tried `attempts` times at most.

        `elsewhere`: the services are asked at other addresses than Google's public ones, and so nothing is asked there.
        """
        self.credentials = credentials
        self._elsewhere = elsewhere
        self._rates = rates
        self.session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
        self.session.headers["User-Agent"] = "proofkeep"
        self._patience = Patience(
            total=attempts - 1,
            status_forcelist=[int(status) for status in RETRIED],
            allowed_methods={"GET", "POST"},
            backoff_factor=0.4,
            backoff_jitter=0.2,
            raise_on_status=False,
            redirect=False,
        )
        self._pool = pool
        self.mount(self.session)

    def mount(self, session: Any) -> None:
        """Let a session of Google's library retry, and ask, as all reads do."""
        if self._elsewhere:
            # By itself the library asks a public address of Google's in which regions a token may be used.
            session.credentials._is_regional_access_boundary_lookup_required = _never  # noqa: SLF001  # no other way
        for scheme in ("https://", "http://"):
            adapter = HTTPAdapter(pool_connections=8, pool_maxsize=self._pool, max_retries=self._patience)
            session.mount(scheme, adapter)

    def caller(self) -> str:
        """The account that the credentials are of, once they have been used; raises Unanswered."""
        try:
            if not self.credentials.valid:
                self.credentials.refresh(Request())
        except auth.GoogleAuthError as error:
            raise Unanswered(Reason.CREDENTIAL_EXPIRED, type(error).__name__) from error
        return str(getattr(self.credentials, "service_account_email", "") or "not named by its credentials")

    def ask(self, method: str, url: str, body: Mapping[str, Any] | None, service: str) -> Answer:
        """Send one read, again where that helps.  Raises Unanswered, ReadRefused."""
        if not is_read(method, url):
            raise ReadRefused(f"{method} {urlsplit(url).path} is not a read and was not sent")
        self._rates.wait(service, "global")
        try:
            answered = self.session.request(  # type: ignore[no-untyped-call]
                method, url, json=body, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False
            )
        except auth.GoogleAuthError as error:
            raise Unanswered(Reason.CREDENTIAL_EXPIRED, type(error).__name__) from error
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as error:
            said = f"malformed answer: {type(error).__name__}"
            raise Unanswered(Reason.PARTIAL_LISTING, said) from error
        except requests.RequestException as error:
            raise Unanswered(Reason.ACCOUNT_UNREACHABLE, type(error).__name__) from error
        history = answered.raw.retries.history if answered.raw.retries is not None else ()
        return Answer(answered.status_code, answered.headers, answered.content, len(history) + 1)
