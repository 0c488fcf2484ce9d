"""Locks on the subscription, its groups and its resources."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.detection import ResourceLock

TYPE = "Microsoft.Authorization/locks"
VERSION = "2016-09-01"

LOCK = of_subscription("azure.authorization.lock", TYPE, VERSION)


def fetch(azure: Reader) -> Iterator[Document]:
    """Every lock in the subscription."""
    for lock in azure.listing(LOCK):
        yield azure.document(LOCK, uid_of(lock), lock)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per lock.  Both of Azure's levels, `CanNotDelete` and `ReadOnly`, keep what is below from deletion."""
    for lock in docs.of(LOCK):
        yield ResourceLock(
            resource=docs.resource("lock", lock.uid, name_of(lock.body), "global"),
            documents=docs.about(lock.uid),
            scope=lock.uid.rpartition(f"/providers/{TYPE.lower()}/")[0],
        )


COLLECTOR = Collector(
    id="azure.locks",
    title="Resource locks",
    scope="global",
    kinds=(LOCK,),
    emits={ResourceLock: LOCK},
    source=f"Azure Resource Manager management locks {VERSION}",
    fetch=fetch,
    shape=shape,
)
