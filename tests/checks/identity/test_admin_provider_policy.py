"""identity.admin_provider_policy"""

import pytest

from checks.api import Outcome
from checks.identity.admin_provider_policy import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Unread
from collectors.facts.identity import AccessPolicy, PolicyOrigin


def policy(
    *, attached_to: tuple[str, ...] | Unread = ("arn:ann",), allows_everything: bool | Unread = DENIED
) -> AccessPolicy:
    """The provider's administrator policy, which ann holds."""
    return fact(
        AccessPolicy,
        "AdministratorAccess",
        origin=PolicyOrigin.PROVIDER,
        attached_to=attached_to,
        allows_everything=allows_everything,
    )


def test_a_limited_policy_passes() -> None:
    """A policy that stops short of everything is a pass."""
    assert outcome(CHECK, policy(allows_everything=False)) is Outcome.PASS


def test_a_policy_that_somebody_holds_fails_and_names_the_holder() -> None:
    """The reason tells who to talk to."""
    (finding,) = judged(CHECK, policy(allows_everything=True))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "policy allows every action on every resource and is held by arn:ann"


def test_an_allowed_policy_passes_and_says_why() -> None:
    """The company's own list decides, whether or not the policy's text was read."""
    (finding,) = judged(CHECK, policy(), allowed=("AdministratorAccess",))

    assert finding.outcome is Outcome.PASS
    assert finding.reason == "AdministratorAccess is on the list of allowed policies"


def test_another_policy_on_the_list_allows_nothing_here() -> None:
    """A name that only begins alike is another policy."""
    assert outcome(CHECK, policy(allows_everything=True), allowed=("AdministratorAccess-X",)) is Outcome.FAIL


def test_a_policy_that_nobody_holds_is_not_applicable_listed_or_not() -> None:
    """It grants nothing to anybody."""
    nobodys = policy(attached_to=(), allows_everything=True)

    assert outcome(CHECK, nobodys) is Outcome.NOT_APPLICABLE
    assert outcome(CHECK, nobodys, allowed=("AdministratorAccess",)) is Outcome.NOT_APPLICABLE


def test_an_unread_policy_is_unknown_and_names_the_operation() -> None:
    """A denied read of the text is never a pass."""
    (finding,) = judged(CHECK, policy())

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_a_single_text_is_no_list() -> None:
    """A text would match every part of itself, so it is an error and no verdict."""
    with pytest.raises(TypeError, match="allowed must be a list"):
        judged(CHECK, policy(allows_everything=True), allowed="AdministratorAccess")


def test_policies_of_other_origins_yield_nothing() -> None:
    """They belong to other checks."""
    other = fact(AccessPolicy, origin=PolicyOrigin.INLINE, attached_to=("arn:ann",), allows_everything=True)

    assert judged(CHECK, other) == []


@pytest.mark.parametrize("holders", [(), ("arn:ann",)])
def test_a_policy_of_unknown_origin_may_be_one_of_these(holders: tuple[str, ...]) -> None:
    """It is unknown, whatever it allows, whatever the company allows and whoever holds it."""
    odd = fact(AccessPolicy, "Odd", origin=DENIED, attached_to=holders, allows_everything=False)

    (finding,) = judged(CHECK, odd, allowed=("Odd",))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
