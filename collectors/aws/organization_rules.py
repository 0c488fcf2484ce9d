"""What the management account of an organization decides for all accounts: limits, administrators, root users."""

from __future__ import annotations

import json
from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.organization import Organization

ORGANIZATION = Kind(
    "aws.organizations.organization",
    "organizations",
    "DescribeOrganization",
    absent=("AWSOrganizationsNotInUseException",),
)
POLICIES = Kind("aws.organizations.limits", "organizations", "ListPolicies", items="Policies")
CONTENT = Kind("aws.organizations.limit", "organizations", "DescribePolicy")
TARGETS = Kind("aws.organizations.limit_targets", "organizations", "ListTargetsForPolicy", items="Targets")
ADMINISTRATORS = Kind(
    "aws.organizations.delegated_administrators",
    "organizations",
    "ListDelegatedAdministrators",
    items="DelegatedAdministrators",
)
# While IAM may not speak for the organization, or the organization has billing alone, no root user is managed.
FEATURES = Kind(
    "aws.iam.organization_features",
    "iam",
    "ListOrganizationsFeatures",
    absent=("ServiceAccessNotEnabledException", "OrganizationNotInAllFeaturesModeException"),
)
LIMITS = "SERVICE_CONTROL_POLICY"


def organization_uid(partition: str, account: str) -> str:
    """Stands for what an account decides for others, whether or not it decides anything."""
    return f"arn:{partition}:organizations::{account}:account"


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Whose organization it is, which every account may ask; the rest only where AWS answers it."""
    uid = organization_uid(aws.partition, aws.account)
    for found in aws.read(ORGANIZATION, uid):
        yield found
        if is_in_charge(found.body, aws.account):
            yield Then(policies, (uid,), POLICIES.operation)
            yield Then(administrators, (uid,), ADMINISTRATORS.operation)
            yield Then(features, (uid,), FEATURES.operation)


def policies(aws: Reader, uid: str) -> Iterator[Document | Then]:
    """Every service control policy; what the company wrote itself, with its text and with what it is attached to."""
    for found in aws.gather(POLICIES, uid, Filter=LIMITS):
        yield found
        for policy in own(found.body):
            yield Then(limit, (policy["Arn"], policy["Id"]), policy["Id"])


def limit(aws: Reader, arn: str, name: str) -> Iterator[Document]:
    """One policy."""
    yield from aws.read(CONTENT, arn, PolicyId=name)
    yield from aws.gather(TARGETS, arn, PolicyId=name)


def administrators(aws: Reader, uid: str) -> Iterator[Document]:
    """The accounts to which some service of the organization is delegated."""
    yield from aws.gather(ADMINISTRATORS, uid)


def features(aws: Reader, uid: str) -> Iterator[Document]:
    """What IAM does for root users of the organization."""
    yield from aws.read(FEATURES, uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """Exactly one fact per account."""
    uid = organization_uid(docs.partition, docs.account)
    in_charge = docs.value(ORGANIZATION, uid, lambda body: is_in_charge(body, docs.account))
    asked = in_charge is True
    nothing = in_charge if isinstance(in_charge, Unread) else ()
    yield Organization(
        resource=docs.resource("organization", uid, docs.account, "global"),
        documents=docs.about(uid, *docs.of(CONTENT), *docs.of(TARGETS)),
        in_charge=in_charge,
        limits=_limits(docs, uid) if asked else nothing,
        administrators=docs.value(ADMINISTRATORS, uid, accounts) if asked else nothing,
        root_managed=docs.value(FEATURES, uid, manages_root) if asked else in_charge,
    )


def _limits(docs: Documents, uid: str) -> tuple[str, ...] | Unread:
    """One policy that limits somebody settles it; without one, whatever is unread might have been it."""
    written = docs.value(POLICIES, uid, own)
    if isinstance(written, Unread):
        return written
    found = []
    unread: Unread | None = None
    for policy in written:
        parts = (
            docs.value(CONTENT, policy["Arn"], takes_away),
            docs.value(TARGETS, policy["Arn"], lambda body: bool(body["Targets"])),
        )
        if all(part is True for part in parts):
            found.append(str(policy["Name"]))
        elif False not in parts:
            unread = unread or next(part for part in parts if isinstance(part, Unread))
    return tuple(sorted(found)) if found else unread or ()


def is_in_charge(body: Body, account: str) -> bool:
    """The account is the one that manages its organization."""
    return "absent" not in body and str(body["Organization"]["MasterAccountId"]) == account


def own(body: Body) -> list[Body]:
    """The policies that are not AWS's own: its own one allows everything."""
    return [policy for policy in body["Policies"] if not policy["AwsManaged"]]


def takes_away(body: Body) -> bool:
    """It denies something, or allows less than everything.  Raises ValueError for a text that is no policy."""
    statements = json.loads(body["Policy"]["Content"])["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    return any(each["Effect"] == "Deny" for each in listed) or not any(_everything(each) for each in listed)


def _everything(statement: Body) -> bool:
    """An Allow of every action on every resource without a condition."""
    parts = [statement.get(key) or () for key in ("Action", "Resource")]
    return not statement.get("Condition") and all("*" in ([part] if isinstance(part, str) else part) for part in parts)


def accounts(body: Body) -> tuple[str, ...]:
    """Their ids."""
    return tuple(sorted(str(each["Id"]) for each in body["DelegatedAdministrators"]))


def manages_root(body: Body) -> bool:
    """Root credentials of member accounts are managed from here."""
    return "absent" not in body and "RootCredentialsManagement" in body["EnabledFeatures"]


COLLECTOR = Collector(
    id="aws.organization_rules",
    title="Limits, delegated administrators and root users of the organization",
    scope="global",
    kinds=(ORGANIZATION, POLICIES, CONTENT, TARGETS, ADMINISTRATORS, FEATURES),
    emits={Organization: None},
    source="AWS Organizations API 2016-11-28, AWS IAM API 2010-05-08",
    fetch=fetch,
    shape=shape,
)
