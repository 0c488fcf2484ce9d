"""identity.rights_through_groups"""

from checks.api import Outcome
from checks.identity.rights_through_groups import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.identity import User


def test_a_user_without_own_policies_passes() -> None:
    """Rights come through groups and roles only."""
    assert outcome(CHECK, fact(User, direct_policies=())) is Outcome.PASS


def test_own_policies_fail_and_are_named_in_order() -> None:
    """The reason does not change when the provider answers in another order."""
    (finding,) = judged(CHECK, fact(User, direct_policies=("write", "read")))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "user itself holds policies: read, write"


def test_where_users_hold_no_policies_at_all_nothing_is_judged() -> None:
    """Another check reads what each account gives them."""
    assert outcome(CHECK, fact(User, direct_policies=None)) is Outcome.NOT_APPLICABLE


def test_unread_policies_are_unknown_and_name_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(User))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
