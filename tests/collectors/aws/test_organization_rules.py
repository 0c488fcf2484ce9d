"""aws.organization_rules"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.organization_rules import COLLECTOR, FEATURES, is_in_charge, manages_root, takes_away
from collectors.facts.core import Unread
from collectors.facts.organization import Organization
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

DENY = {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
MANAGED = (
    "<R><ListOrganizationsFeaturesResult><EnabledFeatures><member>RootCredentialsManagement</member>"
    "</EnabledFeatures></ListOrganizationsFeaturesResult></R>"
)


def policy(organizations: Any, name: str, *statements: dict[str, Any]) -> str:
    """A service control policy that is attached to nothing yet; its id."""
    made = organizations.create_policy(
        Name=name,
        Description=name,
        Type="SERVICE_CONTROL_POLICY",
        Content=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
    )
    return str(made["Policy"]["PolicySummary"]["Id"])


@pytest.fixture
def organizations(client: Client, faults: Faults) -> Any:
    """The account manages an organization, and its root users."""
    faults.answers["iam:ListOrganizationsFeatures"] = MANAGED
    made = client("organizations")
    made.create_organization(FeatureSet="ALL")
    return made


def only(reading: Reading) -> Organization:
    """The one fact."""
    (found,) = reading.facts(Organization)
    return found


def test_an_account_of_its_own_is_asked_nothing_more(read: Read, faults: Faults) -> None:
    """AWS says that there is no organization, which is an answer."""
    found = only(read(COLLECTOR))

    assert (found.in_charge, found.limits, found.administrators, found.root_managed) == (False, (), (), False)
    assert {name for name in faults.calls if name.startswith("organizations")} == {"organizations:DescribeOrganization"}


def test_limits_count_where_they_take_something_away_from_somebody(read: Read, organizations: Any) -> None:
    """A policy that is attached to nothing limits nobody, and neither does one that allows everything."""
    root = organizations.list_roots()["Roots"][0]["Id"]
    policy(organizations, "loose", DENY)
    organizations.attach_policy(PolicyId=policy(organizations, "stay", DENY), TargetId=root)
    organizations.attach_policy(PolicyId=policy(organizations, "all", EVERYTHING), TargetId=root)

    found = only(read(COLLECTOR))

    assert found.in_charge is True
    assert found.limits == ("stay",)
    assert found.root_managed is True


def test_the_policy_of_aws_is_no_limit(read: Read, organizations: Any) -> None:
    """Every organization has it, and it allows everything."""
    assert only(read(COLLECTOR)).limits == ()


def test_delegated_administrators_are_named(read: Read, organizations: Any) -> None:
    """By the ids of their accounts."""
    made = organizations.create_account(AccountName="audit", Email="audit@example.com")
    account = made["CreateAccountStatus"]["AccountId"]
    organizations.register_delegated_administrator(AccountId=account, ServicePrincipal="guardduty.amazonaws.com")

    assert only(read(COLLECTOR)).administrators == (account,)


@pytest.mark.parametrize(
    ("denied", "lost"),
    [
        ("organizations:DescribeOrganization", {"in_charge", "limits", "administrators", "root_managed"}),
        ("organizations:ListPolicies", {"limits"}),
        ("organizations:DescribePolicy", {"limits"}),
        ("organizations:ListTargetsForPolicy", {"limits"}),
        ("organizations:ListDelegatedAdministrators", {"administrators"}),
        ("iam:ListOrganizationsFeatures", {"root_managed"}),
    ],
)
def test_each_refused_read_costs_what_rests_on_it(
    read: Read, organizations: Any, faults: Faults, denied: str, lost: set[str]
) -> None:
    """The rest is known all the same, and the gap names the operation."""
    policy(organizations, "stay", DENY)
    organizations.attach_policy(
        PolicyId=policy(organizations, "more", DENY), TargetId=organizations.list_roots()["Roots"][0]["Id"]
    )
    faults.deny.add(denied)

    reading = read(COLLECTOR)
    found = only(reading)

    fields = ("in_charge", "limits", "administrators", "root_managed")
    assert {name for name in fields if isinstance(getattr(found, name), Unread)} == lost
    assert {gap.operation for gap in reading.page.gaps} == {denied}


def test_sessions_of_root_users_alone_are_no_management(read: Read, organizations: Any, faults: Faults) -> None:
    """Credentials stay in the accounts when only tasks of root users are done from outside."""
    faults.answers["iam:ListOrganizationsFeatures"] = MANAGED.replace("RootCredentialsManagement", "RootSessions")

    assert only(read(COLLECTOR)).root_managed is False


@pytest.mark.parametrize(
    ("statements", "limits"),
    [
        ([EVERYTHING], False),
        (EVERYTHING, False),
        ([EVERYTHING, DENY], True),
        ([{**EVERYTHING, "Action": ["ec2:*", "s3:*"]}], True),
        ([{**EVERYTHING, "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}], True),
        ([{**EVERYTHING, "Action": ["*"]}], False),
    ],
)
def test_what_a_policy_takes_away(statements: Any, limits: bool) -> None:
    """A denial, or an allowance of less than everything."""
    assert takes_away({"Policy": {"Content": json.dumps({"Statement": statements})}}) is limits


def test_iam_that_may_not_speak_for_the_organization_manages_no_root() -> None:
    """AWS says so by an error, which is an answer."""
    for code in FEATURES.absent:
        assert manages_root({"absent": code}) is False


def test_a_member_is_not_in_charge() -> None:
    """Every account of an organization hears whose it is."""
    body = {"Organization": {"MasterAccountId": "111111111111"}}

    assert is_in_charge(body, "111111111111") is True
    assert is_in_charge(body, "222222222222") is False
