"""Disks are encrypted with a key that the company controls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params
from checks.customer_keys import judge_customer_key
from collectors.facts.stores import Disk, EncryptionKey


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per disk, attached or not: a detached disk keeps its data."""
    for disk in facts.of(Disk):
        yield judge_customer_key(disk, disk.customer_key, facts, "disk is")


CHECK = Check(
    id="encryption.disk_customer_key",
    title="Disks use a customer-managed key",
    criteria=(
        Criterion("CC6.1", PARTIAL, "the company decides who may decrypt, and can withdraw it"),
        Criterion("C1.1", SUPPORTING, "reading confidential files takes a right to the key as well"),
    ),
    severity="medium",
    needs=(Disk, EncryptionKey),
    remediation="On AWS set a customer-managed KMS key as the default for EBS and make the volume anew from a "
    "snapshot that is copied with it; on Azure set a disk encryption set with a key of your vault on the "
    "disk. On Google Cloud make the disk with a Cloud KMS key or a key that you supply; for the disks of "
    "Dataproc set gcePdKmsKeyName of the cluster.",
    equivalents={
        "prowler": (
            "compute_instance_encryption_with_csek_enabled",
            "dataproc_encrypted_with_cmks_disabled",
            "vm_ensure_attached_disks_encrypted_with_cmk",
            "vm_ensure_unattached_disks_encrypted_with_cmk",
        ),
    },
    judge=judge,
)
