"""From the targets of the settings to accounts: what a target stands for, and how each account is reached."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from agent.target_sections import AnyTarget, AwsTarget, AzureTarget, GcpTarget
from collectors.aws.provider import AwsAccess
from collectors.azure.provider import AzureAccess
from collectors.errors import TargetUnreachable
from collectors.gcp.provider import GcpAccess
from collectors.provenance import Member
from storage.rows import Target


class MemberTarget(AwsTarget):
    """One account of an organization, made from the organization's target and named after it: `acme/111122223333`."""

    via: str | None = None
    """The organization's own role, from which the account's role is assumed."""


class AzureAccount(AzureTarget):
    """The directory of an Azure target, which has its name, or one of its subscriptions: `corp/<subscription id>`."""

    subscription: str = ""
    """Empty for the directory."""

    @property
    def expands(self) -> bool:
        """It is one account."""
        return False


class GcpAccount(GcpTarget):
    """The organization of a target, which has its name, or one of its projects: `acme/<project id>`."""

    project: str = ""
    """Empty for the organization."""

    @property
    def expands(self) -> bool:
        """It is one account."""
        return False


@dataclass(frozen=True, slots=True)
class Expansion:
    """The accounts that a target stands for."""

    targets: tuple[AnyTarget, ...]
    """The target's own account or directory first, then each other account or subscription."""
    excluded: tuple[str, ...] = ()
    """Ids of accounts that the configuration leaves out."""
    trouble: TargetUnreachable | None = None
    """Why the accounts could not be listed; then `targets` are those that were known before."""


def expand(
    target: AnyTarget, members: Iterable[Member], *, partition: str = "", trouble: TargetUnreachable | None = None
) -> Expansion:
    """A target and the `members` of what it stands for, its own account not among them.

    `partition` is the one that the target's account is in; when it is not known, role and regions tell it.  With
    `trouble`, `members` are those that were known before, and every exclusion counts, since nobody can tell which
    of the excluded accounts are still there.  The target's own account is always read.
    """
    accounts = sorted({member.account for member in members} | set(target.named))
    left_out = set(target.excluded) if trouble else {account for account in accounts if not target.reads(account)}
    others = (member_of(target, account, partition=partition) for account in accounts if target.reads(account))
    own = (own_account(target),) if target.has_own else ()
    return Expansion((*own, *others), tuple(sorted(left_out)), trouble)


def own_account(target: AnyTarget) -> AnyTarget:
    """The account that a target is beside all others that it stands for."""
    if isinstance(target, AzureTarget):
        return _azure(target, target.name, "")
    if isinstance(target, GcpTarget):
        return _gcp(target, target.name, "")
    return target.model_copy(update={"organization": False})


def member_of(target: AnyTarget, account: str, *, partition: str = "") -> AnyTarget:
    """The target of one account that `target` stands for: of its organization, or one of its subscriptions."""
    name = f"{target.name}/{account}"
    if isinstance(target, AzureTarget):
        return _azure(target, name, account)
    if isinstance(target, GcpTarget):
        return _gcp(target, name, account)
    return MemberTarget.model_construct(
        **{
            **{name: getattr(target, name) for name in AwsTarget.model_fields},
            "name": name,
            "role_arn": f"arn:{partition or _partition(target)}:iam::{account}:role/{target.member_role}",
            "via": target.role_arn,
            "organization": False,
            "exclude_accounts": (),
        }
    )


def _azure(target: AzureTarget, name: str, subscription: str) -> AzureAccount:
    given = {field: getattr(target, field) for field in AzureTarget.model_fields}
    return AzureAccount.model_construct(**{**given, "name": name, "subscription": subscription})


def _gcp(target: GcpTarget, name: str, project: str) -> GcpAccount:
    given = {field: getattr(target, field) for field in GcpTarget.model_fields}
    return GcpAccount.model_construct(**{**given, "name": name, "project": project})


def known_members(kept: Iterable[Target], target: AnyTarget) -> tuple[Member, ...]:
    """The accounts of a target of which the store `kept` something, by their names there."""
    names = {who.name for who in kept if who.cloud == target.cloud}
    found = (name.partition("/") for name in names)
    return tuple(
        sorted(Member(account) for organization, _, account in found if account and organization == target.name)
    )


def access_of(target: AwsTarget, *, onboarded: bool = True) -> AwsAccess:
    """How to reach the account of a target.

    `onboarded`: it was read before.  Only an account of an organization can be one that nobody has prepared yet;
    elsewhere a refused role is a mistake in the settings or in the role.
    """
    member = target if isinstance(target, MemberTarget) else None
    return AwsAccess(
        regions=(target.regions,) if isinstance(target.regions, str) else target.regions,
        role_arn=target.role_arn,
        via=member.via if member else None,
        external_id=target.external_id,
        profile=target.profile,
        endpoint=target.endpoint,
        pool=target.concurrency,
        attempts=target.attempts,
        rates=target.rates,
        onboarded=onboarded or member is None,
    )


def azure_access_of(target: AzureTarget) -> AzureAccess:
    """How to reach a directory or a subscription."""
    return AzureAccess(
        tenant=target.tenant_id,
        subscription=target.subscription if isinstance(target, AzureAccount) else "",
        manager=target.resource_manager,
        graph=target.graph,
        authority=target.authority,
        group=target.management_group,
        pool=target.concurrency,
        attempts=target.attempts,
        rates=target.rates,
    )


def gcp_access_of(target: GcpTarget) -> GcpAccess:
    """How to reach an organization or a project."""
    return GcpAccess(
        project=target.project if isinstance(target, GcpAccount) else "",
        organization=target.organization,
        folder=target.folder,
        customer=target.customer,
        admin=target.admin,
        impersonate=target.impersonate,
        quota_project=target.quota_project,
        endpoint=target.endpoint,
        pool=target.concurrency,
        attempts=target.attempts,
        rates=target.rates,
    )


def _partition(target: AwsTarget) -> str:
    """The partition of a target by its own role, or by the first region that it names."""
    role = re.match(r"arn:(aws[a-z-]*):", target.role_arn or "")
    if role:
        return role[1]
    first = target.regions if isinstance(target.regions, str) else target.regions[0]
    special = re.match(r"(cn|us-gov)-", first)
    return f"aws-{special[1]}" if special else "aws"
