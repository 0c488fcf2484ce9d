"""The regions that the account has enabled, and those of them that this run reads."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.account import EnabledRegion
from collectors.facts.core import Fact, Unread

REGION = Kind("aws.ec2.region", "ec2", "DescribeRegions", items="Regions")
SCANNED = Kind("aws.ec2.scanned_regions", "ec2", "DescribeRegions", items="Regions")

ENABLED = frozenset({"opt-in-not-required", "opted-in"})


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every region there is, and what AWS says of the ones that this run reads.

    The second answer keeps, beside the first, which regions the configuration asked for.
    """
    for region in aws.listing(REGION, AllRegions=True):
        yield aws.document(REGION, aws.arn("ec2", "region", region=region["RegionName"]), region)
    uid = scanned_uid(aws.partition, aws.account)
    yield from aws.gather(SCANNED, uid, AllRegions=True, RegionNames=list(aws.regions))


def scanned_uid(partition: str, account: str) -> str:
    """Stands for the regions that this run reads."""
    return f"arn:{partition}:ec2::{account}:scanned-regions"


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per enabled region; one whose state cannot be told counts as enabled, lest it be lost."""
    scanned = docs.get(SCANNED, scanned_uid(docs.partition, docs.account))
    names = (
        scanned
        if isinstance(scanned, Unread)
        else docs.field(SCANNED, scanned, lambda body: {region["RegionName"] for region in body["Regions"]})
    )
    answer = () if isinstance(scanned, Unread) else (scanned,)
    for region in docs.of(REGION):
        enabled = docs.field(REGION, region, lambda body: body["OptInStatus"] in ENABLED)
        if enabled is not False:
            name = region.body["RegionName"]
            yield EnabledRegion(
                resource=docs.resource("region", region.uid, name, name),
                documents=docs.about(region.uid, *answer),
                scanned=names if isinstance(names, Unread) else name in names,
            )


COLLECTOR = Collector(
    id="aws.ec2_regions",
    title="Enabled regions",
    scope="global",
    kinds=(REGION, SCANNED),
    emits={EnabledRegion: REGION},
    source="Amazon EC2 API 2016-11-15",
    fetch=fetch,
    shape=shape,
)
