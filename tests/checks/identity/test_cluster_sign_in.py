"""identity.cluster_sign_in"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.identity.cluster_sign_in import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.apps import Cluster


@pytest.mark.parametrize(
    ("roles", "local", "expected"),
    [
        (True, False, Outcome.PASS),
        (True, None, Outcome.PASS),
        (True, True, Outcome.FAIL),
        (False, False, Outcome.FAIL),
        (False, DENIED, Outcome.FAIL),
        (DENIED, True, Outcome.FAIL),
        (DENIED, False, Outcome.UNKNOWN),
        (True, DENIED, Outcome.UNKNOWN),
    ],
)
def test_people_come_by_name_and_have_roles(roles: object, local: object, expected: Outcome) -> None:
    """Both; one that is known to be missing decides."""
    assert outcome(CHECK, fact(Cluster, roles=roles, local_accounts=local)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Cluster))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
