"""identity.unlimited_holders"""

from typing import Any

from checks.api import Outcome
from checks.identity.unlimited_holders import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.identity import AccessPolicy, PolicyOrigin


def policy(**values: Any) -> AccessPolicy:
    """A policy of the provider that allows everything, but for `values`."""
    return fact(AccessPolicy, **{"origin": PolicyOrigin.PROVIDER, "allows_everything": True, **values})


def test_as_many_holders_as_allowed_pass() -> None:
    """Exactly three are still few."""
    assert outcome(CHECK, policy(account_wide=("a", "b", "c"))) is Outcome.PASS


def test_one_holder_more_fails_with_the_numbers() -> None:
    """The reason holds how many there are and may be."""
    (finding,) = judged(CHECK, policy(account_wide=("a", "b", "c", "d")))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "policy allows everything and has 4 holders, more than 3"
    assert outcome(CHECK, policy(account_wide=("a", "b", "c", "d")), max_holders=4) is Outcome.PASS


def test_a_policy_that_allows_less_passes_whoever_holds_it() -> None:
    """Only unlimited rights are counted."""
    assert outcome(CHECK, policy(allows_everything=False, account_wide=DENIED)) is Outcome.PASS


def test_a_policy_that_nobody_holds_for_the_account_is_not_applicable() -> None:
    """It opens no account."""
    assert outcome(CHECK, policy(account_wide=())) is Outcome.NOT_APPLICABLE


def test_unread_rights_or_holders_are_unknown_and_name_the_operation() -> None:
    """A denied read is never a verdict."""
    for lost in (policy(account_wide=DENIED), policy(account_wide=("a",), allows_everything=DENIED)):
        (finding,) = judged(CHECK, lost)

        assert finding.outcome is Outcome.UNKNOWN
        assert finding.unread == (DENIED,)
        assert "svc:ReadIt" in finding.reason
