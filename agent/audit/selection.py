"""Which items of a frozen population to test: a draw that anybody can repeat with a hash function.

1. Sort the ids by their UTF-8 bytes.
2. H = SHA-256 over each id followed by a line feed, in hex.
3. Rank each id by HMAC-SHA-256 with the seed as key over H, a line feed and the id, in hex; take the smallest.

The order in which items arrive and the random generator of a language play no part.  A larger draw with the same seed
begins with the smaller one.  Any change of the population changes H, and with it the draw.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from agent.audit.periods import iso


@dataclass(frozen=True, slots=True)
class FrozenPopulation:
    """The ids of a population, once each, sorted by their UTF-8 bytes."""

    ids: tuple[str, ...]
    hash: str
    """H, in hex: what to publish before a seed is asked for."""
    frozen_at: int

    def __len__(self) -> int:
        """N."""
        return len(self.ids)

    def to_json(self) -> dict[str, Any]:
        """Size and hash; the ids are evidence of their own."""
        return {"count": len(self.ids), "hash": self.hash, "frozen_at": iso(self.frozen_at)}


@dataclass(frozen=True, slots=True)
class Draw:
    """One selection, with all that it takes to repeat it."""

    population_hash: str
    population_count: int
    seed: str
    seed_given_by: str
    seed_given_at: int
    selected: tuple[str, ...]
    """In the order of their ranks, so that a larger draw begins with these."""

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        return {
            "method": "HMAC-SHA-256 rank",
            "population_hash": self.population_hash,
            "population_count": self.population_count,
            "seed": self.seed,
            "seed_given_by": self.seed_given_by,
            "seed_given_at": iso(self.seed_given_at),
            "n": len(self.selected),
            "selected": list(self.selected),
        }


def freeze(ids: Iterable[str], frozen_at: int) -> FrozenPopulation:
    """The population that a draw is made from.

    Raises ValueError when an id is empty, occurs twice or holds a line feed: each must name one item, and the hash
    must be of one list only.
    """
    ordered = sorted((name.encode(), name) for name in ids)
    for before, after in pairwise(ordered):
        if before == after:
            raise ValueError(f"population: {after[1]} occurs twice; give each item an id of its own")
    if strange := next((name for _, name in ordered if not name or "\n" in name), None):
        raise ValueError(f"population: {strange!r} holds a line feed; give each item an id of one line")
    if ordered and not ordered[0][1]:
        raise ValueError("population: one id is empty; give each item an id")
    digest = hashlib.sha256(b"".join(raw + b"\n" for raw, _ in ordered)).hexdigest()
    return FrozenPopulation(tuple(name for _, name in ordered), digest, frozen_at)


def draw(population: FrozenPopulation, *, seed: str, given_by: str, given_at: int, size: int) -> Draw:
    """The `size` items with the smallest ranks; all of them where there are no more.

    Raises ValueError when the seed was known before the population was frozen, so that whoever froze it could have
    tried for a good draw, when seed or giver are empty, or when `size` is not positive.
    """
    if not seed or not given_by.strip():
        raise ValueError("seed: give one, and who chose it")
    if given_at < population.frozen_at:
        raise ValueError("seed: was given before the population was frozen; freeze first, then ask the auditor")
    if size < 1:
        raise ValueError(f"size: is {size}; draw at least one item")
    key = seed.encode()
    ranks = sorted((hmac.digest(key, f"{population.hash}\n{name}".encode(), "sha256"), name) for name in population.ids)
    chosen = tuple(name for _, name in ranks[:size])
    return Draw(population.hash, len(population), seed, given_by, given_at, chosen)


def expand(drawn: Draw, population: FrozenPopulation, size: int) -> Draw:
    """A larger draw of the same population with the same seed; the earlier picks stay and come first.

    Raises ValueError when the population is another one or `size` is no larger.
    """
    if population.hash != drawn.population_hash:
        raise ValueError("population: differs from the one that was drawn from; take the frozen one")
    if size <= len(drawn.selected):
        raise ValueError(f"size: is {size} and {len(drawn.selected)} are drawn; give a larger one")
    return draw(population, seed=drawn.seed, given_by=drawn.seed_given_by, given_at=drawn.seed_given_at, size=size)
