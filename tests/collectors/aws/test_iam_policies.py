"""aws.iam_policies"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from moto.iam import models

from agent.demo.loopback import Faults
from collectors.aws import iam_policies
from collectors.aws.authorization_details import (
    POLICY,
    PROVIDER_POLICY,
    ROLE,
    attached_policies,
    is_providers,
    text_in_force,
)
from collectors.aws.iam_policies import COLLECTOR, allows_everything, controls_audit_trail
from collectors.aws.policy_evaluator import parse
from collectors.facts.core import Reason, Unread
from collectors.facts.identity import AccessPolicy, PolicyOrigin
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
READING = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}
AWS = "arn:aws:iam::aws:policy/"
OWN = "arn:aws:iam::123456789012:"


def text(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


@cache
def _few_policies() -> str:
    """Of the provider's own policies, which take a second to load, those that are used here."""
    everything = json.loads(models.aws_managed_policies_data)
    return json.dumps({name: everything[name] for name in ("AdministratorAccess", "PowerUserAccess", "SecurityAudit")})


@pytest.fixture(autouse=True)
def _provider_policies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account that the next fixture empties knows some of the provider's own policies."""
    few = _few_policies()
    monkeypatch.setattr(models, "aws_managed_policies_data", few)
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")


def make_policy(iam: Any, name: str, *statements: dict[str, Any]) -> str:
    """The ARN of a new policy of the company."""
    return str(iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(text(*statements)))["Policy"]["Arn"])


def make_role(iam: Any, name: str) -> None:
    """A role that nobody may assume."""
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(text()))


def test_an_account_without_policies_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(AccessPolicy) == []
    assert reading.documents.complete(POLICY, "global") is None
    assert reading.operations() == {"iam:GetAccountAuthorizationDetails", "iam:ListPolicies"}


def test_a_policy_of_the_company_and_all_who_hold_it(read: Read, client: Client) -> None:
    """Users, groups and roles are found, wherever the policy's path is."""
    iam = client("iam")
    admin = make_policy(iam, "admin", ADMIN)
    iam.create_user(UserName="alice")
    iam.create_group(GroupName="admins")
    make_role(iam, "break-glass")
    iam.attach_user_policy(UserName="alice", PolicyArn=admin)
    iam.attach_group_policy(GroupName="admins", PolicyArn=admin)
    iam.attach_role_policy(RoleName="break-glass", PolicyArn=admin)

    found = read(COLLECTOR).fact(AccessPolicy, "admin")

    assert found.origin is PolicyOrigin.CUSTOMER
    assert found.resource.uid == admin
    assert found.attached_to == (f"{OWN}group/admins", f"{OWN}role/break-glass", f"{OWN}user/alice")
    assert (found.allows_everything, found.controls_audit_trail) == (True, True)
    assert {reference.uid for reference in found.documents} == {admin, *found.attached_to}


def test_a_policy_that_nobody_holds(read: Read, client: Client) -> None:
    """It is known, and attached to nobody."""
    make_policy(client("iam"), "spare", READING)

    found = read(COLLECTOR).fact(AccessPolicy, "spare")

    assert found.attached_to == ()
    assert (found.allows_everything, found.controls_audit_trail) == (False, False)


def test_only_the_version_in_force_counts(read: Read, client: Client) -> None:
    """An older version that allowed everything is history."""
    iam = client("iam")
    arn = make_policy(iam, "tamed", ADMIN)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(text(READING)), SetAsDefault=True)

    assert read(COLLECTOR).fact(AccessPolicy, "tamed").allows_everything is False


def test_policies_written_into_principals(read: Read, client: Client) -> None:
    """Each is a policy of its own, held by that principal alone."""
    iam = client("iam")
    iam.create_user(UserName="alice", Path="/inline/")
    iam.create_group(GroupName="staff")
    make_role(iam, "worker")
    trail = {"Effect": "Allow", "Action": "cloudtrail:*", "Resource": "*"}
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=json.dumps(text(ADMIN)))
    iam.put_group_policy(GroupName="staff", PolicyName="own", PolicyDocument=json.dumps(text(READING)))
    iam.put_role_policy(RoleName="worker", PolicyName="own", PolicyDocument=json.dumps(text(trail)))

    reading = read(COLLECTOR)

    alice = reading.fact(AccessPolicy, "alice/own")
    assert alice.origin is PolicyOrigin.INLINE
    assert alice.resource.uid == f"{OWN}user/inline/alice/inline/own"
    assert alice.attached_to == (f"{OWN}user/inline/alice",)
    assert alice.allows_everything is True
    assert reading.fact(AccessPolicy, "staff/own").allows_everything is False
    worker = reading.fact(AccessPolicy, "worker/own")
    assert (worker.allows_everything, worker.controls_audit_trail) == (False, True)


def test_the_providers_policies_in_use(read: Read, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only those that somebody holds are read, page after page."""
    iam = client("iam")
    iam.create_group(GroupName="admins")
    for name in ("AdministratorAccess", "PowerUserAccess", "SecurityAudit"):
        iam.attach_group_policy(GroupName="admins", PolicyArn=AWS + name)
    monkeypatch.setattr(iam_policies, "PAGE", 2)

    reading = read(COLLECTOR)

    found = {policy.resource.name: policy for policy in reading.facts(AccessPolicy)}
    assert {name: policy.allows_everything for name, policy in found.items()} == {
        "AdministratorAccess": True,
        "PowerUserAccess": False,
        "SecurityAudit": False,
    }
    # what PowerUserAccess leaves out is IAM and the organization, not the audit trail
    assert found["PowerUserAccess"].controls_audit_trail is True
    assert found["SecurityAudit"].controls_audit_trail is False
    assert {policy.origin for policy in found.values()} == {PolicyOrigin.PROVIDER}
    assert {policy.attached_to for policy in found.values()} == {(f"{OWN}group/admins",)}
    assert [call.pages for call in reading.page.calls if call.operation == "ListPolicies"] == [2]


@pytest.mark.parametrize(
    ("operation", "after", "reason"),
    [
        ("ListPolicies", 0, Reason.PERMISSION_DENIED),
        ("ListPolicies", 1, Reason.PARTIAL_LISTING),
        ("GetPolicyVersion", 0, Reason.PERMISSION_DENIED),
    ],
)
def test_a_policy_of_the_provider_whose_text_is_unread(
    read: Read,
    client: Client,
    faults: Faults,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    after: int,
    reason: Reason,
) -> None:
    """Its holders give it away, so it is neither forgotten nor taken for harmless."""
    iam = client("iam")
    iam.create_group(GroupName="admins")
    for name in ("SecurityAudit", "AdministratorAccess"):
        iam.attach_group_policy(GroupName="admins", PolicyArn=AWS + name)
    monkeypatch.setattr(iam_policies, "PAGE", 1)
    faults.deny.add(f"iam:{operation}")
    faults.after = after

    reading = read(COLLECTOR)

    assert reading.documents.complete(POLICY, "global") is None
    known = [policy for policy in reading.facts(AccessPolicy) if not isinstance(policy.allows_everything, Unread)]
    unread = [policy.allows_everything for policy in reading.facts(AccessPolicy) if policy not in known]
    assert len(known) == after
    assert len(unread) == 2 - after
    for value in unread:
        assert isinstance(value, Unread)
        assert (value.operation, value.reason) == (f"iam:{operation}", reason)
    assert {policy.attached_to for policy in reading.facts(AccessPolicy)} == {(f"{OWN}group/admins",)}


@pytest.mark.parametrize("fault", ["deny", "garble", "throttle"])
def test_unread_principals_leave_all_populations_unknown(
    read: Read, client: Client, faults: Faults, fault: str
) -> None:
    """One answer lists policies and all who hold them, so without it nothing is known to be all."""
    iam = client("iam")
    iam.create_group(GroupName="admins")
    iam.attach_group_policy(GroupName="admins", PolicyArn=AWS + "AdministratorAccess")
    getattr(faults, fault).add("iam:GetAccountAuthorizationDetails")

    reading = read(COLLECTOR)

    for kind in (POLICY, ROLE):
        unread = reading.documents.complete(kind, "global")
        assert unread is not None
        assert unread.operation == "iam:GetAccountAuthorizationDetails"
    assert reading.documents.complete(PROVIDER_POLICY, "global") is None
    found = reading.fact(AccessPolicy, "AdministratorAccess")
    assert found.allows_everything is True
    assert isinstance(found.attached_to, Unread)


@pytest.mark.parametrize(
    ("change", "everything", "trail"),
    [
        ({}, True, True),
        ({"Effect": "Deny"}, False, False),
        ({"Action": ["s3:GetObject", "*:*"]}, True, True),
        ({"Action": "**"}, True, True),
        ({"Action": "s3:*"}, False, False),
        ({"Action": "CloudTrail:*"}, False, True),
        ({"Action": ["cloudtrail:StopLogging", "cloudtrail:Describe*"]}, False, False),
        ({"Resource": ["arn:aws:s3:::b", "*"]}, True, True),
        ({"Resource": "arn:aws:*"}, True, True),
        ({"Resource": "arn:*:*:*:*:*"}, True, True),
        ({"Resource": "arn:aws-us-gov:*:*:*:*"}, True, True),
        ({"Resource": "arn:aws:s3:::*"}, False, False),
        ({"Resource": []}, False, False),
        ({"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, True, True),
        ({"NotAction": []}, True, True),
        ({"NotAction": "iam:*"}, False, True),
        ({"NotAction": ["iam:*", "cloudtrail:StopLogging"]}, False, False),
        ({"NotAction": ["cloud*:Stop*"]}, False, False),
        ({"NotAction": "*"}, False, False),
        ({"NotResource": []}, True, True),
        ({"NotResource": "arn:aws:s3:::b"}, False, False),
    ],
)
def test_what_a_statement_amounts_to(change: dict[str, Any], everything: bool, trail: bool) -> None:
    """Single values and lists, conditions, and statements by exclusion."""
    statement = {**ADMIN, **change}
    if "NotAction" in change:
        del statement["Action"]
    if "NotResource" in change:
        del statement["Resource"]

    assert allows_everything(parse(text(READING, statement))) is everything
    assert controls_audit_trail(parse(text(READING, statement))) is trail
    assert allows_everything(parse({"Statement": statement})) is everything


@pytest.mark.parametrize(
    "malformed",
    [
        {},
        {"Statement": [{"Effect": "Allow", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": "*"}]},
        {"Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]},
    ],
)
def test_a_malformed_policy_allows_nothing_and_denies_nothing(malformed: dict[str, Any]) -> None:
    """It cannot be judged, and that is not "harmless"."""
    with pytest.raises(KeyError):
        parse(malformed)


def test_a_policy_that_was_not_decoded_is_unread_in_the_fact(read: Read, client: Client) -> None:
    """Text where a policy should be makes one unread fact, and the others stand."""
    iam = client("iam")
    broken = make_policy(iam, "broken", READING)
    make_policy(iam, "sound", ADMIN)
    reading = read(COLLECTOR)
    for document in reading.page.documents:
        if document.uid == broken:
            document.body["PolicyVersionList"][0]["Document"] = "%7B"

    found = reading.fact(AccessPolicy, "broken")

    assert isinstance(found.allows_everything, Unread)
    assert isinstance(found.controls_audit_trail, Unread)
    assert reading.fact(AccessPolicy, "sound").allows_everything is True


def test_a_principal_without_its_attachments_leaves_all_holders_unknown(read: Read, client: Client) -> None:
    """Whether it holds a policy is not known, so neither is who holds it."""
    iam = client("iam")
    make_policy(iam, "spare", READING)
    iam.create_user(UserName="alice")
    reading = read(COLLECTOR)
    for document in reading.page.documents:
        if document.uid == f"{OWN}user/alice":
            del document.body["AttachedManagedPolicies"]  # type: ignore[attr-defined]

    assert isinstance(reading.fact(AccessPolicy, "spare").attached_to, Unread)


def test_one_version_is_in_force() -> None:
    """None, or two, is malformed."""
    old, new = ({"Document": {"v": n}, "IsDefaultVersion": n == 2} for n in (1, 2))

    assert text_in_force({"PolicyVersionList": [old, new]}) == {"v": 2}
    for versions in ([old], [new, new]):
        with pytest.raises(ValueError, match="unpack"):
            text_in_force({"PolicyVersionList": versions})


def test_whose_policy_an_arn_names() -> None:
    """In every partition the provider stands in the place of the account."""
    assert is_providers("arn:aws-us-gov:iam::aws:policy/service-role/X") is True
    assert is_providers(f"{OWN}policy/aws") is False
    assert attached_policies({"AttachedManagedPolicies": [{"PolicyArn": AWS + "X"}]}) == [AWS + "X"]
