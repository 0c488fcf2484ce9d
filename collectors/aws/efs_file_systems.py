"""EFS file systems: encryption and automatic backup."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.stores import FileSystem

FILE_SYSTEM = Kind(
    "aws.efs.file_system",
    "efs",
    "DescribeFileSystems",
    permission="elasticfilesystem:DescribeFileSystems",
    items="FileSystems",
    volatile=("SizeInBytes",),
)
BACKUP_POLICY = Kind(
    "aws.efs.backup_policy",
    "efs",
    "DescribeBackupPolicy",
    permission="elasticfilesystem:DescribeBackupPolicy",
    absent=("PolicyNotFound",),
)


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every file system of the region, and its backup policy."""
    for system in aws.listing(FILE_SYSTEM):
        uid = system["FileSystemArn"]
        yield aws.document(FILE_SYSTEM, uid, system)
        yield Then(backup_policy, (uid, system["FileSystemId"]), f"{uid}/{BACKUP_POLICY.operation}")


def backup_policy(aws: Reader, uid: str, system: str) -> Iterator[Document]:
    """Whether one file system is backed up automatically."""
    yield from aws.read(BACKUP_POLICY, uid, FileSystemId=system)


def shape(docs: Documents) -> Iterator[Fact]:
    """One file system each."""
    for system in docs.of(FILE_SYSTEM):
        # AWS leaves the name out when no tag gives one.
        name = system.body.get("Name") or system.uid.rpartition("/")[2]
        yield FileSystem(
            resource=docs.resource("file_system", system.uid, name, system.region),
            documents=docs.about(system.uid),
            encrypted_at_rest=docs.field(FILE_SYSTEM, system, lambda body: bool(body["Encrypted"])),
            customer_key=docs.field(FILE_SYSTEM, system, named_key),
            backed_up=docs.value(BACKUP_POLICY, system.uid, backed_up),
        )


def named_key(body: Body) -> str | None:
    """The KMS key in use; None without encryption, and AWS then leaves the key out.

    The ARN alone does not tell a customer-managed key from the account's AWS-managed `aws/elasticfilesystem`.
    """
    return str(body["KmsKeyId"]) if body["Encrypted"] else None


def backed_up(body: Body) -> bool:
    """Automatic backup is on, and not only about to be."""
    return "absent" not in body and body["BackupPolicy"]["Status"] == "ENABLED"


COLLECTOR = Collector(
    id="aws.efs_file_systems",
    title="EFS file systems",
    scope="region",
    kinds=(FILE_SYSTEM, BACKUP_POLICY),
    emits={FileSystem: FILE_SYSTEM},
    source="Amazon EFS API 2015-02-01",
    fetch=fetch,
    shape=shape,
)
