"""aws.iam_account"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.iam_account import COLLECTOR, maximum_age_days, minimum_length, remembered, requires
from collectors.facts.core import Reason, Unread
from collectors.facts.identity import PasswordPolicy
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


@pytest.fixture(autouse=True)
def _no_provider_policies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account that the next fixture empties is spared a thousand policies that take a second to load."""
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "false")


def policy(reading: Reading) -> PasswordPolicy:
    """The one password policy of the account."""
    return reading.fact(PasswordPolicy, "123456789012")


def test_an_account_without_a_policy_has_the_weak_default(read: Read) -> None:
    """AWS says that there is none: an answer, and no gap."""
    reading = read(COLLECTOR)
    found = policy(reading)

    assert found.exists is False
    assert (found.minimum_length, found.remembered, found.maximum_age_days) == (8, 0, None)
    assert found.requires_upper is found.requires_symbol is False
    assert reading.page.gaps == []


def test_each_rule_becomes_a_field(read: Read, client: Client) -> None:
    """No rule is taken for its neighbor."""
    client("iam").update_account_password_policy(
        MinimumPasswordLength=14,
        PasswordReusePrevention=24,
        MaxPasswordAge=90,
        RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=False,
        RequireNumbers=True,
        RequireSymbols=False,
    )

    found = policy(read(COLLECTOR))

    assert found.exists is True
    assert (found.minimum_length, found.remembered, found.maximum_age_days) == (14, 24, 90)
    assert (found.requires_upper, found.requires_lower) == (True, False)
    assert (found.requires_digit, found.requires_symbol) == (True, False)


def test_the_alias_is_kept_with_the_policy(read: Read, client: Client) -> None:
    """An auditor sees which account this is by the name that people use."""
    client("iam").create_account_alias(AccountAlias="acme-prod")

    reading = read(COLLECTOR)

    assert [d.body for d in reading.page.documents if d.kind == "aws.iam.account_aliases"] == [
        {"AccountAliases": ["acme-prod"]}
    ]
    assert "aws.iam.account_aliases" in {reference.kind for reference in policy(reading).documents}


def test_a_denied_policy_is_unread_in_every_field(read: Read, faults: Faults) -> None:
    """A policy that may not be read is not the same as no policy."""
    faults.deny.add("iam:GetAccountPasswordPolicy")

    found = policy(read(COLLECTOR))

    denied = Unread(
        Reason.PERMISSION_DENIED,
        "iam:GetAccountPasswordPolicy",
        "iam:GetAccountPasswordPolicy",
        "AccessDenied",
    )
    assert found.exists == found.minimum_length == found.maximum_age_days == found.requires_digit == denied


@pytest.mark.parametrize("fault", ["throttle", "garble"])
def test_other_failures_are_gaps_too(read: Read, faults: Faults, fault: str) -> None:
    """Neither a throttled nor a malformed answer passes for "no policy"."""
    getattr(faults, fault).add("iam:GetAccountPasswordPolicy")

    assert isinstance(policy(read(COLLECTOR)).exists, Unread)


def test_a_denied_alias_hides_no_policy(read: Read, faults: Faults) -> None:
    """The gap covers the alias alone."""
    faults.deny.add("iam:ListAccountAliases")

    reading = read(COLLECTOR)

    assert policy(reading).exists is False
    assert [gap.kind for gap in reading.page.gaps] == ["aws.iam.account_aliases"]


def test_what_iam_leaves_out_has_a_meaning() -> None:
    """Reuse is allowed without a number, and passwords last for ever unless they expire."""
    body = {"PasswordPolicy": {"MinimumPasswordLength": 6, "ExpirePasswords": False, "RequireNumbers": True}}

    assert minimum_length(body) == 6
    assert remembered(body) == 0
    assert maximum_age_days(body) is None
    assert requires(body, "Numbers") is True


def test_a_rule_that_is_always_there_is_missed() -> None:
    """A policy without its length or without a requirement is malformed, not weak."""
    with pytest.raises(KeyError):
        minimum_length({"PasswordPolicy": {}})
    with pytest.raises(KeyError):
        requires({"PasswordPolicy": {}}, "Symbols")
