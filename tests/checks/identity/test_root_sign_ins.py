"""identity.root_sign_ins"""

from __future__ import annotations

from checks.api import Outcome
from checks.identity.root_sign_ins import CHECK
from checks.testing import DENIED, fact, judged
from collectors.facts.identity import SignIns


def test_a_region_without_root_passes() -> None:
    """The window is told, since nothing is known beyond it."""
    (finding,) = judged(CHECK, fact(SignIns, days=7, root=()))

    assert finding.outcome is Outcome.PASS
    assert finding.reason == "root did not sign in within 7 days"


def test_each_day_of_root_is_named() -> None:
    """Whether others signed in does not matter here."""
    (finding,) = judged(CHECK, fact(SignIns, days=7, root=("2026-06-13", "2026-06-14"), single_factor=()))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "root signed in on 2026-06-13, 2026-06-14"


def test_unread_events_are_unknown_and_name_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(SignIns, days=7, single_factor=()))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)


def test_no_region_has_nothing_to_judge() -> None:
    """The judge then says that it is not applicable."""
    assert judged(CHECK) == []
