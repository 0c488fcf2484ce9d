"""identity.service_account_keys"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.service_account_keys import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.identity import ServiceAccount


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"enabled": True, "own_keys": 0}, Outcome.PASS),
        ({"own_keys": 0}, Outcome.PASS),
        ({"enabled": True, "own_keys": 2}, Outcome.FAIL),
        ({"own_keys": 2}, Outcome.UNKNOWN),
        ({"enabled": True}, Outcome.UNKNOWN),
        ({"enabled": False}, Outcome.NOT_APPLICABLE),
    ],
)
def test_a_working_account_has_no_keys(values: dict[str, Any], expected: Outcome) -> None:
    """Keys of an account that is off open nothing."""
    assert outcome(CHECK, fact(ServiceAccount, member="serviceAccount:it", **values)) is expected


def test_an_account_on_the_list_may_have_keys() -> None:
    """The company knows of it."""
    robot = fact(ServiceAccount, "robot", member="serviceAccount:robot", enabled=True, own_keys=1)

    assert outcome(CHECK, robot, allowed=("robot",)) is Outcome.PASS


def test_what_was_not_read_is_named() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ServiceAccount, member="x", enabled=True))

    assert finding.unread == (DENIED,)
