"""Versions of the control library in the ledger, and the segments into which they cut a period."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agent import clock as agent_clock
from agent import library as kept
from agent.library import Segment, Version
from checks.api import SUPPORTING, Criterion
from checks.controls import Control, DueRule, Frequency, Kind, Library, Policy, load
from checks.registry import all_checks
from checks.scope import choose
from storage import canon, seal
from storage.engine import Store
from storage.errors import IntegrityError

DEFAULT = load([], all_checks())
CONTROL = "AC-05"
DAY = 86_400_000_000
START = agent_clock.parse("2026-01-01")
OWN = """
[[control]]
id = "ACME-1"
title = "Visitors sign in"
text = "We write down who visits our office."
criteria = [{ id = "CC6.4", strength = "partial", why = "visitors are known" }]
frequency = "event"
owner = "Office Manager"
kind = "manual"
key = false
severity = "low"
sla_days = 30
policy = "strict"
risk = "physical loss or entry"
procedure = "Keep the visitor book."
due = "For each visit, on its day."
due_business_days = 0
effective_from = 2026-02-01
effective_to = 2027-02-01
editorial = true
approved_by = "CEO"
compensates_for = ["AC-14"]

[[control]]
id = "AC-07"
not_applicable = "We have no rights."

[[control]]
id = "PI-05"
disabled = true
reason = "we deliver no files"
"""


@dataclass(frozen=True, slots=True)
class Year:
    """A period, in days after the first of January 2026."""

    first: int = 0
    last: int = 365

    @property
    def begins(self) -> int:
        """The first microsecond."""
        return START + self.first * DAY

    @property
    def ends(self) -> int:
        """The first microsecond after it."""
        return START + self.last * DAY


def at(day: int, changes: Mapping[str, Any] | None = None, library: Library | None = DEFAULT) -> Version:
    """A version recorded that many days into 2026, in which the control says something else."""
    if library is not None and changes:
        controls = {**library.controls, CONTROL: replace(library.controls[CONTROL], **changes)}
        library = replace(library, controls=controls)
    return Version(START + day * DAY, day + 1000, library)


def cut(*known: Version, period: Year | None = None) -> list[tuple[int, int, bool]]:
    """First and last day of each segment, and whether the control was in force."""
    return [
        ((each.begins - START) // DAY, (each.ends - START) // DAY, each.control is not None)
        for each in kept.segments(known, CONTROL, period or Year())
    ]


def test_a_library_comes_back_as_it_was(tmp_path: Path) -> None:
    """Every field of every control, the scope, what is switched off: through canonical JSON and back."""
    (tmp_path / "own.toml").write_text(OWN)
    scope = choose(["privacy"], "saas", not_relevant={"P3.2": "nothing sensitive"})
    library = load([tmp_path / "own.toml"], all_checks(), scope)
    back = kept.from_json(canon.parse_canonical(kept.body(library)))

    assert back == library
    assert list(back.controls) == list(library.controls)
    assert back.scope.out() == library.scope.out()
    assert back.controls["ACME-1"].effective_from == date(2026, 2, 1)
    assert back.controls["ACME-1"].due_rule == DueRule(days=0, business=True)
    assert back.controls["AC-07"].params["identity.admin_provider_policy"] == {"allowed": ("Owner", "roles/owner")}


def test_a_library_of_the_first_releases_names_no_population() -> None:
    """Its body lacks the keys that came later."""
    said = kept.to_json(DEFAULT)
    older = [{k: v for k, v in each.items() if k not in {"population", "join"}} for each in said["controls"]]
    back = kept.from_json({**said, "controls": older}).controls
    assert (back["AC-09"].population, back["AC-09"].join) == ("", "")
    assert kept.from_json(said).controls["AC-09"].population == "leavers"
    assert kept.substantive(back["AC-09"], DEFAULT.controls["AC-09"])


def test_the_same_library_gives_the_same_bytes() -> None:
    """So that the ledger gets an entry when something changed, and none otherwise."""
    assert kept.body(DEFAULT) == kept.body(load([], all_checks()))
    assert kept.body(DEFAULT) != kept.body(load([], all_checks(), choose([])))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"form": 2},
        {"form": True},
        {"form": 1},
        {**kept.to_json(DEFAULT), "controls": [{"id": "AC-01"}]},
        {**kept.to_json(DEFAULT), "scope": []},
        {**kept.to_json(DEFAULT), "controls": [{**kept.to_json(DEFAULT)["controls"][0], "kind": "robot"}]},
    ],
)
def test_what_is_no_library_is_refused(said: dict[str, Any]) -> None:
    """A missing key, a form of the future, a word that does not exist."""
    with pytest.raises(ValueError, match=r"form is|no control library|is not a valid"):
        kept.from_json(said)


def test_versions_are_kept_once_per_change(store: Store, clock: Callable[[], int]) -> None:
    """The ledger has an entry for each library that came into force, and none for the same one again."""
    other = load([], all_checks(), choose([]))
    recorded = []
    for library in (DEFAULT, DEFAULT, other, DEFAULT):
        recorded.append(seal.append_policy(store, kept.POLICY, kept.body(library)))
        clock.advance(60)  # type: ignore[attr-defined]  # the clock of the test
    with store.read() as conn:
        found = kept.versions(conn)

    assert recorded[1] is None
    assert [(each.seq, each.library) for each in found] == [
        (recorded[0], DEFAULT),
        (recorded[2], other),
        (recorded[3], DEFAULT),
    ]
    assert [each.recorded_at - START for each in found] == [0, 120_000_000, 180_000_000]


def test_a_version_of_before_and_one_of_later_are_unknown(store: Store) -> None:
    """A digest alone, and a form that this release cannot read, tell that there was a library and not which."""
    seal.append_policy(store, "schedule", canon.canonical({"every": 3600}))
    seal.append_policy(store, kept.POLICY, canon.canonical({"digest": DEFAULT.digest}))
    seal.append_policy(store, kept.POLICY, canon.canonical({"form": 2, "promises": []}))
    with store.read() as conn:
        assert [each.library for each in kept.versions(conn)] == [None, None]


@pytest.mark.parametrize("body", [b"[]", b'{"form":1}', b'{"form": 1}', b'{"digest":"x","more":1}'])
def test_a_malformed_version_is_no_version(store: Store, body: bytes) -> None:
    """Whoever wrote that did not use this program: the question is not answered."""
    seal.append_policy(store, kept.POLICY, body)
    with store.read() as conn, pytest.raises(IntegrityError, match="as a version of the control library"):
        kept.versions(conn)


def test_a_library_is_found_for_an_instant() -> None:
    """The one recorded last, at that very microsecond too; none before the first."""
    known = [at(1), at(5)]

    assert kept.at(known, START) is None
    assert kept.at(known, START + DAY) is known[0]
    assert kept.at(known, START + 5 * DAY - 1) is known[0]
    assert kept.at(known, START + 5 * DAY) is known[1]


def test_one_version_is_one_segment() -> None:
    """Recorded before the period, and nothing new in it."""
    assert cut(at(-10)) == [(0, 365, True)]


def test_before_the_first_version_nothing_is_known() -> None:
    """That stretch has no control and says why; no version reaches back."""
    first, second = kept.segments([at(30)], CONTROL, Year())

    assert first == Segment(START, START + 30 * DAY, None, "no control library was recorded yet")
    assert (second.begins, second.control, second.why) == (first.ends, DEFAULT.controls[CONTROL], "")
    assert cut() == [(0, 365, False)]


@pytest.mark.parametrize(
    "change",
    [
        {"text": "We replace keys within 7 days."},
        {"criteria": (Criterion("CC6.1", SUPPORTING, "a leaked key stops working before long"),)},
        {"frequency": Frequency.HOURLY},
        {"kind": Kind.HYBRID},
        {"key": False},
        {"severity": "low"},
        {"sla_days": 8},
        {"policy": Policy.STRICT},
        {"checks": ("identity.access_key_age",)},
        {"params": {"identity.access_key_age": {"max_age_days": 60}}},
        {"procedure": "Look."},
        {"due": "Each day."},
        {"due_rule": DueRule(days=1)},
        {"compensates_for": ("AC-06",)},
        {"compensated_by": ("AC-06",)},
        {"not_applicable": "We have no keys."},
    ],
)
def test_a_change_of_substance_splits_the_period(change: dict[str, Any]) -> None:
    """At the moment at which it was recorded, and back again when it is taken back."""
    assert cut(at(-10), at(100, change), at(200)) == [(0, 100, True), (100, 200, True), (200, 365, True)]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Keys are young"},
        {"owner": "CTO"},
        {"risk": "fire"},
        {"covers": "part", "not_covered": "Keys of partners."},
        {"approved_by": "CEO"},
        {"effective_from": date(2025, 6, 1)},
        {"text": "We replace old keys within 7 days.", "editorial": True, "approved_by": "CEO"},
    ],
)
def test_other_changes_do_not_split(change: dict[str, Any]) -> None:
    """The segment goes on, with the newest wording."""
    (segment,) = kept.segments([at(-10), at(100, change)], CONTROL, Year())

    assert segment.control == replace(DEFAULT.controls[CONTROL], **change)


@pytest.mark.parametrize(
    "change",
    [
        {"text": "We replace old keys.", "editorial": True},
        {"text": "We replace old keys.", "approved_by": "CEO"},
        {"sla_days": 70, "editorial": True, "approved_by": "CEO"},
        {"params": {}, "editorial": True, "approved_by": "CEO"},
    ],
)
def test_no_word_hides_a_change_of_the_rule(change: dict[str, Any]) -> None:
    """Editorial needs an approval, and is about words only."""
    assert cut(at(-10), at(100, change)) == [(0, 100, True), (100, 365, True)]


def test_a_change_of_another_control_does_not_split() -> None:
    """Each control has segments of its own."""
    other = {**DEFAULT.controls, "AC-06": replace(DEFAULT.controls["AC-06"], sla_days=99)}

    assert cut(at(-10), at(100, library=replace(DEFAULT, controls=other))) == [(0, 365, True)]


def test_a_version_waits_for_its_first_day() -> None:
    """Until then the version before it holds; one that is recorded late does not reach back."""
    later = {"sla_days": 8, "effective_from": date(2026, 3, 1)}

    assert cut(at(-10), at(10, later)) == [(0, 59, True), (59, 365, True)]
    assert cut(at(-10), at(10, later), at(20, {**later, "owner": "CTO"})) == [(0, 59, True), (59, 365, True)]
    assert cut(at(-10), at(100, later)) == [(0, 100, True), (100, 365, True)]
    assert cut(at(10, later)) == [(0, 10, False), (10, 59, False), (59, 365, True)]


def test_a_control_ends_with_its_last_day() -> None:
    """From the first day out of force there is none, and the version before it does not come back."""
    ended = {"effective_to": date(2026, 3, 1)}
    last = kept.segments([at(-10), at(10, ended)], CONTROL, Year())[-1]

    assert cut(at(-10), at(10, ended)) == [(0, 59, True), (59, 365, False)]
    assert last.why == "it was in force until 2026-03-01"


def test_a_control_that_was_taken_away_or_added_says_so() -> None:
    """Disabled with a reason, not yet there, or kept as a digest only."""
    without = {name: control for name, control in DEFAULT.controls.items() if name != CONTROL}
    disabled = replace(DEFAULT, controls=without, disabled={CONTROL: "no keys"})
    known = [
        at(0, library=replace(DEFAULT, controls=without)),
        at(50),
        at(100, library=disabled),
        at(200, library=None),
    ]

    assert [(each.control is None, each.why) for each in kept.segments(known, CONTROL, Year())] == [
        (True, "it was not in the control library"),
        (False, ""),
        (True, "it was disabled: no keys"),
        (True, "ledger entry 1200 keeps no more of the control library than a digest"),
    ]


def test_segments_cover_the_period_without_holes() -> None:
    """Each begins where the one before ends, and changes outside the period cut nothing."""
    known = [at(-10), at(40, {"sla_days": 8}), at(50, {"sla_days": 9}), at(90, {"sla_days": 10})]

    assert cut(*known, period=Year(45, 60)) == [(45, 50, True), (50, 60, True)]
    assert cut(*known, period=Year(50, 90)) == [(50, 90, True)]


def test_of_every_field_it_is_known_whether_it_splits() -> None:
    """A field that is added later has to be put among those that do or those that do not."""
    quiet = {"id", "title", "owner", "covers", "not_covered", "not_yet", "risk"}
    dates = {"effective_from", "effective_to", "editorial", "approved_by"}

    assert {each.name for each in fields(Control)} == {*kept._RULES, *kept._PROSE} | quiet | dates
