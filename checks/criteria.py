"""The 61 Trust Services Criteria in our own words, and which of them an engagement is about."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

FILE = "criteria.toml"
_ID = re.compile(r"(CC[1-9]|A1|PI1|C1|P[1-8])\.[1-9]")


class Category(StrEnum):
    """The five trust services categories; security is the common criteria."""

    SECURITY = "security"
    AVAILABILITY = "availability"
    PROCESSING_INTEGRITY = "processing_integrity"
    CONFIDENTIALITY = "confidentiality"
    PRIVACY = "privacy"


class Automatable(StrEnum):
    """How far the configuration of a cloud can carry a criterion."""

    FULL = "full"
    PARTIAL = "partial"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class CriterionText:
    """One criterion in our own words: this project does not reproduce the AICPA's."""

    id: str
    category: Category
    group: str
    """Series and its subject: `CC6 Logical and physical access`."""
    title: str
    text: str
    automatable: Automatable


def fault(file: str, entry: str, key: str, problem: str, fix: str) -> ValueError:
    """The one-line error of a library file: where it is, what is wrong and what to do about it."""
    return ValueError(f"{file}: {entry}: {key}: {problem}; {fix}")


def parse(text: str, file: str) -> dict[str, CriterionText]:
    """Every criterion in `text` (TOML) by id, in the order of the file.

    Raises ValueError: one line that names `file`, the criterion, the key and the fix.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise fault(file, "the file", "syntax", str(error), "write it as TOML 1.0") from error
    groups = document.get("groups", {})
    found: dict[str, CriterionText] = {}
    for entry in document.get("criterion", []):
        criterion = _criterion(entry, groups, file)
        if criterion.id in found:
            raise fault(file, criterion.id, "id", "is given twice", "keep one of the two")
        found[criterion.id] = criterion
    if not found:
        raise fault(file, "the file", "criterion", "there is none", "add [[criterion]] entries")
    return found


@cache
def all_criteria() -> dict[str, CriterionText]:
    """Every criterion by id in canonical order: CC1.1 to CC9.2, A1, PI1, C1, P1.1 to P8.1."""
    return parse(files("checks").joinpath(FILE).read_text("utf-8"), FILE)


def in_scope(categories: Iterable[str]) -> tuple[str, ...]:
    """Ids of the criteria of an engagement, in canonical order.

    The common criteria belong to every engagement, so security is in scope whether it is named or not.
    Raises ValueError for a category that does not exist.
    """
    known = {category.value for category in Category}
    chosen = {Category.SECURITY.value, *categories}
    if strange := sorted(chosen - known):
        message = f"categories: {', '.join(strange)} does not exist; use {', '.join(sorted(known))}"
        raise ValueError(message)
    return tuple(criterion.id for criterion in all_criteria().values() if criterion.category in chosen)


def _criterion(entry: Mapping[str, Any], groups: Mapping[str, Any], file: str) -> CriterionText:
    name = str(entry.get("id", "a criterion without an id"))
    if not _ID.fullmatch(name):
        raise fault(file, name, "id", "is not the id of a criterion", 'write one like "CC6.1" or "PI1.2"')
    for key in ("title", "text", "automatable"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise fault(file, name, key, "is missing or empty", "write a text in quotes")
    if strange := sorted(set(entry) - {"id", "title", "text", "automatable"}):
        raise fault(file, name, strange[0], "is not a key of a criterion", "remove it")
    if entry["automatable"] not in set(Automatable):
        raise fault(file, name, "automatable", f"is {entry['automatable']!r}", f"use {', '.join(Automatable)}")
    series = name.partition(".")[0]
    group = groups.get(series, {})
    if group.get("category") not in set(Category) or not group.get("title"):
        raise fault(file, name, f"groups.{series}", "has no title or no known category", "add both to [groups]")
    return CriterionText(
        id=name,
        category=Category(group["category"]),
        group=f"{series} {group['title']}",
        title=entry["title"],
        text=entry["text"],
        automatable=Automatable(entry["automatable"]),
    )
