"""Resources that AWS Backup has made a backup of, and when it last did."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact
from collectors.facts.recovery import ProtectedResource

PROTECTED = Kind(
    "aws.backup.protected_resource",
    "backup",
    "ListProtectedResources",
    items="Results",
    volatile=("LastBackupTime", "LastRecoveryPointArn"),
)


def fetch(aws: Reader) -> Iterator[Document]:
    """Every resource with a recovery point in the region."""
    for resource in aws.listing(PROTECTED):
        yield aws.document(PROTECTED, resource["ResourceArn"], resource)


def shape(docs: Documents) -> Iterator[Fact]:
    """One protected resource each, under the resource's own ARN."""
    for found in docs.of(PROTECTED):
        # Not every kind of resource has a name.
        name = found.body.get("ResourceName") or found.uid.split(":", 5)[-1]
        yield ProtectedResource(
            resource=docs.resource("protected_resource", found.uid, name, found.region),
            documents=docs.about(found.uid),
            last_backup=docs.field(PROTECTED, found, lambda body: when(body["LastBackupTime"])),
        )


COLLECTOR = Collector(
    id="aws.backup_protected",
    title="Resources that AWS Backup protects",
    scope="region",
    kinds=(PROTECTED,),
    emits={ProtectedResource: PROTECTED},
    source="AWS Backup API 2018-11-15",
    fetch=fetch,
    shape=shape,
)
