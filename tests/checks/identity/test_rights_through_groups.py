"""identity.rights_through_groups"""

from checks.api import Outcome
from checks.identity.rights_through_groups import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.identity import BoundMember, MemberKind, User


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


def test_a_person_whom_a_policy_names_fails_and_a_group_is_not_judged() -> None:
    """On clouds where policies name members, a group is what they should name."""
    ann = fact(BoundMember, "user:ann", kind=MemberKind.PERSON, roles=("roles/viewer",))
    all_ = fact(BoundMember, "group:all", kind=MemberKind.GROUP, roles=("roles/viewer",), complete=True)

    assert [each.outcome for each in judged(CHECK, ann, all_)] == [Outcome.FAIL, Outcome.NOT_APPLICABLE]


def test_a_person_without_a_known_role_may_have_one_in_a_policy_that_was_not_read() -> None:
    """A denied read is never a verdict."""
    ann = fact(BoundMember, "user:ann", kind=MemberKind.PERSON, roles=())

    assert outcome(CHECK, ann) is Outcome.UNKNOWN
    assert outcome(CHECK, fact(BoundMember, kind=MemberKind.PERSON, roles=(), complete=True)) is Outcome.PASS
