"""What a collector's `fetch` reads Google Cloud with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from collectors import reader
from collectors.api import Kind
from collectors.documents import MALFORMED
from collectors.facts.core import Reason
from collectors.gcp.kinds import DISABLED, WITNESS, WITNESSED
from collectors.reader import Place, dig
from collectors.web import Answer, Garbled, Refused, Unanswered, WebCall, Wire

UNREACHED = ("unreachable", "unreachables", "missingZones", "unreachableLocations", "failedLocations")
"""Where a page says which places it could not ask: what is there is missing from it."""
UNSET = "not-set"
"""Stands in the path of a question that is not asked, since a setting is missing."""
EMPTY = "NO_RESULTS_ON_PAGE"
"""The one warning of a list that is none."""


@dataclass(frozen=True, slots=True)
class GcpPlace(Place):
    """For whom a call is made, and the way to each service."""

    wire: Callable[[str], Wire]
    """By the name of the service: `compute`."""
    known: Mapping[str, str]
    """What paths may name: the project, its number, the organization."""


class Reader(reader.Reader):
    """What a collector's `fetch` reads with: one collector, one project or the organization."""

    _place: GcpPlace

    def __init__(self, place: GcpPlace) -> None:
        """Every call made through it is recorded in `place.recorder`."""
        super().__init__(place)

    @property
    def known(self) -> Mapping[str, str]:
        """What every path may name."""
        return self._place.known

    def _call(self, kind: Kind, parameters: dict[str, Any]) -> GcpCall:
        return GcpCall(self._place, kind, parameters)


class GcpCall(WebCall):
    """One question to a service of Google."""

    _place: GcpPlace
    id_headers = ("x-goog-request-id", "x-guploader-uploadid", "x-cloud-trace-context")

    def __init__(self, place: GcpPlace, kind: Kind, parameters: dict[str, Any]) -> None:
        """Nothing is asked yet."""
        names = [name for _, name, _, _ in Formatter().parse(kind.path) if name]
        self._unset = [name for name in names if name not in parameters and not place.known.get(name, UNSET)]
        known = {**place.known, **dict.fromkeys(self._unset, UNSET)}
        super().__init__(place, kind, parameters, place.wire(kind.service), known)

    def following(self, url: str, body: Mapping[str, Any]) -> str | None:
        """The same question with the token of the next page."""
        asked, token = "pageToken", body.get("nextPageToken")
        if not token and isinstance(body.get("metadata"), dict):  # Cloud Run pages as Kubernetes does
            asked, token = "continue", body["metadata"].get("continue")
        if not token:
            return None
        parts = urlsplit(url)
        query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != asked]
        return parts._replace(query=urlencode([*query, (asked, str(token))])).geturl()

    def bodies(self, *, paged: bool = True) -> Iterator[dict[str, Any]]:
        """Each page as answered.

        Raises Unanswered for one that says itself that it lacks something, and where a setting is missing without
        which there is nobody to ask.
        """
        if self._unset:
            raise Unanswered(Reason.ACCOUNT_NOT_ONBOARDED, f"the target has no setting {' and '.join(self._unset)}")
        for body in super().bodies(paged=paged):
            refuse_holes(body)
            yield body

    def code_of(self, answer: Answer, body: Any) -> str:  # noqa: ARG002  # Google says all in the body
        """The reason in `error.details`, else in `error.errors`, else the status."""
        error = body.get("error") if isinstance(body, dict) else None
        if not isinstance(error, dict):
            return ""
        details, older = error.get("details") or (), error.get("errors") or ()
        reasons = [each.get("reason") for each in (*details, *older) if isinstance(each, dict)]
        if DISABLED in reasons or "accessNotConfigured" in reasons:
            return DISABLED
        return str(next(filter(None, (*reasons, error.get("status"))), ""))

    def absent_code(self, error: Exception) -> str:
        """A service that is off has nothing only if the inventory of the project's things says so too."""
        code = super().absent_code(error)
        asked = code == DISABLED and code in self._kind.absent and self._kind.service in WITNESSED
        return "" if asked and not self._holds_nothing() else code

    def _holds_nothing(self) -> bool:
        """Whether the inventory knows nothing of this call's service; False where it cannot be asked."""
        call = GcpCall(self._place, WITNESS, {"types": f"{self._kind.service}.googleapis.com.*"})
        try:
            found = [thing for page in call.bodies() for thing in dig(page, WITNESS)]
        except (Refused, Unanswered, *MALFORMED) as error:
            call.failed(error, [])  # on record; the gap is that of the call which asked
            return False
        call.succeeded(items=len(found))
        return not found

    def reason_of(self, status: int, code: str) -> Reason:
        """A service that is not enabled, or a limit that is refused with 403, has a code of its own."""
        if code == DISABLED:
            return Reason.SERVICE_UNSUPPORTED
        if code in {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED"}:
            return Reason.THROTTLED
        return super().reason_of(status, code)


def refuse_holes(body: Mapping[str, Any]) -> None:
    """Raise Unanswered for a page that names places which it could not ask."""
    holes = [str(place) for name in UNREACHED for place in body.get(name) or ()]
    warnings = [body.get("warning"), *(body.get("warnings") or ())]  # of Compute Engine, and of Cloud SQL
    holes += [str(each.get("region") or each.get("code")) for each in warnings if each and each.get("code") != EMPTY]
    items = body.get("items")
    for place, said in items.items() if isinstance(items, dict) else ():
        warning = said.get("warning", {}) if isinstance(said, dict) else {}
        if not isinstance(said, dict):
            raise Garbled(f"{place} is no list")
        if warning and warning.get("code") != EMPTY:
            holes.append(place)
    if holes:
        raise Unanswered(Reason.PARTIAL_LISTING, f"not reached: {', '.join(sorted(holes))}")
