"""identity.admin_inline_policy"""

from checks.api import Outcome
from checks.identity.admin_inline_policy import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Unread
from collectors.facts.identity import AccessPolicy, PolicyOrigin


def policy(
    *, attached_to: tuple[str, ...] | Unread = ("arn:ann",), allows_everything: bool | Unread = DENIED
) -> AccessPolicy:
    """A policy that ann holds."""
    return fact(
        AccessPolicy,
        origin=PolicyOrigin.INLINE,
        attached_to=attached_to,
        allows_everything=allows_everything,
    )


def test_a_limited_policy_passes() -> None:
    """A policy that stops short of that is a pass."""
    assert outcome(CHECK, policy(allows_everything=False)) is Outcome.PASS


def test_a_policy_that_somebody_holds_fails_and_names_the_holder() -> None:
    """The reason tells who to talk to."""
    (finding,) = judged(CHECK, policy(allows_everything=True))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "policy allows every action on every resource and is held by arn:ann"


def test_a_policy_that_nobody_holds_is_not_applicable() -> None:
    """It grants nothing to anybody."""
    assert outcome(CHECK, policy(attached_to=(), allows_everything=True)) is Outcome.NOT_APPLICABLE


def test_an_unread_policy_is_unknown_and_names_the_operation() -> None:
    """A denied read of the text is never a pass."""
    (finding,) = judged(CHECK, policy())

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_policies_of_other_origins_yield_nothing() -> None:
    """They belong to other checks."""
    other = fact(AccessPolicy, origin=PolicyOrigin.CUSTOMER, attached_to=("arn:ann",), allows_everything=True)

    assert judged(CHECK, other) == []


def test_a_policy_of_unread_origin_may_be_one() -> None:
    """It is unknown by name, whatever it allows, and the one beside it is judged."""
    unread = fact(AccessPolicy, "odd", origin=DENIED, attached_to=("arn:ann",), allows_everything=False)

    found = judged(CHECK, unread, policy(allows_everything=False))

    assert [(each.resource.name, each.outcome) for each in found if each.outcome is Outcome.UNKNOWN] == [
        (unread.resource.name, Outcome.UNKNOWN)
    ]
    assert [each.outcome for each in found].count(Outcome.PASS) == 1
