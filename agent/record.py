"""What one run did, for the auditor: who asked, what was asked and answered, what is missing.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from email.utils import parsedate_to_datetime
from statistics import median_low
from typing import Any

from agent.changes import Unseen
from agent.clock import from_datetime
from agent.judge import Reading
from collectors.facts.core import Reason
from collectors.provenance import Call, Gap, Identity, Listing, Page, gap_from_json, gap_to_json
from storage.canon import dumps
from storage.rows import Asked, ClockOffset, GapRow, Key

RECORD_VERSION = 1
UNTRUSTED_SKEW = 300_000_000
"""Microseconds between our clock and the provider's beyond which our times prove nothing."""


def record(reading: Reading, changed: Mapping[Key, int], unseen: Unseen, *, keep_all: bool) -> bytes:
    """The run's record as JSON.

    `changed` maps each new or changed document to the number of the call that answered it.  Calls that listed, that
    failed or that brought a change are kept whole, request ids included; the others are counted per operation, since
    an hourly run repeats thousands of answers that say what the ledger already holds.
    """
    page = reading.page
    wanted = set(changed.values()) | {listing.call for listing in page.listings} | {gap.call for gap in page.gaps}
    whole = [call for call in page.calls if keep_all or call.number in wanted or not call.complete]
    numbers = {call.number for call in whole}
    return dumps(
        {
            "v": RECORD_VERSION,
            "identity": asdict(reading.identity),
            "regions": reading.regions,
            "calls": [_call(call) for call in sorted(whole, key=lambda call: call.number)],
            "counted": _counted(call for call in page.calls if call.number not in numbers),
            "changed": sorted([key.kind, key.uid, number] for key, number in changed.items()),
            "unseen": unseen,
            "listings": sorted((asdict(listing) for listing in page.listings), key=lambda each: each["call"]),
            "gaps": [gap_to_json(gap) for gap in page.gaps],
            "redacted": sorted(
                [document.kind, document.uid, path, rule]
                for document in page.documents
                for path, rule in document.redacted
            ),
            "clock_skew": clock_skew(page.calls),
        }
    )


def _call(call: Call) -> dict[str, Any]:
    return {**asdict(call), "request_ids": list(call.request_ids)}


def _counted(calls: Iterable[Call]) -> list[dict[str, Any]]:
    """Calls per operation, with what their sum tells."""
    groups: dict[tuple[str, ...], list[Call]] = defaultdict(list)
    for call in calls:
        groups[call.collector, call.region, call.service, call.operation, call.endpoint].append(call)
    return [
        {
            "collector": collector,
            "region": region,
            "service": service,
            "operation": operation,
            "endpoint": endpoint,
            "calls": len(group),
            "pages": sum(call.pages for call in group),
            "items": sum(call.items for call in group),
            "attempts": sum(call.attempts for call in group),
            "started": min(call.started for call in group),
            "finished": max(call.started + call.duration for call in group),
        }
        for (collector, region, service, operation, endpoint), group in sorted(groups.items())
    ]


def asked(page: Page) -> list[Asked]:
    """The calls of a run in numbers, one row for each operation, as the store keeps them for SQL to read."""
    groups: dict[tuple[str, ...], list[Call]] = defaultdict(list)
    for call in page.calls:
        groups[call.collector, call.region, call.service, call.operation, call.endpoint].append(call)
    return [
        Asked(
            collector=collector,
            region=region,
            service=service,
            operation=operation,
            endpoint=endpoint,
            calls=len(group),
            pages=sum(call.pages for call in group),
            items=sum(call.items for call in group),
            failed=sum(not call.complete for call in group),
            error=", ".join(sorted({call.error for call in group if not call.complete and call.error})),
        )
        for (collector, region, service, operation, endpoint), group in sorted(groups.items())
    ]


def clock_offsets(calls: Iterable[Call]) -> list[int]:
    """Our clock less the provider's `Date`, in microseconds, for each call that told one; the least that is certain.

    A `Date` has whole seconds and was written at some time during the call, so only what lies outside that interval
    counts.
    """
    found = []
    for call in calls:
        said = _instant(call.provider_date)
        if said is not None:
            early, late = call.started - 1_000_000, call.started + call.duration
            found.append(early - said if early > said else min(late - said, 0))
    return found


def _instant(date: str) -> int | None:
    """The moment of a `Date`; None for one that is not there or tells none, which must not end the run."""
    try:
        said = parsedate_to_datetime(date)
    except ValueError:
        return None
    return None if said.tzinfo is None else from_datetime(said)


def clock_skew(calls: Iterable[Call]) -> int | None:
    """The smallest difference between the clocks over all calls, which is the fairest; None when none told a time."""
    return min((abs(offset) for offset in clock_offsets(calls)), default=None)


def clock_offset(calls: Iterable[Call]) -> ClockOffset | None:
    """What the ledger keeps of the clocks with each run, so that a year of runs can be judged without their records."""
    offsets = clock_offsets(calls)
    if not offsets:
        return None
    return ClockOffset(len(offsets), median_low(offsets), max(offsets, key=abs))


def clock_gap(page: Page) -> Iterable[Gap]:
    """A gap when our clock cannot be trusted."""
    skew = clock_skew(page.calls)
    if skew is not None and skew > UNTRUSTED_SKEW:
        yield Gap(
            reason=Reason.CLOCK_UNTRUSTED,
            collector="agent",
            region="global",
            kind="agent.clock",
            uid=None,
            listing=False,
            operation="clock of this machine",
            permission="a clock within 300 s of the provider's",
            error=f"differs by {skew // 1_000_000} s",
        )


def gap_rows(gaps: Iterable[Gap]) -> list[GapRow]:
    """The gaps as the store's table has them, each once."""
    rows = (
        GapRow(
            str(gap.reason),
            gap.collector,
            gap.region,
            gap.kind,
            gap.uid,
            gap.operation,
            gap.permission,
            gap.error,
        )
        for gap in gaps
    )
    return list(dict.fromkeys(rows))


def read_back(kept: Mapping[str, Any]) -> tuple[Identity, tuple[str, ...], Page]:
    """Identity, regions and the page without its documents and calls, from a decoded record."""
    page = Page(
        gaps=[gap_from_json(gap) for gap in kept["gaps"]],
        listings=[Listing(**listing) for listing in kept["listings"]],
    )
    return Identity(**kept["identity"]), tuple(kept["regions"]), page
