"""identity.service_account_admin"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.service_account_admin import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Fact, Unread
from collectors.facts.identity import AccessPolicy, BoundMember, MemberKind, PolicyOrigin, ServiceAccount

ROBOT = fact(ServiceAccount, "robot", member="serviceAccount:robot", enabled=True)


def bound(*roles: str, name: str = "serviceAccount:robot", complete: bool | Unread = True) -> BoundMember:
    """A member with its roles."""
    return fact(BoundMember, name, kind=MemberKind.PROGRAM, roles=roles, complete=complete)


def role(name: str, *, everything: bool | Unread) -> AccessPolicy:
    """A role that allows everything or not."""
    return fact(AccessPolicy, name, origin=PolicyOrigin.CUSTOMER, allows_everything=everything)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], Outcome.PASS),
        ([bound("roles/viewer"), role("roles/viewer", everything=False)], Outcome.PASS),
        ([bound("roles/owner", name="serviceAccount:other")], Outcome.PASS),
        ([bound("roles/editor")], Outcome.FAIL),
        ([bound("roles/compute.instanceAdmin.v1")], Outcome.FAIL),
        ([bound("projects/p/roles/own"), role("projects/p/roles/own", everything=True)], Outcome.FAIL),
        ([bound("projects/p/roles/own"), role("projects/p/roles/own", everything=DENIED)], Outcome.UNKNOWN),
        ([bound("roles/viewer", complete=DENIED)], Outcome.UNKNOWN),
        ([bound("roles/owner", complete=DENIED)], Outcome.FAIL),
    ],
)
def test_an_account_holds_no_administrator_role(facts: list[Fact], expected: Outcome) -> None:
    """By its name, or because it allows everything; one that is held for certain decides."""
    assert outcome(CHECK, ROBOT, *facts) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [({"enabled": False}, Outcome.NOT_APPLICABLE), ({"enabled": DENIED}, Outcome.UNKNOWN)],
)
def test_an_account_that_is_off_does_nothing(values: dict[str, Any], expected: Outcome) -> None:
    """Whether it works must be known before it fails."""
    robot = fact(ServiceAccount, "robot", member="serviceAccount:robot", **values)

    assert outcome(CHECK, robot, bound("roles/owner")) is expected


@pytest.mark.parametrize("lost", [BoundMember, AccessPolicy])
def test_policies_that_were_not_read_may_give_it_one(lost: type[Fact]) -> None:
    """An account that no known policy names may be in an unknown one."""
    (finding,) = judged(CHECK, ROBOT, unlisted={(lost, "global"): DENIED})

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
