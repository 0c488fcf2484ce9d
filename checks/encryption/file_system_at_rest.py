"""Network file systems are encrypted where they rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.stores import FileSystem


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per file system."""
    for system in facts.of(FileSystem):
        yield decide(
            system,
            system.encrypted_at_rest,
            yes="file system is encrypted at rest",
            no="file system is not encrypted at rest",
        )


CHECK = Check(
    id="encryption.file_system_at_rest",
    title="File systems are encrypted at rest",
    criteria=(
        Criterion("CC6.1", DIRECT, "stored data is unreadable without the key"),
        Criterion("C1.1", PARTIAL, "confidential files stay protected while they are kept"),
    ),
    severity="high",
    needs=(FileSystem,),
    remediation="Create a new EFS file system with Encrypted set and move the files: it cannot be changed later. On "
    "Azure file shares are always encrypted.",
    equivalents={
        "prowler": ("efs_encryption_at_rest_enabled",),
        "aws_config": ("efs-encrypted-check",),
        "security_hub": ("EFS.1",),
        "cis": ("AWS 2.4.1",),
    },
    judge=judge,
)
