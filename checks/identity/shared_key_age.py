"""Keys that open a whole data service are young."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, Check, Criterion, Facts, Finding, Param, Params, fails, not_applicable, passes, unknown
from checks.thresholds import number
from checks.when import day, older_than
from collectors.facts.core import Unread
from collectors.facts.data_access import SharedKey


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per key; one that the service refuses opens nothing."""
    days = number(params, "max_age_days")
    for key in facts.of(SharedKey):
        if key.active is False:
            yield not_applicable(key, f"{key.owner} refuses such keys")
        elif isinstance(key.created, Unread):
            yield unknown(key, key.created)
        elif not older_than(key.created, days, now):
            yield passes(key, f"key of {key.owner} was made on {day(key.created)}, no more than {days} days ago")
        elif isinstance(key.active, Unread):
            yield unknown(key, key.active)
        else:
            yield fails(key, f"key of {key.owner} was made on {day(key.created)}, more than {days} days ago")


CHECK = Check(
    id="identity.shared_key_age",
    title="Keys of data services are young",
    criteria=(Criterion("CC6.1", DIRECT, "a leaked key that opens everything stops working in bounded time"),),
    severity="high",
    needs=(SharedKey,),
    remediation="Make new keys of the Azure storage account or Cosmos DB account, one after the other; better refuse "
    "them altogether (allowSharedKeyAccess false, disableLocalAuth true) and let callers sign in with identities.",
    equivalents={},
    judge=judge,
    params=(Param("max_age_days", 90, "days", "greatest age of a key"),),
    time_dependent=True,
)
