"""The history of a period: what was carried in, what changed, what could not be read, and who existed when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage import blobs, history
from storage.engine import Store
from storage.rows import Key, Outcome, RunStatus
from storage.seal import abort, append_gap, start
from storage.tables import OUTCOME_NUMBERS
from tests.conftest import JANUARY, Clock
from tests.storage.builders import GAP, HOUR, LAB, PROD, bucket, detail, document, run, run_start

CHECK, OTHER = "encryption.at_rest", "exposure.public"
A, B = Key("object_store", "arn:aws:s3:::a"), Key("object_store", "arn:aws:s3:::b")
PASS, FAIL, UNKNOWN = (OUTCOME_NUMBERS[each] for each in (Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN))


def hours(store: Store, clock: Clock, said: list[Outcome | None], subject: Key = A, check: str = CHECK) -> None:
    """One run an hour, each with this verdict; it is recorded on the hour."""
    for hour, outcome in enumerate(said):
        clock.time = JANUARY + hour * HOUR
        verdict = None if outcome is None else (outcome, f"it is {outcome}")
        run(store, clock, JANUARY + hour * HOUR, verdicts={(check, subject): verdict})


def steps(store: Store, begins: int, ends: int) -> list[tuple[int, int | None]]:
    """(hour, outcome) of each step of the only pair, over the period from one hour to another."""
    with store.read() as conn:
        (only,) = history.verdict_changes(conn, JANUARY + begins * HOUR, JANUARY + ends * HOUR)
        return [((step.run.recorded - JANUARY) // HOUR, step.outcome) for step in only.steps]


def test_changes_with_what_was_carried_in(store: Store, clock: Clock) -> None:
    """The verdict in force at the beginning, then each change inside, with the run before each."""
    hours(store, clock, [Outcome.PASS, Outcome.PASS, Outcome.PASS, Outcome.FAIL, Outcome.FAIL, Outcome.PASS])
    with store.read() as conn:
        (only,) = history.verdict_changes(conn, JANUARY + 2 * HOUR, JANUARY + 6 * HOUR)
        bids = [step.detail_bid for step in only.steps if step.detail_bid is not None]
        details = blobs.load(conn, bids)
    assert (only.target, only.check_id, only.subject) == (PROD, CHECK, A)
    assert [(step.outcome, step.run.seq, step.before and step.before.seq) for step in only.steps] == [
        (PASS, 1, None), (FAIL, 7, 5), (PASS, 11, 9),
    ]  # fmt: skip
    assert [details[bid] for bid in bids] == [detail("it is PASS"), detail("it is FAIL"), detail("it is PASS")]
    assert only.steps[1].run == history.RunAt(
        seq=7, target=PROD, slot=JANUARY + 3 * HOUR, scheduled=True, started=JANUARY + 3 * HOUR,
        finished=JANUARY + 3 * HOUR + 1_000_000, recorded=JANUARY + 3 * HOUR, status=RunStatus.COMPLETE, documents=0,
    )  # fmt: skip


def test_a_period_is_half_open(store: Store, clock: Clock) -> None:
    """A run recorded exactly at the end belongs to the next period, and one at the beginning to this one."""
    hours(store, clock, [Outcome.PASS, Outcome.FAIL, Outcome.PASS])
    assert steps(store, 0, 1) == [(0, PASS)]
    assert steps(store, 1, 2) == [(0, PASS), (1, FAIL)]
    assert steps(store, 2, 3) == [(0, PASS), (1, FAIL), (2, PASS)]
    assert steps(store, 3, 4) == [(2, PASS)]
    with store.read() as conn:
        inside = history.runs_between(conn, JANUARY + HOUR, JANUARY + 2 * HOUR)
    assert [(each.slot - JANUARY) // HOUR for each in inside[PROD]] == [1]


def test_a_failure_that_was_carried_in_has_its_first_moment(store: Store, clock: Clock) -> None:
    """Behind UNKNOWN and other reasons, the steps reach back to the last PASS before the failure began."""
    hours(
        store,
        clock,
        [Outcome.FAIL, Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS],
    )
    carried = [(1, PASS), (2, FAIL), (3, UNKNOWN), (4, FAIL), (5, UNKNOWN)]
    assert steps(store, 6, 7) == [*carried, (6, PASS)]
    assert steps(store, 7, 8) == [(6, PASS)]


def test_a_pair_that_ended_before_is_left_out(store: Store, clock: Clock) -> None:
    """What was gone before the period is not of it, unless it came back; what goes inside ends with None."""
    hours(store, clock, [Outcome.PASS, None, Outcome.FAIL, None])
    with store.read() as conn:
        assert list(history.verdict_changes(conn, JANUARY + 4 * HOUR, JANUARY + 9 * HOUR)) == []
        assert list(history.verdict_changes(conn, JANUARY - 9 * HOUR, JANUARY)) == []
    assert steps(store, 1, 2) == [(0, PASS), (1, None)]
    assert steps(store, 2, 9) == [(1, None), (2, FAIL), (3, None)]


def test_changes_of_several_pairs(store: Store, clock: Clock) -> None:
    """Each pair of each target comes once, and checks can be chosen; the run before is of the same target."""
    hours(store, clock, [Outcome.PASS])
    hour = JANUARY + HOUR
    clock.time = hour
    run(store, clock, hour, LAB, verdicts={(CHECK, A): (Outcome.FAIL, "off"), (OTHER, A): (Outcome.PASS, "no")})
    run(store, clock, hour, verdicts={(CHECK, A): (Outcome.FAIL, "off"), (CHECK, B): (Outcome.PASS, "on")})
    with store.read() as conn:
        every = list(history.verdict_changes(conn, hour, hour + HOUR))
        some = list(history.verdict_changes(conn, hour, hour + HOUR, [OTHER]))
    found = [(each.target.name, each.check_id, each.subject.uid[-1], len(each.steps)) for each in every]
    assert sorted(found) == [
        ("lab", CHECK, "a", 1), ("lab", OTHER, "a", 1), ("prod", CHECK, "a", 2), ("prod", CHECK, "b", 1),
    ]  # fmt: skip
    assert [(each.target.name, each.check_id) for each in some] == [("lab", OTHER)]
    ours = next(each for each in every if each.target == PROD and each.subject == A)
    assert [step.before and step.before.slot for step in ours.steps] == [None, JANUARY]


def test_missed_slots_count_at_their_time(store: Store, clock: Clock) -> None:
    """A slot that was missed belongs to its period however late that was recorded, and so does a broken-off run."""
    clock.time = JANUARY + 9 * HOUR
    append_gap(store, PROD, JANUARY + HOUR, "AGENT_DOWN", "down")
    append_gap(store, PROD, JANUARY + 3 * HOUR, "AGENT_DOWN", "later")
    abort(store, start(store, run_start(clock, JANUARY + 2 * HOUR)), "interrupted", "somebody pulled the plug")
    with store.read() as conn:
        found = history.missed(conn, JANUARY + HOUR, JANUARY + 3 * HOUR)
    assert [(each.target, each.entry, each.slot, each.reason, each.text) for each in found] == [
        (PROD, "gap", JANUARY + HOUR, "AGENT_DOWN", "down"),
        (PROD, "abort", JANUARY + 2 * HOUR, "interrupted", "somebody pulled the plug"),
    ]
    assert found[0].recorded == JANUARY + 9 * HOUR


def test_reads_that_failed_are_told_in_stretches(store: Store, clock: Clock) -> None:
    """Runs in a row that fail alike are one stretch; another reason, or a run between, begins a new one."""
    key = replace(GAP, kind="aws.s3.policy", uid="a", permission="s3:GetBucketPolicy")
    failed = [[GAP], [GAP, key, replace(key, uid="b")], [], [GAP], [replace(GAP, reason="THROTTLED")]]
    for hour, gaps in enumerate(failed):
        clock.time = JANUARY + hour * HOUR
        run(store, clock, JANUARY + hour * HOUR, gaps=gaps)
        run(store, clock, JANUARY + hour * HOUR, LAB)  # another target's runs do not part ours
    with store.read() as conn:
        found = history.unread(conn, JANUARY, JANUARY + 5 * HOUR)
        later = history.unread(conn, JANUARY + 4 * HOUR, JANUARY + 5 * HOUR)
    told = [(e.kind[7:], e.reason, (e.first - JANUARY) // HOUR, (e.last - JANUARY) // HOUR, e.runs) for e in found]
    assert told == [
        ("bucket", "PERMISSION_DENIED", 0, 1, 2), ("policy", "PERMISSION_DENIED", 1, 1, 1),
        ("bucket", "PERMISSION_DENIED", 3, 3, 1), ("bucket", "THROTTLED", 4, 4, 1),
    ]  # fmt: skip
    assert [(each.resources, each.listing, each.permission) for each in found[:2]] == [
        (0, True, "s3:ListAllMyBuckets"), (2, False, "s3:GetBucketPolicy"),
    ]  # fmt: skip
    assert [each.reason for each in later] == ["THROTTLED"]


def test_listings_that_were_cut(store: Store, clock: Clock) -> None:
    """A gap of the kind, or of a whole collector, leaves the listing of its run and region open."""
    whole = replace(GAP, kind="*", region="eu-west-1")
    for hour, gaps in enumerate([[GAP], [whole], [replace(whole, collector="agent")], []]):
        run(store, clock, JANUARY + hour * HOUR, gaps=gaps)
    with store.read() as conn:
        cut = history.listings_cut(conn, ["aws.s3.bucket"], ["aws.s3.buckets"], JANUARY, JANUARY + HOUR)
        other = history.listings_cut(conn, ["aws.iam.user"], ["aws.iam_users"], JANUARY, JANUARY + HOUR)
    assert cut == {(1, "us-east-1"), (3, "eu-west-1")}
    assert other == set()


@pytest.fixture
def lived(store: Store, clock: Clock) -> Store:
    """Bucket a goes and comes back, b stays and changes, c is new at the end."""
    held: list[dict[str, int | None]] = [{"a": 1, "b": 1}, {"a": None, "b": 2}, {}, {"a": 1, "c": 1}]
    for hour, found in enumerate(held):
        clock.time = JANUARY + hour * HOUR
        run(store, clock, JANUARY + hour * HOUR, documents={
            bucket(name): None if said is None else document(name, V=said) for name, said in found.items()
        })  # fmt: skip
    return store


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        (0, 4, [("a", 0, 1), ("a", 3, None), ("b", 0, None), ("c", 3, None)]),
        (0, 1, [("a", 0, None), ("b", 0, None)]),
        (1, 3, [("b", 0, None)]),
        (0, 3, [("a", 0, 1), ("b", 0, None)]),
        (-9, 0, []),
    ],
)
def test_who_existed_in_a_period(
    lived: Store, begins: int, ends: int, expected: list[tuple[str, int, int | None]]
) -> None:
    """Everything whose existence overlaps the period, as it was known at its end; who came back has two lives."""
    with lived.read() as conn:
        found = history.resource_lives(conn, ["aws.s3.bucket"], JANUARY + begins * HOUR, JANUARY + ends * HOUR)
    hour = [
        (life.key.uid[-1], (life.first.slot - JANUARY) // HOUR, life.gone and (life.gone.slot - JANUARY) // HOUR)
        for life in found
    ]
    assert hour == expected


def test_runs_that_changed_a_kind(lived: Store, clock: Clock) -> None:
    """By target, the runs of the period with a new, changed or gone document of the kinds, and no other."""
    run(lived, clock, JANUARY, LAB, documents={bucket("z"): document("z")})
    with lived.read() as conn:
        found = history.changed_in(conn, ["aws.s3.bucket"], JANUARY + HOUR, JANUARY + 4 * HOUR)
        none = history.changed_in(conn, ["aws.iam.user"], JANUARY, JANUARY + 4 * HOUR)
    assert found == {PROD: {3, 7}, LAB: {9}}
    assert none == {}


def test_a_life_has_its_newest_document(lived: Store) -> None:
    """The document in force at the end of the life, and the run that brought it; other kinds are left out."""
    with lived.read() as conn:
        found = history.resource_lives(conn, ["aws.s3.bucket"], JANUARY, JANUARY + 4 * HOUR)
        contents = blobs.load(conn, [life.bid for life in found])
        assert history.resource_lives(conn, ["aws.iam.user"], JANUARY, JANUARY + 4 * HOUR) == []
    b = next(life for life in found if life.key == bucket("b"))
    assert (contents[b.bid], b.changed.slot) == (document("b", V=2), JANUARY + HOUR)
