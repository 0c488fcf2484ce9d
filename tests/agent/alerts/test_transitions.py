"""What is told when conditions open, get worse, last, come and go, are waived, silenced, and end."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.alerts.message import Change, Mark
from agent.alerts.transitions import Look, Rules
from tests.agent.alerts.scripts import HOUR, ITEMS, START, Player, look

OPENED, WORSENED, AGAIN, RECOVERED, FLAPPING, WAIVED = (
    "opened",
    "worsened",
    "still failing",
    "recovered",
    "flapping",
    "waived",
)
LONG = [""] * 30
"""More than a day in which all is well."""

SCRIPTS: dict[str, list[tuple[str, str]]] = {
    "opens once and recovers once": [("", ""), ("a", OPENED), ("a", ""), ("a", ""), ("", RECOVERED), ("", "")],
    "more of the same is worse": [("a", OPENED), ("a b", WORSENED), ("a b c", WORSENED), ("a b c", "")],
    "a partial fix is silent": [("a b", OPENED), ("a", ""), ("a", ""), ("", RECOVERED)],
    "another one instead is worse": [("a", OPENED), ("b", WORSENED), ("", RECOVERED)],
    "unknown opens nothing": [("?a", ""), ("?a ?b", ""), ("", "")],
    "unknown ends nothing": [("a", OPENED), ("?a", ""), ("?a", ""), ("a", ""), ("?a", ""), ("", RECOVERED)],
    "unknown beside a new one": [("a", OPENED), ("?a b", WORSENED), ("a b", ""), ("?a", ""), ("", RECOVERED)],
    "waived from the start is silent": [("~a", ""), ("~a", ""), ("", "")],
    "the end of a waiver opens": [("~a", ""), ("a", OPENED), ("", RECOVERED)],
    "the end of a waiver worsens": [("a ~b", OPENED), ("a b", WORSENED), ("", RECOVERED)],
    "all that is left is waived": [("a b", OPENED), ("a ~b", ""), ("~b", WAIVED), ("~b", ""), ("", "")],
    "waived beside another and back": [("a b", OPENED), ("a ~b", ""), ("a b", WORSENED), ("a b", "")],
    "waived, ended and told again": [("a", OPENED), ("~a", WAIVED), ("a", OPENED), ("", RECOVERED)],
    "unknown at the end of a waiver opens nothing": [("~a", ""), ("?a", ""), ("?a", ""), ("a", OPENED)],
    "repaired beside a waived one": [("a ~b", OPENED), ("~b", RECOVERED), ("", "")],
    "nobody looks": [("a", OPENED), ("-", ""), ("-", ""), ("a b", WORSENED), ("-", ""), ("", RECOVERED)],
    "comes and goes": [
        ("a", OPENED), ("", RECOVERED), ("a", OPENED), ("", RECOVERED), ("a", FLAPPING),
        ("", ""), ("a", ""), ("", ""), ("a", ""),
    ],
    "an item that comes and goes": [
        ("a b", OPENED), ("a", ""), ("a b", WORSENED), ("a", ""), ("a b", WORSENED),
        ("a", ""), ("a b", ""), ("a", ""), ("a b c", WORSENED),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_tells_what_it_says(name: str) -> None:
    """Each slot of the script is told as written beside it, and as nothing where nothing is."""
    player = Player()
    assert [player.play(slot) for slot, _ in SCRIPTS[name]] == [said for _, said in SCRIPTS[name]]


def test_it_is_told_again_after_the_reminder_interval() -> None:
    """A day after the last message, whatever that was, and each day from then on."""
    player = Player()
    said = [player.play("a") for _ in range(50)]
    assert [slot for slot, told in enumerate(said) if told] == [0, 24, 48]
    assert said[24] == said[48] == AGAIN


def test_a_reminder_counts_from_the_last_message() -> None:
    """Something that was told an hour ago needs no reminder."""
    player = Player()
    said = [player.play(slot) for slot in [*["a"] * 23, *["a b"] * 25]]
    assert [(slot, told) for slot, told in enumerate(said) if told] == [(0, OPENED), (23, WORSENED), (47, AGAIN)]


def test_without_an_interval_nothing_is_repeated() -> None:
    """An empty reminder in the settings means never."""
    player = Player(rules=Rules(None, 3, 24 * HOUR))
    assert [player.play("a") for _ in range(60)] == [OPENED, *[""] * 59]


def test_an_acknowledgement_silences_reminders_but_no_worsening() -> None:
    """Until it recovers; the next opening is told and reminded of as ever."""
    player = Player(rules=Rules(2 * HOUR, 9, 24 * HOUR))
    player.play("a")
    player.said("ack")
    assert [player.play(slot) for slot in ("a", "a", "a", "a b", "a b", "a b", "")] == [
        "",
        "",
        "",
        WORSENED,
        "",
        "",
        RECOVERED,
    ]
    assert [player.play(slot) for slot in ("a", "a", "a")] == [OPENED, "", AGAIN]


def test_a_snooze_ends_with_one_message() -> None:
    """Nothing is told before, and afterwards that it still fails, or what came to it."""
    player = Player()
    player.play("a")
    player.said("snooze", until=3)
    assert [player.play(slot) for slot in ("a", "a b", "a", "a", "a")] == ["", "", AGAIN, "", ""]
    assert player.steps[3].why == "snooze"
    player.said("snooze", until=3)
    assert [player.play(slot) for slot in ("a b", "a b", "a b", "a b")] == ["", "", WORSENED, ""]


def test_recovery_is_told_in_a_snooze_and_ends_it() -> None:
    """What opens again afterwards is news."""
    player = Player()
    player.play("a")
    player.said("snooze", until=9)
    assert [player.play(slot) for slot in ("a", "", "a")] == ["", RECOVERED, OPENED]


@pytest.mark.parametrize(
    ("answers", "said"),
    [(("ack", "snooze"), ["", AGAIN, ""]), (("snooze", "ack"), ["", "", ""])],
    ids=["snooze", "ack"],
)
def test_of_acknowledgement_and_snooze_the_later_counts(answers: tuple[str, str], said: list[str]) -> None:
    """Who acknowledges after snoozing is not reminded; who snoozes after acknowledging wants to be."""
    player = Player()
    player.play("a")
    for answer in answers:
        player.said(answer, until=2 if answer == "snooze" else None)
    assert [player.play("a") for _ in range(3)] == said


def test_a_shorter_snooze_replaces_a_longer_one() -> None:
    """The newest one counts."""
    player = Player()
    player.play("a")
    player.said("snooze", until=20)
    player.said("snooze", until=2)
    assert [player.play("a b") for _ in range(3)] == ["", WORSENED, ""]


def test_flapping_is_told_once_and_then_how_it_settled() -> None:
    """After a day without opening or closing, one message says where it stands."""
    for last, settled in (("a", AGAIN), ("", RECOVERED)):
        player = Player()
        said = [player.play(slot) for slot in ["a", "", "a", "", "a", "", "a", ""]]
        assert said == [OPENED, RECOVERED, OPENED, RECOVERED, FLAPPING, "", "", ""]
        quiet = [player.play(last) for _ in range(40)]
        assert [told for told in quiet if told] == [settled]
        assert player.steps[-1].state is None or not player.steps[-1].state.flapping
        if last:
            assert player.play("") == RECOVERED


def test_a_snooze_outlasts_flapping() -> None:
    """What settled meanwhile is told when the snooze is over."""
    player = Player()
    for slot in ("a", "", "a", "", "a"):
        player.play(slot)
    player.said("snooze", until=30)
    said = [player.play("a") for _ in range(40)]
    assert [(slot, told) for slot, told in enumerate(said) if told] == [(29, AGAIN)]


def test_flapping_that_ends_waived_is_told_as_waived() -> None:
    """An exception is no repair, also after a silence."""
    player = Player()
    for slot in ("a", "", "a", "", "a", "~a"):
        player.play(slot)
    assert [told for told in (player.play("~a") for _ in range(30)) if told] == [WAIVED]


def test_slow_openings_are_no_flapping() -> None:
    """Three openings in three days are three openings."""
    player = Player()
    said = [player.play(slot) for slot in ["a", *[""] * 23, "a", *[""] * 23, "a"]]
    assert [told for told in said if told] == [OPENED, RECOVERED, OPENED, RECOVERED, OPENED]


def test_a_graver_control_is_worse() -> None:
    """The same failures under a control that became critical are told once more, and recover as gravely."""
    player = Player()
    player.play("a")
    player.graver()
    assert [player.play("a"), player.play("a")] == [WORSENED, ""]
    player.subject = replace(player.subject, severity="low")
    assert [player.play("a"), player.play("")] == ["", RECOVERED]
    assert player.steps[-1].severity == "critical"


def test_something_that_lasts_is_told_once_more() -> None:
    """A stage that rises is told once, whatever happens to it afterwards."""
    player = Player()
    failing = look("a", START).failing
    stages = [0, 0, 1, 1, 0, 1]
    assert [player.play(Look(failing=failing, stage=stage)) for stage in stages] == [OPENED, "", WORSENED, "", "", ""]


def test_what_waits_is_remembered_from_its_first_slot() -> None:
    """Pending items open nothing, keep their first sight, and are forgotten when they are not there."""
    player = Player()
    for _ in range(3):
        assert player.play(Look(pending=look("a", player.now + HOUR).failing)) == ""
    assert player.state is not None
    assert player.state.pending["a"].slot == START + HOUR
    assert player.play(Look(failing=look("a", player.now + HOUR).failing)) == OPENED
    assert player.state.items["a"].slot == START + HOUR
    assert player.play(Look(ended={"a": "it is read again"})) == RECOVERED


def test_marks_say_what_became_of_each() -> None:
    """A message names what is new, what is still open, what was fixed just now, and whose waiver ended."""
    player = Player()
    player.play("a ~b")
    assert player.steps[-1].marks == {"a": Mark.NEW}
    player.play("b c")
    assert player.steps[-1].marks == {"a": Mark.FIXED, "b": Mark.WAIVER_ENDED, "c": Mark.NEW}
    assert player.steps[-1].entries["a"].reason == "a is good"
    player.play("~b")
    assert player.steps[-1].marks == {"b": Mark.OPEN, "c": Mark.FIXED}


def test_an_item_keeps_its_first_time() -> None:
    """Since when a resource fails does not move while it fails, is unknown or is waived."""
    player = Player()
    for slot in ("a", "?a", "~a", "a"):
        player.play(slot)
    assert player.state is not None
    assert player.state.items["a"].since == START + HOUR


def test_a_recovered_condition_is_forgotten_when_its_openings_are_old() -> None:
    """It is kept for a day, so that flapping can be counted, and its next message has a number of its own."""
    player = Player()
    player.play("a")
    player.play("")
    first = player.steps[-1]
    assert first.state is not None
    for slot in LONG:
        player.play(slot)
    last = player.steps[-1]
    assert last.state is None
    player.play("a")
    assert player.steps[-1].number > first.number


DAYS = st.lists(st.tuples(*[st.sampled_from(["fail", "pass", "unknown", "waived"])] * 3), max_size=40)


def script(slot: tuple[str, ...]) -> str:
    """The slot as the scripts write it."""
    signs = {"fail": "", "unknown": "?", "waived": "~"}
    return " ".join(signs[word] + item for item, word in zip(ITEMS, slot, strict=True) if word != "pass")


@settings(deadline=None)
@given(DAYS)
def test_each_message_has_a_key_of_its_own(days: list[tuple[str, ...]]) -> None:
    """Numbers rise from message to message, also across a time in which the condition was forgotten."""
    player = Player()
    for slot in [*map(script, days), *LONG, *map(script, days)]:
        player.play(slot)
    numbers = [one.number for one in player.steps if one.change]
    assert numbers == sorted(set(numbers))


@settings(deadline=None)
@given(DAYS)
def test_openings_and_ends_alternate(days: list[tuple[str, ...]]) -> None:
    """Nobody is told twice that something opened, or that it ended; and after long quiet it is closed and forgotten."""
    player = Player()
    for slot in [*map(script, days), *LONG]:
        player.play(slot)
    is_open = False
    for change in player.changes:
        opens = change in (Change.OPENED, Change.FLAPPING)
        assert opens is not is_open
        is_open = opens or change in (Change.WORSENED, Change.REMINDER)
    assert not is_open
    assert player.state is None
    told = Counter(player.changes)
    assert told[Change.OPENED] + told[Change.FLAPPING] == told[Change.RECOVERED] + told[Change.WAIVED]


@settings(deadline=None)
@given(DAYS)
def test_unknown_is_never_news(days: list[tuple[str, ...]]) -> None:
    """A slot in which nobody could look at anything changes nothing but what time alone does."""
    player = Player(rules=Rules(None, 99, 24 * HOUR))
    for slot in days:
        player.play(script(slot))
        failing = set(player.state.items) if player.state else set()
        assert player.play("?a ?b ?c") == ""
        assert (set(player.state.items) if player.state else set()) == failing


@settings(deadline=None)
@given(DAYS, st.sets(st.integers(0, 40)))
def test_maintenance_is_as_if_nobody_had_looked(days: list[tuple[str, ...]], windows: set[int]) -> None:
    """After it the difference is told, which is what one look from before to after it would have told."""
    quick = Rules(None, 99, HOUR)
    kept, skipped = Player(rules=quick), Player(rules=quick)
    for number, slot in enumerate(days):
        kept.play("-" if number in windows else script(slot))
    skipped.now = kept.now - HOUR * sum(number not in windows for number in range(len(days)))
    for number, slot in enumerate(days):
        if number not in windows:
            skipped.play(script(slot))
    assert kept.changes == skipped.changes
    assert [one.marks for one in kept.steps] == [one.marks for one in skipped.steps]


@settings(deadline=None)
@given(DAYS)
def test_what_fails_is_known_to_somebody(days: list[tuple[str, ...]]) -> None:
    """Without silences, each failing item was told, and nothing is told as failing that was last seen to pass."""
    player = Player(rules=Rules(None, 99, 24 * HOUR))
    last: dict[str, str] = {}
    for slot in days:
        player.play(script(slot))
        for item, word in zip(ITEMS, slot, strict=True):
            last[item] = last.get(item, "pass") if word == "unknown" else word
        failing = sorted(item for item, word in last.items() if word == "fail")
        assert (sorted(player.state.items) if player.state else []) == failing
        assert not failing or (player.state is not None and set(failing) <= set(player.state.told))
