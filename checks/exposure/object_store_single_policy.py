"""Rights to objects come from the policy of their store alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.data_access import ObjectRights


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per object store."""
    for each in facts.of(ObjectRights):
        yield decide(
            each,
            each.single_policy,
            yes="its own policy decides alone",
            no="each object can have an access list beside the policy",
        )


CHECK = Check(
    id="exposure.object_store_single_policy",
    title="Object stores decide rights by one policy",
    criteria=(
        Criterion("CC6.1", PARTIAL, "nobody lets an outsider in one object at a time"),
        Criterion("CC6.3", PARTIAL, "who has rights can be seen in one place"),
    ),
    severity="medium",
    needs=(ObjectRights,),
    remediation="Turn on uniform bucket-level access of the Google Cloud bucket; on AWS set Object Ownership to "
    "bucket owner enforced.",
    equivalents={"prowler": ("cloudstorage_bucket_uniform_bucket_level_access",)},
    judge=judge,
)
