"""From which stores policies let somebody read."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.aws.data_rights import all_of_bucket, reading_rights, some_of_bucket
from collectors.aws.policy_evaluator import Layer, parse
from collectors.facts.rights import Names, ReadingRight

ANN = {"aws:username": ("ann",), "aws:securetransport": ("true",)}
BUCKET = "arn:aws:s3:::reports"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def statement(action: Any, resource: Any = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """One statement of a policy."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def layer(*statements: dict[str, Any]) -> Layer:
    """One layer of policies."""
    return Layer(parse({"Statement": list(statements)}))


def one(*layers: Layer) -> ReadingRight:
    """The right to the only type of store that they let read."""
    (right,) = reading_rights(layers, ANN)
    return right


@pytest.mark.parametrize(
    ("action", "stores"),
    [
        ("s3:Get*", ["object_store"]),
        ("s3:ListBucket", []),
        ("secretsmanager:*", ["secret"]),
        ("kms:Decrypt", ["encryption_key"]),
        ("*", ["object_store", "secret", "encryption_key"]),
    ],
)
def test_which_stores_an_action_reads(action: str, stores: list[str]) -> None:
    """Only what reads content counts."""
    assert [right.store for right in reading_rights((layer(statement(action)),), ANN)] == stores


@pytest.mark.parametrize(
    ("resource", "those"),
    [
        ("*", ("*",)),
        (f"{BUCKET}/*", (BUCKET,)),
        (f"{BUCKET}/public/*", (BUCKET,)),
        ([BUCKET, f"{BUCKET}/*"], (BUCKET,)),
        ("arn:aws:s3:::rep*", ("arn:aws:s3:::rep*",)),
        ("arn:aws:s3:::home-${aws:username}/*", ("arn:aws:s3:::home-ann",)),
        ("arn:aws:s3:::home-${aws:PrincipalTag/t}/*", ("arn:aws:s3:::home-*",)),
    ],
)
def test_part_of_a_bucket_counts_as_the_bucket(resource: Any, those: tuple[str, ...]) -> None:
    """A right is an upper bound."""
    assert one(layer(statement("s3:GetObject", resource))) == ReadingRight("object_store", (Names(those),), (), None)


def test_a_bucket_without_objects_is_no_right() -> None:
    """Its name alone stands for what is not content."""
    assert reading_rights((layer(statement("s3:GetObject", BUCKET)),), ANN) == ()


@pytest.mark.parametrize(
    ("resource", "denied"),
    [
        (f"{BUCKET}/*", (Names((BUCKET,)),)),
        (f"{BUCKET}/private/*", ()),
        (BUCKET, ()),
        ("*", (Names(("*",)),)),
        ("arn:aws:s3:::home-${aws:PrincipalTag/t}/*", ()),
    ],
)
def test_a_denial_counts_for_whole_buckets(resource: str, denied: tuple[Names, ...]) -> None:
    """What it leaves can still be read."""
    right = one(layer(statement("s3:GetObject"), statement("s3:*", resource, "Deny")))

    assert right.denied == denied


@pytest.mark.parametrize(
    ("condition", "counted"),
    [
        (MFA, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
    ],
)
def test_a_denial_under_a_condition_counts_when_it_is_sure_to_hold(condition: dict[str, Any], counted: bool) -> None:
    """An allowance does unless it is sure not to."""
    denied = one(layer(statement("s3:*"), statement("s3:*", "*", "Deny", Condition=condition))).denied
    allowed = reading_rights((layer(statement("s3:*", Condition=condition)),), ANN)

    assert bool(denied) is counted
    assert bool(allowed) is (condition != {"Bool": {"aws:SecureTransport": "false"}})


def test_exclusions_are_counted_the_other_way_round() -> None:
    """An allowance of all but part of a bucket still reads the bucket; a denial of all but part of it does not."""
    part, whole = f"{BUCKET}/x/*", "arn:aws:s3:::other/*"
    rest = {"Effect": "Allow", "Action": "s3:*", "NotResource": [part, whole]}
    denial = {"Effect": "Deny", "Action": "s3:*", "NotResource": part}

    assert one(layer(rest)).allowed == (Names(("*",), ("arn:aws:s3:::other",)),)
    assert one(layer(statement("s3:*"), denial)).denied == (Names(("*",), (BUCKET,)),)


def test_a_boundary_is_what_is_left() -> None:
    """None without one; empty when it leaves nothing of this type; its denials count too."""
    own = layer(statement("s3:*"))

    assert one(own).within is None
    assert one(own, layer(statement("ec2:*"))).within == ()
    bound = one(own, layer(statement("*", f"{BUCKET}/*"), statement("s3:*", "arn:aws:s3:::x/*", "Deny")))
    assert bound.within == (Names((BUCKET,)),)
    assert bound.denied == (Names(("arn:aws:s3:::x",)),)


def test_secrets_and_keys_keep_their_names() -> None:
    """There is nothing in them to be a part of."""
    secret = "arn:aws:secretsmanager:*:1:secret:db/*"

    assert one(layer(statement("secretsmanager:GetSecretValue", secret))).allowed == (Names((secret,)),)


def test_patterns_of_buckets() -> None:
    """With objects in them, and with all of them."""
    assert (some_of_bucket("arn:aws:s3:::*/x"), all_of_bucket("arn:aws:s3:::*/x")) == ("arn:aws:s3:::*", "")
    assert (some_of_bucket("arn:aws:s3:::b*"), all_of_bucket("arn:aws:s3:::b*")) == ("arn:aws:s3:::b*",) * 2
