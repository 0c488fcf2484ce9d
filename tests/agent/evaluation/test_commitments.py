"""Commitments: their number against what was measured; what nobody measured is neither up nor down."""

from __future__ import annotations

import pytest

from agent import clock
from agent.audit.availability import Met
from agent.audit.parameters import Parameters
from agent.audit.periods import Period
from agent.evaluation.commitments import NO_REGISTER, Promises, measure
from agent.evaluation.registered import Register
from agent.registers.imports import Import
from agent.registers.parsing import BadRows, parse
from storage.attachments import Attached, Attachment

PERIOD = Period(clock.parse("2026-01-01"), clock.parse("2026-03-01"))
JANUARY_MINUTES, FEBRUARY_MINUTES = 31 * 1440, 28 * 1440
PROMISED = "id,kind,text,source,criteria,controls,target,valid_from\n"
MEASURED = "commitment,service,begins,ends,down_minutes,maintenance_minutes,unmeasured_minutes\n"
UPTIME = "C-1,commitment,The API is up.,contract,A1.1,BK-01;AV-01,99.9 % a month,\n"
BOTH = "C-1,api,2026-01-01,2026-02-01,{},{},{}\nC-1,api,2026-02-01,2026-03-01,0,,\n"


def register(kind: str, text: str) -> Register:
    """A register with these rows."""
    content = text.encode()
    found = parse(kind, f"{kind}.csv", content)
    made = Import(
        id="R-0001",
        seq=7,
        recorded_at=PERIOD.ends,
        rows=len(found),
        file=Attached.of(Attachment(f"{kind}.csv", "text/csv", PERIOD.ends, content)),
        register=kind,
        source="tool",
        performed_by="Ana",
        uploaded_by="ana",
        as_of=PERIOD.ends,
    )
    return Register(made, found)


def ask(promised: str, measured: str | None, period: Period = PERIOD) -> Promises:
    """What is known of two months."""
    rows = None if measured is None else register("availability", MEASURED + measured)
    return measure(register("commitments", PROMISED + promised), rows, period, Parameters())


def results(found: Promises) -> list[tuple[str, int, int]]:
    """(result, minutes down, minutes unmeasured) of each window of the first commitment."""
    windows = [each.found for each in found.each[0].windows]
    return [(each.result.value, each.down_minutes, each.unmeasured_minutes) for each in windows]


@pytest.mark.parametrize(
    ("down", "maintenance", "unmeasured", "result"),
    [
        (44, 0, 0, Met.PASS),
        (45, 0, 0, Met.FAIL),
        (44, 1000, 0, Met.FAIL),
        (0, 0, 2232, Met.PASS),
        (0, 0, 2233, Met.UNABLE_TO_CONCLUDE),
        (45, 0, 2233, Met.FAIL),
    ],
)
def test_each_month_against_its_number(down: int, maintenance: int, unmeasured: int, result: Met) -> None:
    """99.9 % of January are 44.64 minutes; beyond a twentieth unmeasured the number is never kept, only broken."""
    found = ask(UPTIME, BOTH.format(down, maintenance, unmeasured))
    assert results(found) == [(result.value, down, unmeasured), ("pass", 0, 0)]
    assert (found.each[0].result, found.each[0].unmeasured) == (result, unmeasured)


def test_without_measurements() -> None:
    """Unable, with every minute unmeasured, and said."""
    found = ask(UPTIME, None)
    assert results(found) == [
        ("unable_to_conclude", 0, JANUARY_MINUTES),
        ("unable_to_conclude", 0, FEBRUARY_MINUTES),
    ]
    assert any("no measurements are imported" in line for line in found.lines({}))
    other = ask(UPTIME, "C-2,api,2026-01-01,2026-02-01,0,,\n")
    assert other.each[0].result is Met.UNABLE_TO_CONCLUDE


def test_without_a_register() -> None:
    """Said, never a pass."""
    found = measure(None, None, PERIOD, Parameters())
    assert list(found.lines({})) == [NO_REGISTER]
    assert found.to_json({}) == {"register": None, "measurements": None, "each": []}


def test_rows_that_measure_nothing() -> None:
    """One over the edge of a month, and two that overlap: nobody can say where the minutes were down."""
    over = ask(UPTIME, "C-1,api,2026-01-31,2026-02-02,5,,\n")
    assert results(over)[0] == ("unable_to_conclude", 0, JANUARY_MINUTES)
    assert "reaches over the edge" in over.each[0].windows[0].notes[0]
    rows = "C-1,api,2026-01-01,2026-01-31,5,,\nC-1,api,2026-01-10,2026-01-20,5,,\nC-1,api,2026-01-25,2026-01-28,5,,\n"
    twice = ask(UPTIME, rows)
    assert results(twice)[0] == ("unable_to_conclude", 0, JANUARY_MINUTES)
    assert len(twice.each[0].windows[0].notes) == 3


def test_each_service_on_its_own() -> None:
    """One that is up does not make up for one that is down."""
    rows = BOTH.format(0, 0, 0) + BOTH.format(500, 0, 0).replace("api", "web")
    found = ask(UPTIME, rows)
    assert [each.service for each in found.each[0].windows] == ["api", "api", "web", "web"]
    assert found.each[0].result is Met.FAIL
    assert any(line.strip().startswith("web: 2026-01-01T00:00:00Z … 2026-02-01") for line in found.lines({}))


@pytest.mark.parametrize(
    ("target", "windows"),
    [
        ("99.9 % a month", 2),
        ("99,9% monthly", 2),
        ("99.5 percent per quarter", 1),
        ("99 % a week", 9),
        ("99 %", 1),
        ("within 4 hours", 0),
        ("150 %", 0),
    ],
)
def test_the_number_and_its_window(target: str, windows: int) -> None:
    """A percentage is held against measurements over the time that its text names; other numbers are only listed."""
    (found,) = ask(f'C-1,requirement,x,y,A1.1,,"{target}",\n', None).each
    assert (len(found.windows), found.result is None) == (windows, windows == 0)


def test_only_while_it_holds_and_with_its_controls() -> None:
    """A promise that began in the period is measured from then; each control comes with its conclusion."""
    found = ask(UPTIME.replace("month,", "month,2026-02-15"), None)
    late = found.each[0]
    assert (late.period.begins, late.unmeasured) == (clock.parse("2026-02-15"), 14 * 1440)
    said = late.to_json({"BK-01": "effective"})
    assert said["controls"] == {"BK-01": "effective", "AV-01": "not evaluated"}
    gone = ask(UPTIME.replace("month,", "month,2026-03-01"), None)
    assert gone.each == ()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("C-1,api,2026-01-01,2026-01-01T00:01:30Z,0,,", "is not whole minutes after begins"),
        ("C-1,api,2026-01-01,2026-01-01T01:00:00Z,40,20,1", "are 61 of 60 minutes"),
        ("C-1,api,2026-01-02,2026-01-01,0,,", "lies before begins"),
        ("C-1,api,2026-01-01,2026-01-02,-1,,", "is no whole number"),
        ("C-1,api,2026-01-01,2026-01-02,1.5,,", "is no whole number"),
    ],
)
def test_bad_rows_are_refused(row: str, why: str) -> None:
    """One line each, and nothing is imported."""
    with pytest.raises(BadRows, match=why):
        parse("availability", "a.csv", (MEASURED + row + "\n").encode())
