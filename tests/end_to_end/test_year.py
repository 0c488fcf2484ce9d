"""A whole year as anybody can play it, and what must be concluded from it.  Every number here was worked out by hand.

The agent reads each hour from 1 to 7 January and each day after that, 30 seconds after the slot begins; 2025 has 365
days.  Of the daily slots 10, 11 and 12 March have no run, so a unit that lives all year has 365 slots, 362 of them
covered; until 1 November 304, 301 of them covered.  An hourly slot that is one of 24 covers its day all the same.

The account that joins the organization on 2 November is listed on 3 November at 00:00:30, so its first whole day is
the 4th; it is read from the 13th on.  Of its 58 days (27 in November, 31 in December) 9 are a gap and 49 are covered.
It has neither users nor stores nor databases: each check has one unit there, the proof that there are none.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.program import ACCOUNT, Said, finish
from tests.house.test_files import OPINION
from tests.house.tree import ROOT

YEAR = ("2025-01-01", "2026-01-01")
UNTIL_THE_NEW_ACCOUNT = ("2025-01-01", "2025-11-01")
CAROL, BOB = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("carol", "bob"))
STORE = "arn:aws:s3:::acme-partner-exchange"
DATABASE = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:reports"
OUTAGE = ("AGENT_DOWN", "2025-03-10T00:00:00Z", "2025-03-13T00:00:00Z", 3)
UNREAD = ("ACCOUNT_NOT_ONBOARDED", "2025-11-04T00:00:00Z", "2025-11-13T00:00:00Z", 9)
LONGEST = 900.0
"""Seconds that the year may take on a machine that does much else."""


@dataclass(frozen=True)
class Year:
    """The folder that the command left, and the ordinary program on it."""

    folder: Path
    told: Said
    """What the command itself said."""

    def run(self, *words: str) -> Said:
        """One command as a process of its own."""
        return _run(self.folder.parent, *words, "--config", str(self.folder / "proofkeep.toml"))

    @cache  # noqa: B019  # as many answers as the tests have questions
    def control(self, id_: str, period: tuple[str, str], as_of: str = "2026-02-01") -> dict[str, Any]:
        """One control in the answer of `period --json`."""
        words = ["period", "--from", period[0], "--to", period[1], "--control", id_, "--as-of", as_of, "--json"]
        answered = self.run(*words)
        assert answered.code == 0, answered.err
        (found,) = answered.json["controls"]
        return dict(found)

    def state(self, id_: str, period: tuple[str, str], as_of: str = "2026-02-01") -> dict[str, Any]:
        """What its checks came to, for a control that did not change in the period."""
        (segment,) = self.control(id_, period, as_of)["segments"]
        return dict(segment["state"])


def _run(folder: Path, *words: str) -> Said:
    foreign = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "agent", *words],
        cwd=folder,
        env={**foreign, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return finish(process, LONGEST)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    """2025, played once for all tests."""
    folder = tmp_path_factory.mktemp("year")
    told = _run(folder, "demo", "--year", "2025", "--folder", str(folder / "played"))
    assert told.code == 0, told.err
    return Year(folder / "played", told)


def gaps(state: dict[str, Any]) -> list[tuple[str, str, str, int]]:
    """Reason, begin, end and slots of each gap."""
    return [(gap["reason"], gap["begins"], gap["ends"], gap["slots"]) for gap in state["gaps"]]


def deviations(state: dict[str, Any]) -> list[tuple[object, ...]]:
    """Resource, first failing and ending observation, what ended it, hours, status, whether it counts and how much."""
    names = ("resource", "detected_at", "ended_at", "ended_by", "age_hours", "status", "counted", "serious")
    return [tuple(each[name] for name in names) for each in state["deviations"]]


def numbers(state: dict[str, Any]) -> tuple[int, int, float, int]:
    """Slots expected and covered, coverage to four digits, and slots that deviate."""
    return state["expected_slots"], state["covered_slots"], round(state["coverage"], 4), state["deviating_slots"]


MENDED = (CAROL, "2025-02-11T00:00:30Z", "2025-02-12T00:00:30Z", "remediated", 24.0, "closed_within_sla")
LATE = (BOB, "2025-05-13T00:00:30Z", "2025-05-18T00:00:30Z", "remediated", 120.0, "closed_late")


def test_two_lapses_under_a_strict_promise(year: Year) -> None:
    """AC-02 says "nobody": both lapses count, and the late one, critical, makes the control not effective on its own.

    Four users over 304 days, and the account in which nobody signed in; carol fails in one slot, bob from 13 to 17 May
    in five.  6 of 1505 is far below 5 %, so without the lateness the control would be effective with deviations.
    """
    found = year.state("AC-02", UNTIL_THE_NEW_ACCOUNT)

    assert year.control("AC-02", UNTIL_THE_NEW_ACCOUNT)["conclusion"] == "not_effective"
    assert deviations(found) == [(*MENDED, True, False), (*LATE, True, True)]
    assert numbers(found) == (5 * 304, 5 * 301, 0.9901, 6)
    assert round(found["deviation_rate"], 4) == 0.0040
    assert (found["units"], found["units_failing"]) == (5, 2)
    assert gaps(found) == [OUTAGE]
    assert [each["entries"]["detected"] is not None for each in found["deviations"]] == [True, True]


def test_the_same_lapses_where_only_late_repair_counts(year: Year) -> None:
    """AC-90 promises repair within two days: of the same two intervals only bob's counts, and nothing is critical."""
    found = year.state("AC-90", UNTIL_THE_NEW_ACCOUNT)

    assert year.control("AC-90", UNTIL_THE_NEW_ACCOUNT)["conclusion"] == "effective_with_deviations"
    assert year.control("AC-90", UNTIL_THE_NEW_ACCOUNT)["deviations"] == 1
    assert deviations(found) == [(*MENDED, False, False), (*LATE, True, False)]
    assert numbers(found) == (4 * 304, 4 * 301, 0.9901, 5)


def test_an_outage_is_a_gap_and_no_more(year: Year) -> None:
    """AC-04 never failed: three days of seven allowed, 301 of 304 days, so it is effective and the gap is disclosed."""
    found = year.state("AC-04", UNTIL_THE_NEW_ACCOUNT)

    assert year.control("AC-04", UNTIL_THE_NEW_ACCOUNT)["conclusion"] == "effective"
    assert deviations(found) == []
    assert numbers(found) == (3 * 304, 3 * 301, 0.9901, 0)
    assert gaps(found) == [OUTAGE]
    assert found["longest_gap_hours"] == 72.0
    assert [len(gap["units"]) for gap in found["gaps"]] == [3]
    said = sha256(b"no run was started in this slot").hexdigest()
    assert [gap["first_error"] for gap in found["gaps"]] == [said], "the gap entries of the missed slots tell it"


def test_a_deleted_database_is_not_forgotten(year: Year) -> None:
    """AV-05 is strict: a database that failed three checks on 2 and 3 April counts though it is gone on the 4th.

    Its life holds two whole days: made on 1 April at 10:00, it is missing from the listing of 4 April.  48 hours are
    as long as the SLA, and late is only what lasts longer.
    """
    found = year.state("AV-05", UNTIL_THE_NEW_ACCOUNT)
    removed = (DATABASE, "2025-04-02T00:00:30Z", "2025-04-04T00:00:30Z", "removal", 48.0, "closed_within_sla")

    assert year.control("AV-05", UNTIL_THE_NEW_ACCOUNT)["conclusion"] == "effective_with_deviations"
    assert deviations(found) == [(*removed, True, False)] * 3
    assert [each["check"] for each in found["deviations"]] == [
        "backup.database_automated",
        "backup.database_point_in_time",
        "backup.database_retention",
    ]
    assert [each["last_pass_at"] for each in found["deviations"]] == [None, None, None]
    # The other database lives all the time: 3 checks x (304 + 2) expected, 3 x (301 + 2) covered.
    assert numbers(found) == (918, 909, 0.9902, 6)
    assert gaps(found) == [OUTAGE]


def test_the_population_holds_what_is_gone(year: Year) -> None:
    """Both databases of the year are in the population, the deleted one with the run that missed it."""
    answered = year.run("population", "databases", "--from", YEAR[0], "--to", YEAR[1], "--json")

    items = {each["resource"]: each for each in answered.json["items"]}
    assert set(items) == {DATABASE, f"arn:aws:rds:us-east-1:{ACCOUNT}:db:orders"}
    gone = items.pop(DATABASE)
    assert (gone["first_seen"], gone["last_seen"], gone["gone"]) == (
        "2025-04-02T00:00:30Z",
        "2025-04-03T00:00:30Z",
        "2025-04-04T00:00:30Z",
    )
    assert [each["gone"] for each in items.values()] == [None]


def test_a_changed_threshold_splits_the_period(year: Year) -> None:
    """AC-05 allows 90 days until 1 July and 60 from then on: a key of 71 days passes on 30 June and fails a day later.

    It is replaced on 12 July, after 12 days of 7 allowed, and gone on the 13th.  By the old rule it would never have
    failed: it was 83 days old.
    """
    found = year.control("AC-05", UNTIL_THE_NEW_ACCOUNT)
    before, after = found["segments"]

    assert found["conclusion"] == "effective_with_deviations"
    assert [(each["begins"], each["ends"], each["conclusion"]) for each in (before, after)] == [
        ("2025-01-01T00:00:00Z", "2025-07-01T00:00:00Z", "effective"),
        ("2025-07-01T00:00:00Z", "2025-11-01T00:00:00Z", "effective_with_deviations"),
    ]
    assert before["library_entry"] < after["library_entry"]
    # Until July, 181 days: four users 4 x 181; the keys live whole days 31 (January), 79 (1 February to 20 April, of
    # which the outage takes 3) and 71 (from 21 April); that there is no registry 181.  1086 in all, 4 x 3 + 3 + 3 of
    # them not covered.
    assert numbers(before["state"]) == (1086, 1068, 0.9834, 0)
    assert deviations(before["state"]) == []
    assert gaps(before["state"]) == [OUTAGE]
    # From July, 123 days: four users 4 x 123; keys 12, 55, 55 and 1.  Nothing is missing.
    assert numbers(after["state"]) == (615, 615, 1.0, 12)
    assert gaps(after["state"]) == []
    ((resource, *rest),) = deviations(after["state"])
    assert str(resource).startswith(f"arn:aws:iam::{ACCOUNT}:user/deploy/access-key/")
    assert rest == ["2025-07-01T00:00:30Z", "2025-07-13T00:00:30Z", "removal", 288.0, "closed_late", True, False]
    assert [each["last_pass_at"] for each in after["state"]["deviations"]] == ["2025-06-30T00:00:30Z"]
    assert round(found["coverage"], 4) == 0.9894, "1683 of 1701"


def test_a_late_exception_excuses_nothing_before_it(year: Year) -> None:
    """EN-01 fails from 6 May; the exception of 20 May claims to hold from 6 May, and holds from its approval.

    Two checks of two stores.  Failing slots: 6 to 20 May, since the run of the 20th came before ten o'clock.
    """
    found = year.state("EN-01", UNTIL_THE_NEW_ACCOUNT)
    hours = 14 * 24 + 10 - 30 / 3600

    assert year.control("EN-01", UNTIL_THE_NEW_ACCOUNT)["conclusion"] == "effective_with_deviations"
    ((*facts, age, status, counted, serious),) = [
        (*each[:4], each[4], each[5], each[6], each[7]) for each in deviations(found)
    ]
    assert facts == [STORE, "2025-05-06T00:00:30Z", "2025-05-20T10:00:00Z", "waiver"]
    assert (age, status, counted, serious) == (pytest.approx(hours, abs=1e-6), "closed_late", True, False)
    assert numbers(found) == (4 * 304, 4 * 301, 0.9901, 15)
    assert [(each["waiver"], each["begins"], each["ends"]) for each in found["excused"]] == [
        ("W-0001", "2025-05-20T10:00:00Z", "2025-07-10T00:00:30Z")
    ]


def test_before_the_approval_there_is_no_exception(year: Year) -> None:
    """As of 19 May nobody had approved anything: the failure is open, late and high, so the control is no success."""
    found = year.state("EN-01", UNTIL_THE_NEW_ACCOUNT, as_of="2025-05-19T12:00:00Z")

    (failing,) = found["deviations"]
    assert (failing["ended_at"], failing["status"], failing["waived_by"]) == (None, "open_late", [])
    assert found["excused"] == []
    assert year.control("EN-01", UNTIL_THE_NEW_ACCOUNT, as_of="2025-05-19T12:00:00Z")["conclusion"] == "not_effective"


@pytest.mark.parametrize(
    ("control", "conclusion", "counted", "expected", "covered", "coverage"),
    [
        # A proven failure goes before missing evidence.  5 x 365 + 2 x 58, 5 x 362 + 2 x 49.
        ("AC-02", "not_effective", 2, 1941, 1908, 0.9830),
        # 4 x 365 + 58, 4 x 362 + 49.
        ("AC-90", "unable_to_conclude", 1, 1518, 1497, 0.9862),
        # Three checks x (365 + 58), three x (362 + 49).
        ("AC-04", "unable_to_conclude", 0, 1269, 1233, 0.9716),
        # Two checks x (2 x 365 + 58), two x (2 x 362 + 49).
        ("EN-01", "unable_to_conclude", 1, 1576, 1546, 0.9810),
        # Three checks x (365 + 2 + 58), three x (362 + 2 + 49).
        ("AV-05", "unable_to_conclude", 3, 1275, 1239, 0.9718),
    ],
)
def test_an_account_that_nobody_read_for_ten_days(
    year: Year, control: str, conclusion: str, counted: int, expected: int, covered: int, coverage: float
) -> None:
    """Over the whole year every coverage is above 95 %, and yet nine unread days of one account are more than seven."""
    found = year.state(control, YEAR)

    assert (year.control(control, YEAR)["conclusion"], year.control(control, YEAR)["deviations"]) == (
        conclusion,
        counted,
    )
    assert numbers(found)[:3] == (expected, covered, coverage)
    assert gaps(found) == [OUTAGE, UNREAD]
    assert found["longest_gap_hours"] == 216.0


def test_the_worst_segment_decides_over_the_year(year: Year) -> None:
    """AC-05: the first half is untouched by the new account, the second is not.

    From July, 184 days: four users 4 x 184, keys 12 + 55 + 55 + 55 + 7, and two checks x 58 days of the new account.
    """
    found = year.control("AC-05", YEAR)
    before, after = found["segments"]

    assert (before["conclusion"], after["conclusion"]) == ("effective", "unable_to_conclude")
    assert (found["conclusion"], found["deviations"]) == ("unable_to_conclude", 1)
    assert numbers(after["state"]) == (1036, 1018, 0.9826, 12)
    assert gaps(after["state"]) == [UNREAD]


def test_an_hourly_promise_is_not_kept_by_looking_once_a_day(year: Year) -> None:
    """AC-91 is promised hourly: 168 hours of the first week and 294 of 7128 after that, for each of five units."""
    found = year.state("AC-91", UNTIL_THE_NEW_ACCOUNT)

    assert year.control("AC-91", UNTIL_THE_NEW_ACCOUNT)["conclusion"] == "unable_to_conclude"
    assert numbers(found) == (5 * 7296, 5 * 462, 0.0633, 0)
    assert found["longest_gap_hours"] == 95.0, "from 1:00 on 9 March until 13 March"


def test_what_people_did(year: Year) -> None:
    """Of four access reviews the second came on 28 July, 27 days after it was due, with 15 days of grace."""
    (reviews,) = year.control("AC-10", YEAR)["segments"]
    slots = reviews["people"]["slots"]["slots"]

    assert year.control("AC-10", YEAR)["conclusion"] == "effective_with_deviations"
    assert [(slot["slot"], slot["due"], slot["result"]) for slot in slots] == [
        ("2025-Q1", "2025-04-01T00:00:00Z", "on_time"),
        ("2025-Q2", "2025-07-01T00:00:00Z", "late"),
        ("2025-Q3", "2025-10-01T00:00:00Z", "on_time"),
        ("2025-Q4", "2026-01-01T00:00:00Z", "on_time"),
    ]
    assert year.control("GV-01", YEAR)["conclusion"] == "effective"


def test_the_store_is_whole_and_its_clocks_agree(year: Year) -> None:
    """Everything verifies, and no run of the year is doubted: 523 of the company's account and 49 of the new one."""
    verified = year.run("verify", "--json")
    whole = year.run("period", "--from", YEAR[0], "--to", YEAR[1], "--as-of", "2026-02-01", "--json").json

    assert verified.code == 0
    assert verified.json["findings"] == []
    told = whole["reliability"]
    assert (told["used"], told["not_used"], told["clock_worst_seconds"]) == (523 + 49, {}, 0.0)
    assert told["recorded_backwards"] == []
    assert whole["criteria"]["CC6.1"]["status"] == "not_met"


def test_the_same_question_has_the_same_answer(year: Year) -> None:
    """Two processes write the same bytes."""
    words = ("period", "--from", YEAR[0], "--to", YEAR[1], "--as-of", "2026-02-01", "--json")

    first, second = year.run(*words), year.run(*words)

    assert first.code == 0
    assert first.out == second.out
    assert json.loads(first.out)["controls"]


def test_the_command_tells_what_it_did(year: Year) -> None:
    """It counts slots, prints the estimate with its label only, and names commands that work."""
    said = year.told.out

    assert "523 slots read" in said
    assert "3 missed while the agent was down; 582 runs sealed" in said  # 523, and 59 of the account from 3 November on
    assert "READINESS ESTIMATE" in said
    assert not OPINION.search(said)
    suggested = [line for line in said.splitlines() if line.startswith("  ") and " --config " in line]
    assert len(suggested) == 7
    for line in suggested:
        assert _run(year.folder.parent, *line.split()[1:]).code == 0, line
