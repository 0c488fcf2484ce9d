"""What it means that a policy grants too much: only a policy that somebody holds grants anything."""

from __future__ import annotations

from checks.api import Finding, fails, not_applicable, passes, unknown, unread_in
from collectors.facts.core import Unread
from collectors.facts.identity import AccessPolicy

SHOWN = 5
"""Holders that a reason names before it only counts the rest."""


def judge_grant(policy: AccessPolicy, grants: bool | Unread, what: str) -> Finding:
    """One finding about a policy: `grants` tells whether it allows `what`, which it should not.

    A policy that nobody holds has nothing to judge; one that does not allow `what` passes whoever holds it.
    """
    if policy.attached_to == ():
        return not_applicable(policy, "policy is attached to nobody")
    if grants is False:
        return passes(policy, f"policy does not allow {what}")
    if isinstance(grants, Unread) or isinstance(policy.attached_to, Unread):
        return unknown(policy, *unread_in(grants, policy.attached_to))
    return fails(policy, f"policy allows {what} and is held by {_listed(policy.attached_to)}")


def _listed(holders: tuple[str, ...]) -> str:
    first = ", ".join(sorted(holders)[:SHOWN])
    rest = len(holders) - SHOWN
    return f"{first} and {rest} more" if rest > 0 else first
