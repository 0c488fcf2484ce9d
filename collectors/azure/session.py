"""What a collector's `fetch` reads Azure with."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from collectors import reader
from collectors.api import Kind
from collectors.azure.kinds import GRAPH, UNREGISTERED
from collectors.facts.core import Reason
from collectors.reader import Place
from collectors.web import Answer, Garbled, WebCall, Wire

NEXT = ("nextLink", "@odata.nextLink", "odata.nextLink")
"""Where a page says that there is another one."""
NO_LICENCE = (
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Authentication_RequestFromUnsupportedUserRole",
    "AadPremiumLicenseRequired",
)
"""Answers of Graph to a tenant without the licence that a question needs."""
NOT_REGISTERED = (UNREGISTERED, "SubscriptionNotRegistered", "NoRegisteredProviderFound")


class Manager(Wire, Protocol):
    """The way to Resource Manager."""

    def resource_groups(self, subscription: str) -> Iterator[Answer]:
        """Each page of the subscription's resource groups, as the SDK lists them.  Raises Unanswered."""


@dataclass(frozen=True, slots=True)
class AzurePlace(Place):
    """For whom a call is made, and the ways to Resource Manager and to Graph."""

    manager: Manager
    graph: Wire


class Reader(reader.Reader):
    """What a collector's `fetch` reads with: one collector, one subscription or the directory."""

    _place: AzurePlace

    def __init__(self, place: AzurePlace) -> None:
        """Every call made through it is recorded in `place.recorder`."""
        super().__init__(place)

    @property
    def subscription_uid(self) -> str:
        """The resource id of the subscription."""
        return f"/subscriptions/{self.account}"

    def _call(self, kind: Kind, parameters: dict[str, Any]) -> AzureCall:
        call = AzureCall if kind.path else _GroupsCall
        return call(self._place, kind, parameters)


class AzureCall(WebCall):
    """One question to Resource Manager or to Graph."""

    _place: AzurePlace
    id_headers = ("x-ms-request-id", "request-id", "x-ms-correlation-request-id")

    def __init__(self, place: AzurePlace, kind: Kind, parameters: dict[str, Any]) -> None:
        """Nothing is asked yet."""
        wire = place.graph if kind.service == GRAPH else place.manager
        super().__init__(place, kind, parameters, wire, {"subscription": place.account})

    def question(self) -> Mapping[str, Any] | None:
        """The kind's own question, with the subscription that it is about filled in."""
        asked: Mapping[str, Any] | None = _about(self._kind.post, self._place.account)
        return asked

    def following(self, url: str, body: Mapping[str, Any]) -> str | None:  # noqa: ARG002  # Azure gives whole addresses
        """The address that the page names.  Raises Garbled where Resource Graph answered a part of the rows only."""
        if body.get("$skipToken") or str(body.get("resultTruncated", "false")).lower() == "true":
            raise Garbled("the answer is cut short, where a count was asked for")
        return next((str(body[name]) for name in NEXT if body.get(name)), None)

    def code_of(self, answer: Answer, body: Any) -> str:  # noqa: ARG002  # Azure says all in the body
        """`error.code`, or the code of its inner error where that is the one that tells."""
        error = body.get("error", body) if isinstance(body, dict) else {}
        return str(error.get("code", "")) if isinstance(error, dict) else ""

    def reason_of(self, status: int, code: str) -> Reason:
        """A licence or a registration that is missing has a code of its own."""
        if code in NO_LICENCE:
            return Reason.LICENCE_MISSING
        if code in NOT_REGISTERED:
            return Reason.SERVICE_UNSUPPORTED
        return super().reason_of(status, code)


class _GroupsCall(AzureCall):
    """The listing of resource groups, which the SDK itself makes."""

    def bodies(self, *, paged: bool = True) -> Iterator[dict[str, Any]]:  # noqa: ARG002  # it is always a listing
        """Each page as answered."""
        for answer in self._place.manager.resource_groups(self._place.account):
            yield self.body_of(answer)


def _about(question: Any, subscription: str) -> Any:
    """A question with `{subscription}` filled in, wherever it stands."""
    match question:
        case str():
            return question.replace("{subscription}", subscription)
        case Mapping():
            return {name: _about(value, subscription) for name, value in question.items()}
        case list() | tuple():
            return [_about(value, subscription) for value in question]
        case _:
            return question


def claims(token: str) -> dict[str, Any]:
    """What an access token says of its holder; nothing, when it is no JWT.  Its signature is not ours to check."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004  # header, payload, signature
        return {}
    try:
        said = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
