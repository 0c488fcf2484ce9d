"""Since when Inspector knows of flaws that are still open: of machines, repositories of images, and functions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import DatedFlaws

FLAW = Kind("aws.inspector.flaw", "inspector2", "ListFindings", items="findings")

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM")
"""Those with a time to close them; Inspector has lower ones too, and one for what nobody has weighed yet."""
PAGE = 100
"""Largest page."""
THINGS = {
    "AWS_EC2_INSTANCE": "machine",
    "AWS_ECR_CONTAINER_IMAGE": "registry",
    "AWS_LAMBDA_FUNCTION": "web_app",
}
"""Types of things that Inspector looks at, and our words; an image counts for its repository."""
IMAGE, VERSION = "/sha256:", ":$LATEST"
"""What follows the name of a repository, and that of a function."""


def fetch(aws: Reader) -> Iterator[Document]:
    """Every flaw of the account that is open, and that a newer version closes, folded into one document per thing.

    There are thousands of them.  An account that looks after others is told of theirs too.
    """
    wanted = {
        "awsAccountId": (aws.account,),
        "findingStatus": ("ACTIVE",),
        "findingType": ("PACKAGE_VULNERABILITY",),
        "fixAvailable": ("YES", "PARTIAL"),
        "severity": SEVERITIES,
        "resourceType": tuple(THINGS),
    }
    criteria = {name: [{"comparison": "EQUALS", "value": each} for each in some] for name, some in wanted.items()}
    oldest: dict[str, dict[str, Any]] = {}
    for flaw in aws.listing(FLAW, filterCriteria=criteria, maxResults=PAGE):
        severity, since = str(flaw["severity"]), flaw["firstObservedAt"]
        for thing in flaw["resources"]:
            uid = uid_of(aws, thing)
            known = oldest.setdefault(uid, {"type": thing["type"], "oldest": {}})["oldest"]
            known[severity] = min(since, known.get(severity, since))
    for uid, body in oldest.items():
        yield aws.document(FLAW, uid, body)


def uid_of(aws: Reader, thing: Body) -> str:
    """The machine, the repository or the function: Inspector tells an image or a version from the next."""
    name = str(thing["id"])
    if name.startswith("arn:"):
        return name.partition(IMAGE)[0].removesuffix(VERSION)
    return aws.arn("ec2", f"instance/{name}")


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per thing with an open flaw."""
    for thing in docs.of(FLAW):
        # A list that was cut off might have held an older one.
        unread = docs.complete(FLAW, thing.region)
        dated = docs.field(FLAW, thing, oldest)
        since = dated if unread is None else unread
        name = thing.uid.partition(":repository/")[2] or thing.uid.rpartition("/")[2].rpartition(":")[2]
        yield DatedFlaws(
            resource=docs.resource(THINGS[str(thing.body["type"])], thing.uid, name, thing.region),
            documents=docs.about(thing.uid),
            critical_since=since if isinstance(since, Unread) else since.get("CRITICAL"),
            high_since=since if isinstance(since, Unread) else since.get("HIGH"),
            medium_since=since if isinstance(since, Unread) else since.get("MEDIUM"),
        )


def oldest(body: Body) -> dict[str, datetime]:
    """When the oldest flaw of each severity was first seen."""
    return {severity: when(since) for severity, since in body["oldest"].items()}


COLLECTOR = Collector(
    id="aws.inspector_flaws",
    title="Open flaws that Inspector found",
    scope="region",
    kinds=(FLAW,),
    emits={DatedFlaws: FLAW},
    source="Amazon Inspector API 2020-06-08",
    fetch=fetch,
    shape=shape,
)
