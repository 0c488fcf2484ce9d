"""What machines hold in memory is hidden from the provider."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.machines import MachineMemory


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per machine."""
    for each in facts.of(MachineMemory):
        yield decide(
            each,
            each.encrypted,
            yes="memory is encrypted with a key of the processor",
            no="memory is not encrypted with a key of the machine's own",
        )


CHECK = Check(
    id="machines.memory_encrypted",
    title="Memory of machines is encrypted",
    criteria=(
        Criterion("C1.1", PARTIAL, "confidential records stay hidden while they are worked on"),
        Criterion("CC6.1", PARTIAL, "access to the host opens nothing"),
    ),
    severity="low",
    needs=(MachineMemory,),
    remediation="Make the Google Cloud instance anew as a confidential VM; on Azure choose the security type "
    "Confidential virtual machine, on AWS an instance type with AMD SEV-SNP switched on.",
    equivalents={"prowler": ("compute_instance_confidential_computing_enabled",)},
    judge=judge,
)
