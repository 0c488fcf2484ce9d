"""Objects do not stay for ever: each object store deletes some by rule, but for those that keep them for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Param, Params, decide, not_applicable
from checks.thresholds import names
from collectors.facts.stores import ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per object store; one that the company named has nothing to dispose of."""
    kept = names(params, "exceptions")
    for store in facts.of(ObjectStore):
        if any(fnmatchcase(store.resource.name, each) for each in kept):
            yield not_applicable(store, "is on the list of stores that keep objects for good")
        else:
            yield decide(
                store,
                store.expires_objects,
                yes="a rule deletes objects or their earlier versions",
                no="no rule deletes objects or their earlier versions, and it is not on the list",
            )


CHECK = Check(
    id="backup.object_store_disposal",
    title="Object stores delete by rule what nobody needs any more",
    criteria=(
        Criterion("C1.2", PARTIAL, "confidential objects are destroyed when their time is over"),
        Criterion("P4.3", PARTIAL, "personal data in objects is destroyed when its time is over"),
    ),
    severity="low",
    needs=(ObjectStore,),
    remediation="Add a lifecycle rule that deletes objects or their earlier versions after the time in the retention "
    "schedule: on AWS Expiration or NoncurrentVersionExpiration (PutBucketLifecycleConfiguration), on Azure a "
    "management policy of the storage account, on Google Cloud a Delete action in the bucket's lifecycle. Or name the "
    "store in the parameters of this check.",
    equivalents={},
    judge=judge,
    params=(Param("exceptions", (), "names of stores, * for any text", "those that keep their objects for good"),),
)
