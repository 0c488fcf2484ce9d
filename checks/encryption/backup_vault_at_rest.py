"""Vaults that keep backups are encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.recovery import BackupVault


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per vault."""
    for vault in facts.of(BackupVault):
        match vault.encryption_key:
            case Unread() as gap:
                yield unknown(vault, gap)
            case None:
                yield fails(vault, "vault has no encryption key")
            case key:
                yield passes(vault, f"vault is encrypted with key {key}")


CHECK = Check(
    id="encryption.backup_vault_at_rest",
    title="Backup vaults are encrypted at rest",
    criteria=(
        Criterion("CC6.1", DIRECT, "a backup is as unreadable without the key as its original"),
        Criterion("C1.1", PARTIAL, "confidential data stays protected in every copy"),
    ),
    severity="medium",
    needs=(BackupVault,),
    remediation="Create a new AWS Backup vault with an EncryptionKeyArn and point the plans to it. On Azure every "
    "vault is encrypted; name a key of your own under Encryption settings.",
    equivalents={"prowler": ("backup_vaults_encrypted",)},
    judge=judge,
)
