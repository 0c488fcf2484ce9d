"""aws.efs_file_systems"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.efs_file_systems import COLLECTOR, FILE_SYSTEM, backed_up, named_key
from collectors.facts.core import Reason, Unread
from collectors.facts.stores import FileSystem
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"
KEY = "arn:aws:kms:us-east-1:123456789012:key/k"
LIST = "elasticfilesystem:GET /2015-02-01/file-systems"


def create(efs: Any, name: str, **settings: Any) -> str:
    """The id of a new file system."""
    tags = [{"Key": "Name", "Value": name}]
    return str(efs.create_file_system(CreationToken=name, Tags=tags, **settings)["FileSystemId"])


def policy_call(system: str) -> str:
    """The call for its backup policy, as the server sees it."""
    return f"{LIST}/{system}/backup-policy"


def test_file_systems_with_and_without(read: Read, client: Client) -> None:
    """Encryption, key and automatic backup of each."""
    efs = client("efs")
    create(efs, "kept", Encrypted=True, KmsKeyId=KEY, Backup=True)
    create(efs, "careless", Encrypted=False, Backup=False)

    reading = read(COLLECTOR)
    kept = reading.fact(FileSystem, "kept")
    careless = reading.fact(FileSystem, "careless")

    assert (kept.encrypted_at_rest, kept.customer_key, kept.backed_up) == (True, KEY, True)
    assert (careless.encrypted_at_rest, careless.customer_key, careless.backed_up) == (False, None, False)
    assert reading.page.gaps == []


def test_a_file_system_without_a_name_goes_by_its_id(read: Read, client: Client) -> None:
    """A name is a tag, and not everybody tags."""
    system = client("efs").create_file_system(CreationToken="t")["FileSystemId"]

    assert [fact.resource.name for fact in read(COLLECTOR).facts(FileSystem)] == [system]


def test_no_file_systems_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    documents = read(COLLECTOR).documents

    assert list(COLLECTOR.shape(documents)) == []
    assert documents.complete(FILE_SYSTEM, REGION) is None


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """No file system is known, and the permission by its own name is what is missing."""
    create(client("efs"), "some")
    getattr(faults, fault).add(LIST)

    unlisted = read(COLLECTOR).documents.complete(FILE_SYSTEM, REGION)

    assert unlisted is not None
    assert unlisted.permission == "elasticfilesystem:DescribeFileSystems"


@pytest.mark.parametrize(("fault", "reason"), [("deny", Reason.PERMISSION_DENIED), ("garble", Reason.PARTIAL_LISTING)])
def test_an_unread_backup_policy_is_not_one_that_is_off(
    read: Read, client: Client, faults: Faults, fault: str, reason: Reason
) -> None:
    """Only the one file system's one field is unread."""
    efs = client("efs")
    hidden = create(efs, "hidden", Encrypted=True, KmsKeyId=KEY)
    create(efs, "seen")
    getattr(faults, fault).add(policy_call(hidden))

    reading = read(COLLECTOR)
    found = reading.fact(FileSystem, "hidden")

    assert isinstance(found.backed_up, Unread)
    assert found.backed_up.reason is reason
    assert found.encrypted_at_rest is True
    assert reading.fact(FileSystem, "seen").backed_up is False


@pytest.mark.parametrize(
    ("status", "on"), [("ENABLED", True), ("ENABLING", False), ("DISABLING", False), ("DISABLED", False)]
)
def test_only_a_policy_that_is_on_backs_up(status: str, on: bool) -> None:
    """Being switched on is not yet a backup."""
    assert backed_up({"BackupPolicy": {"Status": status}}) is on


def test_no_policy_backs_up_nothing() -> None:
    """AWS says that there is none: an answer, not a gap."""
    assert backed_up({"absent": "PolicyNotFound"}) is False


def test_an_encrypted_file_system_must_name_its_key() -> None:
    """A key that AWS left out is malformed, not none."""
    assert named_key({"Encrypted": False}) is None
    with pytest.raises(KeyError):
        named_key({"Encrypted": True})
