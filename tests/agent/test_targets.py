"""What an organization stands for, how each of its accounts is reached, and what that takes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeVar, cast

import click
import pytest
from pydantic import ValidationError

from agent.cli import iam
from agent.sections import Schedule
from agent.target_sections import AwsTarget, AzureTarget
from agent.targets import MemberTarget, access_of, azure_access_of, expand, known_members, member_of
from collectors.aws.provider import HOME, Aws
from collectors.errors import TargetUnreachable
from collectors.facts.core import Reason
from collectors.provenance import Member
from storage.rows import Target
from tests.agent.conftest import Account, say

T = TypeVar("T")
ONE, TWO, THREE = "111111111111", "222222222222", "333333333333"
OWN_ROLE = "arn:aws:iam::123456789012:role/Organization"
GIVEN: dict[str, Any] = {
    "name": "acme",
    "cloud": "aws",
    "owner": "platform",
    "regions": ("eu-west-1", "us-east-1"),
    "role_arn": OWN_ROLE,
    "external_id": "x-1",
    "profile": "audit",
    "endpoint": "http://127.0.0.1:1",
    "organization": True,
    "member_role": "Reader",
    "exclude_accounts": (TWO,),
    "concurrency": 3,
    "attempts": 4,
    "rates": {"iam": 5.0},
    "schedule": Schedule(every="5m"),
}
TROUBLE = TargetUnreachable(Reason.PERMISSION_DENIED, "organizations:ListAccounts", "AccessDenied")


def only(kind: type[T], targets: Iterable[object]) -> list[T]:
    """The targets, each of which is of one kind."""
    found = list(targets)
    assert all(isinstance(each, kind) for each in found)
    return cast("list[T]", found)


def organization(**others: Any) -> AwsTarget:
    """A target with every setting given."""
    return AwsTarget(**{**GIVEN, **others})


def test_the_own_account_comes_first_then_each_other_one() -> None:
    """By the plain name, then by name and account in order; what the configuration leaves out is told."""
    expansion = expand(organization(), [Member(THREE), Member(TWO), Member(ONE)])

    own, *others = expansion.targets
    assert own == organization(organization=False)
    assert [each.name for each in others] == [f"acme/{ONE}", f"acme/{THREE}"]
    assert not any(each.organization for each in only(AwsTarget, expansion.targets))
    assert expansion.excluded == (TWO,)
    assert expansion.trouble is None


def test_an_excluded_account_that_left_is_not_missed() -> None:
    """Nothing is left out by leaving out an account that the organization does not have."""
    assert expand(organization(), [Member(ONE)]).excluded == ()


def test_a_closed_account_is_not_dropped() -> None:
    """That it can no longer be read is for the run to say."""
    assert expand(organization(), [Member(ONE, "old", "SUSPENDED")]).targets[1].name == f"acme/{ONE}"


def test_in_trouble_the_accounts_known_before_are_read() -> None:
    """Each exclusion is disclosed, since nobody knows whether it still stands for an account."""
    expansion = expand(organization(), [Member(ONE)], trouble=TROUBLE)

    assert [each.name for each in expansion.targets] == ["acme", f"acme/{ONE}"]
    assert expansion.excluded == (TWO,)
    assert expansion.trouble is TROUBLE


def test_a_member_is_read_as_its_organization_is() -> None:
    """Every setting is the organization's but those that make it another account."""
    member = member_of(organization(), ONE)
    own = {
        "name": f"acme/{ONE}",
        "role_arn": f"arn:aws:iam::{ONE}:role/Reader",
        "via": OWN_ROLE,
        "organization": False,
        "exclude_accounts": (),
    }

    assert {name: getattr(member, name) for name in MemberTarget.model_fields} == {**GIVEN, **own}
    assert set(GIVEN) == set(AwsTarget.model_fields)


def test_nobody_can_configure_a_member() -> None:
    """The slash in its name is the organization's to set."""
    with pytest.raises(ValidationError):
        organization(name=f"acme/{ONE}")


@pytest.mark.parametrize(
    ("given", "told", "partition"),
    [
        ({}, "aws-cn", "aws-cn"),
        ({}, "", "aws"),
        ({"role_arn": "arn:aws-us-gov:iam::1:role/r"}, "", "aws-us-gov"),
        ({"role_arn": None, "regions": ("cn-north-1",)}, "", "aws-cn"),
        ({"role_arn": None, "regions": ("us-gov-east-1",)}, "", "aws-us-gov"),
        ({"role_arn": None, "regions": "enabled"}, "", "aws"),
        ({"role_arn": None, "regions": ("us-west-2",)}, "", "aws"),
    ],
)
def test_the_member_role_is_in_the_partition(given: dict[str, Any], told: str, partition: str) -> None:
    """As AWS told it, or else by the organization's own role or region."""
    (member,) = only(AwsTarget, [member_of(organization(**given), ONE, partition=told)])

    assert member.role_arn == f"arn:{partition}:iam::{ONE}:role/Reader"


def test_known_members_are_found_by_their_names() -> None:
    """Once each, of this organization and cloud only."""
    kept = [
        Target("aws", "acme", "123456789012"),
        Target("aws", f"acme/{TWO}", TWO),
        Target("aws", f"acme/{ONE}", ONE),
        Target("aws", f"acme/{ONE}", "unknown"),
        Target("aws", f"acme2/{THREE}", THREE),
        Target("gcp", f"acme/{THREE}", THREE),
    ]

    assert known_members(kept, organization()) == (Member(ONE), Member(TWO))


def test_the_access_has_every_setting() -> None:
    """Two targets that differ in a setting of access are reached differently."""
    access = access_of(*only(AwsTarget, [member_of(organization(), ONE)]))

    assert access.roles == (OWN_ROLE, f"arn:aws:iam::{ONE}:role/Reader")
    assert access.regions == ("eu-west-1", "us-east-1")
    assert (access.external_id, access.profile, access.endpoint) == ("x-1", "audit", "http://127.0.0.1:1")
    assert (access.pool, access.attempts, access.rates) == (3, 4, {"iam": 5.0})


def test_a_plain_target_has_its_one_role() -> None:
    """And without one the credentials are used as they are; `enabled` is a list of one."""
    assert access_of(organization()).roles == (OWN_ROLE,)
    assert access_of(organization(role_arn=None, regions="enabled")).roles == ()
    assert access_of(organization(regions="enabled")).regions == ("enabled",)


@pytest.mark.parametrize(
    ("target", "onboarded", "expected"),
    [
        (organization(), False, True),
        (organization(), True, True),
        (member_of(organization(), ONE), False, False),
        (member_of(organization(), ONE), True, True),
    ],
)
def test_only_a_member_waits_to_be_onboarded(target: AwsTarget, onboarded: bool, expected: bool) -> None:
    """A configured target that refuses us is misconfigured, read before or not."""
    assert access_of(target, onboarded=onboarded).onboarded is expected


def test_an_organization_is_entered_account_by_account(account: Account) -> None:
    """From the list that AWS gives to the identity in each account, over real HTTP."""
    account.reset()
    organizations = account.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    made = [
        organizations.create_account(AccountName=f"team-{n}", Email=f"t{n}@example.com")["CreateAccountStatus"]
        for n in range(3)
    ]
    ids = sorted(each["AccountId"] for each in made)
    target = organization(profile=None, endpoint=account.url, exclude_accounts=(ids[1],))
    opened = Aws(access_of(target))

    expansion = expand(target, opened.members(), partition=opened.identify().partition)
    identities = [Aws(access_of(each)).identify() for each in only(AwsTarget, expansion.targets)]

    assert [each.account for each in identities] == ["123456789012", ids[0], ids[2]]
    assert expansion.excluded == (ids[1],)
    assert {each.caller.split("/")[1] for each in identities[1:]} == {"Reader"}


def test_the_policy_of_an_organization_adds_two_rights() -> None:
    """To list it, and to assume the role of that name in any account; everything else stays."""
    plain = json.loads(say("iam", "aws").out)["Statement"]
    said = say("iam", "aws", "--organization", "--member-role", "Reader", "--partition", "aws-cn")

    assert json.loads(said.out)["Statement"] == [
        *plain,
        {
            "Sid": "ListOrganization",
            "Effect": "Allow",
            "Action": ["organizations:ListAccounts"],
            "Resource": "*",
        },
        {
            "Sid": "EnterMemberAccounts",
            "Effect": "Allow",
            "Action": ["sts:AssumeRole"],
            "Resource": "arn:aws-cn:iam::*:role/Reader",
        },
    ]


def test_the_policy_of_an_organization_as_terraform() -> None:
    """The same statements in the other form."""
    said = say("iam", "aws", "--organization", "--format", "terraform")

    assert 'sid       = "EnterMemberAccounts"' in said.out
    assert f'resources = ["arn:aws:iam::*:role/{AwsTarget.model_fields["member_role"].default}"]' in said.out


@pytest.mark.parametrize("option", [("--member-role", "Reader"), ("--partition", "aws-cn")])
def test_how_an_organization_is_entered_needs_one(option: tuple[str, str]) -> None:
    """An option that would do nothing is refused."""
    said = say("iam", "aws", *option)

    assert said.code == 2
    assert "add --organization" in said.err


def test_the_command_knows_every_partition() -> None:
    """Those in which accounts can be read."""
    (option,) = [each for each in iam.command.params if each.name == "partition"]

    assert isinstance(option.type, click.Choice)
    assert set(option.type.choices) == set(HOME)


AZURE = {
    "name": "corp",
    "cloud": "azure",
    "tenant_id": "11111111-2222-3333-4444-555555555555",
    "exclude_subscriptions": [f"{2:08d}-0000-0000-0000-000000000000"],
}
SUBSCRIPTIONS = tuple(f"{number:08d}-0000-0000-0000-000000000000" for number in (1, 2, 3))


def test_a_directory_comes_first_then_each_subscription() -> None:
    """The directory has the plain name; what is left out is told."""
    target = AzureTarget.model_validate(AZURE)

    expansion = expand(target, map(Member, SUBSCRIPTIONS))

    assert [each.name for each in expansion.targets] == ["corp", *(f"corp/{SUBSCRIPTIONS[n]}" for n in (0, 2))]
    accesses = map(azure_access_of, only(AzureTarget, expansion.targets))
    assert [each.subscription for each in accesses] == ["", SUBSCRIPTIONS[0], SUBSCRIPTIONS[2]]
    assert not any(each.expands for each in expansion.targets)
    assert expansion.excluded == SUBSCRIPTIONS[1:2]


def test_subscriptions_that_are_not_named_are_left_out_and_told() -> None:
    """Naming some is leaving out the others; a named one is read whether it is listed or not."""
    named = [SUBSCRIPTIONS[2], "00000009-0000-0000-0000-000000000000"]
    target = AzureTarget.model_validate({**AZURE, "subscriptions": named, "exclude_subscriptions": []})

    expansion = expand(target, map(Member, SUBSCRIPTIONS))

    assert [each.name for each in expansion.targets[1:]] == [f"corp/{each}" for each in named]
    assert expansion.excluded == SUBSCRIPTIONS[:2]


def test_in_trouble_the_named_subscriptions_are_read() -> None:
    """What was written down needs no listing."""
    target = AzureTarget.model_validate({**AZURE, "subscriptions": [SUBSCRIPTIONS[0]]})

    expansion = expand(target, (), trouble=TROUBLE)

    assert [each.name for each in expansion.targets] == ["corp", f"corp/{SUBSCRIPTIONS[0]}"]
    assert expansion.excluded == SUBSCRIPTIONS[1:2]


def test_a_subscription_is_reached_as_its_directory_is() -> None:
    """Every address and limit is the target's."""
    target = AzureTarget.model_validate(
        {**AZURE, "graph": "https://graph.microsoft.us", "attempts": 2, "rates": {"*": 3}}
    )

    access = azure_access_of(*only(AzureTarget, [member_of(target, SUBSCRIPTIONS[0])]))

    assert (access.tenant, access.subscription) == (target.tenant_id, SUBSCRIPTIONS[0])
    assert (access.graph, access.attempts, access.rates) == ("https://graph.microsoft.us", 2, {"*": 3})
