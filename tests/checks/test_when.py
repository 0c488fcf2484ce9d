"""checks.when"""

from datetime import UTC, datetime, timedelta, timezone

from checks.when import day, older_than

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def test_exactly_the_limit_is_not_older() -> None:
    """A thing of exactly N days is fine."""
    assert not older_than(NOON - timedelta(days=90), 90, NOON)


def test_one_second_over_the_limit_is_older() -> None:
    """A thing is too old as soon as N days have passed."""
    assert older_than(NOON - timedelta(days=90, seconds=1), 90, NOON)


def test_a_moment_to_come_is_not_older() -> None:
    """A provider's clock that is ahead of ours makes nothing old."""
    assert not older_than(NOON + timedelta(hours=1), 0, NOON)


def test_a_day_is_the_date_in_utc() -> None:
    """Half past midnight in the east is still the day before in UTC."""
    assert day(datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))) == "2025-12-31"
