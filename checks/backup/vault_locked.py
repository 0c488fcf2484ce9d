"""Backups in a vault cannot be deleted before their time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.recovery import BackupVault


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per vault."""
    for vault in facts.of(BackupVault):
        yield decide(
            vault,
            vault.locked,
            yes="backups cannot be deleted before their retention ends",
            no="backups can be deleted before their retention ends",
        )


CHECK = Check(
    id="backup.vault_locked",
    title="Backup vaults are locked",
    criteria=(
        Criterion("A1.2", PARTIAL, "an attacker cannot take the backups away too"),
        Criterion("CC7.5", SUPPORTING, "there is something left to recover from"),
        Criterion("PI1.5", PARTIAL, "a kept copy stays as it was made"),
    ),
    severity="medium",
    needs=(BackupVault,),
    remediation="Lock the vault with AWS Backup Vault Lock (PutBackupVaultLockConfiguration). On Azure turn on "
    "immutability of the vault, and lock it.",
    equivalents={},
    judge=judge,
)
