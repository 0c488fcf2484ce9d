"""Leavers against accounts, deployments against approvals."""

from __future__ import annotations

from typing import Any

import pytest

from agent import clock
from agent.registers.joins import (
    HOUR,
    Account,
    Approved,
    Deployment,
    Leaver,
    Removal,
    deployments,
    leavers,
    ownerless,
    strays,
)
from agent.registers.kinds import Approval, Change, Person
from tests.conftest import JANUARY

DAY = 24 * HOUR
LEFT = JANUARY
NOW = JANUARY + 30 * DAY
BOB = "arn:aws:iam::123456789012:user/bob"


def after_a_day(left_at: int) -> int:
    """When an account must be gone."""
    return left_at + DAY


def person(**changes: Any) -> Person:
    """Bob, who left, and has the account bob."""
    fields = {"id": "7", "name": "Bob", "joined_at": 0, "left_at": LEFT, "accounts": ("bob",)} | changes
    return Person.model_construct(**{name: field.default for name, field in Person.model_fields.items()} | fields)


def account(last: int, gone: int | None, uid: str = BOB, owner: str = "bob", target: str = "prod") -> Account:
    """An account that was seen to work `last` after he left, and to be gone by `gone` after that."""
    return Account(
        target=target,
        uid=uid,
        owner=owner,
        last_usable=LEFT + last,
        unusable_by=None if gone is None else LEFT + gone,
    )


@pytest.mark.parametrize(
    ("last", "gone", "now", "removal", "at_least", "at_most"),
    [
        (-DAY, -HOUR, NOW, Removal.IN_TIME, 0, 0),
        (0, HOUR, NOW, Removal.IN_TIME, 0, 1),
        (22 * HOUR, DAY, NOW, Removal.IN_TIME, 22, 24),
        (DAY, DAY + HOUR, NOW, Removal.UNKNOWN, 24, 25),
        (DAY + 1, DAY + HOUR, NOW, Removal.LATE, (DAY + 1) / HOUR, 25),
        (-DAY, 3 * DAY, NOW, Removal.UNKNOWN, 0, 72),
        (29 * DAY, None, NOW, Removal.STILL_THERE, 29 * 24, None),
        (HOUR, None, NOW, Removal.UNKNOWN, 1, None),
        (HOUR, None, LEFT + DAY, Removal.DUE, 1, None),
        (HOUR, None, LEFT + DAY + 1, Removal.UNKNOWN, 1, None),
    ],
)
def test_what_became_of_an_account(
    last: int, gone: int | None, now: int, removal: Removal, at_least: float, at_most: float | None
) -> None:
    """Within a day or not, as far as the two readings around it can tell; otherwise nobody knows."""
    (found,) = leavers([person()], [account(last, gone)], after_a_day, now)

    assert (found.removal, found.at_least, found.at_most) == (removal, at_least, at_most)
    assert (found.person, found.name, found.left_at, found.target, found.uid) == ("7", "Bob", LEFT, "prod", BOB)


@pytest.mark.parametrize(
    ("changes", "mine"),
    [
        ({"accounts": ("BOB",)}, True),
        ({"accounts": (BOB,)}, True),
        ({"accounts": (), "email": "Bob"}, True),
        ({"accounts": (), "email": ""}, False),
        ({"accounts": ("bo",)}, False),
        ({"accounts": (), "name": "bob"}, False),
    ],
)
def test_whose_an_account_is(changes: dict[str, Any], mine: bool) -> None:
    """By its identifier or its user's name, from the list or the address; never by likeness."""
    (found,) = leavers([person(**changes)], [account(0, HOUR)], after_a_day, NOW)

    assert found.uid == (BOB if mine else "")
    assert found.removal is (Removal.IN_TIME if mine else Removal.NO_ACCOUNT)
    assert [each.uid for each in ownerless([person(**changes)], [account(0, HOUR)])] == ([] if mine else [BOB])


def test_every_account_and_key_of_a_leaver_is_listed_once() -> None:
    """A user in two targets and an access key of theirs, although two of the names lead to it."""
    accounts = [
        account(0, HOUR, target="prod"),
        account(DAY * 2, None, target="lab"),
        account(DAY * 2, DAY * 3, uid="AKIA1"),
    ]
    found = leavers([person(accounts=("bob", BOB))], accounts, after_a_day, NOW)

    assert [(each.target, each.uid, each.removal) for each in found] == [
        ("lab", BOB, Removal.STILL_THERE),
        ("prod", "AKIA1", Removal.LATE),
        ("prod", BOB, Removal.IN_TIME),
    ]


@pytest.mark.parametrize(("left_at", "number"), [(None, 0), (NOW + 1, 0), (NOW, 1)])
def test_who_has_not_left_is_no_leaver(left_at: int | None, number: int) -> None:
    """Who leaves later is not one yet."""
    assert len(leavers([person(left_at=left_at)], [], after_a_day, NOW)) == number


def test_a_leaver_for_programs() -> None:
    """All that is known, times as text."""
    (found,) = leavers([person()], [account(2 * HOUR, 3 * HOUR)], after_a_day, NOW)

    assert isinstance(found, Leaver)
    assert found.to_json() == {
        "person": "7",
        "name": "Bob",
        "left_at": "2026-01-01T00:00:00Z",
        "target": "prod",
        "account": BOB,
        "removal": "in time",
        "hours_at_least": 2.0,
        "hours_at_most": 3.0,
    }


def change(deployed_by: str = "Ana", kind: str = "standard") -> Change:
    """A change that went out in January."""
    return Change.model_validate(
        {"id": "c1", "system": "api", "kind": kind, "deployed_at": clock.iso(JANUARY), "deployed_by": deployed_by}
    )


def approval(id_: str, at: int, by: str = "Ben", decision: str = "approved", of: str = "c1") -> Approval:
    """A decision so long after the deployment."""
    when = clock.iso(JANUARY + at)
    return Approval.model_validate(
        {"id": id_, "change": of, "decision": decision, "approved_by": by, "approved_at": when}
    )


@pytest.mark.parametrize(
    ("approvals", "result", "named"),
    [
        ([], Approved.MISSING, ""),
        ([approval("a", -HOUR)], Approved.APPROVED, "a"),
        ([approval("a", 0)], Approved.APPROVED, "a"),
        ([approval("a", 1)], Approved.AFTERWARDS, "a"),
        ([approval("a", -HOUR, of="c2")], Approved.MISSING, ""),
        ([approval("a", -HOUR, by=" ANA ")], Approved.SELF_APPROVED, "a"),
        ([approval("a", -HOUR, by="Ana"), approval("b", -1)], Approved.APPROVED, "b"),
        ([approval("a", -HOUR, by="Ana"), approval("b", 1)], Approved.SELF_APPROVED, "a"),
        ([approval("a", -HOUR, decision="rejected")], Approved.REJECTED, "a"),
        ([approval("b", -1), approval("a", -HOUR, decision="rejected")], Approved.APPROVED, "b"),
        ([approval("b", -1, decision="rejected"), approval("a", -HOUR)], Approved.REJECTED, "b"),
        ([approval("b", -1, decision="rejected"), approval("a", -1, by="Carl")], Approved.REJECTED, "b"),
        ([approval("b", -1, by="Ana", decision="rejected"), approval("a", -HOUR)], Approved.APPROVED, "a"),
        ([approval("b", -1, by="Ana", decision="rejected")], Approved.MISSING, ""),
        ([approval("a", 1, decision="rejected")], Approved.MISSING, ""),
        ([approval("b", 2 * HOUR), approval("a", HOUR)], Approved.AFTERWARDS, "a"),
    ],
)
def test_which_decision_counts(approvals: list[Approval], result: Approved, named: str) -> None:
    """The newest one up to the deployment by somebody else; whatever the order of the list."""
    for given in (approvals, approvals[::-1]):
        (found,) = deployments([change()], given)

        assert (found.approved, found.approval) == (result, named)


def test_a_deployment_for_programs() -> None:
    """All that is known, times as text; an emergency is marked and judged like the others."""
    (found,) = deployments([change(kind="emergency")], [approval("a", HOUR)])
    (missing,) = deployments([change()], [])

    assert isinstance(found, Deployment)
    assert found.to_json() == {
        "change": "c1",
        "emergency": True,
        "deployed_at": "2026-01-01T00:00:00Z",
        "deployed_by": "Ana",
        "result": "afterwards",
        "approval": "a",
        "approved_by": "Ben",
        "approved_at": "2026-01-01T01:00:00Z",
    }
    assert (missing.to_json()["approved_at"], missing.to_json()["approved_by"]) == (None, "")


def test_decisions_about_nothing_are_told() -> None:
    """The list of changes may be incomplete."""
    assert strays([change()], [approval("a", 0), approval("b", 0, of="c2")]) == ["b"]
