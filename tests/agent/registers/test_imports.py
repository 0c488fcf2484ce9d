"""Imports of registers: what is kept of each, which one is in force when, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from agent import verify
from agent.config import Settings
from agent.errors import OperatorError
from agent.registers.imports import FORM, KIND, Extract, Import, in_force, load, record, rows
from agent.registers.kinds import Person
from agent.registers.parsing import BadRows
from agent.wiring import Wiring, wire
from storage import attachments, reads, seal
from storage.attachments import Attachment
from storage.canon import canonical, sha256
from storage.engine import Store
from storage.errors import IntegrityError
from tests.conftest import JANUARY, Clock

DAY = 86_400_000_000
PEOPLE = "id,name,joined_at,left_at\n"
ANA, BEN = "1,Ana,2024-01-01,\n", "2,Ben,2024-01-01,2025-12-01\n"
EXTRACT = Extract(
    register="people",
    source="Personio",
    performed_by="Ana",
    uploaded_by="ops",
    as_of=JANUARY - DAY,
    query="all staff",
    parameters="from 2024",
    counted=2,
)


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    """The real checks and the default library."""
    return wire(Settings())


def people(*lines: str) -> Attachment:
    """A list of staff."""
    return Attachment("staff.csv", "text/csv", JANUARY - DAY, (PEOPLE + "".join(lines)).encode())


def loaded(store: Store) -> tuple[Import, ...]:
    """All imports of the store."""
    with store.read() as conn:
        return load(conn)


def test_an_import_is_kept_with_what_makes_it_reliable(store: Store, clock: Clock, wiring: Wiring) -> None:
    """Origin, query, parameters, both counts, hash, people and times come back, and every byte of the file."""
    file = people(ANA, BEN)
    made = record(store, wiring, EXTRACT, file)

    assert loaded(store) == (made,)
    assert {name: getattr(made, name) for name in Extract.__slots__} == {
        name: getattr(EXTRACT, name) for name in Extract.__slots__
    }
    assert (made.id, made.seq, made.recorded_at, made.rows) == ("R-0001", 0, clock(), 2)
    assert (made.file.name, made.file.sha256) == ("staff.csv", sha256(file.content).hex())
    with store.read() as conn:
        assert attachments.contents(conn, [made.file]) == [file.content]
        found = rows(conn, made)
    assert [row.name for row in found if isinstance(row, Person)] == ["Ana", "Ben"]
    assert verify.verify(store).findings == ()


def test_the_newest_import_is_the_register_and_the_older_ones_stay(store: Store, clock: Clock, wiring: Wiring) -> None:
    """Each question about a time is answered by what was recorded until then; other kinds are apart."""
    first = record(store, wiring, EXTRACT, people(ANA, BEN))
    at = clock.advance(3600)
    second = record(store, wiring, replace(EXTRACT, counted=1, as_of=JANUARY), people(ANA))
    with store.read() as conn:
        answers = [in_force(conn, "people", when) for when in (JANUARY - 1, JANUARY, at - 1, at, None)]
        other = in_force(conn, "vendors")

    assert answers == [None, first, first, second, second]
    assert other is None


def test_nothing_happened_takes_a_count(store: Store, wiring: Wiring) -> None:
    """An empty list is taken only with the word of the source that it has none either."""
    with pytest.raises(OperatorError, match=r"staff.csv: has no rows; add --rows 0 when the source has none either"):
        record(store, wiring, replace(EXTRACT, counted=None), people())
    made = record(store, wiring, replace(EXTRACT, counted=0), people())

    assert (made.rows, made.counted) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"counted": 3}, "--rows 3: staff.csv has 2; export all of them, and count again"),
        ({"source": " "}, "--source: is empty"),
        ({"performed_by": ""}, "--performed-by: is empty"),
        ({"query": "\x1b"}, "--query '\\x1b': has a control character"),
        ({"as_of": JANUARY + 1}, "--as-of 2026-01-01T00:00:00.000001Z: lies in the future"),
        ({"as_of": -1}, "lies before 1970"),
    ],
)
def test_a_broken_rule_is_one_line(store: Store, wiring: Wiring, changes: Mapping[str, Any], message: str) -> None:
    """And nothing is written."""
    with pytest.raises(OperatorError, match=re.escape(message)):
        record(store, wiring, replace(EXTRACT, **changes), people(ANA, BEN))
    assert loaded(store) == ()


def test_an_older_list_replaces_no_newer_one(store: Store, wiring: Wiring) -> None:
    """The same moment is allowed: a corrected list."""
    record(store, wiring, EXTRACT, people(ANA, BEN))
    record(store, wiring, EXTRACT, people(BEN, ANA))

    with pytest.raises(OperatorError, match=r"is older than R-0002, which speaks of 2025-12-31T00:00:00Z"):
        record(store, wiring, replace(EXTRACT, as_of=EXTRACT.as_of - 1), people(ANA, BEN))


def test_one_bad_row_keeps_all_out(store: Store, wiring: Wiring) -> None:
    """Nothing is written, not even the file."""
    with pytest.raises(BadRows):
        record(store, wiring, EXTRACT, people(ANA, "3,,2024-01-01,\n"))
    with store.read() as conn:
        assert load(conn) == ()
        with pytest.raises(Exception, match="nothing is kept"):
            reads.blob_by_sha(conn, sha256(people(ANA, "3,,2024-01-01,\n").content).hex())


def test_references_are_checked_when_they_are_imported(store: Store, wiring: Wiring) -> None:
    """A control of the library is known, another is not; the criteria are the ones that exist."""
    head = "id,kind,text,source,criteria,controls\n"
    good = Attachment("c.csv", "text/csv", JANUARY - DAY, f"{head}1,commitment,Up.,SLA,A1.2,AC-10\n".encode())
    wrong = replace(good, content=f"{head}1,commitment,Up.,SLA,A1.2,AC-99\n".encode())
    extract = replace(EXTRACT, register="commitments", counted=1)

    record(store, wiring, extract, good)
    with pytest.raises(BadRows, match=r"controls: there is no control 'AC-99'"):
        record(store, wiring, extract, wrong)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"form": FORM + 1}, "its form is 2"),
        ({"extra": ""}, "it has the fields"),
        ({"rows": "2"}, "rows is '2'"),
        ({"register": "secrets"}, "there is no register 'secrets'"),
        ({"files": []}, "its file: "),
        ({"files": [{"name": "a.exe", "media": "", "modified": 0, "bytes": 1, "sha256": "0" * 64}]}, "a.exe"),
    ],
)
def test_an_import_that_we_never_write_stops_everything(store: Store, changes: Mapping[str, Any], why: str) -> None:
    """Its ledger entry is named."""
    _planted(store, {}, **changes)

    with store.read() as conn, pytest.raises(IntegrityError, match=re.escape(why)) as refused:
        load(conn)
    assert "ledger entry 0: this register statement is none that proofkeep writes" in str(refused.value)


@pytest.mark.parametrize(
    ("content", "number", "why"),
    [(b"id\n", 0, "cannot be read any more"), ((PEOPLE + ANA).encode(), 2, "1 rows instead of 2")],
)
def test_rows_that_are_not_what_was_imported(store: Store, content: bytes, number: int, why: str) -> None:
    """The count of the statement is compared with the file each time."""
    _planted(store, {"rows": number}, file=Attachment("staff.csv", "text/csv", 0, content))

    with store.read() as conn:
        (made,) = load(conn)
        with pytest.raises(IntegrityError, match=f"ledger entry 0: .*{why}"):
            rows(conn, made)


def _planted(store: Store, fields: Mapping[str, Any], *, file: Attachment | None = None, **changes: Any) -> None:
    """A statement like an honest one, but for some of its fields."""
    said = {"form": FORM, **{name: getattr(EXTRACT, name) for name in Extract.__slots__}, "rows": 2, **fields}
    if file is not None:
        attachments.append(store, KIND, said, [file])
        return
    seal.append_statement(store, KIND, canonical({**said, "files": [], **changes}))
