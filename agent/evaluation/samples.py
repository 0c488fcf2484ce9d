"""Samples of a frozen population: drawn by a seed that came after the freeze, and kept with all it takes to repeat.

A draw is a statement in the ledger.  A larger one of the same population and seed keeps the earlier picks.
Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from agent import populations, statements
from agent.audit import selection
from agent.audit.parameters import Parameters, Risk
from agent.audit.selection import Draw
from agent.errors import OperatorError
from agent.populations import Frozen
from storage import canon, reads, seal
from storage.engine import Store
from storage.rows import StatementRow

KIND = "sample"
"""Kind of the statements in the ledger."""
FORM = 1
_FIELDS: dict[str, tuple[type, ...]] = {
    "population": (str,),
    "hash": (str,),
    "count": (int,),
    "seed": (str,),
    "seed_given_by": (str,),
    "seed_given_at": (int,),
    "n": (int,),
    "extends": (str,),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One draw on the record."""

    id: str
    """`S-0001`, counted from the first one that the ledger has."""
    seq: int
    at: int
    population: str
    """Id of the frozen population."""
    extends: str
    """Id of the smaller draw that it enlarges; empty when it is a first one."""
    draw: Draw

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "id": self.id,
            "entry": self.seq,
            "population": self.population,
            "extends": self.extends,
            **self.draw.to_json(),
        }


@dataclass(frozen=True, slots=True)
class _Seed:
    """What decides the ranks, who chose it, and when it became known."""

    text: str
    given_by: str
    given_at: int


def load(conn: Connection) -> list[Sample]:
    """Every draw, oldest first, each drawn anew.  Raises IntegrityError for one that this program never makes."""
    known = {each.id: each for each in populations.frozen(conn)}
    return [_read(row, f"S-{number:04d}", known) for number, row in enumerate(reads.statements(conn, {KIND}), 1)]


def find_population(conn: Connection, name: str, begins: int | None, ends: int | None) -> Frozen:
    """The frozen population of this id, or the newest one of this kind and period.  Raises OperatorError."""
    found = populations_of(conn, name, begins, ends)
    if not found:
        raise OperatorError(
            f"{name!r}: no such population is frozen for that period; "
            "run `proofkeep population KIND --from … --to … --freeze` first"
        )
    return found[-1]


def populations_of(conn: Connection, name: str, begins: int | None, ends: int | None) -> list[Frozen]:
    """The frozen populations of this id, or of this name and period, oldest first."""
    return [
        each
        for each in populations.frozen(conn)
        if name == each.id
        or (name == each.said["population"] and (begins, ends) == (each.said["begins"], each.said["ends"]))
    ]


def size_for(population: Frozen, risk: Risk, parameters: Parameters) -> int:
    """How many items to test at that risk.  Raises OperatorError when there is nothing to draw from."""
    if not (size := parameters.sample_size(len(population.population), risk)):
        raise OperatorError(f"{population.id}: is empty; there is nothing to draw")
    return size


def draw(store: Store, population: Frozen, size: int, seed: str, given_by: str) -> Sample:
    """Draw `size` items and keep the draw.

    Raises OperatorError when the seed or its giver is missing, when the size cannot be drawn, or when the population
    was drawn from before: another seed after the first one would let somebody look for a good draw.
    """
    seed, given_by = statements.one_line("--seed", seed), statements.one_line("--seed-by", given_by)
    with store.read() as conn:
        earlier = [each for each in load(conn) if each.population == population.id]
    if earlier:
        raise OperatorError(f"{population.id}: {earlier[-1].id} was drawn from it already; enlarge it with --extend")
    return _put(store, population, size, _Seed(seed, given_by, store.now()))


def extend(store: Store, population: Frozen, size: int) -> Sample:
    """Draw more with the seed of the newest draw, keeping its picks.  Raises OperatorError."""
    with store.read() as conn:
        earlier = [each for each in load(conn) if each.population == population.id]
    if not earlier:
        raise OperatorError(f"--extend: nothing was drawn from {population.id} yet; leave it out, and give a seed")
    last = earlier[-1]
    taken = len(last.draw.selected)
    if not taken < size <= len(population.population):
        raise OperatorError(f"--n {size}: {last.id} has {taken} of {len(population.population)}; give more, up to all")
    said = last.draw
    return _put(store, population, size, _Seed(said.seed, said.seed_given_by, said.seed_given_at), last.id)


def _put(store: Store, population: Frozen, size: int, seed: _Seed, extends: str = "") -> Sample:
    if not 1 <= size <= len(population.population):
        raise OperatorError(f"--n {size}: {population.id} has {len(population.population)} items; draw 1 to all")
    said = {
        "form": FORM,
        "population": population.id,
        "hash": population.population.hash,
        "count": len(population.population),
        "seed": seed.text,
        "seed_given_by": seed.given_by,
        "seed_given_at": seed.given_at,
        "n": size,
        "extends": extends,
    }
    seq = seal.append_statement(store, KIND, canon.canonical(said))
    with store.read() as conn:
        return next(each for each in load(conn) if each.seq == seq)


def _read(row: StatementRow, id_: str, known: dict[str, Frozen]) -> Sample:
    said = statements.body(row, FORM)
    statements.expect(row, said, _FIELDS)
    fields: dict[str, Any] = said
    frozen = known.get(fields["population"])
    if frozen is None or frozen.seq > row.seq:
        raise statements.malformed(row, f"there is no {fields['population']} before it")
    items = frozen.population
    if (items.hash, len(items)) != (fields["hash"], fields["count"]):
        raise statements.malformed(row, f"{frozen.id} is not the population that it names")
    try:
        drawn = selection.draw(
            items,
            seed=fields["seed"],
            given_by=fields["seed_given_by"],
            given_at=fields["seed_given_at"],
            size=fields["n"],
        )
    except ValueError as error:
        raise statements.malformed(row, str(error)) from error
    return Sample(id_, row.seq, row.at, frozen.id, fields["extends"], drawn)
