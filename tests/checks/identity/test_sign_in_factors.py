"""identity.sign_in_factors"""

from __future__ import annotations

from checks.api import Outcome
from checks.identity.sign_in_factors import CHECK
from checks.testing import DENIED, fact, judged
from collectors.facts.identity import SignIns


def test_a_region_without_such_sign_ins_passes() -> None:
    """The window is told, since nothing is known beyond it."""
    (finding,) = judged(CHECK, fact(SignIns, days=7, single_factor=()))

    assert finding.outcome is Outcome.PASS
    assert finding.reason == "nobody signed in with a password alone in 7 days"


def test_each_region_is_judged_and_names_who_it_was() -> None:
    """One region fails, the other one does not hide it."""
    bad = fact(SignIns, "us-east-1", days=7, single_factor=("dora", "root"))
    findings = judged(CHECK, bad, fact(SignIns, "eu-west-1", region="eu-west-1", days=7, single_factor=()))

    assert [finding.outcome for finding in findings] == [Outcome.FAIL, Outcome.PASS]
    assert findings[0].reason == "in 7 days, with a password alone: dora, root"


def test_unread_events_are_unknown_and_name_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(SignIns, days=7))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)


def test_no_region_has_nothing_to_judge() -> None:
    """The judge then says that it is not applicable."""
    assert judged(CHECK) == []
