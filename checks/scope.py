"""What an engagement is about: the chosen categories, the profile they came from, and why the rest is left out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from checks.criteria import Category, all_criteria, fault, in_scope

FILE = "profiles.toml"
EVERY_CATEGORY = tuple(category.value for category in Category)
_KEYS = {"title", "categories", "left_out", "off"}


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of company: what its engagement is usually about, and which default controls it does without."""

    id: str
    title: str
    categories: tuple[str, ...]
    """In canonical order; security is always among them."""
    left_out: Mapping[str, str] = field(hash=False)
    """Why each other category is left out."""
    off: Mapping[str, str] = field(hash=False)
    """Why a default control does not apply, by its id."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The criteria of one engagement.  Without a choice it is about all five categories, so nothing is left out."""

    categories: tuple[str, ...] = EVERY_CATEGORY
    """In canonical order, security first."""
    profile: str = ""
    """Id of the profile that it follows; empty when it follows none."""
    left_out: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Why each category that was not chosen is out."""
    not_relevant: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Why single criteria of the chosen categories are out, by id."""

    def criteria(self) -> tuple[str, ...]:
        """Ids of the criteria in scope, in canonical order."""
        return tuple(name for name in in_scope(self.categories) if name not in self.not_relevant)

    def out(self) -> dict[str, str]:
        """Why each other criterion is out of scope, by id, in canonical order."""
        chosen = set(self.criteria())
        return {
            name: self.not_relevant.get(name) or f"{criterion.category}: {self.left_out[criterion.category]}"
            for name, criterion in all_criteria().items()
            if name not in chosen
        }

    def words(self) -> str:
        """One line for people: the categories, the profile, and how many criteria are out."""
        named = ", ".join(category.replace("_", " ") for category in self.categories)
        followed = f" (profile {self.profile})" if self.profile else ""
        left = len(all_criteria()) - len(self.criteria())
        rest = "all criteria are in scope" if not left else f"{left} of {len(all_criteria())} criteria are out of scope"
        return f"scope: {named}{followed}; {rest}"


@cache
def profiles() -> dict[str, Profile]:
    """Every profile by id, in the order of the file."""
    return parse(files("checks").joinpath(FILE).read_text("utf-8"), FILE)


def parse(text: str, file: str) -> dict[str, Profile]:
    """The profiles in `text` (TOML) by id.

    Raises ValueError: one line that names `file`, the profile, the key and the fix.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise fault(file, "the file", "syntax", str(error), "write it as TOML 1.0") from error
    return {name: _profile(name, raw, file) for name, raw in document.items()}


def choose(
    categories: Iterable[str] | None = None,
    profile: str = "",
    reasons: Mapping[str, str] | None = None,
    not_relevant: Mapping[str, str] | None = None,
) -> Scope:
    """The scope of these settings.

    `categories` win over those of `profile`; with neither, everything is in scope.  `reasons` say why a category is
    left out, `not_relevant` why a single criterion is.  Raises ValueError: one line that names the key and the fix.
    """
    if profile and profile not in profiles():
        raise ValueError(f"profile: there is no profile {profile!r}; use {', '.join(profiles())}")
    followed = profiles().get(profile)
    if categories is not None:
        wanted = set(categories) | {Category.SECURITY}
    else:
        wanted = set(followed.categories if followed else EVERY_CATEGORY)
    in_scope(wanted)  # refuses a category that does not exist
    chosen = tuple(category for category in EVERY_CATEGORY if category in wanted)
    said = {**(followed.left_out if followed else {}), **(reasons or {})}
    for category in reasons or {}:
        if category not in EVERY_CATEGORY or category in chosen:
            raise ValueError(f"reasons: {category!r} is not left out; remove it, or remove it from categories")
    left_out = {
        category: said.get(category, "the company did not choose this category")
        for category in EVERY_CATEGORY
        if category not in chosen
    }
    scope = Scope(chosen, profile, left_out)
    for name, reason in (not_relevant or {}).items():
        if name not in scope.criteria():
            raise ValueError(f"not_relevant: {name!r} is no criterion in scope; remove it")
        if not reason.strip():
            raise ValueError(f"not_relevant: {name} has no reason; say why the system has nothing to do with it")
    return Scope(chosen, profile, left_out, dict(not_relevant or {}))


def _profile(name: str, raw: Any, file: str) -> Profile:
    if not isinstance(raw, dict) or set(raw) != _KEYS:
        raise fault(file, name, "profile", "does not have exactly its keys", f"write {', '.join(sorted(_KEYS))}")
    categories = set(raw["categories"]) | {Category.SECURITY}
    try:
        in_scope(categories)
    except ValueError as error:
        raise fault(file, name, "categories", str(error), "remove the unknown one") from error
    if set(raw["left_out"]) != set(EVERY_CATEGORY) - categories:
        raise fault(file, name, "left_out", "does not name exactly the other categories", "give each its reason")
    return Profile(
        id=name,
        title=raw["title"],
        categories=tuple(category for category in EVERY_CATEGORY if category in categories),
        left_out=raw["left_out"],
        off=raw["off"],
    )
