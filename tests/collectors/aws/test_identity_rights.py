"""aws.iam_policies: users and roles with all that counts for them"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pytest
from moto.iam import models

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.authorization_details import GROUP, PROVIDER_BOUNDARY, ROLE, USER, boundary
from collectors.aws.iam_policies import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.identity import AccessPolicy, WatchedRight
from collectors.facts.rights import IdentityKind, IdentityRights, Names, PolicyEscalation, ReadingRight, RoleUse
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

AWS = "arn:aws:iam::aws:policy/"
OWN = "arn:aws:iam::123456789012:"
ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
PASS = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}
RUN = {"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*"}
TRUST = {"Version": "2012-10-17", "Statement": []}
WAY = "iam:PassRole + ec2:RunInstances"


def text(*statements: dict[str, Any]) -> str:
    """A policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@cache
def _few_policies() -> str:
    """Of the provider's own policies, which take a second to load, those that are used here."""
    everything = json.loads(models.aws_managed_policies_data)
    return json.dumps({name: everything[name] for name in ("AdministratorAccess", "AmazonBedrockFullAccess")})


@pytest.fixture
def iam(monkeypatch: pytest.MonkeyPatch, client: Client, faults: Faults) -> Any:
    """IAM of an account that knows some of the provider's own policies."""
    monkeypatch.setattr(models, "aws_managed_policies_data", _few_policies())
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    faults.calls.clear()
    return client("iam")


def make_policy(iam: Any, name: str, *statements: dict[str, Any]) -> str:
    """The ARN of a new policy of the company."""
    return str(iam.create_policy(PolicyName=name, PolicyDocument=text(*statements))["Policy"]["Arn"])


def make_role(iam: Any, name: str, **more: Any) -> None:
    """A role that nobody may assume."""
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), **more)


def bodies(documents: Iterable[Document], uid: str) -> Iterable[dict[str, Any]]:
    """The bodies of the documents about one principal, to be changed."""
    for document in documents:
        if document.uid == uid:
            yield document.body  # type: ignore[misc]  # as read from JSON


def test_an_account_without_anybody_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed, and no list of boundaries is asked for."""
    reading = read(COLLECTOR)

    assert [*reading.facts(IdentityRights), *reading.facts(RoleUse), *reading.facts(PolicyEscalation)] == []
    assert reading.documents.complete(ROLE, "global") is None
    assert [call.operation for call in reading.page.calls].count("ListPolicies") == 1


def test_rights_of_groups_and_inline_policies_come_together(read: Read, iam: Any) -> None:
    """Each policy alone opens nothing; the user that has both may run machines under any role."""
    iam.create_group(GroupName="staff")
    iam.put_group_policy(GroupName="staff", PolicyName="pass", PolicyDocument=text(PASS))
    iam.create_user(UserName="ann")
    iam.create_user(UserName="bob")
    for name in ("ann", "bob"):
        iam.put_user_policy(UserName=name, PolicyName="run", PolicyDocument=text(RUN))
    iam.add_user_to_group(GroupName="staff", UserName="ann")

    reading = read(COLLECTOR)

    ann, bob = reading.facts(IdentityRights)
    assert (ann.resource.uid, ann.kind, ann.provider_owned) == (f"{OWN}user/ann", IdentityKind.USER, False)
    assert (ann.escalations, bob.escalations) == ((WAY,), ())
    assert ann.unlimited is bob.unlimited is False
    assert {document.uid for document in ann.documents} == {f"{OWN}user/ann", f"{OWN}group/staff"}
    assert [fact.ways for fact in reading.facts(PolicyEscalation)] == [(), (), ()]


def test_a_boundary_of_the_company_takes_away(read: Read, iam: Any) -> None:
    """An administrator within it may do what it leaves."""
    bound = make_policy(iam, "bound", RUN)
    make_role(iam, "free")
    make_role(iam, "bounded", PermissionsBoundary=bound)
    for name in ("free", "bounded"):
        iam.attach_role_policy(RoleName=name, PolicyArn=AWS + "AdministratorAccess")

    reading = read(COLLECTOR)

    bounded, free = reading.fact(IdentityRights, "bounded"), reading.fact(IdentityRights, "free")
    assert (free.unlimited, bounded.unlimited) == (True, False)
    assert WAY in free.escalations  # type: ignore[operator]  # it was read
    assert (bounded.escalations, bounded.reads) == ((), tuple(_reads_within(())))
    assert [right.within for right in free.reads] == [None] * 3  # type: ignore[union-attr]  # it was read


def _reads_within(within: tuple[Names, ...]) -> Iterable[ReadingRight]:
    for store in ("object_store", "secret", "encryption_key"):
        yield ReadingRight(store, (Names(("*",)),), (), within)


def test_a_boundary_of_the_provider_is_read_though_nobody_holds_it(read: Read, iam: Any) -> None:
    """By a list of its own, and only its text."""
    make_role(iam, "bounded", PermissionsBoundary=AWS + "AdministratorAccess")
    iam.put_role_policy(RoleName="bounded", PolicyName="own", PolicyDocument=text(PASS, RUN))

    reading = read(COLLECTOR)

    assert reading.fact(IdentityRights, "bounded").escalations == (WAY,)
    assert [each.uid for each in reading.documents.of(PROVIDER_BOUNDARY)] == [AWS + "AdministratorAccess"]
    assert [call.operation for call in reading.page.calls].count("GetPolicyVersion") == 1
    assert reading.facts(AccessPolicy)[0].resource.name == "bounded/own", "a boundary gives nobody anything"


@pytest.mark.parametrize("operation", ["ListPolicies", "GetPolicyVersion"])
def test_an_unread_boundary_leaves_exactly_its_holder_unknown(
    read: Read, iam: Any, faults: Faults, operation: str
) -> None:
    """It may take anything away; whoever has no boundary is as known as before."""
    for name, more in (("bounded", {"PermissionsBoundary": AWS + "AdministratorAccess"}), ("free", {})):
        make_role(iam, name, **more)
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=text(PASS, RUN))
    faults.deny.add(f"iam:{operation}")

    reading = read(COLLECTOR)

    lost = reading.fact(IdentityRights, "bounded")
    for value in (lost.escalations, lost.reads):
        assert isinstance(value, Unread)
        assert (value.operation, value.reason) == (f"iam:{operation}", Reason.PERMISSION_DENIED)
    assert lost.unlimited is False, "its own policies do not allow everything"
    assert reading.fact(IdentityRights, "free").escalations == (WAY,)


def test_an_unread_policy_of_the_provider_leaves_exactly_its_holders_unknown(
    read: Read, iam: Any, faults: Faults
) -> None:
    """Members of a group that holds it, and nobody else."""
    iam.create_group(GroupName="admins")
    iam.attach_group_policy(GroupName="admins", PolicyArn=AWS + "AdministratorAccess")
    iam.create_user(UserName="ann")
    iam.add_user_to_group(GroupName="admins", UserName="ann")
    iam.create_user(UserName="bob")
    faults.deny.add("iam:GetPolicyVersion")

    reading = read(COLLECTOR)

    ann, bob = reading.facts(IdentityRights)
    for value in (ann.unlimited, ann.escalations, ann.reads):
        assert isinstance(value, Unread)
        assert (value.operation, value.permission) == ("iam:GetPolicyVersion", "iam:GetPolicyVersion")
    assert (bob.unlimited, bob.escalations, bob.reads) == (False, (), ())


@pytest.mark.parametrize(
    ("uid", "lost"),
    [
        (f"{OWN}user/ann", "GroupList"),
        (f"{OWN}user/ann", "AttachedManagedPolicies"),
        (f"{OWN}group/staff", "GroupName"),
    ],
)
def test_a_malformed_principal_is_unknown_and_the_others_are_not(read: Read, iam: Any, uid: str, lost: str) -> None:
    """Without its groups, its policies or one of its groups nobody can tell what it may do."""
    iam.create_group(GroupName="staff")
    for name in ("ann", "bob"):
        iam.create_user(UserName=name)
    iam.add_user_to_group(GroupName="staff", UserName="ann")
    reading = read(COLLECTOR)
    for body in bodies(reading.page.documents, uid):
        del body[lost]

    ann, bob = reading.facts(IdentityRights)

    assert isinstance(ann.escalations, Unread)
    assert isinstance(ann.reads, Unread)
    assert (bob.escalations, bob.reads) == ((), ())


def test_a_user_has_a_boundary_too(read: Read, iam: Any) -> None:
    """Which the loopback server does not tell."""
    bound = make_policy(iam, "bound", RUN)
    iam.create_user(UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=text(ADMIN))
    reading = read(COLLECTOR)
    assert reading.fact(IdentityRights, "ann").unlimited is True
    for body in bodies(reading.page.documents, f"{OWN}user/ann"):
        body["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": bound}

    assert reading.fact(IdentityRights, "ann").unlimited is False
    assert boundary({}) is None
    with pytest.raises(KeyError):
        boundary({"PermissionsBoundary": {}})


def test_unread_principals_leave_the_population_unknown(read: Read, iam: Any, faults: Faults) -> None:
    """One answer lists them all."""
    iam.create_user(UserName="ann")
    faults.deny.add("iam:GetAccountAuthorizationDetails")

    reading = read(COLLECTOR)

    assert reading.facts(IdentityRights) == []
    for kind in (USER, GROUP, ROLE):
        unread = reading.documents.complete(kind, "global")
        assert unread is not None
        assert unread.permission == "iam:GetAccountAuthorizationDetails"


def test_a_policy_of_the_company_that_opens_a_way(read: Read, iam: Any) -> None:
    """Whatever it denies elsewhere; the provider's policies are judged by their holders."""
    deny = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
    make_policy(iam, "both", PASS, RUN, deny)
    mine = {"Effect": "Allow", "Action": "iam:CreatePolicyVersion", "Resource": f"{OWN}policy/mine"}
    make_policy(iam, "mine", mine)
    make_policy(iam, "other", {**mine, "Resource": f"{OWN}policy/mine"})
    iam.create_group(GroupName="admins")
    iam.attach_group_policy(GroupName="admins", PolicyArn=AWS + "AdministratorAccess")

    found = {fact.resource.name: fact.ways for fact in read(COLLECTOR).facts(PolicyEscalation)}

    assert found == {"both": (WAY,), "mine": ("iam:CreatePolicyVersion",), "other": ()}


def test_watched_rights_of_policies(read: Read, iam: Any) -> None:
    """By what the text allows, not by the name of the policy."""
    make_policy(iam, "buyer", {**PASS, "Action": "aws-marketplace:*"})
    make_policy(iam, "one-agent", {**PASS, "Action": "bedrock:*", "Resource": "arn:aws:bedrock:*:*:agent/x"})
    iam.create_group(GroupName="builders")
    for name in ("AdministratorAccess", "AmazonBedrockFullAccess"):
        iam.attach_group_policy(GroupName="builders", PolicyArn=AWS + name)

    found = {fact.resource.name: fact.watched for fact in read(COLLECTOR).facts(AccessPolicy)}

    assert found == {
        "AdministratorAccess": (WatchedRight.MARKETPLACE, WatchedRight.MODELS),
        # it lets the service for models subscribe in its holder's name
        "AmazonBedrockFullAccess": (WatchedRight.MARKETPLACE, WatchedRight.MODELS),
        "buyer": (WatchedRight.MARKETPLACE,),
        "one-agent": (),
    }


USED = {"LastUsedDate": "2026-03-14T09:26:53+00:00", "Region": "eu-west-1"}


def test_the_use_of_a_role(read: Read, iam: Any) -> None:
    """An empty answer is "not in the time that is looked at"; without the field nothing is known."""
    for name in ("never", "used", "odd"):
        make_role(iam, name)
    make_role(iam, "AWSServiceRoleForX", Path="/aws-service-role/x.amazonaws.com/")
    reading = read(COLLECTOR)
    for body in bodies(reading.page.documents, f"{OWN}role/used"):
        body["RoleLastUsed"] = USED
    for body in bodies(reading.page.documents, f"{OWN}role/odd"):
        del body["RoleLastUsed"]

    found = {fact.resource.name: fact for fact in reading.facts(RoleUse)}

    assert found["never"].last_used is None
    assert not isinstance(found["never"].created, Unread)
    used = found["used"].last_used
    assert used is not None
    assert not isinstance(used, Unread)
    assert used.isoformat() == USED["LastUsedDate"]
    assert isinstance(found["odd"].last_used, Unread)
    assert {name: fact.provider_owned for name, fact in found.items()} == {
        "AWSServiceRoleForX": True,
        "never": False,
        "odd": False,
        "used": False,
    }
    assert reading.fact(IdentityRights, "AWSServiceRoleForX").provider_owned is True
