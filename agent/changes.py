"""What is different from the run before: document versions, tombstones and verdict transitions.  Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from agent.judge import Judged, Reading
from checks.api import Finding
from collectors.api import Collector, Document
from collectors.documents import Documents
from collectors.facts.core import DocumentRef
from collectors.volatile import split
from storage.canon import dumps, sha256
from storage.rows import Key, Outcome, Transition, Version

DETAIL_VERSION = 1

Unseen: TypeAlias = list[tuple[str, str, str | None]]
"""(kind, region, uid) of documents that a run left as they were without having read them; uid None: all."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A document as it is stored: what somebody configured, apart from what changes by itself."""

    key: Key
    content: bytes
    volatile: Mapping[str, Any]
    call: int


def keep(document: Document, account: str, paths: tuple[str, ...]) -> Kept:
    """The exact bytes that are hashed and stored.  The identity is inside, so evidence cannot be swapped."""
    stable, volatile = split(document.body, paths)
    envelope: dict[str, Any] = {
        "account": account,
        "body": stable,
        "kind": document.kind,
        "region": document.region,
        "uid": document.uid,
    }
    if document.redacted:
        envelope["redacted"] = document.redacted
    key = Key(document.kind, document.uid, document.region, document.uid.rpartition(":")[2].rpartition("/")[2])
    return Kept(key, dumps(envelope), volatile, document.call)


def versions(before: Mapping[Key, bytes], now: Mapping[Key, bytes], gone: Callable[[Key], bool]) -> Iterator[Version]:
    """New and changed documents, and tombstones for those that a complete listing no longer has.

    `before` maps to the SHA-256 of the version in force, `now` to the content just read.  A document that is missing
    without being `gone` stays as it was: it is unknown, and the gaps say so.
    """
    for key, content in now.items():
        if before.get(key) != sha256(content):
            yield Version(key, content)
    for key in before:
        if key not in now and gone(key):
            yield Version(key, None)


def is_gone(reading: Reading, collectors: Iterable[Collector]) -> Callable[[Key], bool]:
    """Tells whether the absence of a document in this run proves that it does not exist any more.

    A listed document is gone when its listing reached the end.  Any other document is gone only when its collector
    left no gap at all in that region, because then it would have been asked for had its parent still existed.
    """
    by_kind = {kind.name: collector for collector in collectors for kind in collector.kinds}
    listed = {kind.name: kind for collector in collectors for kind in collector.emits.values() if kind is not None}
    gaps = {(gap.collector, gap.region) for gap in reading.page.gaps}
    read = {(listing.collector, listing.region) for listing in reading.page.listings}
    read |= {
        (by_kind[document.kind].id, document.region) for document in reading.page.documents if document.kind in by_kind
    }
    views: dict[str, Documents] = {}

    def complete(collector: Collector, key: Key) -> bool:
        if collector.id not in views:
            places = collector.places(reading.regions)
            page = reading.page
            views[collector.id] = Documents(
                collector,
                reading.identity,
                places,
                (),
                (gap for gap in page.gaps if gap.collector == collector.id),
                (listing for listing in page.listings if listing.collector == collector.id),
            )
        return views[collector.id].complete(listed[key.kind], key.region) is None

    def gone(key: Key) -> bool:
        collector = by_kind.get(key.kind)
        if collector is None:
            return False
        if key.kind in listed and complete(collector, key):
            return True
        return (collector.id, key.region) in read and (collector.id, key.region) not in gaps

    return gone


def unseen(before: Collection[Key], read: Collection[Key], gone: Callable[[Key], bool]) -> Unseen:
    """The documents in force that a run neither read nor found gone, as its record names them.

    Without these names nobody could tell later which documents a verdict rested on.  A kind of which nothing was
    read in a region is named once, so that a listing that stays denied costs one line a run.
    """
    left = [key for key in before if key not in read and not gone(key)]
    whole = Counter((key.kind, key.region) for key in before)
    whole.subtract(Counter((key.kind, key.region) for key in left))
    some = {(key.kind, key.region) for key in read}
    return sorted(
        {
            (key.kind, key.region, None if not whole[place] and place not in some else key.uid)
            for key in left
            for place in [(key.kind, key.region)]
        },
        key=lambda each: (each[0], each[1], each[2] or ""),
    )


def detail(finding: Finding) -> bytes:
    """What is kept of a finding beside its outcome.

    References to the finding's own resource are written as "", so that equal reasons share their bytes.
    """
    own = finding.resource.uid
    kept: dict[str, Any] = {"reason": finding.reason, "v": DETAIL_VERSION}
    documents = [[ref.kind, "" if ref.uid == own else ref.uid] for ref in finding.documents]
    if documents:
        kept["documents"] = documents
    if finding.unread:
        kept["unread"] = [
            {
                "error": unread.error,
                "operation": unread.operation,
                "permission": unread.permission,
                "reason": unread.reason.value,
            }
            for unread in finding.unread
        ]
    return dumps(kept)


def documents_of(subject: Key, kept: Mapping[str, Any]) -> list[DocumentRef]:
    """The references that `detail` wrote, whole again."""
    return [DocumentRef(kind, uid or subject.uid) for kind, uid in kept.get("documents", ())]


def transitions(
    before: Mapping[tuple[str, Key], tuple[Outcome, bytes]], judged: Iterable[Judged]
) -> Iterator[Transition]:
    """Verdicts whose outcome or reason differs from the one in force, and the end of pairs that are gone.

    `before` maps (check, resource) to (outcome, SHA-256 of the detail).
    """
    seen: set[tuple[str, Key]] = set()
    for each in judged:
        for finding in each.findings.values():
            resource = finding.resource
            key = Key(resource.type, resource.uid, resource.region, resource.name)
            seen.add((each.check.id, key))
            outcome, kept = Outcome(finding.outcome.value), detail(finding)
            if before.get((each.check.id, key)) != (outcome, sha256(kept)):
                yield Transition(each.check.id, key, outcome, kept)
    for check_id, key in before:
        if (check_id, key) not in seen:
            yield Transition(check_id, key, None, None)
