"""Controls that people perform at events: the evidence of each item, and what is told of it."""

from __future__ import annotations

import json
import os

import pytest

from agent import attest
from agent import clock as agent_clock
from agent.attest import Claim
from storage import canon, seal
from tests.agent.evaluation.occasions import DRAWN, EVENTS, FROM, INCIDENTS, TO, Firm, disposals, results


def twenty_requests() -> str:
    """Twenty requests of people, the first of March."""
    return EVENTS + "".join(f"Q{number:02},PR-06,2026-02-01,request\n" for number in range(20))


def test_each_item_by_its_evidence(firm: Firm) -> None:
    """In time, late, missing, without a review, dated back: five ends of one rule, the due day included."""
    firm.load("events", EVENTS + "".join(f"{n},PR-06,2026-02-01,x\n" for n in "abcdef"), "--for", "PR-06")
    firm.attest("PR-06", "a", "2026-03-03")
    firm.attest("PR-06", "b", "2026-03-03T00:00:01Z")
    firm.attest("PR-06", "d", "2026-03-01", reviewed_by="", reviewed_at=None)
    firm.attest("PR-06", "e", "2026-03-01", trace=agent_clock.parse("2026-03-20"))
    firm.attest("PR-06", "f", "2026-03-01", inquiry=True)
    told = firm.asked("PR-06")
    assert results(told) == {
        "a": "good", "b": "exception", "c": "exception", "d": "unknown", "e": "exception", "f": "unknown",
    }  # fmt: skip
    reasons = {each["item"]: each["reason"] for each in told["events"]["items"]}
    assert reasons["a"] == "M-0001: performed 2026-03-03T00:00:00Z"
    assert reasons["b"] == "M-0002: performed 2026-03-03T00:00:01Z, due 2026-03-03T00:00:00Z"
    assert reasons["c"] == "no evidence; it was due 2026-03-03T00:00:00Z"
    assert reasons["d"] == "M-0003 is not reliable: not reviewed"
    assert reasons["e"].endswith("M-0004 back-dated and not counted")
    assert told["word"] == "not_effective"


def test_what_is_unknown_is_counted_both_ways(firm: Firm) -> None:
    """One unverified item of twenty changes nothing at five in a hundred, two make it undecided."""
    firm.load("events", twenty_requests(), "--for", "PR-06")
    for number in range(20):
        weak = {"reviewed_by": "", "reviewed_at": None} if number < 2 else {}
        firm.attest("PR-06", f"Q{number:02}", "2026-02-20", **weak)
    told = firm.asked("PR-06")
    assert told["word"] == "unable_to_conclude"
    assert told["reasons"] == ["effective if the 2 unknown items went well, not_effective if not"]
    assert told["events"]["if_unknown_are_exceptions"]["exceptions"] == 2


def test_an_item_that_is_not_due_is_left_out(firm: Firm) -> None:
    """Thirty days are not over at the cut-off: neither good nor bad, and disclosed."""
    rows = EVENTS + "a,PR-06,2026-03-20,x\nb,PR-06,2026-01-20,x\n"
    firm.load("events", rows, "--for", "PR-06")
    firm.attest("PR-06", "b", "2026-01-21")
    told = firm.asked("PR-06")
    assert (results(told), told["word"]) == ({"a": "not due", "b": "good"}, "effective")
    assert told["events"]["result"]["population"] == 1
    assert "1 occasions were not due at the evidence cut-off and are left out" in told["notes"]
    firm.clock.time = agent_clock.parse("2026-04-20")
    assert results(firm.asked("PR-06"))["a"] == "exception"


@pytest.mark.parametrize(
    ("incident", "word"),
    [("", "effective_with_deviations"), ("INC-1", "not_effective"), ("INC-2", "effective_with_deviations")],
)
def test_an_exception_and_its_incident(firm: Firm, incident: str, word: str) -> None:
    """One attested exception of twenty is a deviation; with an incident that the register lays to the control, more."""
    firm.load("events", twenty_requests(), "--for", "PR-06")
    firm.load("incidents", INCIDENTS + "INC-1,x,high,2026-03-01,yes,PR-06\nINC-2,y,high,2026-03-01,yes,PR-05\n")
    for number in range(20):
        more = {"exception": "sent to somebody else", "incident": incident} if number == 7 else {}
        firm.attest("PR-06", f"Q{number:02}", "2026-02-20", **more)
    told = firm.asked("PR-06")
    (bad,) = (each for each in told["events"]["items"] if each["result"] == "exception")
    assert (told["word"], bad["item"], bad["attestations"]) == (word, "Q07", ["M-0008"])
    assert bad["reason"] == "M-0008: sent to somebody else"
    assert bad["incident"] == ("INC-1" if incident == "INC-1" else "")
    stray = "M-0008: names incident INC-2, which the register does not lay to this control"
    assert (stray in told["notes"]) == (incident == "INC-2")


def test_what_the_command_line_takes(firm: Firm) -> None:
    """An item of a control with slots, an exception without one, and both names at once are refused."""
    firm.clock.time = DRAWN
    path = firm.folder / "a.txt"
    path.write_text("x", encoding="utf-8")
    os.utime(path, ns=(DRAWN * 1000, DRAWN * 1000))
    words = ("--file", str(path), "--performed-by", "Ana", "--performed-at", TO, "--reviewed-by", "Ben")
    assert "is quarterly and has slots; write --slot" in firm("attest", "AC-10", "--item", "x", *words).err
    assert "stands without --item" in firm("attest", "AC-15", "--exception", "x", *words).err
    assert "stands without --exception" in firm("attest", "AC-15", "--item", "x", "--incident", "y", *words).err
    assert "stands beside --item" in firm("attest", "AC-15", "--item", "x", "--slot", "y", *words).err
    good = firm("attest", "AC-15", "--item", "D1", "--exception", "not wiped", *words, "--json")
    assert (good.code, good.json["item"], good.json["exception"]) == (0, "D1", "not wiped")
    assert "D1 (exception)" in firm("attest", "list").out


def test_an_attestation_of_the_first_releases(firm: Firm) -> None:
    """Its body lacks the fields that came later, and it is read as one without them."""
    firm.clock.time = DRAWN
    firm.attest("AC-15", "D1", "2026-02-01")
    with firm.store.read() as conn:
        (one,) = attest.load(conn)
    said = {name: getattr(one, name) for name in Claim.__slots__ if name not in {"item", "exception", "incident"}} | {
        "form": 1,
        "control_version": one.control_version,
        "trace": one.trace,
        "slot": "D2",
    }
    files = [{name: getattr(file, name) for name in file.__slots__} for file in one.files]
    seal.append_statement(firm.store, attest.KIND, canon.canonical({**said, "files": files}))
    with firm.store.read() as conn:
        assert [each.about for each in attest.load(conn)] == ["D1", "D2"]


# What is told


def test_text_of_a_period(firm: Firm) -> None:
    """Population, hash, import, completeness, and each exception with the way down."""
    firm.load("events", disposals("2026-02-01", "2026-02-02"), "--for", "AC-15")
    firm.attest("AC-15", "D2", "2026-02-03")
    told = firm("period", "--from", FROM, "--to", TO, "--control", "AC-15").out
    listed = firm("population", "AC-15", "--from", FROM, "--to", TO, "--json").json
    assert f"population events:AC-15: 2 occasions, H = {listed['hash']}" in told
    assert "listed by R-0001 (ledger entry 1) from S: 2 rows, counted 2 there, as of 2026-04-02T00:00:00Z" in told
    assert "complete: yes" in told
    assert "exception: D1 (laptop) of 2026-02-01T00:00:00Z: no evidence; it was due 2026-02-01T00:00:00Z" in told
    assert "exception: D2 (laptop)" in told
    assert "proofkeep attest show M-0001" in told


def test_stored_evaluations_hold_the_items(firm: Firm) -> None:
    """What goes on record names import, hash and each item."""
    firm.load("events", disposals("2026-02-01"), "--for", "AC-15")
    said = firm("period", "--from", FROM, "--to", TO, "--control", "AC-15", "--json", "--store").json
    assert said["stored"]["entry"] > 0
    events = said["controls"][0]["segments"][0]["people"]["events"]
    assert json.loads(json.dumps(events))["items"][0]["item"] == "D1"
