"""The documents of one collector as `shape` sees them: an answer, or the reason why there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from collectors.api import Body, Collector, Document, Kind
from collectors.facts.core import DocumentRef, Reason, Resource, Unread
from collectors.provenance import Gap, Identity, Listing

T = TypeVar("T")

EVERY_KIND = "*"
"""The kind of a gap that a collector's fetch left as a whole."""
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError)


class Documents:
    """Documents, gaps and listings of one collector over all its regions."""

    def __init__(
        self,
        collector: Collector,
        identity: Identity,
        regions: tuple[str, ...],
        documents: Iterable[Document],
        gaps: Iterable[Gap] = (),
        listings: Iterable[Listing] = (),
    ) -> None:
        """Index what was read; `regions` are those that should have been read (`global` for a global collector)."""
        self.collector = collector
        self.account = identity.account
        self.partition = identity.partition
        self.cloud = identity.cloud
        self.regions = regions
        self._by_kind: dict[str, dict[str, Document]] = defaultdict(dict)
        self._about: dict[str, list[DocumentRef]] = defaultdict(list)
        for document in documents:
            if document.uid not in self._by_kind[document.kind]:
                self._about[document.uid].append(DocumentRef(document.kind, document.uid))
            self._by_kind[document.kind][document.uid] = document
        self._gaps: dict[tuple[str, str | None], Gap] = {}
        self._listing_gaps: dict[tuple[str, str], Gap] = {}
        for gap in gaps:
            self._gaps.setdefault((gap.kind, gap.uid), gap)
            if gap.listing:
                self._listing_gaps.setdefault((gap.kind, gap.region), gap)
        self._listed = {(listing.kind, listing.region) for listing in listings}

    def of(self, kind: Kind) -> Iterator[Document]:
        """Every document of a kind that was read."""
        yield from self._by_kind[kind.name].values()

    def get(self, kind: Kind, uid: str) -> Document | Unread:
        """The document of a kind about one resource, or why it is not there."""
        found = self._by_kind[kind.name].get(uid)
        return found if found is not None else self.missed(kind, uid) or _never_asked(kind)

    def missed(self, kind: Kind, uid: str) -> Unread | None:
        """Why `kind` was not read about a resource, or not listed for it; None when no such attempt failed."""
        gap = next(filter(None, map(self._gaps.get, ((kind.name, uid), (kind.name, None), (EVERY_KIND, None)))), None)
        return gap.unread if gap else None

    def value(self, kind: Kind, uid: str, read: Callable[[Body], T]) -> T | Unread:
        """`read(body)` of that document; a missing document, or one without the fields it reads, is unread."""
        document = self.get(kind, uid)
        return document if isinstance(document, Unread) else self.field(kind, document, read)

    def field(self, kind: Kind, document: Document, read: Callable[[Body], T]) -> T | Unread:
        """`read(body)` of a document at hand; a body that lacks what it reads is malformed, hence unread."""
        try:
            return read(document.body)
        except MALFORMED as error:
            said = f"malformed answer: {type(error).__name__} {error}"
            return Unread(Reason.PARTIAL_LISTING, kind.call, kind.needs, said)

    def complete(self, kind: Kind, region: str) -> Unread | None:
        """None when the listing of `kind` in `region` reached its end, otherwise why its population is not known."""
        gap = self._listing_gaps.get((kind.name, region)) or self._listing_gaps.get((EVERY_KIND, region))
        if gap:
            return gap.unread
        if kind.within is not None:
            return self.complete(kind.within, region)
        return None if (kind.name, region) in self._listed else _never_asked(kind)

    def unread_detail(self, kind: Kind, region: str) -> Unread | None:
        """Why some document of `kind` in `region` is missing; None when nothing that was asked for is."""
        found = (gap for (name, _), gap in self._gaps.items() if name in {kind.name, EVERY_KIND})
        return next((gap.unread for gap in found if gap.region == region), None)

    def about(self, uid: str, *more: Document) -> tuple[DocumentRef, ...]:
        """References to every document about `uid`, and to those `more` that a fact rests on."""
        extra = [DocumentRef(document.kind, document.uid) for document in more]
        return tuple(sorted({*self._about.get(uid, ()), *extra}))

    def resource(self, type_: str, uid: str, name: str, region: str) -> Resource:
        """A resource of this account."""
        return Resource(self.cloud, self.account, region, type_, uid, name)


def when(text: str) -> datetime:
    """An instant as documents hold it: ISO 8601 with its zone."""
    then = datetime.fromisoformat(text)
    if then.tzinfo is None:
        message = f"{text!r} has no time zone"
        raise ValueError(message)
    return then.astimezone(UTC)


def _never_asked(kind: Kind) -> Unread:
    return Unread(Reason.PARTIAL_LISTING, kind.call, kind.needs, "never asked in this run")
