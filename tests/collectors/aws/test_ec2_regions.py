"""aws.ec2_regions"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.ec2_regions import COLLECTOR, REGION, SCANNED, scanned_uid
from collectors.aws.provider import Aws, AwsAccess
from collectors.documents import Documents
from collectors.facts.account import EnabledRegion
from collectors.facts.core import Unread
from collectors.provenance import Identity
from collectors.reader import Recorder
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def test_enabled_regions_are_scanned_or_left_out(read: Read) -> None:
    """Both kinds are named, by what AWS and the configuration say."""
    reading = read(COLLECTOR, "us-east-1", "eu-west-1")

    facts = reading.facts(EnabledRegion)
    assert {fact.resource.name for fact in facts if fact.scanned} == {"us-east-1", "eu-west-1"}
    assert reading.fact(EnabledRegion, "ap-south-1").scanned is False
    assert reading.fact(EnabledRegion, "ap-south-1").resource.region == "ap-south-1"
    assert "ap-east-1" not in {fact.resource.name for fact in facts}  # nobody opted in
    assert len(reading.page.calls) == 2


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_listing_leaves_the_population_unknown(read: Read, faults: Faults, fault: str) -> None:
    """No region is known, and that is said."""
    getattr(faults, fault).add("ec2:DescribeRegions")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(REGION, "global")

    assert reading.facts(EnabledRegion) == []
    assert unread is not None
    assert unread.permission == "ec2:DescribeRegions"


def test_without_the_second_answer_it_is_open_what_is_scanned(read: Read, faults: Faults) -> None:
    """The regions themselves are known all the same."""
    faults.deny.add("ec2:DescribeRegions")
    faults.after = 1

    assert isinstance(read(COLLECTOR).fact(EnabledRegion, "us-east-1").scanned, Unread)


@pytest.mark.parametrize(
    ("body", "counts"),
    [
        ({"OptInStatus": "opt-in-not-required"}, True),
        ({"OptInStatus": "opted-in"}, True),
        ({"OptInStatus": "not-opted-in"}, False),
        ({}, True),
    ],
)
def test_only_a_region_that_is_known_to_be_off_is_dropped(body: dict[str, str], counts: bool) -> None:
    """A region without a state might hold resources."""
    documents = [
        Document(REGION.name, "arn:r", "global", {"RegionName": "ap-east-1", **body}),
        Document(SCANNED.name, scanned_uid("aws", "1"), "global", {"Regions": []}),
    ]
    docs = Documents(COLLECTOR, Identity("aws", "1", "arn:caller", "aws"), ("global",), documents)

    assert len(list(COLLECTOR.shape(docs))) == counts


def test_a_run_of_all_enabled_regions_asks_for_them_once(
    client: Client, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every reader knows the same regions, and none asks again."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    provider = Aws(AwsAccess(("enabled",), endpoint=client("ec2").meta.endpoint_url))
    recorder = Recorder(itertools.count(), lambda _: None)

    asked = provider.regions()
    readers = [provider.reader(COLLECTOR, region, recorder) for region in ("global", "us-east-1")]

    assert {reader.regions for reader in readers} == {asked}
    assert "us-east-1" in asked
    assert faults.calls["ec2:DescribeRegions"] == 1
