"""identity.account_wide_roles"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.identity.account_wide_roles import CHECK, ROLES
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Unread
from collectors.facts.identity import BoundMember, MemberKind


def member(*roles: str, kind: MemberKind = MemberKind.GROUP, complete: bool | Unread = True) -> BoundMember:
    """A member with its roles."""
    return fact(BoundMember, kind=kind, roles=roles, complete=complete)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("complete", [True, DENIED])
def test_each_role_of_the_list_fails(role: str, complete: bool | Unread) -> None:
    """Whatever else was not read."""
    (finding,) = judged(CHECK, member("roles/viewer", role, complete=complete))

    assert finding.outcome is Outcome.FAIL
    assert role in finding.reason
    assert "roles/viewer" not in finding.reason


def test_other_roles_pass() -> None:
    """They are on no list."""
    assert outcome(CHECK, member("roles/viewer", "roles/owner")) is Outcome.PASS


def test_everybody_may_hold_nothing() -> None:
    """A role of any kind is too much."""
    assert outcome(CHECK, member("roles/browser", kind=MemberKind.EVERYBODY)) is Outcome.FAIL


def test_a_policy_that_was_not_read_may_give_one() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, member("roles/viewer", complete=DENIED))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))


def test_a_program_of_the_provider_s_own_is_not_judged() -> None:
    """Google's own agents hold Editor by design."""
    assert outcome(CHECK, member("roles/editor", kind=MemberKind.PROVIDER)) is Outcome.NOT_APPLICABLE
