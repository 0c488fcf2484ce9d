"""The pool: every page arrives once, in order, whatever breaks and however small the pool is."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import Stopped
from agent.fetch import Arrived, Limits, fetch_all, staged
from collectors.api import Collector, Document, Then
from collectors.facts.core import Reason
from collectors.provenance import Page
from collectors.reader import Recorder
from tests.agent.toys import COLLECTOR, DETAIL, EAST, THING, WEST, document

Steps = Iterator[Document | Then]


@dataclass(frozen=True, slots=True)
class Reader:
    """What the toy fetches read with: it turns a page whenever it is told to."""

    recorder: Recorder
    region: str

    def at(self, region: str) -> Reader:
        """The same, elsewhere."""
        return replace(self, region=region)

    def page(self, *uids: str) -> Steps:
        """One page of documents."""
        for uid in uids:
            yield document(uid, self.region)
        self.recorder.turn()


class Cloud:
    """A provider of toy readers."""

    def reader(self, _collector: Collector, region: str, recorder: Recorder) -> Reader:
        """What a fetch reads with."""
        return Reader(recorder, region)


def arrivals(*fetches: Callable[[Reader], Steps], pool: int = 4, region: str = EAST) -> list[Arrived]:
    """All pages of collectors with these fetches, as they arrived."""
    collectors = [replace(COLLECTOR, id=f"toy.c{number}", fetch=fetch) for number, fetch in enumerate(fetches)]
    return [each for batch in fetch_all(Cloud(), [(one, region) for one in collectors], Limits(pool)) for each in batch]


def uids(arrived: list[Arrived]) -> list[str]:
    """Every document that arrived, sorted."""
    return sorted(each.uid for one in arrived for each in one.page.documents)


def test_pages_of_a_task_arrive_in_order_and_the_last_one_says_so() -> None:
    """Numbers count from 0 without a hole, and each task ends exactly once."""

    def three(reader: Reader) -> Steps:
        yield from reader.page("a", "b")
        yield from reader.page("c")
        yield document("d")

    arrived = arrivals(three, three)

    by_task: dict[str, list[Arrived]] = defaultdict(list)
    for each in arrived:
        by_task[each.task].append(each)
    assert set(by_task) == {"toy.c0/east", "toy.c1/east"}
    for pages in by_task.values():
        assert [page.number for page in pages] == [0, 1, 2]
        assert [page.finished for page in pages] == [False, False, True]
        assert [[each.uid for each in page.page.documents] for page in pages] == [["a", "b"], ["c"], ["d"]]


def test_more_to_read_becomes_a_task_of_its_own_in_its_region() -> None:
    """A `Then` is read once, under its own label, where it says."""

    def detail(reader: Reader, uid: str) -> Steps:
        yield document(f"{uid}@{reader.region}", reader.region)

    def parent(_reader: Reader) -> Steps:
        yield Then(detail, ("a",), "a")
        yield Then(detail, ("b",), "b", WEST)

    arrived = arrivals(parent)

    assert uids(arrived) == ["a@east", "b@west"]
    assert {each.task for each in arrived} == {"toy.c0/east", "toy.c0/east/a", "toy.c0/east/b"}


def test_a_thing_that_is_named_twice_is_read_once() -> None:
    """A listing may repeat itself; two things under one label are both read."""

    def detail(reader: Reader, name: str) -> Steps:
        yield from reader.page(name)

    def listing(_reader: Reader) -> Steps:
        yield Then(detail, ("a",), "same")
        yield Then(detail, ("a",), "same")
        yield Then(detail, ("b",), "same")

    arrived = arrivals(listing)

    assert uids(arrived) == ["a", "b"]
    assert [each.page.gaps for each in arrived if each.page.gaps] == []


def test_fetch_that_breaks_leaves_one_gap_and_the_others_finish() -> None:
    """What it had read is kept, what it had still to read is one gap, and its populations are not complete."""

    def breaks(reader: Reader) -> Steps:
        yield from reader.page("a")
        yield document("b")
        message = "no such key"
        raise KeyError(message)

    def works(_reader: Reader) -> Steps:
        yield document("c")

    arrived = arrivals(breaks, works)

    gaps = [gap for each in arrived for gap in each.page.gaps]
    assert uids(arrived) == ["a", "b", "c"]
    assert [(gap.collector, gap.region, gap.kind, gap.uid, gap.listing) for gap in gaps] == [
        ("toy.c0", EAST, "*", None, True)
    ]
    assert gaps[0].reason is Reason.PARTIAL_LISTING
    assert "KeyError" in gaps[0].error
    assert "toy:ReadThing" in gaps[0].permission
    assert sum(each.finished for each in arrived) == 2


def test_detail_that_breaks_leaves_no_population_complete() -> None:
    """Nobody knows what the broken task would have listed, so its collector's populations stay open."""

    def detail(_reader: Reader) -> Steps:
        yield from ()
        raise TypeError

    def parent(_reader: Reader) -> Steps:
        yield document("a")
        yield Then(detail, (), "a")

    (gap,) = [gap for each in arrivals(parent) for gap in each.page.gaps]

    assert (gap.kind, gap.uid, gap.listing, gap.operation) == ("*", None, True, "toy.c0/east/a")


def test_reader_that_cannot_be_made_is_a_gap() -> None:
    """Even a provider that fails to open a client ends nothing."""

    class Shut(Cloud):
        def reader(self, collector: Collector, region: str, recorder: Recorder) -> Reader:
            if region == WEST:
                message = "no client"
                raise RuntimeError(message)
            return super().reader(collector, region, recorder)

    def works(_reader: Reader) -> Steps:
        yield document("a")

    one = replace(COLLECTOR, fetch=works)
    arrived = [each for batch in fetch_all(Shut(), [(one, EAST), (one, WEST)], Limits(2)) for each in batch]

    assert uids(arrived) == ["a"]
    assert [(gap.region, gap.listing) for each in arrived for gap in each.page.gaps] == [(WEST, True)]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (datetime(2026, 1, 1), "datetime without a time zone"),  # noqa: DTZ001  # what a provider may not say
        (float("nan"), "NaN"),
        (1 << 64, "64"),
        ("\ud800", "surrogates"),
    ],
)
def test_answer_that_no_evidence_can_hold_is_a_gap_of_its_own(value: object, said: str) -> None:
    """What arrived with it is kept, its listing is not complete, and the run goes on."""
    page = Page([document("a"), document("b", call=7, Seen=value), document("c", WEST, DETAIL)])

    kept = staged(Arrived("toy.things/east", 0, page, COLLECTOR))

    assert [each["uid"] for each in json.loads(kept.payload)["documents"]] == ["a", "c"]
    assert [each.uid for each in page.documents] == ["a", "c"]
    [gap] = page.gaps
    assert (gap.reason, gap.collector, gap.region, gap.kind) == (Reason.PARTIAL_LISTING, COLLECTOR.id, EAST, THING.name)
    assert (gap.uid, gap.listing, gap.call) == (None, True, 7)
    assert (gap.operation, gap.permission) == (THING.call, THING.needs)
    assert "malformed answer about 'b'" in gap.error
    assert said.lower() in gap.error.lower()


def test_instant_with_a_zone_is_kept() -> None:
    """An ordinary answer leaves no gap."""
    page = Page([document("a", Seen=datetime(2026, 1, 1, tzinfo=UTC))])

    staged(Arrived("toy.things/east", 0, page, COLLECTOR))

    assert page.gaps == []
    assert page.documents[0].body == {"Seen": "2026-01-01T00:00:00.000000Z"}


def test_nothing_to_read_ends_at_once() -> None:
    """No scope, no batch."""
    assert list(fetch_all(Cloud(), [], Limits(1))) == []


def test_caller_who_leaves_early_waits_for_nobody() -> None:
    """Closing the batches cancels what has not begun; nothing new starts afterwards."""
    release, begun = threading.Event(), itertools.count()

    def waits(_reader: Reader) -> Steps:
        if next(begun):
            release.wait(10)
        yield document("a")

    collectors = [(replace(COLLECTOR, id=f"toy.c{number}", fetch=waits), EAST) for number in range(20)]
    batches = fetch_all(Cloud(), collectors, Limits(2))
    next(batches)
    batches.close()  # type: ignore[attr-defined]  # it is a generator
    release.set()

    assert next(begun) < 20


def test_deadline_leaves_a_gap_for_each_task_that_is_not_done() -> None:
    """What arrived in time is kept; what did not is a gap over all that its task had still to read."""
    release = threading.Event()

    def quick(_reader: Reader) -> Steps:
        yield document("quick")

    def slow(reader: Reader) -> Steps:
        yield from reader.page("first")
        release.wait(20)
        yield document("never")

    collectors = [(replace(COLLECTOR, id=f"toy.{one.__name__}", fetch=one), EAST) for one in (quick, slow)]
    arrived = [one for batch in fetch_all(Cloud(), collectors, Limits(2, time.monotonic() + 0.5)) for one in batch]
    release.set()

    assert uids(arrived) == ["first", "quick"]
    assert [(gap.collector, gap.listing, gap.kind) for one in arrived for gap in one.page.gaps] == [
        ("toy.slow", True, "*")
    ]
    assert "deadline" in arrived[-1].page.gaps[0].error
    assert sum(one.finished for one in arrived) == 2


def test_wish_to_stop_ends_the_reading() -> None:
    """A process that is to end does not wait for answers."""
    release, stop = threading.Event(), threading.Event()

    def slow(_reader: Reader) -> Steps:
        stop.set()
        release.wait(20)
        yield document("never")

    began = time.monotonic()
    with pytest.raises(Stopped):
        list(fetch_all(Cloud(), [(replace(COLLECTOR, fetch=slow), EAST)], Limits(1, stop=stop)))
    release.set()

    assert time.monotonic() - began < 10


@pytest.mark.parametrize("pool", [1, 2, 16])
@given(tree=st.recursive(st.just([]), lambda below: st.lists(below, max_size=4), max_leaves=20), chance=st.randoms())
def test_every_page_of_any_tree_of_reads_arrives_once(pool: int, tree: list[object], chance: object) -> None:
    """Tasks that find more tasks, to any depth, finish even on a pool of one; nothing is lost or doubled."""
    expected: list[str] = []

    def plan(node: list[object], path: str) -> Callable[[Reader], Steps]:
        expected.append(path)
        below = [(plan(child, f"{path}.{number}"), f"{path}.{number}") for number, child in enumerate(node)]  # type: ignore[arg-type]
        turn = chance.random() < 0.5  # type: ignore[attr-defined]

        def fetch(reader: Reader) -> Steps:
            for child, label in below:
                yield Then(child, (), label)
            if turn:
                yield from reader.page(path)
            else:
                yield document(path)

        return fetch

    arrived = arrivals(plan(tree, "0"), pool=pool)

    assert uids(arrived) == sorted(expected)
    places = [(each.task, each.number) for each in arrived]
    assert len(places) == len(set(places))
    assert sum(each.finished for each in arrived) == len(expected)
