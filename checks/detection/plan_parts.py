"""The scanners that are optional parts of protection plans are on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.detection import ProtectionPlan

PARTS = ("Containers/ContainerRegistriesVulnerabilityAssessments",)


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per plan; a plan that is off has no parts."""
    wanted = [part.partition("/") for part in names(params, "parts")]
    for plan in facts.of(ProtectionPlan):
        name = plan.resource.name.lower()
        parts = [part for owner, _, part in wanted if owner.lower() == name]
        if not parts:
            yield not_applicable(plan, "no part of the plan is on the company's list")
        elif plan.enabled is False:
            yield fails(plan, f"plan is off, and {' and '.join(parts)} with it")
        elif isinstance(plan.parts, Unread):
            yield unknown(plan, plan.parts)
        elif missing := [part for part in parts if part.lower() not in {each.lower() for each in plan.parts}]:
            yield fails(plan, f"{' and '.join(missing)} is off")
        elif gaps := unread_in(plan.enabled):
            yield unknown(plan, *gaps)
        else:
            yield passes(plan, f"{' and '.join(parts)} is on")


CHECK = Check(
    id="detection.plan_parts",
    title="Registry images are scanned for known flaws",
    criteria=(
        Criterion("CC7.1", DIRECT, "known flaws of images are found before these run"),
        Criterion("CC6.8", SUPPORTING, "hostile or altered software in an image is noticed"),
    ),
    severity="high",
    needs=(ProtectionPlan,),
    remediation="Turn on the plan and the part of it that scans registries: on Azure, the extension "
    "ContainerRegistriesVulnerabilityAssessments of Defender for Containers.",
    equivalents={"prowler": ("defender_container_images_scan_enabled",)},
    judge=judge,
    params=(Param("parts", PARTS, "plan/part names", "parts of plans that have to be on"),),
)
