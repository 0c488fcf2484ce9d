"""collectors.aws.resource_policies"""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.api import Kind
from collectors.aws.resource_policies import everybody
from collectors.facts.core import Reason, Unread

KIND = Kind("aws.some.policy", "some", "GetPolicy")
OPEN = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
TLS = {"Bool": {"aws:SecureTransport": "true"}}
ONE = "123456789012"


def judged(*statements: dict[str, Any]) -> bool | Unread:
    """What a policy of these statements means."""
    return everybody(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}), KIND)


@pytest.mark.parametrize(
    "statement",
    [
        OPEN,
        {**OPEN, "Principal": {"AWS": "*"}},
        {**OPEN, "Principal": {"AWS": [f"arn:aws:iam::{ONE}:root", "*"]}},
        {"Effect": "Allow", "NotPrincipal": {"AWS": ONE}, "Action": "*", "Resource": "*"},
        {**OPEN, "Condition": TLS},
    ],
)
def test_open_to_everybody(statement: dict[str, Any]) -> None:
    """However it is written, and also when all that it demands is TLS."""
    assert judged(statement) is True


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"AWS:SourceOwner": ONE}},
        {"StringEquals": {"kms:CallerAccount": ONE}},
        {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ONE}:*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::uploads"}},
        {"StringEquals": {"aws:PrincipalOrgID": ["o-abc"]}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc/*"}},
        {**TLS, "StringEquals": {"aws:SourceVpce": "vpce-1"}},
    ],
)
def test_a_condition_that_names_people_closes_it(condition: dict[str, Any]) -> None:
    """Whoever is not named does not get in."""
    assert judged({**OPEN, "Condition": condition}) is False


@pytest.mark.parametrize(
    "condition",
    [
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringLike": {"aws:PrincipalAccount": "*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
        {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}},
        {"StringNotEquals": {"aws:PrincipalAccount": ONE}},
    ],
)
def test_other_conditions_are_not_guessed(condition: dict[str, Any]) -> None:
    """It may be closed and it may be open, so it is neither."""
    found = judged({**OPEN, "Condition": condition})

    assert isinstance(found, Unread)
    assert found.reason is Reason.SERVICE_UNSUPPORTED
    assert found.operation == "some:GetPolicy"


@pytest.mark.parametrize("principal", [{"AWS": ONE}, {"Service": "sns.amazonaws.com"}, {"AWS": [ONE, "210987654321"]}])
def test_named_principals_are_not_everybody(principal: dict[str, Any]) -> None:
    """Accounts and services of the provider are named ones."""
    assert judged({**OPEN, "Principal": principal}) is False


def test_denials() -> None:
    """One of requests without TLS takes nothing back; any other may, and lets nobody in by itself."""
    plain = {**OPEN, "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    outsiders = {**OPEN, "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}}

    assert judged(OPEN, plain) is True
    assert isinstance(judged(OPEN, outsiders), Unread)
    assert judged(outsiders) is False
