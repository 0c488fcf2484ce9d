"""identity.registry_accounts"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.identity.registry_accounts import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.apps import Registry


@pytest.mark.parametrize(
    ("shared", "anonymous", "expected"),
    [
        (False, False, Outcome.PASS),
        (True, False, Outcome.FAIL),
        (False, True, Outcome.FAIL),
        (DENIED, True, Outcome.FAIL),
        (True, DENIED, Outcome.FAIL),
        (DENIED, False, Outcome.UNKNOWN),
        (False, DENIED, Outcome.UNKNOWN),
    ],
)
def test_nobody_enters_without_a_name(shared: object, anonymous: object, expected: Outcome) -> None:
    """Neither by a shared account nor without any."""
    assert outcome(CHECK, fact(Registry, shared_account=shared, anonymous_pull=anonymous)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Registry))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
