"""Object stores are encrypted twice where that can be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import SUPPORTING, Check, Criterion, Facts, Finding, Params, decide, not_applicable
from collectors.facts.data_access import StoreSafeguards


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per object store."""
    for store in facts.of(StoreSafeguards):
        if store.encrypted_twice is None:
            yield not_applicable(store, "the provider has no second layer of encryption to choose")
        else:
            yield decide(
                store,
                store.encrypted_twice,
                yes="a second layer of encryption lies below the first",
                no="there is no second layer of encryption",
            )


CHECK = Check(
    id="encryption.object_store_twice",
    title="Object stores have a second layer of encryption",
    criteria=(
        Criterion("CC6.1", SUPPORTING, "data stays unreadable should one method or one key be broken"),
        Criterion("C1.1", SUPPORTING, "confidential objects do not depend on one cipher"),
    ),
    severity="low",
    needs=(StoreSafeguards,),
    remediation="Make the Azure storage account anew with infrastructure encryption (requireInfrastructureEncryption) "
    "and move the data: it cannot be changed later.",
    equivalents={"prowler": ("storage_infrastructure_encryption_is_enabled",)},
    judge=judge,
)
