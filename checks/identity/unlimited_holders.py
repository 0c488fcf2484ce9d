"""Few hold a policy that allows everything in the whole account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import number
from collectors.facts.core import Unread
from collectors.facts.identity import AccessPolicy


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per policy; a group counts as one holder, whoever is in it."""
    most = number(params, "max_holders")
    for policy in facts.of(AccessPolicy):
        holders = policy.account_wide
        if holders == ():
            yield not_applicable(policy, "nobody holds the policy for the whole account")
        elif policy.allows_everything is False:
            yield passes(policy, "policy does not allow every action on every resource")
        elif isinstance(holders, Unread) or isinstance(policy.allows_everything, Unread):
            yield unknown(policy, *unread_in(policy.allows_everything, holders))
        elif len(holders) > most:
            yield fails(policy, f"policy allows everything and has {len(holders)} holders, more than {most}")
        else:
            yield passes(policy, f"policy allows everything and has {len(holders)} holders, not more than {most}")


CHECK = Check(
    id="identity.unlimited_holders",
    title="Few hold unlimited rights",
    criteria=(
        Criterion("CC6.3", DIRECT, "unlimited rights stay with a few who need them"),
        Criterion("CC6.1", PARTIAL, "there are few whose takeover would open everything"),
    ),
    severity="high",
    needs=(AccessPolicy,),
    remediation="Take the policy away from those who do not need it: on AWS, detach AdministratorAccess; on Azure, "
    "remove assignments of Owner at the subscription and above; on Google Cloud, bindings of roles/owner and of roles "
    "that set the policy of the project.",
    equivalents={},
    judge=judge,
    params=(Param("max_holders", 3, "holders", "most users, groups and workloads that hold one such policy"),),
)
