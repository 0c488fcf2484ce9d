"""Samples of events: frozen before the seed, drawn, tested, enlarged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from agent import clock as agent_clock
from agent import library
from storage import seal
from tests.agent.evaluation.occasions import DAY, DRAWN, FROM, TO, Firm, changes, disposals
from tests.conftest import JANUARY
from tests.storage.builders import HOUR


def test_the_population_of_a_control_is_frozen_before_the_seed(firm: Firm) -> None:
    """The first call freezes it and asks for the seed; one with a seed before that is refused."""
    firm.load("changes", changes(30))
    asked = ("sample", "PI-07", "--from", FROM, "--to", TO)
    seed = ("--seed", "blue", "--seed-by", "Aud")
    assert "no such population is frozen" in firm(*asked, *seed).err
    frozen = firm(*asked, "--json").json["frozen"]
    listed = firm("population", "changes", "--from", FROM, "--to", TO, "--json").json
    assert (frozen["id"], frozen["count"], frozen["hash"]) == ("P-0001", 30, listed["hash"])
    assert "ask the auditor for a seed" in firm(*asked).err
    drawn = firm(*asked, *seed, "--json").json
    assert (drawn["population"], drawn["n"]) == ("P-0001", 7)
    assert firm("verify").code in {0, 3}


def test_a_population_of_events_is_frozen_by_hand(firm: Firm) -> None:
    """Of one control, with its import; before its end, or under the name of all events, it is refused."""
    firm.load("events", disposals("2026-02-01", "2026-02-02"), "--for", "AC-15")
    words = ("population", "AC-15", "--from", FROM, "--to", TO)
    told = firm(*words, "--freeze", "--json").json
    assert (told["population"], told["count"], told["frozen"]["id"]) == ("events:AC-15", 2, "P-0001")
    assert [each["id"] for each in told["items"]] == ["D1", "D2"]
    assert "lies in the future" in firm(*words[:4], "--to", "2026-05-01", "--freeze").err
    assert "is neither a control nor a list" in firm("population", "events", "--from", FROM).err
    path = firm.folder / "out.csv"
    assert firm(*words, "--out", str(path)).code == 0
    assert path.read_text(encoding="utf-8").splitlines()[1] == "D1,2026-02-01T00:00:00Z,laptop"


def drawn_of(firm: Firm, *words: str) -> list[str]:
    """The picks of a draw."""
    said = firm("sample", "PI-07", "--from", FROM, "--to", TO, *words, "--json")
    assert said.err == ""
    picks: list[str] = said.json["selected"]
    return picks


def release_tests(firm: Firm, items: Iterable[str]) -> None:
    """Evidence that the tests of these releases passed, an hour before each went out."""
    for item in items:
        firm.attest("PI-07", item, agent_clock.iso(JANUARY + (int(item[1:]) + 99) * HOUR))


def test_a_sample_without_an_exception(firm: Firm) -> None:
    """Twenty-five of three hundred at low risk are enough; the others need no evidence."""
    firm.load("changes", changes(300))
    firm("sample", "PI-07", "--from", FROM, "--to", TO)
    firm.clock.time += DAY
    picks = drawn_of(firm, "--risk", "low", "--seed", "blue", "--seed-by", "Aud")
    release_tests(firm, picks)
    told = firm.asked("PI-07")
    assert (len(picks), told["word"]) == (25, "effective")
    assert [each["item"] for each in told["events"]["items"]] == picks
    assert told["events"]["draw"]["risk"] == "low"
    assert firm.asked("PI-07", "--as-of", agent_clock.iso(DRAWN))["events"]["draw"] is None
    assert told["events"]["result"]["upper_limit"] == pytest.approx(0.088, abs=0.0005)


def test_one_exception_asks_for_more_and_forty_are_enough(firm: Firm) -> None:
    """25 with 1 is a request, told as unable to conclude; the larger draw keeps the picks, and 40 with 1 stands."""
    firm.load("changes", changes(300))
    firm("sample", "PI-07", "--from", FROM, "--to", TO)
    picks = drawn_of(firm, "--n", "25", "--seed", "blue", "--seed-by", "Aud")
    release_tests(firm, picks[1:])
    told = firm.asked("PI-07")
    assert (told["word"], told["events"]["conclusion"]) == ("unable_to_conclude", "expand_sample")
    assert told["reasons"][0].startswith("expand_sample: exceptions: 1 of 25 tested")
    more = drawn_of(firm, "--extend", "--n", "40")
    assert more[:25] == picks
    release_tests(firm, more[25:])
    told = firm.asked("PI-07")
    assert (told["word"], told["events"]["result"]["expanded"]) == ("effective_with_deviations", True)
    shown = firm("sample", "PI-07", "--from", FROM, "--to", TO, "--results")
    assert f"exception: {picks[0]} (api)" in shown.out
    assert shown.out.count("\n  proofkeep attest show M-") == 39
    assert "seed 'blue' by Aud" in shown.out
    before = firm("sample", "PI-07", "--from", FROM, "--to", TO, "--results", "--as-of", "2026-03-01")
    assert "no sample of that period was drawn by then" in before.err


def test_an_item_that_left_the_list_after_the_freeze(firm: Firm) -> None:
    """The list that was drawn from is another one now: nothing is proven complete any more."""
    firm.load("changes", changes(12))
    firm("sample", "PI-07", "--from", FROM, "--to", TO)
    picks = drawn_of(firm, "--n", "12", "--seed", "blue", "--seed-by", "Aud")
    release_tests(firm, picks)
    assert firm.asked("PI-07")["word"] == "effective"
    firm.load("changes", changes(11), at=DRAWN + 1)
    told = firm.asked("PI-07")
    assert told["word"] == "unable_to_conclude"
    assert "P-0001 was frozen with 12 items, of which the list at the cut-off lacks 1" in told["events"]["doubts"][0]


def test_back_dated_evidence_of_a_drawn_item_is_none(firm: Firm) -> None:
    """A drawn item with nothing that counts is an exception, and below 25 any exception asks for all."""
    firm.load("changes", changes(20))
    firm("sample", "PI-07", "--from", FROM, "--to", TO)
    first, *others = drawn_of(firm, "--seed", "blue", "--seed-by", "Aud")
    release_tests(firm, others)
    firm.attest("PI-07", first, "2026-01-02", trace=agent_clock.parse("2026-03-01"))
    told = firm.asked("PI-07")
    assert told["events"]["conclusion"] == "expand_to_census"
    assert told["events"]["items"][0]["reason"].endswith("back-dated and not counted")


def test_a_change_of_the_control_splits_population_and_sample(firm: Firm) -> None:
    """Each segment has its own items, and of a draw from the whole period only those that fall into it."""
    promised = dict(firm.wiring.library.controls)
    promised["PI-07"] = replace(promised["PI-07"], severity="high")
    firm.clock.time = JANUARY + 105 * HOUR
    changed = replace(firm.wiring.library, controls=promised)
    seal.append_policy(firm.store, library.POLICY, library.body(changed))
    firm.load("changes", changes(12))
    firm("sample", "PI-07", "--from", FROM, "--to", TO)
    picks = drawn_of(firm, "--n", "12", "--seed", "blue", "--seed-by", "Aud")
    release_tests(firm, [each for each in picks if each != "c7"])
    asked = firm("period", "--from", FROM, "--to", TO, "--control", "PI-07", "--json").json["controls"][0]
    first, second = (each["people"]["events"] for each in asked["segments"])
    assert (first["count"], first["conclusion"]) == (5, "effective")
    assert (second["count"], second["conclusion"], second["counts"]["exception"]) == (7, "not_effective", 1)
    assert asked["conclusion"] == "not_effective"
    assert "S-0001 was drawn from the whole period, and only its items of this segment count" in asked["notes"]
