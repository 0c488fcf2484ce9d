"""Which resources fail now, under which control they are told of, and what ends them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.alerts.conditions import Seen, key_of, lead, of_controls
from agent.alerts.states import State, Subject
from agent.alerts.transitions import Context, Look, step
from agent.waivers import Waivers
from checks.api import PARTIAL, SUPPORTING
from checks.controls import Library
from storage.rows import Target
from tests.agent.alerts.estate import OTHER, control, library, seen, waived, wiring
from tests.agent.alerts.scripts import HOUR, RULES, START
from tests.agent.toys import CHECK

NOBODY = Waivers(())
TWO = wiring().library


def looks(
    run: Seen, states: dict[str, State] | None = None, waivers: Waivers = NOBODY, library: Library = TWO
) -> dict[str, tuple[Subject, Look]]:
    """What a run shows."""
    return of_controls(run, library, states or {}, waivers, "owner of prod")


def after(run: Seen, states: dict[str, State] | None = None, waivers: Waivers = NOBODY) -> dict[str, State]:
    """The states that a run leaves."""
    known, found = states or {}, {}
    for condition, (subject, look) in looks(run, known, waivers).items():
        state = step(known.get(condition), look, Context(subject, run.now, run.slot, RULES)).state
        if state is not None:
            found[condition] = state
    return found


def test_only_a_failure_fails() -> None:
    """Of all outcomes FAIL alone puts a resource on the list."""
    found = looks(seen(things={"toy.good": "a=F b=P c=U d=E e=N"}))
    assert set(found) == {"prod:AC-1"}
    assert [entry.name for entry in found["prod:AC-1"][1].failing.values()] == ["a"]


def test_one_control_leads() -> None:
    """A check of two controls is told of under the more severe one, which names the other and serves both criteria."""
    subject, look = looks(seen(things={"toy.good": "a=F"}))["prod:AC-1"]
    assert (subject.control, subject.severity, subject.owner) == ("AC-1", "high", "owner of AC-1")
    assert (subject.also, subject.criteria, subject.checks) == (("AC-2",), ("CC6.1", "CC6.2"), (CHECK.id,))
    assert [(one.name, one.label, one.region, one.check, one.reason) for one in look.failing.values()] == [
        ("a", "A", "east", "toy.good", "a says FAIL")
    ]


def test_what_else_a_control_tests_is_named_only_when_it_fails() -> None:
    """AC-2 leads for the other check, and AC-1 has nothing to do with that one."""
    subject, _ = looks(seen(things={"toy.good": "a=P", "toy.other": "a=F"}))["prod:AC-2"]
    assert (subject.also, subject.criteria) == ((), ("CC6.2",))


@pytest.mark.parametrize(
    ("second", "leads"),
    [
        (control("AC-2", CHECK.id, severity="critical"), "AC-2"),
        (control("AC-2", CHECK.id, severity="medium", key=True), "AC-1"),
        (control("AC-2", CHECK.id, key=True), "AC-2"),
        (control("AC-2", CHECK.id), "AC-2"),
        (control("AC-2", CHECK.id, strength=SUPPORTING), "AC-1"),
        (control("AC-2", CHECK.id, strength=PARTIAL), "AC-1"),
    ],
    ids=["graver", "milder key", "key", "stronger", "weaker", "first of equals"],
)
def test_the_leading_control(second: object, leads: str) -> None:
    """The most severe leads, then a key control, then the strongest mapping, then the first of the library."""
    first = control("AC-1", CHECK.id, strength=PARTIAL)
    found = lead(CHECK, library(first, second))  # type: ignore[arg-type]  # a control
    assert found is not None
    assert found.id == leads


def test_a_check_without_control_stands_for_itself() -> None:
    """Its own severity counts, and whoever owns the target is told."""
    subject, look = looks(seen(things={"toy.loose": "a=F"}))["prod:toy.loose"]
    assert (subject.control, subject.severity, subject.owner, subject.head) == (
        "", "medium", "owner of prod", "Loose things are good",
    )  # fmt: skip
    assert list(look.failing) == ["toy.loose thing a"]


def test_a_failure_ends_when_it_passes_or_is_gone() -> None:
    """PASS and NOT_APPLICABLE end it with their reason; so does absence from a check that had its whole listing."""
    states = after(seen(things={"toy.good": "a=F b=F c=F d=F"}))
    _, look = looks(seen(1, {"toy.good": "a=P b=N d=F"}), states)["prod:AC-1"]
    assert look.ended == {
        "toy.good thing a": "a says PASS",
        "toy.good thing b": "b says NOT_APPLICABLE",
        "toy.good thing c": "gone: a complete listing does not have it any more",
    }


def test_a_failure_stays_while_nobody_can_tell() -> None:
    """UNKNOWN and ERROR neither end it nor say it again."""
    states = after(seen(things={"toy.good": "a=F b=F"}))
    _, look = looks(seen(1, {"toy.good": "a=U b=E"}), states)["prod:AC-1"]
    assert look == Look()
    assert set(after(seen(1, {"toy.good": "a=U b=E"}), states)["prod:AC-1"].items) == {
        "toy.good thing a",
        "toy.good thing b",
    }


def test_a_check_that_is_not_run_any_more_ends_its_failures() -> None:
    """The condition goes by its last words, since the library may not know the control either."""
    states = after(seen(things={"toy.good": "a=F"}))
    subject, look = looks(seen(1), states, library=library())["prod:AC-1"]
    assert look.ended == {"toy.good thing a": "its check is not run any more"}
    assert subject == states["prod:AC-1"].subject


def test_a_check_that_moves_to_another_control_moves_its_failures() -> None:
    """The old condition ends, so that its incident closes, and says where the failure is told of now."""
    states = after(seen(things={"toy.good": "a=F"}))
    moved = library(control("AC-1", OTHER.id), control("AC-3", CHECK.id))
    found = looks(seen(1, {"toy.good": "a=F"}), states, library=moved)
    assert found["prod:AC-1"][1].ended == {"toy.good thing a": "told of as prod:AC-3 now"}
    assert list(found["prod:AC-3"][1].failing) == ["toy.good thing a"]


def test_another_account_under_the_same_name_is_no_repair() -> None:
    """What is missing there was never there, and the reason says so."""
    states = after(seen(things={"toy.good": "a=F"}))
    run = replace(seen(1, {"toy.good": "b=P"}), target=Target("aws", "prod", "2"))
    assert looks(run, states)["prod:AC-1"][1].ended == {"toy.good thing a": "prod is another account now: 2"}


def test_the_same_receivers_hear_of_the_end() -> None:
    """All checks that failed since it opened count for the other controls, also those repaired meanwhile."""
    both = library(control("AC-1", CHECK.id, OTHER.id), control("AC-2", OTHER.id, severity="low"))
    first = looks(seen(things={"toy.good": "a=F", "toy.other": "a=F"}), library=both)["prod:AC-1"]
    opened = step(None, first[1], Context(first[0], START, START, RULES)).state
    assert opened is not None
    subject, _ = looks(seen(1, {"toy.good": "a=F", "toy.other": "a=P"}), {"prod:AC-1": opened}, library=both)[
        "prod:AC-1"
    ]
    assert subject.also == ("AC-2",)


def test_a_waived_failure_is_set_apart() -> None:
    """While the exception lasts the resource is on the other list, with the exception's id."""
    waivers = waived("a", START + HOUR)
    _, look = looks(seen(things={"toy.good": "a=F b=F"}), waivers=waivers)["prod:AC-1"]
    assert list(look.failing) == ["toy.good thing b"]
    assert [one.reason for one in look.waived.values()] == ["waived by W-0001 until 2026-01-01T01:00:00Z"]
    _, look = looks(seen(1, {"toy.good": "a=F b=F"}), waivers=waivers)["prod:AC-1"]
    assert not look.waived


def test_a_waiver_covers_what_cannot_be_judged_now() -> None:
    """Last known to fail is enough to be excused; when the waiver ends, only a new FAIL brings it back."""
    states = after(seen(things={"toy.good": "a=F"}))
    waivers = waived("a", START + 2 * HOUR)
    states = after(seen(1, {"toy.good": "a=U"}), states, waivers)
    assert not states["prod:AC-1"].items
    states = after(seen(2, {"toy.good": "a=U"}), states, waivers)
    assert list(states["prod:AC-1"].waived) == ["toy.good thing a"]
    assert list(after(seen(3, {"toy.good": "a=F"}), states, waivers)["prod:AC-1"].items) == ["toy.good thing a"]


def test_what_the_cloud_says_is_cleaned() -> None:
    """Names and reasons lose control characters and length, while the id stays what it was."""
    nasty = "a\x1b[31m\n" + "b" * 500
    run = seen(things={"toy.good": "a=F"})
    finding = run.judged[0].findings["thing", "a"]
    odd = replace(finding, resource=replace(finding.resource, uid=nasty, name=nasty), reason=nasty)
    run = replace(run, judged=(replace(run.judged[0], findings={("thing", nasty): odd}),))
    ((id_, entry),) = looks(run)["prod:AC-1"][1].failing.items()
    assert id_.endswith(nasty)
    for text in (entry.name, entry.reason):
        assert text.isprintable()
        assert len(text) == 300


def test_keys_name_the_target_where_there_is_one() -> None:
    """`prod:AC-1` for a target, and the word alone for the agent as a whole."""
    assert (key_of("prod", "AC-1"), key_of("", "verification")) == ("prod:AC-1", "verification")
