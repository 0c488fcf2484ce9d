"""Network file systems are backed up automatically."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide, not_applicable
from collectors.facts.stores import FileSystem


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per file system; one without backups of its own is left to the central service."""
    for system in facts.of(FileSystem):
        if system.backed_up is None:
            yield not_applicable(system, "it has no backups of its own: only the central backup service makes them")
        else:
            yield decide(system, system.backed_up, yes="automatic backup is on", no="automatic backup is off")


CHECK = Check(
    id="backup.file_system_backed_up",
    title="File systems are backed up automatically",
    criteria=(
        Criterion("A1.2", DIRECT, "files can be restored after a loss"),
        Criterion("PI1.5", PARTIAL, "files that were lost or spoiled can be brought back"),
        Criterion("CC7.5", SUPPORTING, "recovery from an incident starts from a backup"),
    ),
    severity="medium",
    needs=(FileSystem,),
    remediation="Turn on automatic backups of the EFS file system (PutBackupPolicy with Status ENABLED).",
    equivalents={
        "prowler": ("efs_have_backup_enabled",),
    },
    judge=judge,
)
