"""Registers from files: which rows are taken, and how each bad one is named."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import clock
from agent.errors import OperatorError
from agent.registers import KINDS
from agent.registers.cells import FORMULA, Cuec, spreadsheet_safe
from agent.registers.kinds import MODELS, Change, Commitment, Incident, Person, Vendor
from agent.registers.parsing import LISTED, BadRows, Known, header, parse

KNOWN = Known({"A1.2", "CC9.2"}, {"AC-01", "AC-10", "BK-01"})
PEOPLE = "id,name,joined_at,left_at,accounts\n"
VENDOR = {
    "vendor": "Acme Cloud",
    "service": "hosting",
    "method": "carve-out",
    "critical": True,
    "report_type": "soc2-type2",
    "report_from": "2024-10-01",
    "report_to": "2025-09-30",
}


def bad(kind: str, name: str, content: str | bytes, known: Known | None = None) -> list[str]:
    """What is said about each bad row."""
    with pytest.raises(BadRows) as refused:
        parse(kind, name, content.encode() if isinstance(content, str) else content, known)
    return list(refused.value.lines)


def refused(kind: str, name: str, content: str | bytes) -> str:
    """What is said about a file that cannot be read at all."""
    with pytest.raises(OperatorError) as error:
        parse(kind, name, content.encode() if isinstance(content, str) else content)
    assert "\n" not in str(error.value)
    return str(error.value)


def vendors(**changes: object) -> bytes:
    """One vendor in JSON; a change to None leaves the column out."""
    return json.dumps([VENDOR | changes]).encode()


# What is taken


def test_every_kind_has_a_model_and_a_description() -> None:
    """The list of kinds that the command line shows is the list that can be imported, each column explained."""
    assert list(KINDS) == list(MODELS)
    assert [
        f"{kind}.{name}"
        for kind, model in MODELS.items()
        for name, field in model.model_fields.items()
        if not field.description
    ] == []


def test_csv_and_json_say_the_same() -> None:
    """People in both forms, with a list, an empty cell and a time with a zone."""
    csv = f"{PEOPLE}7,Ana,2024-02-29,2025-01-01T01:00:00+01:00, bob ;arn:x; \n8,Ben,2024-01-01,,\n"
    rows = [
        {"id": 7, "name": "Ana", "joined_at": "2024-02-29", "left_at": "2025-01-01", "accounts": ["bob", "arn:x"]},
        {"id": "8", "name": "Ben", "joined_at": "2024-01-01", "left_at": None, "accounts": []},
    ]
    expected = (
        Person(id="7", name="Ana", joined_at="2024-02-29", left_at="2025-01-01", accounts=["bob", "arn:x"]),
        Person(id="8", name="Ben", joined_at="2024-01-01"),
    )

    assert parse("people", "a.csv", csv.encode()) == parse("people", "a.JSON", json.dumps(rows).encode()) == expected
    assert expected[0].left_at == clock.parse("2025-01-01")


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffid,name,joined_at\n1,Ana,2024-01-01\n",
        "\r\n ID , Name,joined_at\r\n,,\r\n1,Ana,2024-01-01\r\n\r\n",
        'joined_at,id,name\n2024-01-01,1,"Ana"',
        'id,name,joined_at\n1,"A\nna",2024-01-01\n'.replace("A\nna", " Ana\n"),
    ],
)
def test_spreadsheets_write_csv_in_many_ways(text: str) -> None:
    """Byte order mark, Windows lines, empty lines, other order, other case, quotes, line breaks in a cell."""
    assert parse("people", "a.csv", text.encode()) == (Person(id="1", name="Ana", joined_at="2024-01-01"),)


def test_a_register_may_be_empty() -> None:
    """Nothing happened: the header alone, or an empty list."""
    assert parse("incidents", "a.csv", ",".join(header("incidents")).encode()) == ()
    assert parse("incidents", "a.json", b" [ ] ") == ()


def test_formulas_are_kept_as_they_are() -> None:
    """They are text; only what is shown to a spreadsheet is made safe."""
    (row,) = parse("people", "a.csv", f'{PEOPLE}1,"=HYPERLINK(""x"")",2024-01-01,,\n'.encode())

    assert isinstance(row, Person)
    assert row.name == '=HYPERLINK("x")'


def test_a_vendor_with_everything() -> None:
    """Periods are printed inclusively and compared half-open; a CUEC names our controls in both forms."""
    cells = vendors(
        criteria="CC9.2",
        csocs=["hosts are patched; always"],
        cuecs="Users are reviewed -> AC-10, AC-01; Backups are tested",
        opinion="Qualified",
        bridge_from="2025-10-01",
        bridge_to="2025-12-31",
        reviewed_by="Ana",
        reviewed_at="2025-11-01",
    )
    (row,) = parse("vendors", "a.json", cells, KNOWN)
    (again,) = parse(
        "vendors", "a.json", vendors(cuecs=[{"text": "Users are reviewed", "controls": ["AC-10", "AC-01"]}])
    )

    assert isinstance(row, Vendor)
    assert isinstance(again, Vendor)
    assert row.cuecs == (Cuec(text="Users are reviewed", controls=("AC-10", "AC-01")), Cuec(text="Backups are tested"))
    assert again.cuecs == row.cuecs[:1]
    assert (row.csocs, row.opinion, row.report_to) == (("hosts are patched; always",), "qualified", date(2025, 9, 30))
    assert row.covered == (clock.parse("2024-10-01"), clock.parse("2025-10-01"))
    assert row.bridged == (clock.parse("2025-10-01"), clock.parse("2026-01-01"))


def test_a_report_of_type_one_covers_no_period() -> None:
    """It speaks of one day."""
    (row,) = parse("vendors", "a.json", vendors(report_type="soc2-type1", report_from=None))

    assert isinstance(row, Vendor)
    assert (row.covered, row.bridged) == (None, None)


def test_the_other_registers() -> None:
    """A commitment, an incident and a change with their defaults."""
    (promise,) = parse(
        "commitments",
        "a.csv",
        b"id,kind,text,source,criteria,controls\n1,Commitment,We are up.,SLA,A1.2;CC9.2,BK-01\n",
        KNOWN,
    )
    (incident,) = parse("incidents", "a.csv", b"id,title,severity,detected_at,data_involved\n1,x,HIGH,2025-01-01,No\n")
    (change,) = parse("changes", "a.csv", b"id,system,deployed_at,deployed_by\n1,api,2025-01-01,ana\n")

    assert isinstance(promise, Commitment)
    assert isinstance(incident, Incident)
    assert isinstance(change, Change)
    assert (promise.kind, promise.criteria, promise.valid_to) == ("commitment", ("A1.2", "CC9.2"), None)
    assert (incident.severity, incident.data_involved, incident.resolved_at) == ("high", False, None)
    assert change.kind == "standard"


# Bad rows


def test_each_bad_row_is_one_line() -> None:
    """File, line, column, what is wrong and what to do; lines are counted as an editor does."""
    content = (
        f'{PEOPLE}1,"two\nlines",2024-01-01,,\n\n2,Ben,01.02.2024,,\n3,,2024-01-01,,\n4,Di,2024-01-01,2023-01-01,\n'
        "5,Ed,,nope,\n6,Flo\n1,Ana,2024-01-01,,\n"
    )

    assert bad("people", "staff.csv", content) == [
        "staff.csv: line 5: joined_at: '01.02.2024' is no time; write it as 2026-03-14 or 2026-03-14T09:00:00Z",
        "staff.csv: line 6: name: is empty; fill it in",
        "staff.csv: line 7: left_at: lies before joined_at; correct one of the two",
        "staff.csv: line 8: joined_at: is empty; fill it in (and 1 more in this row)",
        "staff.csv: line 9: the row: has 2 cells below 5 columns; give each column one cell",
        "staff.csv: line 10: id: is the same as in line 2; keep one of the two rows",
    ]


def test_json_rows_are_found_by_line_too() -> None:
    """The line on which the object begins."""
    content = '[\n {"id": 1, "name": "Ana",\n  "joined_at": "2024-01-01"},\n {"id": 2, "nam": 1},\n 7\n]'

    said = bad("people", "a.json", content)

    assert said[0].startswith("a.json: line 4: name: is empty; fill it in (and 2 more")
    assert said[1] == "a.json: line 5: the row: 7 is no object; give each column one cell"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "carveout"}, "method: 'carveout' is no value of this column; use 'carve-out' or 'inclusive'"),
        ({"critical": "maybe"}, "critical: 'maybe' is neither; write yes or no"),
        ({"critical": 1}, "critical: 1 is neither; write yes or no"),
        ({"vendor": True}, "vendor: True is no text; write it in quotes"),
        ({"vendor": "\x1b[2J"}, "vendor: '\\x1b[2J' has a control character; write plain text"),
        ({"vendor": "\ud800"}, "vendor: '\\ud800' has a control character"),
        ({"vendor": " "}, "vendor: is empty; fill it in"),
        ({"vendor": "x" * 4001}, "vendor: has 4001 characters; write at most 4000"),
        ({"csocs": {"a": 1}}, "csocs: {'a': 1} is no list; write the entries with semicolons between them"),
        ({"cuecs": [["x"]]}, "cuecs: ['x'] is no such control; write it as \"text -> AC-01, AC-02\""),
        ({"cuecs": [{"text": "x", "control": "AC-01"}]}, "cuecs: {'text': 'x', 'control': 'AC-01'} is no such control"),
        ({"report_to": "2025-09-31"}, "report_to: '2025-09-31' is no day; write it as 2026-03-14"),
        ({"report_to": 20250930}, "report_to: 20250930 is no day"),
        ({"report_to": "2024-09-30"}, "report_to: lies before report_from; correct one of the two"),
        ({"report_to": None}, "report_to: is empty beside soc2-type2"),
        ({"report_from": None}, "report_from: is empty beside soc2-type2; write the first day of its period"),
        ({"report_type": "soc2-type1"}, "report_from: stands beside soc2-type1; a Type I report covers no period"),
        ({"report_type": "none"}, "report_type: is none beside a report; write its type"),
        ({"bridge_from": "2025-10-01"}, "bridge_to: and bridge_from go together; write both or neither"),
        ({"reviewed_by": "Ana"}, "reviewed_at: and reviewed_by go together; write both or neither"),
        ({"reviewed_at": 5}, "reviewed_at: 5 is no time"),
        ({"reviewed_at": "1969-12-31"}, "reviewed_at: '1969-12-31' lies before 1970 or after 2254"),
        ({"owner": "x"}, "'owner': is no column of this register; use vendor, service"),
        ({"criteria": "CC9.3"}, "criteria: there is no criterion 'CC9.3'; did you mean CC9.2?"),
        ({"cuecs": "x -> AC-1"}, "cuecs: there is no control 'AC-1'; did you mean AC-"),
        ({"cuecs": "x -> ?"}, "cuecs: there is no control '?'; correct or remove it"),
    ],
)
def test_each_rule_of_a_cell(changes: dict[str, object], message: str) -> None:
    """One wrong value gives one line that names its column."""
    (said,) = bad("vendors", "v.json", vendors(**changes), KNOWN)

    assert said.startswith(f"v.json: line 1: {message}")
    assert "\n" not in said


def test_the_order_of_an_incident() -> None:
    """Detected no earlier than it began, contained and resolved no earlier than detected; the same moment is fine."""
    columns = "id,title,severity,data_involved,began_at,detected_at,contained_at,resolved_at\n"
    same = "1,x,low,no,2025-01-02,2025-01-02,2025-01-02,2025-01-02\n"
    wrong = (
        "2,x,low,no,2025-01-03,2025-01-02,,\n"
        "3,x,low,no,,2025-01-02,2025-01-01,\n"
        "4,x,low,no,,2025-01-02,,2025-01-01\n"
        "5,x,low,no,,2025-01-02,2025-01-04,2025-01-03\n"
    )

    assert [line.split(": ", 1)[1] for line in bad("incidents", "i.csv", columns + same + wrong)] == [
        "line 3: detected_at: lies before began_at; correct one of the two",
        "line 4: contained_at: lies before detected_at; correct one of the two",
        "line 5: resolved_at: lies before detected_at; correct one of the two",
        "line 6: resolved_at: lies before contained_at; correct one of the two",
    ]


def test_a_thousand_bad_rows_do_not_flood_the_terminal() -> None:
    """The first ones are listed, the others counted."""
    said = bad("people", "a.csv", PEOPLE + "".join(f"{number},,2024-01-01,,\n" for number in range(LISTED + 3)))

    assert len(said) == LISTED + 1
    assert said[-1] == "a.csv: 3 more bad rows are not listed"


# Bad files


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xlsx", b"PK", "a.xlsx: is neither .csv nor .json; export it as CSV in UTF-8"),
        (
            "a.csv",
            b"id,name,joined_at\n1,Ana,2024-01-01\n2,J\xfcrg,2024-01-01\n",
            "a.csv: line 3: is not UTF-8; export",
        ),
        ("a.csv", "id,name,joined_at".encode("utf-16"), "a.csv: line 1: is not UTF-8"),
        ("a.csv", "", "a.csv: is empty; its first line names the columns: id, name"),
        ("a.csv", "id;name;joined_at\n", "a.csv: line 1: its columns are not divided by commas"),
        ("a.csv", "id,nmae,joined_at\n", "a.csv: line 1: 'nmae': is no column of this register; did you mean name?"),
        ("a.csv", "id,,joined_at\n", "a.csv: line 1: '': is no column of this register; use id, name"),
        ("a.csv", "id,name,joined_at,id\n", "a.csv: line 1: id: is there twice; keep one of the two"),
        ("a.csv", "id,name\n", "a.csv: line 1: joined_at: is missing; add the column (first moment of work)"),
        ("a.csv", f'{PEOPLE}1,"Ana,2024-01-01\n', "a.csv: line 2: is no CSV ("),
        ("a.csv", f"{PEOPLE}1,{'x' * 140_000},2024-01-01,,\n", "a.csv: line 2: is no CSV (field larger than"),
        ("a.json", "{}", "a.json: is no list; write [{…}, {…}], one object a row"),
        ("a.json", "", "a.json: is no list"),
        ("a.json", "[{}\n {}]", "a.json: line 2: is no JSON (a comma or ] is missing)"),
        ("a.json", "[{},\n]", "a.json: line 2: is no JSON (Expecting value)"),
        ("a.json", "[{},\n{", "a.json: line 2: is no JSON ("),
        ("a.json", "[\n", "a.json: line 2: is no JSON (Expecting value)"),
        ("a.json", "[]\n[]", "a.json: line 2: is no JSON (something stands behind the list)"),
        ("a.json", '[{"id": 1, "id": 2}]', "a.json: line 1: is no JSON (an object names one column twice)"),
        ("a.json", '[{"id": NaN}]', "a.json: line 1: is no JSON (NaN is no number of JSON)"),
        ("a.json", '[{"id": ' + "[" * 100_000, "a.json: line 1: is no JSON (maximum recursion depth"),
        ("a.json", '[{"id": ' + "9" * 5000 + "}]", "a.json: line 1: is no JSON (Exceeds the limit"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(name: str, content: str | bytes, message: str) -> None:
    """What is wrong, where, and what to do."""
    assert refused("people", name, content).startswith(message)


@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.json"]))
def test_no_file_breaks_the_reader(content: bytes, name: str) -> None:
    """Whatever is in a file, the answer is rows or one of the two errors, which says something."""
    said = "rows"
    try:
        parse("people", name, content)
    except (OperatorError, BadRows) as error:
        said = str(error)
    assert said


# What a spreadsheet would run


@pytest.mark.parametrize("start", FORMULA)
def test_no_formula_reaches_a_spreadsheet(start: str) -> None:
    """A quote before it makes it text."""
    assert spreadsheet_safe(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "a=b", "2026-01-01", "1-1", "Ana"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    """Only the first sign counts."""
    assert spreadsheet_safe(text) == text
