"""The provider looks for known flaws in images of containers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide, not_applicable
from collectors.facts.apps import ImageScanning


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per registry; there are some that nobody can look into."""
    for registry in facts.of(ImageScanning):
        if registry.scanned is None:
            yield not_applicable(registry, "the provider cannot look into this kind of registry")
        else:
            yield decide(
                registry,
                registry.scanned,
                yes="images are looked at for known flaws",
                no="nobody looks for known flaws in images, or only once",
            )


CHECK = Check(
    id="detection.image_scanning",
    title="Images of containers are scanned for known flaws",
    criteria=(
        Criterion("CC7.1", DIRECT, "known flaws of images are found"),
        Criterion("CC6.8", SUPPORTING, "hostile code in an image is found before it runs"),
    ),
    severity="medium",
    needs=(ImageScanning,),
    remediation="Enable containerscanning.googleapis.com in the Google Cloud project, and let the repository inherit "
    "scanning; on AWS choose enhanced scanning in the settings of the ECR registry, continuous, with a filter that "
    "takes the repository.",
    equivalents={"prowler": ("artifacts_container_analysis_enabled", "gcr_container_scanning_enabled")},
    judge=judge,
)
