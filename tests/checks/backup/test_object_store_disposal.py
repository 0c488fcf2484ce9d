"""backup.object_store_disposal"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.backup.object_store_disposal import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import ObjectStore


@pytest.mark.parametrize(
    ("expires", "expected"), [(True, Outcome.PASS), (False, Outcome.FAIL), (DENIED, Outcome.UNKNOWN)]
)
def test_a_rule_deletes(expires: Any, expected: Outcome) -> None:
    """Without a rule objects stay for ever."""
    assert outcome(CHECK, fact(ObjectStore, expires_objects=expires)) is expected


@pytest.mark.parametrize("expires", [True, False, DENIED])
def test_a_store_on_the_list_keeps_objects_for_good(expires: Any) -> None:
    """The company said so, whatever its rules are."""
    found = outcome(CHECK, fact(ObjectStore, "ledger-2026", expires_objects=expires), exceptions=("ledger-*",))
    assert found is Outcome.NOT_APPLICABLE


def test_another_store_is_judged_all_the_same() -> None:
    """A list without the store's name changes nothing."""
    assert outcome(CHECK, fact(ObjectStore, "mail", expires_objects=False), exceptions=("ledger-*",)) is Outcome.FAIL


def test_an_unread_store_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ObjectStore))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
