"""What was done to get the documents: calls, listings and gaps, and the pages in which they are staged."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from collectors.api import Document
from collectors.facts.core import Reason, Unread


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the agent was when it asked, as the provider itself tells it."""

    cloud: str
    account: str
    caller: str
    """ARN, application id or service account of the caller."""
    partition: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """One account of an organization, or one subscription of a directory.  The address of its owner is not kept."""

    account: str
    """Twelve digits of AWS; the id of a subscription."""
    name: str = ""
    """As the organization calls it; empty when only the account is known."""
    state: str = ""
    """`ACTIVE`, `SUSPENDED`, `CLOSED` and so on, as answered; empty when it is not known."""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation as performed, all its pages together.  Times are microseconds since the epoch, UTC."""

    number: int
    collector: str
    service: str
    operation: str
    region: str
    endpoint: str
    parameters: dict[str, Any]
    started: int
    duration: int
    """Microseconds, retries and all pages included."""
    pages: int
    items: int
    attempts: int
    request_ids: tuple[str, ...]
    provider_date: str
    """The newest `Date` header, as answered; empty when there was none."""
    complete: bool
    """The last page said that it was the last."""
    error: str = ""
    """The provider's error code, or what was wrong with the answer."""
    api_version: str = ""
    """Version of the provider's interface that was spoken; empty in records of the first releases."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that should have been read and was not."""

    reason: Reason
    collector: str
    region: str
    kind: str
    uid: str | None
    """The one resource concerned; None when it is a listing."""
    listing: bool
    """A listing is missing or cut off, so its population is not known."""
    operation: str
    permission: str
    error: str
    call: int = -1

    @property
    def unread(self) -> Unread:
        """The value that stands in the facts for what this gap left out."""
        return Unread(self.reason, self.operation, self.permission, self.error)


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing that reached its last page."""

    collector: str
    kind: str
    region: str
    within: str
    """Uid of the parent item it was listed for; empty for a listing of its own."""
    items: int
    call: int


@dataclass(slots=True)
class Page:
    """What arrived together and is staged together."""

    documents: list[Document] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)

    def __bool__(self) -> bool:
        """True when there is something to stage."""
        return bool(self.documents or self.calls or self.gaps or self.listings)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for staging."""
        return {
            "calls": [asdict(call) for call in self.calls],
            "documents": [document_to_json(document) for document in self.documents],
            "gaps": [gap_to_json(gap) for gap in self.gaps],
            "listings": [asdict(listing) for listing in self.listings],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Page:
        """The page that `to_json` made."""
        return cls(
            documents=[document_from_json(document) for document in data["documents"]],
            calls=[Call(**{**call, "request_ids": tuple(call["request_ids"])}) for call in data["calls"]],
            gaps=[gap_from_json(gap) for gap in data["gaps"]],
            listings=[Listing(**listing) for listing in data["listings"]],
        )

    def absorb(self, other: Page) -> None:
        """Take over all that `other` holds."""
        self.documents += other.documents
        self.calls += other.calls
        self.gaps += other.gaps
        self.listings += other.listings


def document_to_json(document: Document) -> dict[str, Any]:
    """A document as plain values."""
    return {
        "kind": document.kind,
        "uid": document.uid,
        "region": document.region,
        "body": document.body,
        "call": document.call,
        "redacted": document.redacted,
    }


def document_from_json(data: dict[str, Any]) -> Document:
    """A document from its plain values."""
    return Document(**{**data, "redacted": tuple((path, rule) for path, rule in data["redacted"])})


def gap_to_json(gap: Gap) -> dict[str, Any]:
    """A gap as plain values."""
    return {**asdict(gap), "reason": gap.reason.value}


def gap_from_json(gap: dict[str, Any]) -> Gap:
    """A gap from its plain values."""
    return Gap(**{**gap, "reason": Reason(gap["reason"])})
