"""exposure.object_store_single_policy"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.object_store_single_policy import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import ObjectRights


@pytest.mark.parametrize(("value", "expected"), [(True, Outcome.PASS), (False, Outcome.FAIL)])
def test_the_setting_decides(value: bool, expected: Outcome) -> None:
    """Each answer has its outcome."""
    assert outcome(CHECK, fact(ObjectRights, single_policy=value)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ObjectRights))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason


def test_without_any_there_is_nothing_to_judge() -> None:
    """NOT_APPLICABLE is for the judge to say, who knows whether all were listed."""
    assert judged(CHECK) == []
