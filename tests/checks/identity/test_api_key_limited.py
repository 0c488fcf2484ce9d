"""identity.api_key_limited"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.api_key_limited import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.identity import ApiKey


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"services": ("a",), "callers_limited": True}, Outcome.PASS),
        ({"services": (), "callers_limited": True}, Outcome.FAIL),
        ({"services": ("a",), "callers_limited": False}, Outcome.FAIL),
        ({"services": ()}, Outcome.FAIL),
        ({"callers_limited": False}, Outcome.FAIL),
        ({"services": ("a",)}, Outcome.UNKNOWN),
        ({"callers_limited": True}, Outcome.UNKNOWN),
    ],
)
def test_both_limits_are_needed(values: dict[str, Any], expected: Outcome) -> None:
    """One that is missing for certain decides."""
    assert outcome(CHECK, fact(ApiKey, **values)) is expected


def test_what_was_not_read_is_named() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ApiKey))

    assert finding.unread == (DENIED,)
