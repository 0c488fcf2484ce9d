"""What changed: versions, tombstones, and verdicts that begin, turn and end."""

from __future__ import annotations

from dataclasses import replace

import orjson
from hypothesis import given
from hypothesis import strategies as st

from agent import changes
from agent.judge import Judged, judge, shape
from checks.api import Finding, Outcome, unknown
from collectors.facts.core import DocumentRef, Reason, Unread
from storage import rows
from storage.canon import sha256
from storage.rows import Key
from tests.agent.toys import (
    CHECK,
    COLLECTOR,
    DETAIL,
    EAST,
    NOW,
    THING,
    WEST,
    Thing,
    document,
    gap,
    key,
    listing,
    pair,
    reading,
    resource,
)

keys = st.sampled_from([Key("toy.thing", uid, EAST, uid) for uid in "abcdef"])
contents = st.dictionaries(keys, st.binary(max_size=3))


@given(contents, contents, st.sets(keys))
def test_versions_lead_from_one_state_to_the_next(
    before: dict[Key, bytes], now: dict[Key, bytes], gone: set[Key]
) -> None:
    """Applied to the state before they give the state now, plus what is missing without being gone."""
    hashes = {each: sha256(content) for each, content in before.items()}

    steps = list(changes.versions(hashes, now, gone.__contains__))

    after: dict[Key, bytes | None] = dict(before)
    for step in steps:
        assert after.get(step.key) != step.content, "a step that changes nothing"
        after[step.key] = step.content
    kept = {each: content for each, content in after.items() if content is not None}
    assert kept == {**{each: content for each, content in before.items() if each not in gone}, **now}
    again = {each: sha256(content) for each, content in kept.items()}
    assert list(changes.versions(again, now, gone.__contains__)) == []


def test_missing_thing_is_gone_only_after_a_complete_listing() -> None:
    """A complete listing proves it; a denied one, a forgotten one, or one of another region proves nothing."""
    a, w = key("a"), key("w", WEST)
    both = (EAST, WEST)

    complete = changes.is_gone(reading(listings=[listing()], regions=both), [COLLECTOR])
    denied = changes.is_gone(reading(listings=[listing(WEST)], gaps=[gap(THING)], regions=both), [COLLECTOR])
    silent = changes.is_gone(reading(regions=both), [COLLECTOR])

    assert (complete(a), complete(w)) == (True, False)
    assert (denied(a), denied(w)) == (False, True)
    assert (silent(a), silent(w)) == (False, False)


def test_missing_detail_is_gone_only_without_any_gap_in_its_region() -> None:
    """A detail is asked for per thing, so any refused read of the region leaves it in doubt."""
    detail, other = key("a", kind=DETAIL), key("b", kind=DETAIL)

    clean = changes.is_gone(reading(pair("b", good=True), [listing()]), [COLLECTOR])
    doubt = changes.is_gone(reading(listings=[listing()], gaps=[gap(DETAIL, uid="b")]), [COLLECTOR])
    unread = changes.is_gone(reading(), [COLLECTOR])

    assert clean(detail)
    assert not doubt(detail)
    assert not doubt(other)
    assert not unread(detail)


def test_broken_fetch_proves_nothing_gone() -> None:
    """A gap that stands for a whole collector keeps everything of its region."""
    broken = replace(gap(THING, reason=Reason.PARTIAL_LISTING), kind="*", listing=True)

    gone = changes.is_gone(reading(listings=[listing()], gaps=[broken]), [COLLECTOR])

    assert not gone(key("a"))
    assert not gone(key("a", kind=DETAIL))


def test_kind_that_nothing_reads_any_more_is_not_gone() -> None:
    """Removing a collector deletes no evidence."""
    gone = changes.is_gone(reading(listings=[listing()]), [COLLECTOR])

    assert not gone(Key("toy.retired", "a", EAST, "a"))


def test_unseen_names_what_was_left_as_it_was() -> None:
    """One line for a whole kind and region, one for each thing where others of its kind were read."""
    before = [key("a"), key("b"), key("a", kind=DETAIL), key("w", WEST)]

    left = changes.unseen(before, [key("a")], lambda each: each == key("w", WEST))

    assert left == [("toy.detail", EAST, None), ("toy.thing", EAST, "b")]


def test_kept_bytes_hold_their_identity_and_no_volatile_field() -> None:
    """Two things with equal settings have different bytes, and a newer reading of a counter has the same."""
    first = changes.keep(document("a", kind=DETAIL, Good=True, Seen=1), "1", DETAIL.volatile)
    later = changes.keep(document("a", kind=DETAIL, Good=True, Seen=2), "1", DETAIL.volatile)
    other = changes.keep(document("b", kind=DETAIL, Good=True, Seen=1), "1", DETAIL.volatile)

    assert first.content == later.content
    assert first.volatile == {"Seen": 1}
    assert first.content != other.content
    assert orjson.loads(first.content) == {
        "account": "1", "body": {"Good": True}, "kind": "toy.detail", "region": EAST, "uid": "a",
    }  # fmt: skip


def judged(*verdicts: tuple[str, Outcome, str]) -> Judged:
    """One check's findings: uid, outcome, reason."""
    findings = [Finding(resource(uid), outcome, reason) for uid, outcome, reason in verdicts]
    return Judged(CHECK, {}, {(each.resource.type, each.resource.uid): each for each in findings})


states = st.dictionaries(
    st.sampled_from("abcd"), st.tuples(st.sampled_from(list(Outcome)), st.sampled_from(["this", "that"]))
)


@given(states, states)
def test_transitions_lead_from_one_verdict_to_the_next(
    before: dict[str, tuple[Outcome, str]], now: dict[str, tuple[Outcome, str]]
) -> None:
    """Applied to the verdicts before they give exactly those of now; a second identical run adds nothing."""
    in_force: dict[tuple[str, Key], tuple[rows.Outcome, bytes]] = {}
    for state in (before, now):
        run = [judged(*((uid, outcome, reason) for uid, (outcome, reason) in state.items()))]
        for step in changes.transitions(dict(in_force), run):
            pair_ = step.check_id, step.subject
            if step.outcome is None or step.detail is None:
                assert step.outcome is None
                assert step.detail is None
                del in_force[pair_]
            else:
                assert in_force.get(pair_) != (step.outcome, sha256(step.detail))
                in_force[pair_] = step.outcome, sha256(step.detail)
        assert {each.uid: outcome.value for (_, each), (outcome, _) in in_force.items()} == {
            uid: outcome.value for uid, (outcome, _) in state.items()
        }
        assert list(changes.transitions(in_force, run)) == []


def test_identical_runs_change_nothing() -> None:
    """Shaped and judged twice from the same answers, nothing turns."""
    read = reading([*pair("a", good=True), *pair("b", good=False)], [listing()])
    first = list(judge(shape(read, [COLLECTOR]), [CHECK], {}, NOW, {}))
    steps = list(changes.transitions({}, first))
    in_force = {
        (step.check_id, step.subject): (step.outcome, sha256(step.detail))
        for step in steps
        if step.outcome is not None and step.detail is not None
    }

    second = list(judge(shape(read, [COLLECTOR]), [CHECK], {}, NOW, {CHECK.id: [resource("a"), resource("b")]}))

    assert len(steps) == 2
    assert list(changes.transitions(in_force, second)) == []


def test_detail_tells_documents_and_unread_reads_again() -> None:
    """References to the finding's own resource are shortened in store and whole again when read."""
    unread = Unread(Reason.PERMISSION_DENIED, "toy:GetThing", "toy:ReadThing", "AccessDenied")
    fact = Thing(
        resource=resource("a"),
        documents=(DocumentRef("toy.thing", "a"), DocumentRef("toy.thing", "b")),
        good=unread,
    )

    kept = orjson.loads(changes.detail(unknown(fact, unread)))

    assert kept["documents"] == [["toy.thing", ""], ["toy.thing", "b"]]
    assert changes.documents_of(key("a"), kept) == list(fact.documents)
    assert kept["unread"] == [
        {
            "error": "AccessDenied",
            "operation": "toy:GetThing",
            "permission": "toy:ReadThing",
            "reason": "PERMISSION_DENIED",
        }
    ]
