"""Deleted containers of object stores can be brought back."""

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
from collectors.facts.data_access import StoreSafeguards


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per object store."""
    minimum = number(params, "minimum_days")
    for store in facts.of(StoreSafeguards):
        days = store.deleted_stores_kept_days
        yield recoverable(store, days, minimum, what="container", without="the provider has no such setting")


CHECK = Check(
    id="backup.object_store_soft_delete",
    title="Deleted containers can be brought back",
    criteria=(
        Criterion("A1.2", PARTIAL, "a container that was deleted by mistake or malice is not lost"),
        Criterion("PI1.5", PARTIAL, "stored items outlive one mistaken call"),
        Criterion("CC7.5", SUPPORTING, "what an incident deleted can be brought back"),
    ),
    severity="medium",
    needs=(StoreSafeguards,),
    remediation="Turn on soft delete for containers of the Azure storage account (containerDeleteRetentionPolicy).",
    equivalents={"prowler": ("storage_ensure_soft_delete_is_enabled",)},
    judge=judge,
    params=(Param("minimum_days", 7, "days", "shortest time for which a deleted container is kept"),),
)
