"""A user has one working API key at most, so that a rotation ends by switching the old one off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from collectors.facts.identity import AccessKey, User


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per user; two keys that work decide, however much of the rest was not read."""
    unlisted = facts.unlisted(AccessKey)
    keys = list(facts.of(AccessKey))
    for user in facts.of(User):
        own = [key for key in keys if _belongs(key, user)]
        active = [key for key in own if key.active is True]
        unread = unread_in(*(key.active for key in own))
        if not user.keys_told:
            yield not_applicable(user, "the provider lists no access keys of users")
        elif len(active) > 1:
            yield fails(user, f"user has more than one active access key: {len(active)}", *active)
        elif unlisted:
            yield unknown(user, unlisted)
        elif len(active) + len(unread) > 1:
            yield unknown(user, *unread)
        else:
            yield passes(user, "user has no more than one active access key", *own)


def _belongs(key: AccessKey, user: User) -> bool:
    """A key names its owner by name or by uid, as the provider does."""
    return key.resource.account == user.resource.account and key.owner in {
        user.resource.name,
        user.resource.uid,
    }


CHECK = Check(
    id="identity.one_active_key",
    title="Users have one active access key at most",
    criteria=(
        Criterion("CC6.1", PARTIAL, "a rotation that leaves the old key working replaced nothing"),
        Criterion("CC6.2", SUPPORTING, "a spare credential is one more to withdraw when its owner leaves"),
    ),
    severity="medium",
    needs=(User, AccessKey),
    remediation="Find the key in use by its last use, then deactivate and delete the other under IAM, "
    "Users, Security credentials.",
    equivalents={"prowler": ("iam_user_two_active_access_key",), "cis": ("AWS 1.13",)},
    judge=judge,
)
