"""The account-wide guard against public object stores is on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.stores import AccountPublicAccess


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account."""
    for account in facts.of(AccountPublicAccess):
        yield decide(
            account,
            account.blocked,
            yes="the account blocks public access to object stores",
            no="the account does not block all public access to object stores",
        )


CHECK = Check(
    id="exposure.account_block",
    title="Accounts block public object stores",
    criteria=(
        Criterion("CC6.1", PARTIAL, "no store of the account can be opened, today's or tomorrow's"),
        Criterion("CC6.6", PARTIAL, "the boundary holds by default"),
        Criterion("C1.1", PARTIAL, "confidential objects of every store are kept from outsiders"),
    ),
    severity="high",
    needs=(AccountPublicAccess,),
    remediation="Turn on all four settings of S3 Block Public Access for the account (PutPublicAccessBlock "
    "of S3 Control).",
    equivalents={
        "prowler": ("s3_account_level_public_access_blocks",),
        "aws_config": ("s3-account-level-public-access-blocks-periodic",),
        "security_hub": ("S3.1",),
        "cis": ("AWS 2.1.4",),
    },
    judge=judge,
)
