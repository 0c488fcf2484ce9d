"""encryption.secret_rotation"""

from datetime import timedelta
from typing import Any

import pytest

from checks.api import Outcome
from checks.encryption.secret_rotation import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.stores import Secret

AT = NOW - timedelta(days=365)
OVER = NOW - timedelta(days=365, seconds=1)


def secret(**values: Any) -> Secret:
    """An old secret that does not rotate, unless said otherwise."""
    return fact(Secret, **({"rotates": False, "rotation_days": None, "changed": None, "created": OVER} | values))


def test_a_value_of_exactly_the_limit_passes() -> None:
    """365 days are fine, with or without a schedule."""
    assert outcome(CHECK, secret(changed=AT)) is Outcome.PASS


def test_a_value_just_over_the_limit_fails_and_names_its_date() -> None:
    """The reason holds the date and that nothing would have rotated it."""
    (finding,) = judged(CHECK, secret(changed=OVER))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == ("value last changed on 2025-06-15, more than 365 days ago, and it does not rotate")


def test_a_value_that_never_changed_counts_from_the_creation() -> None:
    """A new secret needs no second value yet; an old one does."""
    assert outcome(CHECK, secret(created=AT)) is Outcome.PASS
    (finding,) = judged(CHECK, secret(created=OVER))

    assert finding.outcome is Outcome.FAIL
    assert "never changed since it was created on 2025-06-15" in finding.reason


@pytest.mark.parametrize(("days", "says"), [(30, "it is set to rotate every 30 days"), (None, "it is set to rotate")])
def test_a_schedule_that_does_not_run_fails(days: int | None, says: str) -> None:
    """Rotation that is on and has not happened is broken, and the reason says so."""
    (finding,) = judged(CHECK, secret(rotates=True, rotation_days=days, changed=OVER))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason.endswith(says)


def test_an_old_value_fails_though_its_schedule_was_not_read() -> None:
    """The date decides, and the reason admits the rest."""
    (finding,) = judged(CHECK, secret(rotates=DENIED, changed=OVER))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason.endswith("whether it rotates was not read")


@pytest.mark.parametrize(("days", "expected"), [(365, Outcome.PASS), (366, Outcome.FAIL), (None, Outcome.FAIL)])
def test_the_schedule_decides_where_no_date_is_told(days: int | None, expected: Outcome) -> None:
    """Without dates a period of at most 365 days is what the promise rests on."""
    assert outcome(CHECK, secret(rotates=True, rotation_days=days, created=None)) is expected


def test_neither_date_nor_schedule_fails() -> None:
    """Nothing would ever give it a new value."""
    assert outcome(CHECK, secret(created=None)) is Outcome.FAIL


@pytest.mark.parametrize(
    "unread",
    [
        secret(changed=DENIED, rotates=True, rotation_days=30),
        secret(created=DENIED),
        secret(created=None, rotates=DENIED),
        secret(created=None, rotates=True, rotation_days=DENIED),
    ],
    ids=["change", "creation of an unchanged secret", "schedule without dates", "period without dates"],
)
def test_each_unread_value_is_unknown_and_names_the_operation(unread: Secret) -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, unread)

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_the_limit_can_be_set() -> None:
    """A company may rotate every 90 days."""
    assert outcome(CHECK, secret(changed=NOW - timedelta(days=91)), max_rotation_days=90) is Outcome.FAIL


def test_a_secret_that_is_switched_off_is_not_applicable() -> None:
    """Nobody can read it; while that is not known, an old value is no verdict."""
    old = NOW - timedelta(days=4000)

    assert outcome(CHECK, fact(Secret, changed=old, enabled=False)) is Outcome.NOT_APPLICABLE
    assert outcome(CHECK, fact(Secret, changed=old, rotates=False, enabled=DENIED)) is Outcome.UNKNOWN
    assert outcome(CHECK, fact(Secret, changed=NOW, enabled=DENIED)) is Outcome.PASS
