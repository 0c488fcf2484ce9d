"""From the targets of the settings to accounts: what an organization stands for, and how each account is reached."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from agent.sections import AwsTarget
from collectors.aws.organization import Member
from collectors.aws.provider import AwsAccess
from collectors.errors import TargetUnreachable
from storage.rows import Target


class MemberTarget(AwsTarget):
    """One account of an organization, made from the organization's target and named after it: `acme/111122223333`."""

    via: str | None = None
    """The organization's own role, from which the account's role is assumed."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """The accounts that a target stands for."""

    targets: tuple[AwsTarget, ...]
    """The target's own account first, then each other account of its organization."""
    excluded: tuple[str, ...] = ()
    """Ids of accounts that the configuration leaves out."""
    trouble: TargetUnreachable | None = None
    """Why the organization could not be listed; then `targets` are those that were known before."""


def expand(
    target: AwsTarget, members: Iterable[Member], *, partition: str = "", trouble: TargetUnreachable | None = None
) -> Expansion:
    """A target and the `members` of its organization, its own account not among them.

    `partition` is the one that the target's account is in; when it is not known, role and regions tell it.  With
    `trouble`, `members` are those that were known before, and every exclusion counts, since nobody can tell which
    of the excluded accounts are still there.  The target's own account is always read.
    """
    accounts = sorted({member.account for member in members})
    left_out = target.exclude_accounts if trouble else set(accounts) & set(target.exclude_accounts)
    own = target.model_copy(update={"organization": False})
    others = (
        member_of(target, account, partition=partition)
        for account in accounts
        if account not in target.exclude_accounts
    )
    return Expansion((own, *others), tuple(sorted(left_out)), trouble)


def member_of(target: AwsTarget, account: str, *, partition: str = "") -> MemberTarget:
    """The target of one account of the organization of `target`, read as that is, with the member role."""
    return MemberTarget.model_construct(
        **{
            **{name: getattr(target, name) for name in AwsTarget.model_fields},
            "name": f"{target.name}/{account}",
            "role_arn": f"arn:{partition or _partition(target)}:iam::{account}:role/{target.member_role}",
            "via": target.role_arn,
            "organization": False,
            "exclude_accounts": (),
        }
    )


def known_members(kept: Iterable[Target], target: AwsTarget) -> tuple[Member, ...]:
    """The accounts of an organization of which the store `kept` something, by their names there."""
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


def _partition(target: AwsTarget) -> str:
    """The partition of a target by its own role, or by the first region that it names."""
    role = re.match(r"arn:(aws[a-z-]*):", target.role_arn or "")
    if role:
        return role[1]
    first = target.regions if isinstance(target.regions, str) else target.regions[0]
    special = re.match(r"(cn|us-gov)-", first)
    return f"aws-{special[1]}" if special else "aws"
