"""checks.grants"""

from typing import Any

from checks.api import Outcome
from checks.grants import judge_grant
from checks.testing import fact
from collectors.facts.core import Reason, Unread
from collectors.facts.identity import AccessPolicy, PolicyOrigin

WHAT = "every action"
OTHER = Unread(Reason.THROTTLED, "svc:ListHolders", "svc:ListHolders")


def policy(**values: Any) -> AccessPolicy:
    """A policy of the company, unless said otherwise."""
    return fact(AccessPolicy, **{"origin": PolicyOrigin.CUSTOMER, **values})


def test_a_policy_without_holders_is_not_applicable_even_when_its_text_was_not_read() -> None:
    """What nobody holds grants nothing."""
    it = policy(attached_to=())

    assert judge_grant(it, it.allows_everything, WHAT).outcome is Outcome.NOT_APPLICABLE


def test_a_harmless_policy_passes_even_when_its_holders_were_not_read() -> None:
    """Whoever holds it cannot do what is asked about."""
    it = policy(allows_everything=False)

    assert judge_grant(it, it.allows_everything, WHAT).outcome is Outcome.PASS


def test_an_unread_policy_names_every_operation() -> None:
    """Both the text and the holders are needed for a verdict."""
    it = policy(attached_to=OTHER)

    finding = judge_grant(it, it.allows_everything, WHAT)

    assert finding.outcome is Outcome.UNKNOWN
    assert "svc:ReadIt" in finding.reason
    assert "svc:ListHolders" in finding.reason


def test_a_policy_of_unread_origin_is_unknown_whoever_holds_it() -> None:
    """One of another origin would get no finding here, so that nothing else decides."""
    for holders in ((), ("a",)):
        it = policy(origin=OTHER, attached_to=holders, allows_everything=False)

        assert judge_grant(it, it.allows_everything, WHAT).unread == (OTHER,)


def test_a_mighty_policy_with_unread_holders_is_unknown() -> None:
    """It fails only when somebody is known to hold it."""
    it = policy(attached_to=OTHER, allows_everything=True)

    assert judge_grant(it, it.allows_everything, WHAT).unread == (OTHER,)


def test_a_fail_names_the_holders_in_order() -> None:
    """The reason does not change when the provider answers in another order."""
    it = policy(attached_to=("b", "a"), allows_everything=True)

    finding = judge_grant(it, it.allows_everything, WHAT)

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "policy allows every action and is held by a, b"


def test_a_fail_counts_the_holders_after_the_fifth() -> None:
    """A reason stays short however many hold the policy."""
    it = policy(attached_to=("a", "b", "c", "d", "e", "f", "g"), allows_everything=True)

    assert judge_grant(it, it.allows_everything, WHAT).reason.endswith("a, b, c, d, e and 2 more")


def test_a_fail_names_exactly_five_holders() -> None:
    """Five names need no count."""
    it = policy(attached_to=("a", "b", "c", "d", "e"), allows_everything=True)

    assert judge_grant(it, it.allows_everything, WHAT).reason.endswith("a, b, c, d, e")
