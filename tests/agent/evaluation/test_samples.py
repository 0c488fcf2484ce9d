"""`sample`: a draw after the freeze, repeated by hand, enlarged, and never drawn twice."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from agent import clock as agent_clock
from agent.evaluation import samples
from storage import canon, reads, seal
from storage.engine import Store
from storage.errors import IntegrityError
from tests.agent.conftest import Said, say
from tests.conftest import JANUARY, Clock
from tests.storage.builders import HOUR, LAB, PROD, bucket, document, run

DAY = 24 * HOUR
SEED = ("--seed", "blue-42", "--seed-by", "Aud Itor")


class Shell:
    """The command line on one database with two accounts, in the period that it always asks about."""

    def __init__(self, url: str) -> None:
        """Remember the database."""
        self._url = url

    def __call__(self, command: str, *words: str) -> Said:
        """Run one command about the period."""
        period = ("--from", agent_clock.iso(JANUARY), "--to", agent_clock.iso(JANUARY + DAY))
        return say(command, "accounts", *period, *words, "--database", self._url)


@pytest.fixture
def shell(store: Store, clock: Clock, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    """Two accounts were read; the day is over."""
    monkeypatch.setattr(agent_clock, "now", clock)
    monkeypatch.chdir(tmp_path)
    clock.advance(3600)
    for who in (PROD, LAB):
        run(store, clock, JANUARY + HOUR, who, documents={bucket("a"): document("a")})
    clock.time = JANUARY + 2 * DAY
    return Shell(database_url)


def ranked(ids: list[str]) -> list[str]:
    """The ids in the order of their ranks, by the published method."""
    head = hashlib.sha256("".join(f"{each}\n" for each in sorted(ids)).encode()).hexdigest()
    return sorted(ids, key=lambda each: hmac.new(b"blue-42", f"{head}\n{each}".encode(), "sha256").hexdigest())


def test_draw_and_enlarge(shell: Shell, store: Store, clock: Clock) -> None:
    """The first pick has the smallest rank and stays first; seed, giver, time, hash and size are on record."""
    population = shell("population", "--freeze", "--json").json
    ids = [each["id"] for each in population["items"]]
    clock.time += HOUR
    first = shell("sample", "--n", "1", *SEED, "--json").json
    assert first["selected"] == ranked(ids)[:1]
    assert (first["id"], first["population"], first["population_hash"]) == ("S-0001", "P-0001", population["hash"])
    assert (first["seed"], first["seed_given_by"], first["seed_given_at"]) == (
        "blue-42", "Aud Itor", agent_clock.iso(clock.time),
    )  # fmt: skip
    clock.time += HOUR
    more = shell("sample", "--extend", "--n", "2", "--json").json
    assert (more["selected"], more["extends"], more["seed_given_at"]) == (ranked(ids), "S-0001", first["seed_given_at"])
    with store.read() as conn:
        assert [json.loads(row.body)["n"] for row in reads.statements(conn, {"sample"})] == [1, 2]


def test_the_size_comes_from_the_table(shell: Shell) -> None:
    """Without --n, it is what the table gives for the population and the risk, shown with the way to repeat it."""
    shell("population", "--freeze")
    said = shell("sample", *SEED)
    assert (said.code, said.err) == (0, "")
    assert "S-0001" in said.out
    assert "2 of 2 items of P-0001" in said.out


def test_what_is_refused(shell: Shell) -> None:
    """No draw before the freeze, without a seed, twice, too large, or enlarged from nothing."""
    assert "no such population is frozen" in shell("sample", *SEED).err
    shell("population", "--freeze")
    assert "nothing was drawn" in shell("sample", "--extend", "--n", "1").err
    assert "ask the auditor" in shell("sample", "--n", "1").err
    assert "draw 1 to all" in shell("sample", "--n", "3", *SEED).err
    assert shell("sample", "--n", "1", *SEED).code == 0
    again = shell("sample", "--n", "1", "--seed", "green", "--seed-by", "Aud Itor")
    assert (again.code, "S-0001 was drawn from it already" in again.err) == (2, True)
    assert "give more" in shell("sample", "--extend", "--n", "1").err


def test_a_foreign_draw_is_found_out(shell: Shell, store: Store) -> None:
    """A statement about a population that is not there is no draw of ours."""
    shell("population", "--freeze")
    said = {
        "form": 1, "population": "P-0001", "hash": "0" * 64, "count": 2, "seed": "x", "seed_given_by": "y",
        "seed_given_at": JANUARY + 3 * DAY, "n": 1, "extends": "",
    }  # fmt: skip
    seal.append_statement(store, samples.KIND, canon.canonical(said))
    with store.read() as conn, pytest.raises(IntegrityError, match="is not the population that it names"):
        samples.load(conn)
