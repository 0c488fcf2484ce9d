"""Container images have no known flaw that the provider's scanner found and nobody closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, SUPPORTING, Check, Criterion, Facts, Finding, Params
from checks.assessments import judge_assessments
from collectors.facts.detection import Assessment

TOPIC = "image_vulnerabilities"


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per registry or cluster and question that the provider asks of it."""
    yield from judge_assessments(
        facts,
        TOPIC,
        healthy="no known flaw of an image is open",
        unhealthy="known flaws of images are open",
    )


CHECK = Check(
    id="detection.image_vulnerabilities",
    title="Known flaws of container images are closed",
    criteria=(
        Criterion("CC7.1", DIRECT, "known flaws of images are found and closed"),
        Criterion("CC7.4", SUPPORTING, "weaknesses that were found are removed"),
    ),
    severity="critical",
    needs=(Assessment,),
    remediation="Rebuild the images from patched layers and roll them out; on Azure, Defender for Cloud lists the "
    "flaws of each image under its recommendation, on AWS Inspector by repository, and on Google Cloud Artifact "
    "Analysis by image.",
    equivalents={"prowler": ("defender_container_images_resolved_vulnerabilities",)},
    judge=judge,
)
