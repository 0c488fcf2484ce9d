"""Every use of a key vault is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.data_access import KeyVault


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per vault."""
    for vault in facts.of(KeyVault):
        match vault.audit_log_to:
            case Unread() as gap:
                yield unknown(vault, gap)
            case None:
                yield fails(vault, "uses of keys and secrets are not recorded")
            case place:
                yield passes(vault, f"uses of keys and secrets are recorded in {place}")


CHECK = Check(
    id="audit_trail.key_vault_log",
    title="Use of key vaults is logged",
    criteria=(
        Criterion("CC7.2", PARTIAL, "unusual use of keys and secrets can be noticed"),
        Criterion("CC7.3", SUPPORTING, "shows which secrets an event exposed"),
    ),
    severity="high",
    needs=(KeyVault,),
    remediation="Add a diagnostic setting to the Azure Key Vault that sends AuditEvent, or the group audit, to a log "
    "workspace or a storage account.",
    equivalents={"prowler": ("keyvault_logging_enabled",)},
    judge=judge,
)
