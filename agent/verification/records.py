"""What a run's manifest and record say, brought into a form in which they can be compared with the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields

from storage.canon import dumps, sha256
from storage.errors import NotEncodable
from storage.rows import GapRow
from storage.tables import OUTCOME_NUMBERS

GAP_FIELDS = tuple(field.name for field in fields(GapRow))
_ORDER = tuple(sorted(OUTCOME_NUMBERS, key=OUTCOME_NUMBERS.__getitem__))
_NOTHING = (0,) * len(_ORDER)


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
        counts = each.get("counts") if isinstance(each, dict) else None
        if not isinstance(counts, dict) or not isinstance(each.get("check"), str):
            return None
        numbers = tuple(counts.get(outcome, 0) for outcome in _ORDER)
        if each["check"] in found or not counts.keys() <= OUTCOME_NUMBERS.keys():
            return None
        if any(type(number) is not int or number < 0 for number in numbers):
            return None
        found[each["check"]] = numbers
    return {check: numbers for check, numbers in found.items() if numbers != _NOTHING}


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
