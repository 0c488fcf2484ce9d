"""identity.escalation_policy"""

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.escalation_policy import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.rights import PolicyEscalation


def policy(**values: Any) -> PolicyEscalation:
    """A policy that ann holds, but for `values`."""
    return fact(PolicyEscalation, **{"attached_to": ("arn:ann",), **values})


def test_a_policy_without_a_way_passes_whoever_holds_it() -> None:
    """There is nothing to take."""
    assert outcome(CHECK, policy(ways=())) is Outcome.PASS
    assert outcome(CHECK, policy(ways=(), attached_to=DENIED)) is Outcome.PASS


def test_a_policy_with_a_way_fails_and_names_way_and_holder() -> None:
    """Somebody has to talk to somebody."""
    (finding,) = judged(CHECK, policy(ways=("iam:AddUserToGroup",)))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "policy opens iam:AddUserToGroup and is held by arn:ann"


def test_a_policy_that_nobody_holds_is_not_applicable() -> None:
    """It opens nothing to anybody."""
    assert outcome(CHECK, policy(ways=("iam:AddUserToGroup",), attached_to=())) is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("lost", ["ways", "attached_to"])
def test_an_unread_value_is_unknown_and_names_the_operation(lost: str) -> None:
    """A text that was not read may open a way."""
    (finding,) = judged(CHECK, policy(**{"ways": ("iam:AddUserToGroup",), lost: DENIED}))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
    assert "svc:ReadIt" in finding.reason
