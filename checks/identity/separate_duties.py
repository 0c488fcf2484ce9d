"""Nobody holds two roles that check each other, over all policies that count for an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    PARTIAL,
    SUPPORTING,
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
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.identity import BoundMember, MemberKind
from collectors.facts.stores import EncryptionKey

KEY_ADMIN, KEY_USER = "roles/cloudkms.admin", "roles/cloudkms.cryptoKeyEncrypterDecrypter"
PAIRS = (
    f"{KEY_ADMIN} + {KEY_USER}",
    f"{KEY_ADMIN} + roles/cloudkms.cryptoKeyEncrypter",
    f"{KEY_ADMIN} + roles/cloudkms.cryptoKeyDecrypter",
    "roles/iam.serviceAccountAdmin + roles/iam.serviceAccountUser",
    "roles/iam.serviceAccountAdmin + roles/iam.serviceAccountTokenCreator",
)
"""Whoever manages keys does not read with them, and whoever makes service accounts does not act as one.  Owner, who may
do all of it, is judged by itself."""


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per member; both roles may come from different policies, and the use of a key from its own.

    A role that is held under a condition counts.  Raises ValueError for a parameter that holds no pair.
    """
    pairs = [_pair(text) for text in names(params, "pairs")]
    keys = list(facts.of(EncryptionKey))
    unread = unread_in(facts.unlisted(EncryptionKey), *(key.users for key in keys))
    for member in facts.of(BoundMember):
        if member.kind is MemberKind.PROVIDER:
            yield not_applicable(member, "a program of the provider's own")
            continue
        using = [key for key in keys if isinstance(key.users, tuple) and member.resource.name in key.users]
        held = {*member.roles, *([KEY_USER] if using else [])}
        both = [f"{one} and {other}" for one, other in pairs if {one, other} <= held]
        if both:
            yield fails(member, f"holds both {'; both '.join(both)}", *using)
        elif gaps := _gaps(member, held, pairs, unread):
            yield unknown(member, *gaps)
        else:
            yield passes(member, "holds no two roles that check each other")


def _pair(text: str) -> tuple[str, str]:
    one, plus, other = text.partition(" + ")
    if not plus:
        raise ValueError(f"parameter pairs: {text!r} is not two roles with ` + ` between them")
    return one, other


def _gaps(
    member: BoundMember, held: set[str], pairs: list[tuple[str, str]], keys: tuple[Unread, ...]
) -> tuple[Unread, ...]:
    """What might still complete a pair: a policy that was not read, or a key of which nobody knows who uses it."""
    if isinstance(member.complete, Unread):
        return (member.complete,)
    halves = {other for one, other in pairs if one in held} | {one for one, other in pairs if other in held}
    return keys if KEY_USER in halves else ()


CHECK = Check(
    id="identity.separate_duties",
    title="Nobody holds two roles that check each other",
    criteria=(
        Criterion("CC6.3", DIRECT, "duties that check each other lie with different people"),
        Criterion("CC6.1", PARTIAL, "whoever manages keys cannot read what they encrypt"),
        Criterion("CC5.1", SUPPORTING, "no single person can go around a control"),
    ),
    severity="medium",
    needs=(BoundMember, EncryptionKey),
    remediation="Take one of the two roles away, in the project, its folders or the organization, wherever it was "
    "given; a group that holds one must not overlap with the group that holds the other.",
    equivalents={
        "prowler": ("iam_role_kms_enforce_separation_of_duties", "iam_role_sa_enforce_separation_of_duties"),
        "cis": ("GCP 1.8", "GCP 1.11"),
    },
    judge=judge,
    params=(Param("pairs", PAIRS, "pairs of roles, A + B", "roles that nobody may hold together"),),
)
