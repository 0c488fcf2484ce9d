"""Turns what botocore raises, and what AWS answers, into the reason codes of gaps."""

from __future__ import annotations

import re

from collectors.facts.core import Reason

_BY_CODE = (
    (re.compile(r"^Report(InProgress|NotPresent|Expired)"), Reason.PARTIAL_LISTING),
    (
        re.compile(r"Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|PriorRequestNotComplete|BandwidthLimit"),
        Reason.THROTTLED,
    ),
    (
        re.compile(
            r"ExpiredToken|TokenRefreshRequired|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch"
            r"|InvalidAccessKeyId|AuthFailure|MissingAuthenticationToken|IncompleteSignature|InvalidToken"
        ),
        Reason.CREDENTIAL_EXPIRED,
    ),
    (
        re.compile(r"AccessDenied|Unauthorized|AuthorizationError|Forbidden|NotAuthorized|^403$"),
        Reason.PERMISSION_DENIED,
    ),
    (
        re.compile(
            r"NotImplemented|UnsupportedOperation|OptInRequired|SubscriptionRequired|UnknownOperation"
            r"|InvalidAction|^404$|^501$"
        ),
        Reason.SERVICE_UNSUPPORTED,
    ),
)


def unanswered() -> tuple[type[Exception], ...]:
    """What is raised when AWS refuses, cannot be reached, or answers with something that is no answer."""
    from botocore import exceptions as bot  # noqa: PLC0415  # the SDK is an extra, imported when a cloud is read
    from botocore.parsers import ResponseParserError  # noqa: PLC0415

    return bot.BotoCoreError, bot.ClientError, ResponseParserError, LookupError


def classify(error: Exception, operation: str) -> tuple[Reason, str]:
    """The reason code of a failed call and the provider's own word for it, never with parameters or secrets.

    `operation` is the provider's name of what was asked.  When another one was refused, it was asked on the way,
    to renew credentials: the right that is missing is not that of `operation`.
    """
    from botocore import exceptions as bot  # noqa: PLC0415  # the SDK is an extra, imported when a cloud is read

    if isinstance(error, bot.ClientError):
        code = str(error.response.get("Error", {}).get("Code", "")) or "no error code"
        if error.operation_name != operation:
            return Reason.CREDENTIAL_EXPIRED, f"{error.operation_name}: {code}"
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return _reason(code, int(status)), code
    if isinstance(error, (bot.NoCredentialsError, bot.PartialCredentialsError, bot.CredentialRetrievalError)):
        return Reason.CREDENTIAL_EXPIRED, type(error).__name__
    if isinstance(error, bot.PaginationError) or not isinstance(error, bot.BotoCoreError):
        said = "" if isinstance(error, bot.BotoCoreError) else f" {error}"
        return Reason.PARTIAL_LISTING, f"malformed answer: {type(error).__name__}{said}"
    return Reason.ACCOUNT_UNREACHABLE, type(error).__name__


def _reason(code: str, status: int) -> Reason:
    for pattern, reason in _BY_CODE:
        if pattern.search(code):
            return reason
    by_status = {
        403: Reason.PERMISSION_DENIED,
        429: Reason.THROTTLED,
        404: Reason.SERVICE_UNSUPPORTED,
        501: Reason.SERVICE_UNSUPPORTED,
    }
    return by_status.get(status, Reason.ACCOUNT_UNREACHABLE if status >= 500 else Reason.PARTIAL_LISTING)  # noqa: PLR2004
