"""The root user of every cloud account has no long-lived API key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.identity import RootUser


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per root user, from the number of its keys that work."""
    for root in facts.of(RootUser):
        match root.active_keys:
            case Unread() as gap:
                yield unknown(root, gap)
            case 0:
                yield passes(root, "root has no active access key")
            case keys:
                yield fails(root, f"root has active access keys: {keys}")


CHECK = Check(
    id="identity.root_no_access_keys",
    title="Root users have no access keys",
    criteria=(
        Criterion("CC6.1", DIRECT, "a key of the strongest identity works without any second factor"),
        Criterion("CC6.3", PARTIAL, "rights of a root key cannot be narrowed to a role"),
    ),
    severity="critical",
    needs=(RootUser,),
    remediation="Move what uses the key to a role, then sign in as root and delete the key under Security "
    "credentials, Access keys.",
    equivalents={
        "prowler": ("iam_no_root_access_key",),
        "aws_config": ("iam-root-access-key-check",),
        "security_hub": ("IAM.4",),
        "cis": ("AWS 1.4",),
    },
    judge=judge,
)
