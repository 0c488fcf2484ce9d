"""Evidence is reliable when nothing mandatory is missing and every test passes."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from agent.audit.clocks import ClockQuality
from agent.audit.ipe import (
    Accuracy,
    Collected,
    Completeness,
    Integrity,
    Origin,
    People,
    Screenshot,
    Times,
    automated,
    manual,
)

INTEGRITY = Integrity(
    sequence=7,
    previous_hash="aa",
    chain_hash="bb",
    location="store",
    retention="evidence",
    hash_verifies=True,
    chain_verifies=True,
)
EVIDENCE = Collected(
    origin=Origin(
        cloud="aws",
        organization="o-1",
        account="123456789012",
        region="global",
        service="iam",
        operation="ListUsers",
        parameters={},
        api_version="2010-05-08",
        endpoint="iam.amazonaws.com",
        request_ids=("r-1",),
        caller="arn:aws:sts::123456789012:assumed-role/proofkeep/run",
        role="arn:aws:iam::123456789012:role/proofkeep",
    ),
    times=Times(agent=0, provider=0, received=0, offset=0, duration=0, as_of=0),
    completeness=Completeness(
        pages=1,
        last_page=True,
        items=0,
        independent_count=0,
        regions_expected=("global",),
        regions_read=("global",),
        errors=(),
        filters=(),
        sampling="none",
    ),
    accuracy=Accuracy(
        sha256="cc",
        redacted=(),
        canonicalization="1",
        collector_version="1",
        check_version="1",
        parameters={},
        results=0,
    ),
    integrity=INTEGRITY,
    quality=ClockQuality.OK,
)
PEOPLE = People(
    uploader="dana",
    performer="dana",
    performed_at=0,
    file_times={"created": 0},
    reviewer="carl",
    approved_at=0,
    sha256="dd",
)
OPTIONAL = {"origin.organization", "times.as_of", "completeness.independent_count"}
FIELDS = [
    (part.name, each.name)
    for part in fields(Collected)
    if part.name not in {"quality", "corroborated"}
    for each in fields(getattr(EVIDENCE, part.name))
]


def without(part: str, name: str, value: Any = None) -> Collected:
    """The evidence with one field absent, or with another value."""
    return replace(EVIDENCE, **{part: replace(getattr(EVIDENCE, part), **{name: value})})


def test_complete_evidence_is_reliable() -> None:
    """Zeros, empty lists and empty parameters are answers."""
    assert automated(EVIDENCE).to_json() == {"status": "reliable", "missing": [], "failed": [], "notes": []}


@pytest.mark.parametrize(("part", "name"), FIELDS)
def test_each_mandatory_field_is_missed(part: str, name: str) -> None:
    """It is named; the three that may lack are not."""
    found = automated(without(part, name))
    field = f"{part}.{name}"
    assert found.missing == (() if field in OPTIONAL else (field,))
    assert found.reliable == (field in OPTIONAL)


def test_an_empty_text_is_missing() -> None:
    """Blank words tell nothing."""
    assert automated(without("origin", "caller", " ")).missing == ("origin.caller",)


@pytest.mark.parametrize(
    ("part", "name", "says"),
    [
        ("completeness", "last_page", "the last page was not reached"),
        ("integrity", "hash_verifies", "the hash does not verify"),
        ("integrity", "chain_verifies", "the chain does not verify"),
    ],
)
def test_a_failed_test_is_named(part: str, name: str, says: str) -> None:
    """Such evidence is unverified, although no field is missing."""
    found = automated(without(part, name, value=False))
    assert (found.missing, found.failed, found.to_json()["status"]) == ((), (says,), "unverified")


def test_an_untrusted_clock_needs_corroboration() -> None:
    """A warning does not."""
    untrusted = replace(EVIDENCE, quality=ClockQuality.UNTRUSTED)
    assert not automated(untrusted).reliable
    assert automated(replace(untrusted, corroborated=True)).reliable
    assert automated(replace(EVIDENCE, quality=ClockQuality.WARN)).reliable


def test_what_does_not_decide_is_noted() -> None:
    """Another count by a second source, and regions that were not read."""
    assert automated(without("completeness", "independent_count", 3)).notes == ("0 items, and 3 by a second source",)
    unread = automated(without("completeness", "regions_expected", ("eu-west-1", "global")))
    assert (unread.notes, unread.reliable) == (("not read: eu-west-1",), True)


def test_manual_evidence_needs_its_people() -> None:
    """Who did it, when, who reviewed it; what it supersedes may be nothing."""
    assert manual(PEOPLE, INTEGRITY).reliable
    for each in fields(People):
        expected = () if each.name == "supersedes" else (f"people.{each.name}",)
        assert manual(replace(PEOPLE, **{each.name: None}), INTEGRITY).missing == expected


def test_nobody_reviews_their_own_work() -> None:
    """The reviewer is another person."""
    assert manual(replace(PEOPLE, reviewer="dana"), INTEGRITY).failed == ("the reviewer is the performer",)


def test_a_screenshot_must_show_where_and_when() -> None:
    """It is accepted, and marked as of low reliability."""
    shown = Screenshot(url="https://console.example", visible_time="12:00", account="123456789012")
    found = manual(PEOPLE, INTEGRITY, shown)
    assert (found.reliable, found.notes) == (True, ("a screenshot: low reliability",))
    assert manual(PEOPLE, INTEGRITY, replace(shown, url=None)).missing == ("screenshot.url",)
