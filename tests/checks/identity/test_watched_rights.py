"""identity.watched_rights"""

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.watched_rights import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.identity import AccessPolicy, PolicyOrigin, WatchedRight

BOTH = tuple(WatchedRight)


def policy(name: str = "it", **values: Any) -> AccessPolicy:
    """A policy of the company that ann holds, but for `values`."""
    known = {"origin": PolicyOrigin.CUSTOMER, "attached_to": ("arn:ann",)}
    return fact(AccessPolicy, name, **{**known, **values})


@pytest.mark.parametrize("origin", PolicyOrigin)
def test_a_policy_with_none_of_them_passes(origin: PolicyOrigin) -> None:
    """Whoever wrote it, and whoever holds it."""
    assert outcome(CHECK, policy(watched=(), origin=origin)) is Outcome.PASS
    assert outcome(CHECK, policy(watched=(), attached_to=DENIED)) is Outcome.PASS


@pytest.mark.parametrize("origin", PolicyOrigin)
def test_a_policy_with_one_fails_and_says_which(origin: PolicyOrigin) -> None:
    """The reason names right and holder."""
    (finding,) = judged(CHECK, policy(watched=(WatchedRight.MODELS,), origin=origin))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "policy allows full control of AI models and is held by arn:ann"
    (finding,) = judged(CHECK, policy(watched=BOTH, origin=origin))
    assert "allows buying on the marketplace and full control of AI models and" in finding.reason


def test_broad_policies_of_the_provider_may_be_accepted() -> None:
    """By name, and only the provider's own."""
    provider = policy("PowerUserAccess", watched=BOTH, origin=PolicyOrigin.PROVIDER)
    own = policy("PowerUserAccess", watched=BOTH)

    assert outcome(CHECK, provider) is Outcome.PASS
    assert outcome(CHECK, provider, allowed=()) is Outcome.FAIL
    assert outcome(CHECK, own) is Outcome.FAIL


def test_a_policy_that_nobody_holds_is_not_applicable() -> None:
    """Accepted or not."""
    unheld = policy("PowerUserAccess", watched=BOTH, origin=PolicyOrigin.PROVIDER, attached_to=())

    assert outcome(CHECK, unheld) is Outcome.NOT_APPLICABLE
    assert outcome(CHECK, unheld, allowed=()) is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("lost", ["watched", "attached_to", "origin"])
def test_an_unread_value_is_unknown_and_names_the_operation(lost: str) -> None:
    """Nobody can tell what it gives, to whom, or whether the list is about it."""
    (finding,) = judged(CHECK, policy("Owner", **{"watched": BOTH, lost: DENIED}))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
    assert "svc:ReadIt" in finding.reason


def test_a_list_of_names_is_no_text() -> None:
    """A single text would match every part of itself."""
    with pytest.raises(TypeError, match="allowed must be a list"):
        judged(CHECK, policy(watched=()), allowed="Owner")
