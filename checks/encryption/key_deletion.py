"""No encryption key is about to be destroyed, and with it all that it encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from checks.when import day
from collectors.facts.core import Unread
from collectors.facts.stores import EncryptionKey


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per key."""
    for key in facts.of(EncryptionKey):
        match key.deletion_date:
            case Unread() as gap:
                yield unknown(key, gap)
            case None:
                yield passes(key, "no deletion of the key is pending")
            case date:
                yield fails(key, f"key is to be destroyed on {day(date)}")


CHECK = Check(
    id="encryption.key_deletion",
    title="No encryption key awaits deletion",
    criteria=(
        Criterion("CC6.1", PARTIAL, "keys are protected from loss as well as from misuse"),
        Criterion("PI1.5", PARTIAL, "stored items are not lost with their key"),
        Criterion("A1.2", SUPPORTING, "data and backups are lost with the key that encrypts them"),
    ),
    severity="high",
    needs=(EncryptionKey,),
    remediation="Cancel the deletion (CancelKeyDeletion), or record the approval and accept the finding "
    "until the date.",
    equivalents={
        "prowler": ("kms_cmk_not_deleted_unintentionally",),
        "aws_config": ("kms-cmk-not-scheduled-for-deletion",),
        "security_hub": ("KMS.3",),
    },
    judge=judge,
)
