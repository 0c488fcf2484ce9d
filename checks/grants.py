"""What it means that a policy grants too much: only a policy that somebody holds grants anything."""

from __future__ import annotations

from collections.abc import Iterator

from checks.api import Facts, Finding, fails, not_applicable, passes, unknown, unread_in
from collectors.facts.core import Unread
from collectors.facts.identity import AccessPolicy, PolicyOrigin

SHOWN = 5
"""Names that a reason gives before it only counts the rest."""


def written_by(facts: Facts, origin: PolicyOrigin) -> Iterator[AccessPolicy]:
    """Policies of one origin, and those that may be of it, since nobody knows who wrote them."""
    for policy in facts.of(AccessPolicy):
        if policy.origin is origin or isinstance(policy.origin, Unread):
            yield policy


def judge_grant(policy: AccessPolicy, grants: bool | Unread, what: str) -> Finding:
    """One finding about a policy: `grants` tells whether it allows `what`, which it should not.

    A policy that nobody holds has nothing to judge; one that does not allow `what` passes whoever holds it.  Of one
    whose origin was not read nothing is said, since it may be one that is not asked about at all.
    """
    if isinstance(policy.origin, Unread):
        return unknown(policy, policy.origin)
    if policy.attached_to == ():
        return not_applicable(policy, "policy is attached to nobody")
    if grants is False:
        return passes(policy, f"policy does not allow {what}")
    if isinstance(grants, Unread) or isinstance(policy.attached_to, Unread):
        return unknown(policy, *unread_in(grants, policy.attached_to))
    return fails(policy, f"policy allows {what} and is held by {listed(policy.attached_to)}")


def listed(holders: tuple[str, ...]) -> str:
    """The first few of some names, and how many more there are."""
    first = ", ".join(sorted(holders)[:SHOWN])
    rest = len(holders) - SHOWN
    return f"{first} and {rest} more" if rest > 0 else first
