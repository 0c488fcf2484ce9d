"""Known flaws of container images, as Artifact Analysis counts them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import Assessment
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name, last
from collectors.gcp.session import Reader

COUNT = rest(
    "gcp.containeranalysis.flaws",
    "containeranalysis",
    "projects.occurrences.getVulnerabilitySummary",
    "/v1/projects/{project}/occurrences:vulnerabilitySummary",
    permission="containeranalysis.occurrences.list",
    items="counts",
    omits_empty=True,
)
GRAVE = ("CRITICAL", "HIGH")
"""Severities that may not stay open, where a version without the flaw is there."""
MILD = ("MEDIUM", "LOW", "MINIMAL", "SEVERITY_UNSPECIFIED")


def fetch(gcp: Reader) -> Iterator[Document]:
    """How many flaws of each severity each image has.  The sum over all images has no address and is left out."""
    for count in gcp.listing(COUNT):
        if count.get("resourceUri"):
            kept = {"severity": "SEVERITY_UNSPECIFIED", **count}
            uid = full_name("containeranalysis", f"{kept['resourceUri']}#{kept['severity']}")
            yield gcp.document(COUNT, uid, kept)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per image that Google looked at and found something in, however small."""
    images: dict[str, list[Document]] = defaultdict(list)
    for count in docs.of(COUNT):
        images[str(count.body["resourceUri"])].append(count)
    for address, counts in images.items():
        found = [docs.field(COUNT, count, open_flaws) for count in counts]
        number = sum(each for each in found if not isinstance(each, Unread))
        unread = None if number else next((each for each in found if isinstance(each, Unread)), None)
        uid = full_name("containeranalysis", address)
        yield Assessment(
            resource=docs.resource("container_image", uid, last(address), "global"),
            documents=docs.about(uid, *counts),
            topic="image_vulnerabilities",
            status=unread or ("unhealthy" if number else "healthy"),
            because=unread or (f"grave flaws that can be closed: {number}" if number else ""),
        )


def open_flaws(count: Body) -> int:
    """Number of grave flaws that a newer version closes.  Google leaves a count of nothing out.

    Raises ValueError for a severity that Google has not.
    """
    severity = str(count["severity"])
    if severity not in {*GRAVE, *MILD}:
        raise ValueError(f"a flaw is of severity {severity}")
    return int(count.get("fixableCount", 0)) if severity in GRAVE else 0


COLLECTOR = Collector(
    id="gcp.image_flaws",
    title="Known flaws of container images",
    scope="global",
    kinds=(COUNT,),
    emits={Assessment: COUNT},
    source="Container Analysis API v1",
    fetch=fetch,
    shape=shape,
)
