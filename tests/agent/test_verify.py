"""What `verify` says about ledgers that nobody touched, and how it reads entries, manifests and records."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given, strategies
from sqlalchemy import URL, text

from agent.verification.entries import SHAPES, misshapen, parse
from agent.verification.maps import StateMap
from agent.verification.records import gaps_digest, tallies_digest, tallies_of
from agent.verify import Verdict, verify, verify_at
from storage import canon, ledger, notes, schema, seal
from storage.engine import Store, open_store
from storage.errors import NoteInvalid, NotEncodable, SchemaAbsent, StoreReadOnly
from storage.merkle import MerkleMap
from storage.rows import GapRow, Outcome, Tally
from tests.agent.tampering.estate import GAP, ORIGIN, Estate, History, declare, live
from tests.conftest import Clock
from tests.postgres import create_database, drop_database


@pytest.fixture
def signer(tmp_path: Path) -> notes.Signer:
    """A signing key."""
    return notes.open_key(tmp_path / "key", "proofkeep-tests")


def lines(verdict: Verdict) -> list[str]:
    """Findings as text."""
    return [f"{one.where}: {one.what}" for one in verdict.findings]


def test_empty_store(store: Store) -> None:
    """A store that was only just made is whole."""
    verdict = verify(store)

    assert verdict.clean
    assert (verdict.level, verdict.size, verdict.root) == (0, 0, canon.sha256(b"").hex())


def test_counts_and_level(store: Store, clock: Clock, signer: notes.Signer) -> None:
    """A verdict says how much was looked at and with what from outside."""
    history = History()
    declare(store)
    live(Estate(store, clock), signer, range(5), history)

    verdict = verify(store, checkpoints=[history.notes[5]])

    assert lines(verdict) == []
    assert (verdict.level, verdict.outside, verdict.checkpoints) == (2, 1, 1)
    assert (verdict.size, verdict.runs, verdict.gaps) == (13, 5, 0)
    with store.read() as conn:
        assert verdict.root == ledger.root(conn).hex()
        assert verdict.versions == conn.scalar(text("SELECT COUNT(*) FROM version"))
        assert verdict.results == conn.scalar(text("SELECT COUNT(*) FROM result"))
        assert verdict.resources == conn.scalar(text("SELECT COUNT(*) FROM resource"))
        assert verdict.contents == conn.scalar(text("SELECT COUNT(*) FROM blob"))
        sizes = "SELECT (SELECT SUM(raw_len) FROM blob) + (SELECT SUM(raw_len) FROM volatile)"
        assert verdict.bytes == conn.scalar(text(sizes))
    assert verify(store, pubkeys=[signer.verifier_key()]).level == 1


def test_progress_comes_to_an_end(store: Store, clock: Clock, signer: notes.Signer) -> None:
    """Every stage tells how much there is and ends with all of it."""
    live(Estate(store, clock), signer, range(5), History())
    told: dict[str, list[tuple[int, int]]] = {}

    verify(store, progress=lambda stage, done, total: told.setdefault(stage, []).append((done, total)))

    assert list(told) == [
        "database",
        "identities",
        "ledger",
        "checkpoints",
        "contents",
        "readings",
        "runs",
        "caches",
    ]
    assert [stage for stage, steps in told.items() if steps[-1][0] != steps[-1][1]] == []
    assert all(done <= total for steps in told.values() for done, total in steps)


def test_run_under_way(store: Store, clock: Clock, signer: notes.Signer) -> None:
    """A run that has begun and not ended yet is no finding, and neither is a sealed one that is not signed yet."""
    estate = Estate(store, clock)
    live(estate, signer, range(5), History())
    estate.run(5)
    estate.start(6)

    assert lines(verify(store)) == []


def test_verification_beside_a_writer(store: Store, clock: Clock, signer: notes.Signer) -> None:
    """A run that is sealed while a verification is under way changes nothing in it."""
    estate = Estate(store, clock)
    live(estate, signer, range(5), History())
    sealed: list[int] = []

    def seal_one(stage: str, _done: int, _total: int) -> None:
        if stage == "runs" and not sealed:
            sealed.append(estate.run(5))

    verdict = verify(store, progress=seal_one)

    assert lines(verdict) == []
    assert sealed
    assert (verdict.runs, verify(store).runs) == (5, 6)


def test_two_runs_without_a_checkpoint(store: Store, clock: Clock) -> None:
    """Runs that no checkpoint covers are told, because nothing proves when they were added."""
    estate = Estate(store, clock)
    first, second = estate.run(0), estate.run(1)

    (finding,) = verify(store).findings
    assert finding.where == "checkpoint of prod"
    assert finding.what == (
        "no fresh checkpoint for the head: the newest one covers 0 entries, and 2 runs, "
        f"from entry {first} to {second}, came after it"
    )


def test_missed_slots_follow_the_schedule_in_force(store: Store, clock: Clock, signer: notes.Signer) -> None:
    """Slots are asked for by the schedule that the later of two runs was started under."""
    declare(store)
    estate = Estate(store, clock)
    estate.run(0)
    seal.append_policy(store, "schedule", canon.canonical({"every": 7200}))
    estate.run(2)
    estate.run(8)
    seal.append_key(store, signer.verifier_key())
    ledger.checkpoint(store, signer, ORIGIN)

    assert [line.split(": ", 1)[1] for line in lines(verify(store))] == [
        "missed schedule slot without a gap entry: 2026-01-01T04:00:00.000000Z, every 7200 s",
        "missed schedule slot without a gap entry: 2026-01-01T06:00:00.000000Z, every 7200 s",
    ]


def test_runs_on_demand_take_no_slot(store: Store, clock: Clock, signer: notes.Signer) -> None:
    """Runs between the slots neither fill one nor miss one."""
    declare(store)
    estate = Estate(store, clock)
    estate.run(0)
    estate.run(1, scheduled=False)
    estate.run(2)
    seal.append_key(store, signer.verifier_key())
    ledger.checkpoint(store, signer, ORIGIN)

    # The slot of the run on demand was the very hour, so it counts as read.
    assert lines(verify(store)) == []


def test_malformed_key_is_the_operators(store: Store) -> None:
    """A public key that is none stops the verification: whoever gave it must know."""
    with pytest.raises(NoteInvalid, match="verifier key"):
        verify(store, pubkeys=["nonsense"])


def test_absent_store_is_the_operators(tmp_path: Path) -> None:
    """A database that is not there is not a damaged one."""
    with pytest.raises(SchemaAbsent):
        verify_at(f"sqlite:///{tmp_path}/none.db")


@pytest.fixture
def reader(postgres_server: URL, postgres_template: str, signer: notes.Signer) -> Iterator[URL]:
    """A ledger on PostgreSQL, as an auditor's role sees it that may read evidence and make nothing."""
    base = create_database(postgres_server, postgres_template)
    role = f"verify_reader_{os.getpid()}"
    clock = Clock()
    with open_store(base.render_as_string(hide_password=False), clock=clock) as store:
        live(Estate(store, clock), signer, range(5), History())
        with store.operate() as conn:
            conn.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD 'x'"))
            for statement in schema.grants(verifier=role):
                conn.execute(text(statement))
            conn.execute(text(f"REVOKE TEMPORARY ON DATABASE {base.database} FROM PUBLIC"))
    yield base.set(username=role, password="x")
    assert base.database
    drop_database(postgres_server, base.database)
    server = postgres_server.set(database=postgres_template).render_as_string(hide_password=False)
    with open_store(server) as store, store.operate() as conn:
        conn.execute(text(f"DROP ROLE {role}"))


def test_auditors_role(reader: URL) -> None:
    """A role that may only read verifies all evidence, and is told what it could not compare."""
    verdict = verify_at(reader.render_as_string(hide_password=False))

    assert lines(verdict) == []
    assert (verdict.runs, verdict.checkpoints) == (5, 1)
    assert verdict.unchecked == (
        "the caches: this role may not read them",
        "the views: this role may not make temporary ones to compare them with",
    )


def test_missing_grant_is_the_operators(reader: URL, postgres_server: URL) -> None:
    """A role that may not read evidence cannot verify it, which is no sign of tampering."""
    assert reader.database
    server = postgres_server.set(database=reader.database).render_as_string(hide_password=False)
    with open_store(server) as store, store.operate() as conn:
        conn.execute(text(f"REVOKE SELECT ON result FROM {reader.username}"))  # noqa: S608 - our own role

    with pytest.raises(StoreReadOnly, match="result"):
        verify_at(reader.render_as_string(hide_password=False))


# Entries

plain = strategies.one_of(
    strategies.none(),
    strategies.booleans(),
    strategies.integers(-(1 << 54), 1 << 54),
    strategies.floats(),
    strategies.text(max_size=8),
)
objects = strategies.dictionaries(
    strategies.text(max_size=4), plain | strategies.dictionaries(strategies.text(max_size=4), plain, max_size=3)
)


@given(objects)
def test_entries_are_read_like_the_full_reader(value: dict[str, object]) -> None:
    """The short way to read an entry accepts exactly what RFC 8785 allows, in every encoding that may occur."""
    for data in (
        json.dumps(value, sort_keys=True, separators=(",", ":")).encode(),
        json.dumps(value).encode(),
        json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(errors="replace"),
    ):
        try:
            expected = canon.parse_canonical(data)
        except NotEncodable:
            assert parse(data)[1] is not None
        else:
            assert parse(data) == (expected, None)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b'{"a":1,"a":2}', "repeats a key"),
        (b'{"a":1.0}', "canonical form"),
        (b'{"a":9007199254740993}', ""),
        (b'{"a":"\\u0041"}', "canonical form"),
        (b'{"b":1,"a":2}', "canonical form"),
        (b'{"a":1} ', "canonical form"),
        (b"[1]", "not an object"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_entries_in_other_forms(data: bytes, fault: str) -> None:
    """Every other form than the canonical one is named."""
    said = parse(data)[1]

    assert said is not None
    assert fault in said


@pytest.mark.parametrize("kind", SHAPES)
def test_shape_of_entries(kind: str) -> None:
    """Each field of each type is needed, and its type matters: true is no number."""
    examples: dict[type, object] = {int: 1, str: "a" * 64, bool: True, dict: {}}
    whole = {name: examples[types[0]] for name, types in SHAPES[kind].items()}

    assert misshapen(kind, whole) is None
    for name, types in SHAPES[kind].items():
        assert misshapen(kind, {key: value for key, value in whole.items() if key != name}) == (
            f"it has no field {name}"
        )
        wrong: object = True if types[0] is int else 1
        assert f"its field {name} is not" in str(misshapen(kind, {**whole, name: wrong}))


def test_hashes_of_a_run_have_their_form() -> None:
    """A root in capitals is another text than the one that was signed."""
    examples: dict[type, object] = {int: 1, str: "a" * 64, bool: True, dict: {}}
    whole = {name: examples[types[0]] for name, types in SHAPES["run"].items()}

    assert misshapen("run", {**whole, "state_root": "A" * 64}) == "its field state_root is not a SHA-256"


# Maps


@given(
    strategies.lists(
        strategies.dictionaries(
            strategies.sampled_from([bytes([n % 3, n]) + bytes(30) for n in range(24)]),
            strategies.one_of(strategies.none(), strategies.binary(min_size=32, max_size=32)),
            max_size=6,
        ),
        max_size=8,
    )
)
def test_map_grows_like_a_map_built_at_once(steps: list[dict[bytes, bytes | None]]) -> None:
    """After any changes the root and the bucket hashes are those of a map with the same pairs."""
    grown = StateMap()
    pairs: dict[bytes, bytes] = {}
    for step in steps:
        grown.change(step)
        for key, value in step.items():
            pairs.pop(key, None)
            if value is not None:
                pairs[key] = value

    built = MerkleMap.of(pairs)
    assert grown.root() == built.root()
    assert grown.packed() == built.packed()


# Manifests and records


def test_counts_of_a_manifest() -> None:
    """Counts of nothing are left out, so that a check without verdicts and no check at all are the same."""
    manifest = {"checks": [{"check": "b.b", "counts": {"PASS": 2, "UNKNOWN": 1}}, {"check": "a.a", "counts": {}}]}

    assert tallies_of(manifest) == {"b.b": (2, 0, 1, 0, 0)}
    assert tallies_digest(manifest) == canon.sha256(b"b.b 2 0 1 0 0")


@pytest.mark.parametrize(
    "manifest",
    [
        None,
        {},
        {"checks": {}},
        {"checks": [{"check": "a"}]},
        {"checks": [{"check": 1, "counts": {}}]},
        {"checks": [{"check": "a", "counts": {"PASS": -1}}]},
        {"checks": [{"check": "a", "counts": {"PASS": True}}]},
        {"checks": [{"check": "a", "counts": {"GREEN": 1}}]},
        {"checks": [{"check": "a", "counts": {"PASS": 1}}, {"check": "a", "counts": {}}]},
    ],
)
def test_malformed_manifest(manifest: object) -> None:
    """A manifest that does not count is malformed, never empty."""
    assert tallies_digest(manifest) is None


def test_manifest_as_the_store_writes_it() -> None:
    """The counts that the store writes are the counts that are read."""
    from storage.prepare import manifest_of  # noqa: PLC0415 - one use

    manifest = manifest_of([Tally("a.a", "e" * 64, {}, {Outcome.FAIL: 3, Outcome.NOT_APPLICABLE: 1})])

    assert tallies_of(json.loads(manifest)) == {"a.a": (0, 3, 0, 0, 1)}


texts = strategies.text(max_size=6)
gap_rows = strategies.builds(GapRow, texts, texts, texts, texts, strategies.none() | texts, texts, texts, texts)


@given(strategies.lists(gap_rows, max_size=4))
def test_gaps_of_a_record(gaps: list[GapRow]) -> None:
    """A record's gaps hash to what the store commits to for their rows, each once and in order."""
    record = {"gaps": [{**asdict(gap), "listing": True} for gap in (*gaps, *gaps)]}
    once = list(dict.fromkeys(gaps))

    assert gaps_digest(record) == seal.gaps_sha(once)


@pytest.mark.parametrize(
    "record",
    [
        None,
        {},
        {"gaps": {}},
        {"gaps": [1]},
        {"gaps": [{**asdict(GAP), "reason": None}]},
        {"gaps": [{name: value for name, value in asdict(GAP).items() if name != "error"}]},
        {"gaps": [asdict(replace(GAP, uid="x")), "y"]},
    ],
)
def test_malformed_record(record: object) -> None:
    """A record that does not list its gaps is malformed, never free of gaps."""
    assert gaps_digest(record) is None
