"""Every kept content, inflated once within its recorded length, hashed, and read for what it must say.

Contents stream past in groups of one base and its patches, so that one base is held at a time and none else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Table

from agent.schedule import Declared, read_declared
from agent.verification.inspection import Inspection
from agent.verification.log import Log
from agent.verification.names import Known, Names
from agent.verification.records import Manifests, gap_rows_digest, gaps_digest, lists_no_gaps, tallies_digest
from storage.attachments import Attached, attached
from storage.blobs import JSON, PATCH, Packed, unpack
from storage.errors import IntegrityError
from storage.seal import STAGING_MEDIA
from storage.tables import blob, heartbeat, result, version, volatile

_NO_GAPS = gap_rows_digest(())
SCHEDULE = "schedule"
"""Kind of the policy entries that declare how often a target is read."""


@dataclass(slots=True)
class Contents:
    """What the kept contents turned out to be."""

    hashes: dict[int, bytes] = field(default_factory=dict)
    """SHA-256 by blob number.  That the bytes have it was checked, unless the number is in `damaged`."""
    damaged: set[int] = field(default_factory=set)
    tallies: dict[int, bytes | None] = field(default_factory=dict)
    """By blob number of a manifest: digest of the counts in it, None when it is malformed."""
    gaps: dict[int, bytes | None] = field(default_factory=dict)
    """By blob number of a record: digest of the gaps in it, None when it is malformed."""
    schedules: dict[str, Declared] = field(default_factory=dict)
    """By SHA-256 of a schedule policy: what it declares."""
    heartbeats: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By ledger position: blob numbers of manifest and record."""
    volatile: dict[int, bytes] = field(default_factory=dict)
    """By ledger position: SHA-256 of the volatile readings."""
    size: int = 0
    """Bytes hashed."""


@dataclass(slots=True)
class _Uses:
    """What each content is needed for."""

    documents: dict[int, list[int]] = field(default_factory=dict)
    """Resources by blob number."""
    details: set[int] = field(default_factory=set)
    manifests: set[int] = field(default_factory=set)
    records: set[int] = field(default_factory=set)
    policies: dict[bytes, str] = field(default_factory=dict)
    """Kind by SHA-256."""
    stated: dict[bytes, str] = field(default_factory=dict)
    """Kind of statement by SHA-256."""
    staging: dict[bytes, int] = field(default_factory=dict)
    """Number of pages by SHA-256."""


class _Content(NamedTuple):
    """One content on its way past."""

    number: int
    sha256: bytes
    media: str
    content: bytes | None
    """None when it is damaged, which has been said."""


def read_contents(inspection: Inspection, names: Names, log: Log) -> Contents:
    """Read all blobs and all volatile readings."""
    found = Contents()
    uses = _uses(inspection, log, found)
    judge = _Judge(inspection, names, uses, found)
    missing = uses.policies.keys() | uses.stated.keys() | uses.staging.keys()
    total = inspection.count(blob)
    for done, one in enumerate(_stream(inspection, blob, "bid", "base_bid")):
        found.hashes[one.number] = one.sha256
        missing.discard(one.sha256)
        if one.content is None:
            found.damaged.add(one.number)
        else:
            found.size += len(one.content)
            judge.judge(one, one.content)
        if not done % 500:
            inspection.progress("contents", done, total)
    inspection.progress("contents", total, total)
    _explain_missing(inspection, log, missing)
    judge.conclude(log)
    total = inspection.count(volatile)
    for done, one in enumerate(_stream(inspection, volatile, "seq", "base_seq")):
        found.volatile[one.number] = one.sha256
        found.size += len(one.content or b"")
        if not done % 500:
            inspection.progress("readings", done, total)
    inspection.progress("readings", total, total)
    return found


def _uses(inspection: Inspection, log: Log, found: Contents) -> _Uses:
    """Find out what each content must be, before any is read."""
    uses = _Uses()
    for bid, rid in inspection.rows(version, ("bid", "rid"), "rid"):
        if bid is not None:
            about = uses.documents.setdefault(bid, [])
            if rid not in about:
                about.append(rid)
    uses.details = {
        bid for (bid,) in inspection.rows(result, ("detail_bid",), "detail_bid", distinct=True) if bid is not None
    }
    for seq, manifest, record in inspection.rows(heartbeat, ("seq", "manifest_bid", "record_bid"), "seq"):
        found.heartbeats[seq] = (manifest, record)
        uses.manifests.add(manifest)
        uses.records.add(record)
    for seq, kind, digest in log.policies:
        _claim(inspection, seq, digest, uses.policies, kind)
    for seq, kind, digest in log.stated:
        _claim(inspection, seq, digest, uses.stated, kind)
    for seq, pages, staged in log.aborted:
        if staged is not None:
            _claim(inspection, seq, staged, uses.staging, pages)
        elif pages:
            inspection.add(f"ledger entry {seq}", f"it counts {pages} pages but keeps none")
    return uses


def _claim(inspection: Inspection, seq: int, digest: str, claimed: dict[bytes, Any], value: object) -> None:
    """Note what the content of this hash is for."""
    try:
        claimed[bytes.fromhex(digest)] = value
    except ValueError:
        inspection.add(f"ledger entry {seq}", f"{digest!r} is not a SHA-256")


def _explain_missing(inspection: Inspection, log: Log, missing: set[bytes]) -> None:
    """Name the entries whose contents are not there."""
    wanted = [(seq, f"the {kind} policy", digest) for seq, kind, digest in log.policies]
    wanted += [(seq, f"the {kind} statement", digest) for seq, kind, digest in log.stated]
    wanted += [(seq, "the pages of the aborted run", digest) for seq, _, digest in log.aborted if digest]
    for seq, what, digest in wanted:
        if digest in {one.hex() for one in missing}:
            inspection.add(f"ledger entry {seq}", f"{what} is not kept: no blob has the hash {digest}")


def _stream(inspection: Inspection, table: Table, number: str, base: str) -> Iterator[_Content]:
    """Contents of a table, each checked, bases before their patches."""
    media = ("media",) if "media" in table.c else ()
    columns = (number, "sha256", "codec", base, "raw_len", "data", *media)
    order = f"COALESCE({base}, {number}), {base} IS NOT NULL, {number}"
    held: tuple[int, bytes | None] = (-1, None)
    for row in inspection.rows(table, columns, order):
        digest, kind = row[1], row[6] if media else JSON
        where = f"{table.name} {row[0]}"
        start = None
        if row[2] == PATCH:
            if held[0] != row[3]:
                inspection.add(where, f"it is a patch of {table.name} {row[3]}, which is no base")
                yield _Content(row[0], digest, kind, None)
                continue
            start = held[1]
        content = _checked(inspection, where, row, start)
        if row[2] != PATCH:
            held = (row[0], content)
        yield _Content(row[0], digest, kind, content)


def _checked(inspection: Inspection, where: str, row: Any, base: bytes | None) -> bytes | None:
    """The content of one row, or None after saying why not."""
    _, digest, codec, base_number, raw_len, data, *_ = row
    if data is None:
        inspection.add(where, "its bytes are missing, and no entry of the ledger says why")
        return None
    if codec == PATCH and base is None:
        inspection.add(where, f"it is a patch of {base_number}, which is damaged")
        return None
    try:
        return unpack(where, Packed(digest, codec, None, raw_len, data), base)
    except IntegrityError as error:
        inspection.add(where, str(error).removeprefix(f"{where}: "))
        return None


class _Judge:
    """Reads each content for what its users expect of it."""

    def __init__(self, inspection: Inspection, names: Names, uses: _Uses, found: Contents) -> None:
        self.inspection = inspection
        self.names = names
        self.uses = uses
        self.found = found
        self._manifests = Manifests()
        self._files: dict[str, tuple[Attached, ...]] = {}
        """By SHA-256 of a statement's body: the files that it names."""
        self._strange: list[tuple[bytes, str, str]] = []
        """SHA-256, place and fault of contents with another media type than their use asks for."""

    def judge(self, one: _Content, content: bytes) -> None:
        """Look at one content."""
        number, digest = one.number, one.sha256
        uses, where = self.uses, f"blob {number}"
        about = uses.documents.get(number, ())
        detail, manifest, record = number in uses.details, number in uses.manifests, number in uses.records
        policy, pages = uses.policies.get(digest), uses.staging.get(digest)
        alone = not (about or detail or policy or pages or digest in uses.stated)
        if alone and self._is_read(one, content, manifest=manifest, record=record):
            return
        try:
            value = orjson.loads(content)
        except ValueError as error:
            self.inspection.add(where, f"it is not JSON: {error}")
            value = None
        expected = JSON if pages is None else STAGING_MEDIA
        self._use(where, one, value, expected)
        for rid in about:
            self._identity(where, value, self.names.resources.get(rid))
        if detail and not isinstance(value, dict):
            self.inspection.add(where, "as the detail of a verdict it is not a JSON object")
        if manifest:
            self.found.tallies[number] = tallies_digest(value)
        if record:
            self.found.gaps[number] = gaps_digest(value)
        if policy == SCHEDULE:
            self._schedule(where, value, digest)
        if pages is not None and (not isinstance(value, list) or len(value) != pages):
            self.inspection.add(where, f"it does not hold the {pages} pages of the aborted run")

    def _is_read(self, one: _Content, content: bytes, *, manifest: bool, record: bool) -> bool:
        """Read what only a run uses, or nobody, by its bytes; False leaves it to be parsed."""
        if record and (manifest or not lists_no_gaps(content)):
            return False
        if manifest:
            try:
                self.found.tallies[one.number] = self._manifests.digest(content)
            except ValueError:
                return False
        if record:
            self.found.gaps[one.number] = _NO_GAPS
        if manifest or record:
            self._use(f"blob {one.number}", one, None, JSON)
        return True

    def conclude(self, log: Log) -> None:
        """After the last content: the files that statements name, and what only they explain."""
        files = {bytes.fromhex(file.sha256) for named in self._files.values() for file in named}
        for digest, where, fault in self._strange:
            if digest not in files:  # a file that somebody handed in may well be equal to a document
                self.inspection.add(where, fault)
        lost = files.difference(self.found.hashes.values())
        for seq, kind, body in log.stated:
            for file in self._files.get(body.lower(), ()):
                if bytes.fromhex(file.sha256) in lost:
                    what = f"the file {file.name!r} of the {kind} statement is not kept"
                    self.inspection.add(f"ledger entry {seq}", f"{what}: no blob has the hash {file.sha256}")

    def _use(self, where: str, one: _Content, value: object, expected: str) -> None:
        """The media type that its use asks for, and the files that a statement names."""
        if one.media != expected:
            self._strange.append((one.sha256, where, f"its media type is {one.media!r} instead of {expected}"))
        if one.sha256 not in self.uses.stated:
            return
        try:
            self._files[one.sha256.hex()] = attached(value if isinstance(value, dict) else {})
        except ValueError as error:
            self.inspection.add(where, f"as a statement it {error}")

    def _identity(self, where: str, value: object, known: Known | None) -> None:
        """A document says itself what it is about, so that two cannot be swapped."""
        if known is None:
            return
        said = value if isinstance(value, dict) else {}
        identity = (said.get("kind"), said.get("uid"), said.get("account"))
        if identity != (known.kind, known.uid, known.account):
            self.inspection.add(
                where,
                f"kept as {known} of account {known.account}, but the document itself says "
                f"kind {identity[0]!r}, uid {identity[1]!r}, account {identity[2]!r}",
            )

    def _schedule(self, where: str, value: object, digest: bytes) -> None:
        """A schedule declares when each target is read."""
        try:
            self.found.schedules[digest.hex()] = read_declared(value if isinstance(value, dict) else {})
        except ValueError as error:
            self.inspection.add(where, f"as a schedule policy it {error}")
