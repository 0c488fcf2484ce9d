"""Which ways to further rights policies open, for a policy alone and for a user or role with all of its own."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.aws.escalation import ACTIONS, IF, WAYS, Holder, ways
from collectors.aws.policy_evaluator import Layer, parse

OWN = "arn:aws:iam::1:"
ANYBODY = Holder.of_policy("aws", "1")
ANN = Holder("aws", "1", f"{OWN}user/staff/ann")
WORKER = Holder("aws", "1", f"{OWN}role/worker", (f"{OWN}policy/mine",))
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
RUN = "iam:PassRole + ec2:RunInstances"


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def layer(*statements: dict[str, Any], complete: bool = True) -> Layer:
    """One layer of policies."""
    return Layer(parse({"Statement": list(statements)}), complete)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "+".join(step.action for step in way))
def test_each_way_takes_all_of_its_actions(way: tuple[Any, ...]) -> None:
    """With them on everything it is open; without any one of them it is not."""
    actions = [step.action for step in way]
    name = " + ".join(actions)

    assert name in (ways((layer(allow(actions)),), ANYBODY) or ())
    for left_out in actions:
        rest = [action for action in actions if action != left_out]
        assert name not in (ways((layer(allow(rest)),), ANYBODY) or ())


def test_everything_opens_every_way() -> None:
    """And nothing opens none."""
    assert len(ways((layer(allow("*")),), ANYBODY) or ()) == len(WAYS)
    assert ways((layer(),), ANYBODY) == ()
    assert ways((layer(allow(["s3:*", "iam:Get*", "iam:List*"])),), ANYBODY) == ()
    assert len(set(WAYS)) == len(WAYS)
    assert set(ACTIONS) >= {"iam:PassRole", "iam:CreatePolicyVersion", "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("resource", "holder", "is_open"),
    [
        ("*", ANN, True),
        (f"{OWN}user/*", ANN, True),
        (f"{OWN}user/dev/*", ANN, False),
        (f"{OWN}user/staff/ann", ANN, True),
        (f"{OWN}user/staff/${{aws:username}}", ANN, True),
        (f"{OWN}user/${{aws:username}}", ANYBODY, True),
        (f"{OWN}user/staff/ann", WORKER, False),
        (f"{OWN}user/staff/ann", ANYBODY, False),
    ],
)
def test_giving_policies_to_oneself(resource: str, holder: Holder, is_open: bool) -> None:
    """One's own name is enough; somebody else's in particular is not."""
    expected = ("iam:PutUserPolicy",) if is_open else ()

    assert ways((layer(allow("iam:PutUserPolicy", resource)),), holder) == expected


def test_managing_ones_own_keys_is_no_way() -> None:
    """The usual self-service policy gives nobody more than they have."""
    own = [f"{OWN}user/${{aws:username}}", f"{OWN}user/*/${{aws:username}}"]
    actions = ["iam:CreateAccessKey", "iam:UpdateLoginProfile", "iam:CreateLoginProfile"]

    assert ways((layer(allow(actions, own)),), ANN) == ()
    assert ways((layer(allow(actions, own)),), ANYBODY) == ()


@pytest.mark.parametrize(
    ("resource", "is_open"), [(f"{OWN}role/worker", True), (f"{OWN}role/*", True), (f"{OWN}role/other", False)]
)
def test_a_role_that_changes_itself(resource: str, is_open: bool) -> None:
    """Its own name opens the way as all names do."""
    expected = ("iam:AttachRolePolicy",) if is_open else ()

    assert ways((layer(allow("iam:AttachRolePolicy", resource)),), WORKER) == expected


@pytest.mark.parametrize(
    ("resource", "is_open"), [(f"{OWN}policy/mine", True), (f"{OWN}policy/*", True), (f"{OWN}policy/other", False)]
)
def test_rewriting_a_policy_that_one_holds(resource: str, is_open: bool) -> None:
    """One single policy is enough, when it is one's own."""
    expected = ("iam:CreatePolicyVersion",) if is_open else ()

    assert ways((layer(allow("iam:CreatePolicyVersion", resource)),), WORKER) == expected


@pytest.mark.parametrize(
    ("resource", "condition", "expected"),
    [
        ("*", {}, (RUN,)),
        (f"{OWN}role/app-*", {}, ()),
        ("*", {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}, (RUN,)),
        ("*", {"StringLike": {"iam:PassedToService": "ec2*"}}, (RUN,)),
        ("*", {"StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com"]}}, ()),
        ("*", MFA, (RUN + IF,)),
    ],
)
def test_passing_a_role(resource: str, condition: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Single roles and other services keep the way closed; what can be met at will is named beside it."""
    given = allow("iam:PassRole", resource, Condition=condition)

    assert ways((layer(given, allow("ec2:RunInstances")),), ANYBODY) == expected
    assert ways((layer(given, allow("ec2:RunInstances", "arn:aws:ec2:*:*:instance/*")),), ANYBODY) == expected


def test_a_service_has_another_name_in_china() -> None:
    """Either name opens the way there."""
    given = allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com.cn"}})
    layers = (layer(given, allow("ec2:RunInstances")),)

    assert ways(layers, Holder.of_policy("aws-cn", "1")) == (RUN,)
    assert ways(layers, ANYBODY) == ()


def test_targets_must_have_a_boundary() -> None:
    """Delegation as AWS recommends it: only what is bounded can be given rights."""
    bounded = {"StringEquals": {"iam:PermissionsBoundary": f"{OWN}policy/bound"}}

    assert ways((layer(allow("iam:PutUserPolicy", Condition=bounded)),), ANN) == ()


def test_actions_of_several_policies_come_together() -> None:
    """Neither statement is a way by itself."""
    one, other = allow("iam:PassRole"), allow("ec2:RunInstances")

    assert ways((layer(one),), ANN) == ways((layer(other),), ANN) == ()
    assert ways((layer(one, other),), ANN) == (RUN,)


def test_boundaries_and_denials_close_ways() -> None:
    """Whatever one's own policies allow."""
    full = layer(allow("*"))
    no_iam = {"Effect": "Deny", "Action": ["iam:*", "sts:*", "lambda:*"], "Resource": "*"}

    assert ways((full, layer(allow(["s3:*", "ec2:*"]))), ANN) == ()
    assert ways((layer(allow("*"), no_iam),), ANN) == ()


def test_unread_policies_leave_it_open_unless_all_ways_are_denied() -> None:
    """Nobody can tell what they allow, or take away."""
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}

    assert ways((layer(complete=False),), ANN) is None
    assert ways((layer(allow("*"), complete=False),), ANN) is None
    assert ways((layer(allow("*")), layer(complete=False)), ANN) is None
    assert ways((layer(), layer(complete=False)), ANN) == ()
    assert ways((layer(deny, complete=False),), ANN) == ()
