"""identity.user_list_complete"""

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.user_list_complete import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.identity import UserDirectory


def test_equal_counts_pass() -> None:
    """List, total and report agree."""
    (finding,) = judged(CHECK, fact(UserDirectory, listed=7, counted_by_provider=7, reported=7, report_generated=NOW))

    assert finding.outcome is Outcome.PASS
    assert finding.reason == "users listed: 7, as the provider counts and its credential report holds"


@pytest.mark.parametrize("counted", [6, 8])
def test_another_total_fails_and_names_both(counted: int) -> None:
    """One too few is a hole; one too many means that the two were not read of the same population."""
    (finding,) = judged(CHECK, fact(UserDirectory, listed=7, counted_by_provider=counted, reported=7))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == f"users listed: 7, but the provider counts {counted}"


def test_a_report_that_differs_is_explained_and_dated() -> None:
    """The report may be hours old, so it decides nothing, but it is not hidden either."""
    (finding,) = judged(CHECK, fact(UserDirectory, listed=7, counted_by_provider=7, reported=6, report_generated=NOW))

    assert finding.outcome is Outcome.PASS
    assert "credential report of 2026-06-15 holds 6" in finding.reason


def test_a_report_that_differs_and_has_no_date_is_explained() -> None:
    """Its date may be missing."""
    (finding,) = judged(CHECK, fact(UserDirectory, listed=7, counted_by_provider=7, reported=6))

    assert finding.outcome is Outcome.PASS
    assert "of unknown date holds 6" in finding.reason


def test_a_report_that_was_not_read_is_told() -> None:
    """List and total agree without it."""
    (finding,) = judged(CHECK, fact(UserDirectory, listed=0, counted_by_provider=0))

    assert finding.outcome is Outcome.PASS
    assert finding.reason.endswith("the credential report was not read")


def test_where_the_provider_makes_no_report_none_is_told() -> None:
    """List and total are all that there is."""
    (finding,) = judged(
        CHECK, fact(UserDirectory, listed=7, counted_by_provider=7, reported=None, report_generated=None)
    )

    assert finding.outcome is Outcome.PASS
    assert finding.reason == "users listed: 7, as the provider counts"


def test_where_the_provider_tells_no_total_nothing_is_judged() -> None:
    """A list that nobody else counted is neither whole nor cut."""
    assert outcome(CHECK, fact(UserDirectory, listed=7, counted_by_provider=None)) is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("field", ["listed", "counted_by_provider"])
def test_each_unread_count_is_unknown_and_names_the_operation(field: str) -> None:
    """One count alone proves nothing."""
    counts: dict[str, Any] = {"listed": 7, "counted_by_provider": 7, "reported": 7, field: DENIED}
    (finding,) = judged(CHECK, fact(UserDirectory, **counts))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_nothing_listed_against_a_count_fails() -> None:
    """An empty list is a number like any other."""
    assert outcome(CHECK, fact(UserDirectory, listed=0, counted_by_provider=7)) is Outcome.FAIL
