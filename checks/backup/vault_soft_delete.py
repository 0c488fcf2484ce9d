"""Deleted backups can be brought back."""

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
    Param,
    Params,
)
from checks.deletion import recoverable
from checks.thresholds import number
from collectors.facts.recovery import BackupVault


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per vault."""
    minimum = number(params, "minimum_days")
    for vault in facts.of(BackupVault):
        days = vault.deleted_kept_days
        yield recoverable(vault, days, minimum, what="backup", without="the service has no such setting")


CHECK = Check(
    id="backup.vault_soft_delete",
    title="Deleted backups can be brought back",
    criteria=(
        Criterion("A1.2", PARTIAL, "an attacker who deletes backups does not destroy them"),
        Criterion("CC7.5", SUPPORTING, "there is something left to recover from"),
        Criterion("PI1.5", SUPPORTING, "kept copies outlive one mistaken call"),
    ),
    severity="medium",
    needs=(BackupVault,),
    remediation="Turn on soft delete of the Azure vault (softDeleteSettings), best so that it cannot be turned off "
    "again.",
    equivalents={},
    judge=judge,
    params=(Param("minimum_days", 14, "days", "shortest time for which a deleted backup is kept"),),
)
