"""The record of a run: which calls are kept whole, how far the clocks differ, and what comes back out of it."""

from __future__ import annotations

from dataclasses import replace
from email.utils import format_datetime
from typing import Any

import orjson
import pytest

from agent import clock, record
from collectors.facts.core import Reason
from collectors.provenance import Call, Page
from storage.rows import Asked, ClockOffset
from tests.agent.toys import DETAIL, EAST, IDENTITY, THING, document, gap, key, listing, reading

NOON = clock.parse("2026-01-01T12:00:00Z")
SECOND = 1_000_000


def call(number: int, operation: str = "GetThing", *, complete: bool = True, said: int | None = None) -> Call:
    """A call of one second that began at noon and was answered with the date `said`."""
    return Call(
        number=number,
        collector="toy.things",
        service="toy",
        operation=operation,
        region=EAST,
        endpoint="https://toy.test",
        parameters={"Id": number},
        started=NOON + number,
        duration=SECOND,
        pages=1,
        items=2,
        attempts=3,
        request_ids=(f"id-{number}",),
        provider_date="" if said is None else format_datetime(clock.to_datetime(said), usegmt=True),
        complete=complete,
        error="" if complete else "AccessDenied",
    )


def kept(*calls: Call, keep_all: bool = False, changed: int | None = None) -> dict[str, Any]:
    """The record of a run that made these calls; call 0 listed, and `changed` brought a change."""
    read = reading([document("a", call=0)], [listing()], [gap(DETAIL, uid="b")])
    read.page.gaps = [gap_ for gap_ in read.page.gaps if any(each.number == gap_.call for each in calls)]
    read.page.calls += calls
    changes = {} if changed is None else {key("a"): changed}
    decoded: dict[str, Any] = orjson.loads(record.record(read, changes, [], keep_all=keep_all))
    return decoded


def test_calls_that_say_nothing_new_are_counted() -> None:
    """Listings, failures and changes are kept whole; the rest is one line per operation with its sums."""
    told = kept(call(0, "ListThings"), call(1), call(2), call(3, complete=False), call(4), changed=4)

    assert [each["number"] for each in told["calls"]] == [0, 3, 4]
    (counted,) = told["counted"]
    assert counted["operation"] == "GetThing"
    assert [counted[name] for name in ("calls", "pages", "items", "attempts")] == [2, 2, 4, 6]
    assert counted["started"] == NOON + 1
    assert counted["finished"] == NOON + 2 + SECOND
    assert told["changed"] == [["toy.thing", "a", 4]]


def test_calls_in_numbers() -> None:
    """One row for each operation and place, with its sums and what the failed ones said, each error once."""
    page = Page(
        calls=[call(0, "ListThings"), call(1), call(2, complete=False), call(3, complete=False), call(4)],
    )

    listing_, getting = sorted(record.asked(page), key=lambda each: -len(each.operation))
    assert (listing_.operation, listing_.calls, listing_.failed, listing_.error) == ("ListThings", 1, 0, "")
    assert getting == Asked(
        collector="toy.things",
        region=EAST,
        service="toy",
        operation="GetThing",
        endpoint="https://toy.test",
        calls=4,
        pages=4,
        items=8,
        failed=2,
        error="AccessDenied",
    )


def test_all_calls_are_kept_when_asked_for() -> None:
    """`keep_calls = "all"` leaves nothing to count."""
    told = kept(call(0, "ListThings"), call(1), call(2), keep_all=True)

    assert [each["number"] for each in told["calls"]] == [0, 1, 2]
    assert [each["request_ids"] for each in told["calls"]] == [["id-0"], ["id-1"], ["id-2"]]
    assert told["counted"] == []


@pytest.mark.parametrize(
    ("said", "skew"),
    [
        (NOON, 0),
        (NOON + SECOND, 0),
        (NOON - SECOND, 0),
        (NOON + 3 * SECOND, 2 * SECOND),
        (NOON - 5 * SECOND, 4 * SECOND),
    ],
)
def test_clock_skew_is_what_the_call_cannot_explain(said: int, skew: int) -> None:
    """A `Date` within the call, or the whole second before it, is no difference."""
    assert record.clock_skew([call(0, said=said)]) == skew


def test_clock_skew_takes_the_fairest_call() -> None:
    """A slow answer in between must not make a clock look wrong; without any `Date` nothing is said."""
    assert record.clock_skew([call(0, said=NOON + 90 * SECOND), call(1), call(2, said=NOON)]) == 0
    assert record.clock_skew([call(0)]) is None


@pytest.mark.parametrize("date", ["soon", "Wed, 01 Jan 2025 00:00:30 -0000", "A, 1 Jan 2025 0:0:0 GMT, B, 2 Jan"])
def test_a_date_that_is_none_ends_no_run(date: str) -> None:
    """An answer whose `Date` cannot be read says nothing about the clock, and the others still do."""
    assert record.clock_skew([replace(call(0), provider_date=date)]) is None
    assert record.clock_skew([replace(call(0), provider_date=date), call(1, said=NOON)]) == 0


def test_what_the_ledger_keeps_of_the_clocks() -> None:
    """The middle and the worst of the differences, ahead or behind, of the calls that told a time."""
    calls = [call(0, said=NOON), call(1, said=NOON + 90 * SECOND), call(2, said=NOON - 5 * SECOND), call(3)]
    assert record.clock_offset(calls) == ClockOffset(3, 0, 2 - 89 * SECOND - 1)
    assert record.clock_offset([call(0, said=NOON - 400 * SECOND)]) == ClockOffset(1, 399 * SECOND, 399 * SECOND)
    assert record.clock_offset([call(0)]) is None


@pytest.mark.parametrize(("beyond", "gaps"), [(300, 0), (301, 1)])
def test_untrusted_clock_is_a_gap(beyond: int, gaps: int) -> None:
    """300 seconds are borne; one more, and our times prove nothing."""
    page = Page(calls=[call(0, said=NOON + (beyond + 1) * SECOND)])

    found = list(record.clock_gap(page))

    assert [each.reason for each in found] == [Reason.CLOCK_UNTRUSTED] * gaps
    assert [each.error for each in found] == [f"differs by {beyond} s"] * gaps


def test_record_reads_back() -> None:
    """Identity, regions, gaps and listings survive the store; replay judges by them."""
    read = reading(
        [document("a")], [listing()], [gap(DETAIL, uid="b"), gap(THING, reason=Reason.THROTTLED)], (EAST, "west")
    )

    identity, regions, page = record.read_back(orjson.loads(record.record(read, {}, [], keep_all=False)))

    assert identity == IDENTITY
    assert regions == (EAST, "west")
    assert page.gaps == read.page.gaps
    assert page.listings == read.page.listings


def test_equal_gaps_are_one_row() -> None:
    """The same refusal met twice is one gap of the run."""
    rows = record.gap_rows([gap(THING), gap(THING), gap(DETAIL, uid="a")])

    assert [(row.reason, row.operation, row.permission, row.uid) for row in rows] == [
        ("PERMISSION_DENIED", "toy:ListThings", "toy:ListThings", None),
        ("PERMISSION_DENIED", "toy:GetThing", "toy:ReadThing", "a"),
    ]
