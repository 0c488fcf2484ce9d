"""Nobody can destroy the keys and secrets of a vault at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown, unread_in
from collectors.facts.data_access import KeyVault


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per vault; one missing protection decides."""
    for vault in facts.of(KeyVault):
        if vault.recoverable is False:
            yield fails(vault, "what is deleted is gone at once")
        elif vault.purge_protected is False:
            yield fails(vault, "what is deleted can be purged before its time is over")
        elif gaps := unread_in(vault.recoverable, vault.purge_protected):
            yield unknown(vault, *gaps)
        else:
            yield passes(vault, "what is deleted can be brought back, and nobody can purge it before")


CHECK = Check(
    id="encryption.key_vault_recoverable",
    title="Key vaults cannot be purged",
    criteria=(
        Criterion("CC6.1", PARTIAL, "keys are protected from loss as well as from misuse"),
        Criterion("A1.2", SUPPORTING, "data and backups are lost with the key that encrypts them"),
        Criterion("PI1.5", PARTIAL, "stored items are not lost with their key"),
    ),
    severity="high",
    needs=(KeyVault,),
    remediation="Turn on purge protection of the Azure Key Vault (enablePurgeProtection), and soft delete "
    "(enableSoftDelete) where it is off.",
    equivalents={"prowler": ("keyvault_recoverable",)},
    judge=judge,
)
