"""Regions keep anybody from making snapshots and images public."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.data_access import SharingGuard


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per guard."""
    for guard in facts.of(SharingGuard):
        yield decide(
            guard,
            guard.blocked,
            yes=f"{guard.what} cannot be shared with everybody",
            no=f"{guard.what} can be shared with everybody",
        )


CHECK = Check(
    id="exposure.sharing_block",
    title="Regions block public snapshots and images",
    criteria=(
        Criterion("CC6.1", PARTIAL, "no copy can be opened to all, today's or tomorrow's"),
        Criterion("CC6.6", PARTIAL, "the boundary holds by default"),
        Criterion("C1.1", PARTIAL, "confidential copies are kept from outsiders"),
    ),
    severity="high",
    needs=(SharingGuard,),
    remediation="Turn on EnableSnapshotBlockPublicAccess with block-all-sharing, and EnableImageBlockPublicAccess "
    "with block-new-sharing, in each region.",
    equivalents={
        "prowler": ("ec2_ebs_snapshot_account_block_public_access",),
        "aws_config": ("ebs-snapshot-block-public-access",),
        "security_hub": ("EC2.182",),
    },
    judge=judge,
)
