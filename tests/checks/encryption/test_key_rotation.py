"""encryption.key_rotation"""

from typing import Any

import pytest

from checks.api import Outcome
from checks.encryption.key_rotation import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import EncryptionKey

ROTATING = {
    "customer_managed": True,
    "enabled": True,
    "rotatable": True,
    "rotates": True,
    "rotation_days": 365,
}


def key(**values: Any) -> EncryptionKey:
    """A key of the company that rotates every year, unless said otherwise."""
    return fact(EncryptionKey, **(ROTATING | values))


def test_exactly_the_longest_period_passes() -> None:
    """365 days are often enough."""
    assert outcome(CHECK, key()) is Outcome.PASS


def test_one_day_longer_fails_and_is_named() -> None:
    """366 days are too long, though rotation is on."""
    (finding,) = judged(CHECK, key(rotation_days=366))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "key rotates every 366 days, less often than every 365 days"


def test_a_key_that_does_not_rotate_fails_without_a_period() -> None:
    """Rotation off decides; a period is not needed."""
    assert outcome(CHECK, key(rotates=False, rotation_days=DENIED)) is Outcome.FAIL


def test_no_period_is_the_yearly_default() -> None:
    """None means that nobody set one, so the provider rotates once a year."""
    assert outcome(CHECK, key(rotation_days=None)) is Outcome.PASS
    assert outcome(CHECK, key(rotation_days=None), max_rotation_days=364) is Outcome.FAIL


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("customer_managed", "key is managed by the provider"),
        ("enabled", "key is disabled"),
        ("rotatable", "key is of a kind that cannot rotate automatically"),
    ],
)
def test_keys_that_rotation_does_not_concern_are_not_applicable(field: str, reason: str) -> None:
    """One such trait decides, though nothing else was read."""
    trait: dict[str, Any] = {field: False}

    (finding,) = judged(CHECK, fact(EncryptionKey, **trait))

    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert finding.reason == reason


@pytest.mark.parametrize("field", list(ROTATING))
def test_each_unread_value_is_unknown_and_names_the_operation(field: str) -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, key(**{field: DENIED}))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
