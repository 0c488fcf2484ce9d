"""aws.backup_vaults"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.backup_vaults import COLLECTOR, POINT, VAULT, key
from collectors.facts.core import Reason, Unread
from collectors.facts.recovery import BackupVault, RecoveryPoint
from collectors.testing import Reading
from tests.collectors.aws.backup_service import REGION, BackupService, backup_service

Read = Callable[..., Reading]
Client = Callable[..., Any]

ARN = "arn:aws:backup:us-east-1:123456789012"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.fixture
def service() -> Iterator[BackupService]:
    """AWS Backup, which denies whatever the test does not answer."""
    with backup_service() as running:
        yield running


def vault(name: str, **more: Any) -> dict[str, Any]:
    """An item of ListBackupVaults."""
    return {
        "BackupVaultName": name,
        "BackupVaultArn": f"{ARN}:backup-vault:{name}",
        "EncryptionKeyArn": "arn:aws:kms:us-east-1:123456789012:key/k",
        "Locked": False,
        **more,
    }


def point(name: str, **more: Any) -> dict[str, Any]:
    """An item of ListRecoveryPointsByBackupVault."""
    return {
        "RecoveryPointArn": f"{ARN}:recovery-point:{name}",
        "ResourceArn": TABLE,
        "Status": "COMPLETED",
        "CreationDate": NOON.timestamp(),
        "IsEncrypted": True,
        **more,
    }


def contents(name: str) -> str:
    """The path of a vault's recovery points."""
    return f"/backup-vaults/{name}/recovery-points/"


def test_vaults_with_key_and_lock(read: Read, client: Client) -> None:
    """Each vault's own settings become facts."""
    backup = client("backup")
    key_arn = "arn:aws:kms:us-east-1:123456789012:key/k"
    backup.create_backup_vault(BackupVaultName="locked", EncryptionKeyArn=key_arn)
    backup.put_backup_vault_lock_configuration(BackupVaultName="locked", MinRetentionDays=7)
    backup.create_backup_vault(BackupVaultName="open", EncryptionKeyArn=key_arn)

    locked, unlocked = read(COLLECTOR).facts(BackupVault)

    assert (locked.resource.name, locked.locked, locked.encryption_key) == ("locked", True, key_arn)
    assert (unlocked.resource.name, unlocked.locked) == ("open", False)


def test_an_account_without_vaults_is_complete(read: Read) -> None:
    """No vault, hence no recovery point: both are proven by one listing."""
    documents = read(COLLECTOR).documents

    assert list(COLLECTOR.shape(documents)) == []
    assert documents.complete(VAULT, REGION) is None
    assert documents.complete(POINT, REGION) is None


def test_recovery_points_of_every_vault_and_page(service: BackupService) -> None:
    """Both pages of vaults and both pages of one vault's contents are read."""
    service.pages["/backup-vaults/"] = [{"BackupVaultList": [vault(name)]} for name in ("first", "second")]
    service.pages[contents("first")] = [
        {"RecoveryPoints": [point("a")]},
        {"RecoveryPoints": [point("b", Status="PARTIAL", IsEncrypted=False)]},
    ]
    service.pages[contents("second")] = [{"RecoveryPoints": [point("c", Status="AVAILABLE")]}]

    reading = service.read(COLLECTOR)
    whole, partial, continuous = reading.facts(RecoveryPoint)

    assert (whole.of, whole.completed, whole.created, whole.encrypted_at_rest) == (TABLE, True, NOON, True)
    assert (partial.completed, partial.encrypted_at_rest) == (False, False)
    assert continuous.completed is True
    assert reading.documents.complete(POINT, REGION) is None


def test_one_vault_that_may_not_be_looked_into_hides_recovery_points(service: BackupService) -> None:
    """The other vault's points are facts, and the population is said to be unknown."""
    service.pages["/backup-vaults/"] = [{"BackupVaultList": [vault("first"), vault("second")]}]
    service.pages[contents("first")] = [{"RecoveryPoints": [point("a")]}]

    reading = service.read(COLLECTOR)
    hidden = reading.documents.complete(POINT, REGION)

    assert len(reading.facts(RecoveryPoint)) == 1
    assert len(reading.facts(BackupVault)) == 2
    assert reading.documents.complete(VAULT, REGION) is None
    assert hidden is not None
    assert hidden.operation == "backup:ListRecoveryPointsByBackupVault"


def test_fields_that_aws_left_out_are_unread(service: BackupService) -> None:
    """A missing flag is neither on nor off."""
    bare = {key: value for key, value in vault("first").items() if key not in {"Locked", "EncryptionKeyArn"}}
    service.pages["/backup-vaults/"] = [{"BackupVaultList": [bare]}]
    service.pages[contents("first")] = [{"RecoveryPoints": [{"RecoveryPointArn": f"{ARN}:recovery-point:a"}]}]

    reading = service.read(COLLECTOR)
    (found,) = reading.facts(BackupVault)
    (inside,) = reading.facts(RecoveryPoint)

    assert isinstance(found.locked, Unread)
    assert isinstance(found.encryption_key, Unread)
    assert isinstance(inside.completed, Unread)
    assert isinstance(inside.created, Unread)
    assert isinstance(inside.encrypted_at_rest, Unread)


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble"])
def test_a_failed_listing_of_vaults_hides_recovery_points_too(
    read: Read, client: Client, faults: Faults, fault: str
) -> None:
    """What is in an unknown vault is unknown."""
    client("backup").create_backup_vault(BackupVaultName="v")
    getattr(faults, fault).add("backup:GET /backup-vaults/")

    documents = read(COLLECTOR).documents
    unlisted = documents.complete(VAULT, REGION)

    assert unlisted is not None
    assert unlisted.operation == "backup:ListBackupVaults"
    assert documents.complete(POINT, REGION) == unlisted


def test_a_provider_without_the_operation_leaves_a_gap(read: Read, client: Client) -> None:
    """What is not offered is said, never taken for nothing."""
    client("backup").create_backup_vault(BackupVaultName="v")

    unlisted = read(COLLECTOR).documents.complete(POINT, REGION)

    assert unlisted is not None
    assert unlisted.reason is Reason.SERVICE_UNSUPPORTED


def test_a_key_of_the_provider_is_named_by_its_type() -> None:
    """A vault whose key AWS owns has no ARN to give, and is encrypted all the same."""
    assert key({"EncryptionKeyType": "AWS_OWNED_KMS_KEY"}) == "AWS_OWNED_KMS_KEY"
