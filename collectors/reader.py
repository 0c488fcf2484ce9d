"""What a collector's `fetch` reads with, whatever the cloud: each call is recorded, each failure becomes a gap."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collectors.api import Document, Kind
from collectors.errors import ReadRefused
from collectors.facts.core import Reason
from collectors.provenance import Call, Gap, Listing, Page

EACH = "*"
"""In `Kind.items`: whatever is there, in every place that the page speaks of."""


def now() -> int:
    """When a call begins by this machine's clock: microseconds since the epoch, UTC."""
    return time.time_ns() // 1000


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
    """For whom a call is made."""

    collector: str
    account: str
    partition: str
    region: str
    """The scope it counts for: a region, or `global`."""
    regions: tuple[str, ...]
    """Every region that this run reads."""
    recorder: Recorder


class CallUnderWay(ABC):
    """One operation being performed: what it asked, what came back, how long it took.

    A cloud says how it is asked (`bodies`) and what its errors mean (`classify`, `absent_code`).
    """

    where: str
    """The region that the call goes to."""
    endpoint: str
    """The address that it goes to."""
    api_version: str
    """Version of the provider's interface that is spoken."""

    def __init__(self, place: Place, kind: Kind, parameters: dict[str, Any]) -> None:
        """Nothing is asked yet."""
        self.number = next(place.recorder.numbers)
        self._place = place
        self._kind = kind
        self._parameters = parameters
        self._began = now()
        self._clock = time.monotonic_ns()
        self._ids: list[str] = []
        self._pages = 0
        self._attempts = 0
        self._date = ""

    @abstractmethod
    def bodies(self, *, paged: bool = True) -> Iterator[dict[str, Any]]:
        """Each page as answered, without the transport's own metadata."""

    @abstractmethod
    def classify(self, error: Exception) -> tuple[Reason, str]:
        """The reason code of a failure and the provider's own word for it, never with parameters or secrets."""

    @abstractmethod
    def absent_code(self, error: Exception) -> str:
        """The provider's error code, by which it may say that there is none; empty for any other failure."""

    @abstractmethod
    def note_failure(self, error: Exception) -> None:
        """Note what the answer that failed says of itself, if there was one: request id, date, attempts."""

    def note(self, request_id: str, date: str, attempts: int) -> None:
        """Note what an answer says of itself; `attempts` is how often it was asked for."""
        if request_id:
            self._ids.append(request_id)
        self._date = date or self._date
        self._attempts += attempts

    def succeeded(self, *, items: int) -> None:
        """The last page said that it was the last."""
        self._record(items=items, complete=True, error="")

    def answered_absent(self, error: Exception, code: str) -> None:
        """The provider said that there is none: an answer like any other."""
        self.note_failure(error)
        self._record(items=0, complete=True, error=code)

    def failed(self, error: Exception, left_out: list[tuple[Kind, str | None, bool]]) -> None:
        """Record the call, and a gap for each (kind, uid, is a listing) that it should have answered."""
        if isinstance(error, ReadRefused):
            raise error
        self.note_failure(error)
        reason, said = self.classify(error)
        cut_off = self._pages > 0 and bool(left_out) and left_out[0][2]
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
                region=self.where,
                endpoint=self.endpoint,
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
                api_version=self.api_version,
            )
        )


class Reader(ABC):
    """What a collector's `fetch` reads with: one collector, one region."""

    def __init__(self, place: Place) -> None:
        """Every call made through it is recorded in `place.recorder`."""
        self._place = place
        self.account = place.account
        self.partition = place.partition
        self.region = place.region
        self.regions = place.regions

    @abstractmethod
    def _call(self, kind: Kind, parameters: dict[str, Any]) -> CallUnderWay:
        """The call that reads `kind`, not yet asked."""

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
        call = self._call(kind, parameters)
        counts = dict.fromkeys((kind, *also), 0)
        bodies = call.bodies()
        while True:
            try:
                body = next(bodies, None)
                for each in counts if body is not None else ():
                    counts[each] += len(dig(body or {}, each))
            except Exception as error:  # noqa: BLE001  # sorted into a gap by consequence, never swallowed
                code = call.absent_code(error)
                if any(counts.values()) or not (code and code in kind.absent):
                    call.failed(error, [(each, within or None, True) for each in counts])
                    return
                call.answered_absent(error, code)
                self._listed(call.number, counts, within)
                return
            if body is None:
                break
            self._place.recorder.current = call.number
            yield body
            self._place.recorder.turn()
        call.succeeded(items=sum(counts.values()))
        self._listed(call.number, counts, within)

    def _listed(self, call: int, counts: Mapping[Kind, int], within: str) -> None:
        """Put on record that these listings reached their end."""
        self._place.recorder.page.listings += [
            Listing(self._place.collector, each.name, self.region, within, items, call)
            for each, items in counts.items()
        ]

    def read(self, kind: Kind, uid: str, **parameters: Any) -> Iterator[Document]:
        """The one document about `uid`, or none and a gap.  "There is none" is a document with that error code."""
        call = self._call(kind, parameters)
        try:
            (body,) = call.bodies(paged=False)
        except Exception as error:  # noqa: BLE001  # sorted into a gap by consequence, never swallowed
            yield from self._absent_or_gap(call, error, kind, uid)
            return
        call.succeeded(items=1)
        yield Document(kind.name, uid, self.region, body, call.number)

    def gather(self, kind: Kind, uid: str, **parameters: Any) -> Iterator[Document]:
        """One document about `uid` that holds all items of all pages, or none and a gap."""
        call = self._call(kind, parameters)
        try:
            items = [item for body in call.bodies() for item in dig(body, kind)]
        except Exception as error:  # noqa: BLE001  # sorted into a gap by consequence, never swallowed
            yield from self._absent_or_gap(call, error, kind, uid)
            return
        call.succeeded(items=len(items))
        yield Document(kind.name, uid, self.region, {kind.items: items}, call.number)

    def _absent_or_gap(self, call: CallUnderWay, error: Exception, kind: Kind, uid: str) -> Iterator[Document]:
        code = call.absent_code(error)
        if code and code in kind.absent:
            call.answered_absent(error, code)
            yield Document(kind.name, uid, self.region, {"absent": code}, call.number)
            return
        call.failed(error, [(kind, uid, False)])


def dig(body: Mapping[str, Any], kind: Kind) -> list[Any]:
    """The list at `kind.items` in a page.  A page without it is malformed, unless the kind may leave it out."""
    return _dig(body, kind.items.split("."), kind)


def _dig(found: Any, steps: list[str], kind: Kind) -> list[Any]:
    for number, step in enumerate(steps):
        if step == EACH:
            return [item for each in found.values() for item in _dig(each, steps[number + 1 :], kind)]
        if step not in found and kind.omits_empty:
            return []
        found = found[step]
    if not isinstance(found, list):
        message = f"{kind.items} is not a list"
        raise TypeError(message)
    return found
