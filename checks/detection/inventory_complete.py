"""The lists of resources that other checks rest on are whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from checks.api import (
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import InventoryCount
from collectors.facts.monitoring import LogStore
from collectors.facts.network import Network
from collectors.facts.stores import ObjectStore

LISTED: Mapping[str, type[Fact]] = {"log_store": LogStore, "network": Network, "object_store": ObjectStore}
"""Facts of which there is one for each resource of a type."""


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per type that was counted: the resources listed against the provider's own total."""
    for count in facts.of(InventoryCount):
        type_ = LISTED.get(count.counted_type)
        if type_ is None:
            yield not_applicable(count, f"{count.counted_type} is not listed one by one")
            continue
        unlisted, counted = facts.unlisted(type_), count.counted
        if unlisted is not None or isinstance(counted, Unread):
            yield unknown(count, *unread_in(unlisted, counted))
            continue
        listed = len({fact.resource.uid for fact in facts.of(type_)})
        if listed == counted:
            yield passes(count, f"resources listed: {listed}, as the provider counts")
        else:
            yield fails(count, f"resources listed: {listed}, but the provider counts {counted}")


CHECK = Check(
    id="detection.inventory_complete",
    title="Lists of resources are complete",
    criteria=(
        Criterion("CC2.1", SUPPORTING, "conclusions about all resources rest on a population that was counted twice"),
    ),
    severity="medium",
    needs=(InventoryCount, LogStore, Network, ObjectStore),
    remediation="Run the collection again, as the provider's inventory lags behind by minutes; if the counts still "
    "differ, compare the listing with it and check what the agent's role may read.",
    equivalents={},
    judge=judge,
)
