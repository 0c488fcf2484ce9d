"""What lists the events of a control, and when nothing proves that it is complete."""

from __future__ import annotations

import pytest

from agent import clock as agent_clock
from agent.evaluation.events_accounts import KEY
from storage.rows import Key
from tests.agent.evaluation.occasions import (
    CHANGES,
    DAY,
    DRAWN,
    END,
    EVENTS,
    FROM,
    INCIDENTS,
    PEOPLE,
    TO,
    Firm,
    disposals,
    read_daily,
    results,
    said,
)
from tests.conftest import JANUARY


def test_nothing_lists_the_events(firm: Firm) -> None:
    """Attestations alone prove no completeness: unable, with the command that would mend it."""
    firm.clock.time = DRAWN
    firm.attest("AC-15", "D1", "2026-02-01")
    told = firm.asked("AC-15")
    assert told["word"] == "unable_to_conclude"
    assert "no register events was imported by 2026-04-02T00:00:00Z" in told["reasons"][0]
    assert "M-0001: speaks of D1, which is no occasion of this period on the list" in told["notes"]


@pytest.mark.parametrize(
    ("at", "word", "doubt"),
    [
        (DRAWN, "not_operated", ""),
        (END, "not_operated", ""),
        (END - 1, "unable_to_conclude", "R-0001 speaks of 2026-03-31T23:59:59.999999Z"),
    ],
)
def test_an_empty_list(firm: Firm, at: int, word: str, doubt: str) -> None:
    """Proven empty, the control never had to operate; a list that ends before the period proves nothing."""
    firm.load("events", EVENTS, "--for", "AC-15", at=at)
    firm.clock.time = DRAWN
    told = firm.asked("AC-15")
    assert (told["word"], told["events"]["count"], told["events"]["complete"]) == (word, 0, not doubt)
    assert any(doubt in each for each in told["events"]["doubts"]) == bool(doubt)


def test_an_uncounted_list_is_not_complete(firm: Firm) -> None:
    """Everything on it went well, and still nobody knows what it lacks."""
    firm.load("events", disposals("2026-02-01"), "--for", "AC-15", counted=False)
    firm.attest("AC-15", "D1", "2026-01-31")
    told = firm.asked("AC-15")
    assert (told["word"], results(told)) == ("unable_to_conclude", {"D1": "good"})
    assert told["events"]["doubts"] == ["R-0001 was not counted against its source, S"]


def test_a_list_speaks_only_for_the_controls_that_it_names(firm: Firm) -> None:
    """An empty list of one control proves nothing of another, and an import for one leaves that of the other."""
    firm.load("events", EVENTS, "--for", "AC-15")
    assert firm.asked("PR-06")["word"] == "unable_to_conclude"
    firm.load("events", EVENTS + "q,PR-06,2026-03-01,request\n", "--for", "PR-06")
    assert firm.asked("AC-15")["word"] == "not_operated"
    assert firm.asked("PR-06")["events"]["source"]["import"] == "R-0002"
    rows = firm.folder / "x.csv"
    rows.write_text(disposals("2026-02-01"), encoding="utf-8")
    words = ("register", "import", "events", str(rows), "--source", "S", "--performed-by", "A", "--rows", "1")
    assert "--for: is missing" in firm(*words).err
    assert "has events of AC-15; add --for AC-15" in firm(*words, "--for", "PR-06").err
    assert "there is no control of that name" in firm(*words, "--for", "PR-66").err


def test_the_cut_off_decides_which_import_counts(firm: Firm) -> None:
    """The newest one by then: an item that a later list brings is no item before."""
    firm.load("events", disposals("2026-02-01"), "--for", "AC-15")
    firm.attest("AC-15", "D1", "2026-01-31")
    firm.load("events", disposals("2026-02-01", "2026-03-01"), "--for", "AC-15", at=DRAWN + DAY)
    firm.clock.time += DAY
    before, after = firm.asked("AC-15", "--as-of", agent_clock.iso(DRAWN)), firm.asked("AC-15")
    assert (before["events"]["source"]["import"], results(before), before["word"]) == (
        "R-0001", {"D1": "good"}, "effective",
    )  # fmt: skip
    assert (after["events"]["source"]["import"], results(after), after["word"]) == (
        "R-0002", {"D1": "good", "D2": "exception"}, "not_effective",
    )  # fmt: skip


def test_the_period_is_half_open(firm: Firm) -> None:
    """An event at the very end is the next period's."""
    rows = EVENTS + f"a,AC-15,{FROM},x\nb,AC-15,{TO},x\nc,AC-15,2025-12-31T23:59:59.999999Z,x\n"
    firm.load("events", rows, "--for", "AC-15")
    assert list(results(firm.asked("AC-15"))) == ["a"]


def test_each_day_is_an_occasion(firm: Firm) -> None:
    """Of a daily control the calendar is the list; the slot of an attestation names the day."""
    firm.clock.time = DRAWN + 10 * DAY
    for number in range(90):
        day = agent_clock.to_datetime(JANUARY + number * DAY).date().isoformat()
        if day not in {"2026-02-10", "2026-02-11"}:
            firm.attest("PI-04", "", f"{day}T23:00:00Z", slot=day)
    told = firm.asked("PI-04")
    assert (told["events"]["count"], told["events"]["complete"]) == (90, True)
    assert [each for each, said in results(told).items() if said != "good"] == ["2026-02-10", "2026-02-11"]
    assert told["word"] == "effective_with_deviations"


VENDORS = "vendor,service,method,critical,report_type\n"
COMMITMENTS = "id,kind,text,source,criteria,valid_from,valid_to\n"


@pytest.mark.parametrize(
    ("population", "kind", "rows", "items"),
    [
        ("joiners", "people", PEOPLE + "1,A,,2026-01-05,,\n2,B,,2025-01-05,,\n", ["1"]),
        ("leavers", "people", PEOPLE + "1,A,,2025-01-05,2026-02-01,\n2,B,,2026-01-05,,\n", ["1"]),
        ("emergency-changes", "changes", CHANGES + "a,s,emergency,2026-01-05,D\nb,s,,2026-01-05,D\n", ["a"]),
        ("incidents", "incidents", INCIDENTS + "a,x,low,2026-01-05,no,\nb,y,low,2026-01-05,yes,\n", ["a", "b"]),
        ("data-incidents", "incidents", INCIDENTS + "a,x,low,2026-01-05,no,\nb,y,low,2026-01-05,yes,\n", ["b"]),
        ("vendors", "vendors", VENDORS + "V,host,carve-out,yes,none\nW,mail,carve-out,no,none\n",
         ["V / host", "W / mail"]),
        ("commitments", "commitments",
         COMMITMENTS + "a,commitment,Up.,S,A1.2,,2026-01-01\nb,commitment,Up.,S,A1.2,2026-03-31,\n", ["b"]),
    ],
)  # fmt: skip
def test_what_each_register_lists(firm: Firm, population: str, kind: str, rows: str, items: list[str]) -> None:
    """The rows of the period that fit, and where they come from."""
    firm.load(kind, rows)
    told = firm("population", population, "--from", FROM, "--to", TO, "--json").json
    assert [each["id"] for each in told["items"]] == items
    assert (told["complete"], told["source"]["import"]) == (True, "R-0001")


def key(name: str, **created: str) -> dict[Key, bytes]:
    """The document of an access key, with or without the date of its creation."""
    uid = f"arn:aws:iam::123456789012:user/bob/access-key/{name}"
    return {Key(KEY, uid, "global", name): said(UserName="bob", Status="Active", **created)}


def test_what_the_agent_saw_come(firm: Firm) -> None:
    """A key made in the period is one, an older one that is seen first is none; a late first run proves nothing."""
    history: dict[int, dict[Key, bytes | None]] = {
        0: {**key("old", CreateDate="2025-01-01T00:00:00+00:00"), **key("undated")},
        9: {
            **key("new", CreateDate="2026-01-09T12:00:00+00:00"),
            **key("moved", CreateDate="2025-05-05T00:00:00+00:00"),
            **key("seen"),
        },
    }
    read_daily(firm, history, range(20))
    told = firm("population", "new-access-keys", "--from", FROM, "--to", "2026-01-20", "--json").json
    assert [each["id"].rpartition("/")[2] for each in told["items"]] == ["new", "seen"]
    assert told["items"][0]["occurred_at"] == "2026-01-09T12:00:00Z"
    assert told["complete"]
    late = firm("population", "new-access-keys", "--from", "2025-12-01", "--to", "2026-01-20", "--json").json
    assert [each["id"].rpartition("/")[2] for each in late["items"]] == ["new", "seen"]
    assert late["doubts"] == ["not every run listed all; `proofkeep population access-keys` tells which did not"]
