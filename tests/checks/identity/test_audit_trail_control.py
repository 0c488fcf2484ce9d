"""identity.audit_trail_control"""

import pytest

from checks.api import Outcome
from checks.identity.audit_trail_control import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Unread
from collectors.facts.identity import AccessPolicy, PolicyOrigin


def policy(
    *, attached_to: tuple[str, ...] | Unread = ("arn:ann",), controls_audit_trail: bool | Unread = DENIED
) -> AccessPolicy:
    """A policy that ann holds."""
    return fact(
        AccessPolicy,
        origin=PolicyOrigin.CUSTOMER,
        attached_to=attached_to,
        controls_audit_trail=controls_audit_trail,
    )


def test_a_limited_policy_passes() -> None:
    """A policy that stops short of that is a pass."""
    assert outcome(CHECK, policy(controls_audit_trail=False)) is Outcome.PASS


def test_a_policy_that_somebody_holds_fails_and_names_the_holder() -> None:
    """The reason tells who to talk to."""
    (finding,) = judged(CHECK, policy(controls_audit_trail=True))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "policy allows every action on the audit trail and is held by arn:ann"


def test_a_policy_that_nobody_holds_is_not_applicable() -> None:
    """It grants nothing to anybody."""
    assert outcome(CHECK, policy(attached_to=(), controls_audit_trail=True)) is Outcome.NOT_APPLICABLE


def test_an_unread_policy_is_unknown_and_names_the_operation() -> None:
    """A denied read of the text is never a pass."""
    (finding,) = judged(CHECK, policy())

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_policies_of_other_origins_yield_nothing() -> None:
    """They belong to other checks."""
    other = fact(AccessPolicy, origin=PolicyOrigin.INLINE, attached_to=("arn:ann",), controls_audit_trail=True)

    assert judged(CHECK, other) == []


@pytest.mark.parametrize("holders", [(), ("arn:ann",)])
def test_a_policy_of_unknown_origin_may_be_one_of_these(holders: tuple[str, ...]) -> None:
    """It is unknown, whatever it allows and whoever holds it."""
    odd = fact(AccessPolicy, "Odd", origin=DENIED, attached_to=holders, controls_audit_trail=False)

    (finding,) = judged(CHECK, odd)

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
