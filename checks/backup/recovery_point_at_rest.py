"""Backups are encrypted at rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.recovery import RecoveryPoint


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per recovery point."""
    for point in facts.of(RecoveryPoint):
        yield decide(
            point,
            point.encrypted_at_rest,
            yes=f"backup of {point.of} is encrypted at rest",
            no=f"backup of {point.of} is not encrypted at rest",
        )


CHECK = Check(
    id="backup.recovery_point_at_rest",
    title="Backups are encrypted at rest",
    criteria=(
        Criterion("CC6.1", DIRECT, "a copy is guarded like its source"),
        Criterion("C1.1", PARTIAL, "confidential records stay protected in their copies"),
        Criterion("PI1.5", SUPPORTING, "kept copies are guarded from outsiders"),
    ),
    severity="medium",
    needs=(RecoveryPoint,),
    remediation="Encrypt the source, or copy the recovery point to a vault with a KMS key "
    "(EncryptionKeyArn); then let the plain one expire.",
    equivalents={
        "prowler": ("backup_recovery_point_encrypted",),
        "aws_config": ("backup-recovery-point-encrypted",),
        "security_hub": ("Backup.1",),
    },
    judge=judge,
)
