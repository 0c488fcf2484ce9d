"""The accounts of an organization are known to the last one, or it is said that they are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.provider import Aws, AwsAccess
from collectors.errors import TargetUnreachable
from collectors.facts.core import Reason

OWN = "123456789012"


@pytest.fixture
def aws(client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Aws:
    """The account that manages an organization of two more."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    organizations = client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    add(organizations, 2)
    return Aws(AwsAccess(("eu-west-1",), endpoint=organizations.meta.endpoint_url, attempts=1))


def add(organizations: Any, number: int) -> list[str]:
    """New accounts; their ids."""
    made = [organizations.create_account(AccountName=f"team-{n}", Email=f"t{n}@example.com") for n in range(number)]
    return [each["CreateAccountStatus"]["AccountId"] for each in made]


def test_every_other_account_is_a_member(aws: Aws, client: Callable[..., Any]) -> None:
    """Sorted by id, with name and state; the account that asks is left out, and nobody's address is kept."""
    answered = client("organizations").list_accounts()["Accounts"]
    expected = {(each["Id"], each["Name"], each["State"]) for each in answered if each["Id"] != OWN}

    members = aws.members()

    assert {(each.account, each.name, each.state) for each in members} == expected
    assert len(members) == 2
    assert list(members) == sorted(members)
    assert "example.com" not in repr(members)


def test_an_older_endpoint_calls_the_state_status(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both names of the field are understood."""
    from moto.organizations.models import FakeAccount  # noqa: PLC0415  # loaded with the server

    whole = FakeAccount.describe

    def before(self: FakeAccount) -> dict[str, Any]:
        answer: dict[str, Any] = whole(self)
        del answer["State"]
        return {**answer, "Status": "SUSPENDED"}

    monkeypatch.setattr(FakeAccount, "describe", before)

    assert {each.state for each in aws.members()} == {"SUSPENDED"}


def test_every_page_is_read(aws: Aws, client: Callable[..., Any], faults: Faults) -> None:
    """More accounts than one answer holds."""
    made = add(client("organizations"), 110)

    members = aws.members()

    assert set(made) <= {each.account for each in members}
    assert len(members) == 112
    assert faults.calls["organizations:ListAccounts"] > 1


@pytest.mark.parametrize(
    ("fault", "reason", "said"),
    [
        ("deny", Reason.PERMISSION_DENIED, "AccessDenied"),
        ("throttle", Reason.THROTTLED, "ThrottlingException"),
        ("garble", Reason.PARTIAL_LISTING, "malformed answer"),
        ("break_down", Reason.ACCOUNT_UNREACHABLE, "InternalFailure"),
    ],
)
def test_a_list_that_is_not_answered_is_no_empty_list(
    aws: Aws, faults: Faults, fault: str, reason: Reason, said: str
) -> None:
    """The operation is named, which is also the permission that it needs."""
    getattr(faults, fault).add("organizations:ListAccounts")

    with pytest.raises(TargetUnreachable, match=said) as caught:
        aws.members()

    assert (caught.value.reason, caught.value.operation) == (reason, "organizations:ListAccounts")


def test_a_list_that_is_cut_off_is_no_list(aws: Aws, client: Callable[..., Any], faults: Faults) -> None:
    """The accounts of the first page do not pass for all of them."""
    add(client("organizations"), 110)
    faults.deny.add("organizations:ListAccounts")
    faults.after = 1

    with pytest.raises(TargetUnreachable):
        aws.members()


def test_a_list_without_the_account_that_asked_is_no_list(
    client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may list an organization is in it, so this answer cannot be whole."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    alone = Aws(AwsAccess(("eu-west-1",), endpoint=client("sts").meta.endpoint_url, attempts=1))

    with pytest.raises(TargetUnreachable, match=f"0 accounts, and {OWN} is not among them") as caught:
        alone.members()

    assert caught.value.reason is Reason.PARTIAL_LISTING
