"""exposure.shared_with_everybody"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.shared_with_everybody import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import Sharing


@pytest.mark.parametrize(("value", "expected"), [(False, Outcome.PASS), (True, Outcome.FAIL)])
def test_the_setting_decides(value: bool, expected: Outcome) -> None:
    """Each answer has its outcome."""
    assert outcome(CHECK, fact(Sharing, what="dataset", everybody=value)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Sharing, what="dataset"))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason


def test_without_any_there_is_nothing_to_judge() -> None:
    """NOT_APPLICABLE is for the judge to say, who knows whether all were listed."""
    assert judged(CHECK) == []
