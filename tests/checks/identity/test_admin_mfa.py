"""identity.admin_mfa"""

from __future__ import annotations

from typing import Any

from checks.api import Outcome
from checks.identity.admin_mfa import CHECK
from checks.testing import DENIED, fact, judged
from collectors.facts.directory import AdminRole
from collectors.facts.identity import User


def user(name: str, **changed: Any) -> User:
    """Somebody who can sign in with a second factor."""
    return fact(User, name, **{"can_sign_in": True, "has_mfa": True, **changed})


def role(name: str = "Owner", *, standing: Any = (), eligible: Any = ()) -> AdminRole:
    """A role with these holders, by uid."""
    return fact(AdminRole, name, highest=False, standing=standing, eligible=eligible)


def found(*facts: Any, **more: Any) -> dict[str, tuple[Outcome, str]]:
    """Outcome and reason by name of the resource."""
    return {each.resource.name: (each.outcome, each.reason) for each in judged(CHECK, *facts, **more)}


def test_each_holder_is_judged_and_nobody_else() -> None:
    """Holding a role for good or being allowed to take one are alike."""
    people = [user("ann"), user("bob", has_mfa=False), user("cat", has_mfa=False), user("dan", has_mfa=False)]
    roles = [role("Owner", standing=("arn:ann", "arn:bob")), role("Reader", standing=("arn:bob",))]

    assert found(*people, *roles, role("Helpdesk", eligible=("arn:cat",))) == {
        "ann": (Outcome.PASS, "holder of Owner has a second factor"),
        "bob": (Outcome.FAIL, "holder of Owner, Reader has no second factor"),
        "cat": (Outcome.FAIL, "holder of Helpdesk has no second factor"),
    }


def test_a_holder_who_cannot_sign_in_is_not_applicable() -> None:
    """Nothing is there to protect."""
    held = role(standing=("arn:ann",))

    assert found(user("ann", can_sign_in=False, has_mfa=DENIED), held)["ann"][0] is Outcome.NOT_APPLICABLE


def test_an_unread_factor_is_unknown() -> None:
    """A denied read is never a verdict, and another holder stays as it is."""
    held = role(standing=("arn:ann", "arn:bob"))

    outcomes = found(user("ann", has_mfa=DENIED), user("bob"), held)

    assert {name: outcome for name, (outcome, _) in outcomes.items()} == {
        "ann": Outcome.UNKNOWN,
        "bob": Outcome.PASS,
    }
    assert found(user("ann", has_mfa=False, can_sign_in=DENIED), held)["ann"][0] is Outcome.UNKNOWN


def test_unread_holders_might_be_anybody() -> None:
    """Nobody who was judged before drops out unseen, and who is known to hold a role is judged as ever."""
    people = [user("ann"), user("bob", has_mfa=False), user("cat", has_mfa=False, can_sign_in=False)]

    for gone in (found(*people, role(eligible=DENIED)), found(*people, unlisted={(AdminRole, "directory"): DENIED})):
        assert {name: outcome for name, (outcome, _) in gone.items()} == dict.fromkeys(
            ("ann", "bob", "cat"), Outcome.UNKNOWN
        )
        assert all("svc:ReadIt" in reason for _, reason in gone.values())
    held = found(*people, role(standing=("arn:ann",), eligible=DENIED))
    assert (held["ann"][0], held["bob"][0]) == (Outcome.PASS, Outcome.UNKNOWN)


def test_a_holder_who_was_not_read_is_told_of_at_the_role() -> None:
    """Somebody holds it of whom nothing is known."""
    held = role(standing=("arn:ann", "arn:gone"))

    outcome, reason = found(user("ann"), held)["Owner"]

    assert outcome is Outcome.UNKNOWN
    assert "arn:gone holds Owner and is not among the users read" in reason
    denied = found(user("ann"), held, unlisted={(User, "directory"): DENIED})
    assert "svc:ReadIt" in denied["Owner"][1]


def test_without_roles_there_is_nothing_to_judge() -> None:
    """A cloud without a directory has no such roles."""
    assert found(user("ann", has_mfa=False)) == {}
    assert not any(type_.exists_in("aws") for type_ in CHECK.population)
