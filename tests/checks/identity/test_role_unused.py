"""identity.role_unused"""

from datetime import timedelta
from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.role_unused import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.rights import RoleUse

OLD = NOW - timedelta(days=400)


def role(**values: Any) -> RoleUse:
    """An old role of the company, but for `values`."""
    return fact(RoleUse, **{"provider_owned": False, "created": OLD, **values})


def test_the_threshold_is_still_fine() -> None:
    """Exactly 90 days pass, a second more does not."""
    edge = NOW - timedelta(days=90)

    assert outcome(CHECK, role(last_used=edge)) is Outcome.PASS
    assert outcome(CHECK, role(last_used=edge - timedelta(seconds=1))) is Outcome.FAIL
    assert outcome(CHECK, role(last_used=edge - timedelta(seconds=1)), unused_days=91) is Outcome.PASS


def test_a_role_that_was_never_used_counts_from_its_creation() -> None:
    """A young one has time."""
    assert outcome(CHECK, role(last_used=None, created=NOW - timedelta(days=90))) is Outcome.PASS
    (finding,) = judged(CHECK, role(last_used=None))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == f"role was created on {OLD.date()}, and no use of it is on record"


def test_a_young_role_passes_whatever_was_read() -> None:
    """Nothing can be unused for longer than it is there."""
    assert outcome(CHECK, role(created=NOW, last_used=DENIED, provider_owned=DENIED)) is Outcome.PASS


def test_a_role_of_the_provider_is_not_applicable() -> None:
    """The company cannot tell when it goes."""
    assert outcome(CHECK, role(provider_owned=True, last_used=None)) is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("lost", ["created", "last_used", "provider_owned"])
def test_an_unread_value_is_unknown_and_names_the_operation(lost: str) -> None:
    """An old role that may have been used, or may be the provider's."""
    (finding,) = judged(CHECK, role(**{"last_used": OLD, lost: DENIED}))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
    assert "svc:ReadIt" in finding.reason
