"""Database servers are watched for attacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.data_access import DatabaseGuard


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database server."""
    for guard in facts.of(DatabaseGuard):
        yield decide(
            guard,
            guard.watched,
            yes=f"{guard.engine} server is watched for attacks",
            no=f"{guard.engine} server is not watched for attacks",
        )


CHECK = Check(
    id="audit_trail.database_watched",
    title="Database servers are watched for attacks",
    criteria=(
        Criterion("CC7.2", PARTIAL, "injected queries and odd sign-ins raise an alert"),
        Criterion("CC6.8", PARTIAL, "hostile statements are noticed"),
        Criterion("CC7.1", SUPPORTING, "it reports weak settings that are being tried"),
    ),
    severity="high",
    needs=(DatabaseGuard,),
    remediation="Turn on Microsoft Defender for SQL on the Azure SQL server (securityAlertPolicies, state Enabled).",
    equivalents={"prowler": ("sqlserver_microsoft_defender_enabled",)},
    judge=judge,
)
