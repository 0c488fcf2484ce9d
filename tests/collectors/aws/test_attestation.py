"""What policies of keys ask of enclaves"""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.aws.attestation import Attested, attested, unattested
from collectors.aws.kms_keys import POLICY
from collectors.facts.core import Unread

PCR0, IMAGE = "kms:RecipientAttestation:PCR0", "kms:RecipientAttestation:ImageSha384"
PCR8 = "kms:RecipientAttestation:PCR8"
ROOT = {"Sid": "root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"}, "Action": "kms:*"}


def allow(actions: Any, condition: dict[str, Any] | None = None, sid: str = "enclave") -> dict[str, Any]:
    """A statement that lets a role in."""
    statement = {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:role/r"}, "Action": actions}
    return {**statement, "Resource": "*", **({"Condition": condition} if condition else {})}


def deny(actions: Any, condition: dict[str, Any], principal: Any = "*") -> dict[str, Any]:
    """A statement that keeps everybody out under a condition."""
    return {"Effect": "Deny", "Principal": principal, "Action": actions, "Resource": "*", "Condition": condition}


def of(*statements: dict[str, Any]) -> Attested:
    """What a policy with these statements asks for."""
    return attested(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def test_a_policy_without_measurements_asks_for_none() -> None:
    """The root of the account may do everything, with nothing shown."""
    found = of(ROOT)

    assert (found.asks, found.without, found.pinned, found.values) == (False, ("root",), (), ())


def test_an_enclave_that_is_measured_beside_a_root_that_is_not() -> None:
    """The open way is named, and the other one is pinned."""
    found = of(ROOT, allow("kms:Decrypt", {"StringEqualsIgnoreCase": {IMAGE: "AB12"}}))

    assert (found.asks, found.without) == (True, ("root",))
    assert (found.pinned, found.values) == (("PCR0",), ("PCR0 ab12",))


@pytest.mark.parametrize(
    "actions",
    ["kms:Describe*", ["kms:Encrypt", "kms:CreateGrant"], "kms:GenerateDataKeyWithoutPlaintext"],
)
def test_what_gives_no_plaintext_out_is_no_way(actions: Any) -> None:
    """A key may be managed without being measured."""
    assert of(allow(actions)).without == ()


@pytest.mark.parametrize("actions", ["kms:*", "kms:Decr*", "KMS:DECRYPT", ["kms:Encrypt", "kms:GenerateDataKey"]])
def test_wildcards_and_cases_are_weighed(actions: Any) -> None:
    """AWS compares actions without case."""
    assert of(allow(actions)).without == ("enclave",)


def test_all_actions_but_some_are_a_way_unless_all_ways_are_among_these() -> None:
    """NotAction allows what it does not name."""
    statement = {key: value for key, value in allow("x").items() if key != "Action"}

    assert of({**statement, "NotAction": "kms:Encrypt"}).without == ("enclave",)
    assert of({**statement, "NotAction": "kms:*"}).without == ()


@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        ({"StringEquals": {PCR0: "ab"}}, True),
        ({"StringLike": {PCR0: "ab"}}, True),
        ({"Null": {PCR0: "false"}}, True),
        ({"Null": {PCR0: "true"}}, False),
        ({"StringEqualsIfExists": {PCR0: "ab"}}, False),
        ({"StringNotEquals": {PCR0: "ab"}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
    ],
)
def test_only_conditions_that_demand_a_measurement_count(condition: dict[str, Any], asked: bool) -> None:
    """A negated or optional one lets in whoever shows nothing."""
    assert of(allow("kms:Decrypt", condition)).asks is asked


def test_a_wildcard_pins_nothing() -> None:
    """It takes any enclave."""
    found = of(allow("kms:Decrypt", {"StringLike": {PCR0: "*"}}))

    assert (found.without, found.pinned, found.values) == ((), (), ())


@pytest.mark.parametrize("operator", ["StringNotEquals", "StringNotEqualsIgnoreCase"])
def test_a_denial_of_all_but_the_image_measures_every_way(operator: str) -> None:
    """Whoever shows nothing differs too."""
    found = of(ROOT, deny("kms:*", {operator: {PCR0: ["AB", "CD"]}}))

    assert (found.asks, found.without, found.pinned) == (True, (), ("PCR0",))
    assert found.values == ("PCR0 ab", "PCR0 cd")


def test_a_denial_of_nothing_shown_asks_for_any_enclave() -> None:
    """Which one is left open."""
    found = of(ROOT, deny("kms:*", {"Null": {PCR0: "true"}}))

    assert (found.without, found.pinned) == ((), ())


def test_a_denial_of_one_action_leaves_the_others_open() -> None:
    """A data key is plaintext too."""
    found = of(ROOT, deny("kms:Decrypt", {"StringNotEquals": {PCR0: "ab"}}))

    assert (found.asks, found.without) == (True, ("root",))


def test_several_demands_hold_together() -> None:
    """What a statement and the denials name in common is let in; each of them may name another measurement."""
    found = of(
        allow("kms:Decrypt", {"StringEquals": {PCR0: ["ab", "cd"]}}),
        deny("kms:Decrypt", {"StringNotEquals": {PCR0: ["cd", "ef"]}}),
        deny("kms:Decrypt", {"StringNotEquals": {PCR8: "77"}}),
        deny("kms:Decrypt", {"Null": {PCR8: "true"}}),
    )

    assert found.pinned == ("PCR0", "PCR8")
    assert found.values == ("PCR0 cd", "PCR8 77")


@pytest.mark.parametrize(
    "denial",
    [
        deny("kms:*", {"StringNotEquals": {PCR0: "ab", "aws:PrincipalArn": "arn:aws:iam::1:role/admin"}}),
        deny("kms:*", {"StringNotEquals": {PCR0: "ab"}}, principal={"AWS": "arn:aws:iam::1:role/r"}),
        deny("kms:*", {"StringEquals": {PCR0: "ab"}}),
    ],
)
def test_a_denial_that_is_not_worked_out_leaves_an_open_way_unread(denial: dict[str, Any]) -> None:
    """It may close the way, so nobody says that it is open, and nobody that it is shut."""
    found = of(ROOT, denial)

    assert found.asks is True
    assert isinstance(unattested(found, POLICY), Unread)
    assert unattested(of(denial, allow("kms:Decrypt", {"StringEquals": {PCR0: "ab"}})), POLICY) == ()


def test_a_statement_without_a_name_is_told_by_its_place() -> None:
    """Sid is optional."""
    nameless = {key: value for key, value in allow("kms:Decrypt").items() if key != "Sid"}

    assert of(ROOT, nameless).without == ("root", "statement 2")
