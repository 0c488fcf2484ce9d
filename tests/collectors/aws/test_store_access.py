"""Whom policies of stores let read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.aws.kms_keys import POLICY
from collectors.aws.store_access import lets_identities_in, named
from collectors.facts.core import Unread

ROOT, ANN, OTHER = "arn:aws:iam::1:root", "arn:aws:iam::1:user/ann", "arn:aws:iam::2:root"
ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}


def policy(*statements: dict[str, Any]) -> str:
    """The text of a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def grant(principal: Any, action: str = "kms:Decrypt", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """One statement about somebody."""
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*", **more}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], ()),
        ([grant({"AWS": ROOT})], ()),
        ([grant({"AWS": "1"})], ()),
        ([grant({"AWS": [ANN, OTHER]})], (ANN, OTHER)),
        ([grant({"AWS": ANN}, "kms:Encrypt")], ()),
        ([grant({"AWS": ANN}, "kms:*")], (ANN,)),
        ([grant({"Service": "logs.amazonaws.com"})], ()),
        ([grant({"Federated": "idp", "AWS": ANN})], (ANN, "idp")),
        ([grant("*")], ("everybody",)),
        ([grant("*", "kms:DescribeKey")], ()),
        ([grant("*", Condition=ORGANIZATION)], ("o-1",)),
        ([grant({"AWS": "*"}, Condition={"StringEquals": {"kms:CallerAccount": "2"}})], ("2",)),
        ([grant({"AWS": OTHER}, effect="Deny")], ()),
    ],
)
def test_who_is_named(statements: list[dict[str, Any]], expected: tuple[str, ...]) -> None:
    """Those that may read, without programs of the provider and the account as a whole."""
    assert named(policy(*statements), POLICY, "encryption_key", "1") == expected


def test_conditions_that_only_aws_can_weigh_leave_it_unread() -> None:
    """They may name people, or nobody."""
    odd = grant("*", Condition={"StringEquals": {"aws:UserAgent": "x"}})

    assert isinstance(named(policy(odd), POLICY, "encryption_key", "1"), Unread)
    assert named(policy({**odd, "Action": "kms:List*"}), POLICY, "encryption_key", "1") == ()


@pytest.mark.parametrize(
    ("statements", "secret", "key"),
    [
        ([], True, False),
        ([grant({"AWS": ROOT}, "*")], True, True),
        ([grant({"AWS": "1"}, "*")], True, True),
        ([grant({"AWS": ROOT}, "s3:*")], True, False),
        ([grant({"AWS": ANN}, "*")], True, False),
        ([grant({"AWS": OTHER}, "*")], True, False),
        ([grant("*", "*")], True, True),
        ([grant({"AWS": ROOT}, "*"), grant("*", "*", "Deny")], False, False),
        ([grant({"AWS": ROOT}, "*"), grant("*", "*", "Deny", Condition=ORGANIZATION)], True, True),
        ([grant({"AWS": ROOT}, "*"), grant({"AWS": ANN}, "*", "Deny")], True, True),
        ([grant({"AWS": ROOT}, "*"), grant("*", "s3:*", "Deny")], True, True),
    ],
)
def test_identities_beside(statements: list[dict[str, Any]], secret: bool, key: bool) -> None:
    """A secret lets them in unless it turns everybody away; a key only where it names the account."""
    assert lets_identities_in(policy(*statements), "secret", "1") is secret
    assert lets_identities_in(policy(*statements), "encryption_key", "1") is key


@pytest.mark.parametrize(
    ("resource", "left"), [("arn:aws:s3:::b/*", False), ("arn:aws:s3:::b", True), ("arn:aws:s3:::b/x/*", True)]
)
def test_a_bucket_is_closed_when_all_of_it_is(resource: str, left: bool) -> None:
    """Part of it leaves the rest open."""
    denial = {**grant("*", "s3:*", "Deny"), "Resource": resource}

    assert lets_identities_in(policy(denial), "object_store", "1") is left


def test_a_denial_to_all_but_some_closes_nothing_for_certain() -> None:
    """Some are still let in, so that identities have to be looked at."""
    denial = grant("*", "*", "Deny")
    denial["NotPrincipal"] = {"AWS": ANN}
    del denial["Principal"]

    assert lets_identities_in(policy(denial), "secret", "1") is True


@pytest.mark.parametrize("malformed", ["{}", "[]", "no JSON", '{"Statement": [{"Effect": "Allow"}]}'])
def test_a_malformed_policy_is_no_answer(malformed: str) -> None:
    """It raises what makes the value unread."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        named(malformed, POLICY, "secret", "1")
