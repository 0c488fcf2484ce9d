"""What a run's manifest and record say, brought into a form in which they can be compared with the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields

import orjson

from storage.canon import dumps, sha256
from storage.errors import NotEncodable
from storage.rows import GapRow
from storage.tables import OUTCOME_NUMBERS

GAP_FIELDS = tuple(field.name for field in fields(GapRow))
_ORDER = tuple(sorted(OUTCOME_NUMBERS, key=OUTCOME_NUMBERS.__getitem__))
_NOTHING = (0,) * len(_ORDER)
_OPEN, _END = b'{"check":', b"]}"
_FIRST, _NEXT = b'{"checks":[' + _OPEN, b"," + _OPEN
_CHECKS_KEPT = 10_000
_GAPS, _NO_GAPS, _ESCAPE = b'"gaps":', b'],"gaps":[],"identity":{', b"\\u"


def tallies_digest(manifest: object) -> bytes | None:
    """Digest of the counts in a manifest, by `counted`; None when it is malformed or names a check twice."""
    tallies = tallies_of(manifest)
    return None if tallies is None else counted(line(check, each) for check, each in tallies.items())


def tallies_of(manifest: object) -> dict[str, tuple[int, ...]] | None:
    """By check: how many verdicts of each outcome, in the order of the outcomes' numbers."""
    checks = manifest.get("checks") if isinstance(manifest, dict) else None
    if not isinstance(checks, list):
        return None
    found: dict[str, tuple[int, ...]] = {}
    for each in checks:
        told = _tally(each)
        if told is None or told[0] in found:
            return None
        found[told[0]] = told[1]
    return {check: numbers for check, numbers in found.items() if numbers != _NOTHING}


def _tally(each: object) -> tuple[str, tuple[int, ...]] | None:
    """What a manifest counts for one check; None when it is malformed."""
    counts = each.get("counts") if isinstance(each, dict) else None
    if not isinstance(each, dict) or not isinstance(counts, dict) or not isinstance(each.get("check"), str):
        return None
    numbers = tuple(counts.get(outcome, 0) for outcome in _ORDER)
    if not counts.keys() <= OUTCOME_NUMBERS.keys() or any(type(one) is not int or one < 0 for one in numbers):
        return None
    return each["check"], numbers


class Manifests:
    """Reads manifests of runs that follow each other: what the last ones said of a check is not parsed again."""

    def __init__(self) -> None:
        """Start without any."""
        self._known: dict[bytes, tuple[str, str]] = {}
        """By the bytes that tell of one check: its id, and the line of its counts, empty when all are zero."""

    def digest(self, content: bytes) -> bytes | None:
        """What `tallies_digest` says of the parsed content.  Raises ValueError when it is not JSON."""
        told = self._told(content)
        if told is None:
            return tallies_digest(orjson.loads(content))
        if len({check for check, _ in told}) < len(told):
            return None
        return counted(counts for _, counts in told if counts)

    def _told(self, content: bytes) -> list[tuple[str, str]] | None:
        """Id and line of each check; None for anything but a list of well-formed checks, each with its id first.

        A quote inside of a JSON text is escaped, so what is split at can only be the beginning of an object, and the
        whole is JSON when each part is.
        """
        if not content.startswith(_FIRST) or not content.endswith(_END):
            return None
        if len(self._known) > _CHECKS_KEPT:
            self._known.clear()
        found = []
        for part in content[len(_FIRST) : -len(_END)].split(_NEXT):
            told = self._known.get(part)
            if told is None:
                try:
                    tally = _tally(orjson.loads(_OPEN + part))
                except ValueError:
                    return None
                if tally is None:
                    return None
                check, numbers = tally
                told = self._known[part] = check, "" if numbers == _NOTHING else line(check, numbers)
            found.append(told)
        return found


def lists_no_gaps(record: bytes) -> bool:
    """Whether the bytes of a record show by themselves that its list of gaps is empty.

    A quote inside of a JSON text is escaped, so these bytes are keys, and there is only one such list.  Most runs have
    no gaps, and parsing all the calls of a year to see it would take longer than all else.
    """
    return record.count(_GAPS) == 1 and _NO_GAPS in record and _ESCAPE not in record


def line(check_id: str, numbers: Iterable[int]) -> str:
    """One check's counts as text."""
    return f"{check_id} {' '.join(map(str, numbers))}"


def counted(lines: Iterable[str]) -> bytes:
    """Digest over the lines of all checks that counted anything, in order."""
    return sha256("\n".join(sorted(lines)).encode(errors="replace"))


def gaps_digest(record: object) -> bytes | None:
    """Digest of the gaps in a run's record as the gap table must hold them: in order, each once.

    None when they are malformed.
    """
    gaps = record.get("gaps") if isinstance(record, dict) else None
    if not isinstance(gaps, list) or not all(isinstance(gap, dict) for gap in gaps):
        return None
    found: dict[tuple[str | None, ...], Mapping[str, str | None]] = {}
    for gap in gaps:
        row = {name: gap.get(name) for name in GAP_FIELDS}
        if any(not isinstance(value, str) and (name != "uid" or value is not None) for name, value in row.items()):
            return None
        # The table takes no zero bytes, so the store writes this character for them.
        kept = {name: value and value.replace("\0", "\ufffd") for name, value in row.items()}
        found.setdefault(tuple(row.values()), kept)
    return gap_rows_digest(found.values())


def gap_rows_digest(gaps: Iterable[Mapping[str, str | None]]) -> bytes | None:
    """Hash of a run's gaps as its ledger entry holds it; None for text that JSON cannot hold."""
    try:
        return sha256(dumps(list(gaps)))
    except NotEncodable:
        return None
