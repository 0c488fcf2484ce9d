"""aws.sharing_blocks"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.demo.loopback import Faults
from collectors.aws.sharing_blocks import COLLECTOR, blocked
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import SharingGuard
from collectors.testing import Reading

Read = Callable[..., Reading]

SNAPSHOTS, IMAGES = "disk snapshots of us-east-1", "machine images of us-east-1"


def states(faults: Faults, snapshots: str, images: str) -> None:
    """What the provider answers."""
    faults.answers["ec2:GetSnapshotBlockPublicAccessState"] = f"<R><state>{snapshots}</state></R>"
    said = f"<imageBlockPublicAccessState>{images}</imageBlockPublicAccessState>"
    faults.answers["ec2:GetImageBlockPublicAccessState"] = f"<R>{said}</R>"


@pytest.mark.parametrize(
    ("snapshots", "images", "expected"),
    [
        ("block-all-sharing", "block-new-sharing", [True, True]),
        ("block-new-sharing", "unblocked", [False, False]),
        ("unblocked", "block-new-sharing", [False, True]),
    ],
)
def test_the_guards_of_a_region(read: Read, faults: Faults, snapshots: str, images: str, expected: list[bool]) -> None:
    """Snapshots that are public already are blocked by one state only."""
    states(faults, snapshots, images)

    reading = read(COLLECTOR)

    assert [reading.fact(SharingGuard, name).blocked for name in (SNAPSHOTS, IMAGES)] == expected


def test_each_region_has_its_own(read: Read) -> None:
    """Two guards in each."""
    found = read(COLLECTOR, "us-east-1", "eu-west-1").facts(SharingGuard)

    assert sorted(fact.resource.region for fact in found) == ["eu-west-1", "eu-west-1", "us-east-1", "us-east-1"]
    assert len({fact.resource.uid for fact in found}) == 4


@pytest.mark.parametrize(
    ("denied", "lost", "left"),
    [
        ("ec2:GetSnapshotBlockPublicAccessState", SNAPSHOTS, IMAGES),
        ("ec2:GetImageBlockPublicAccessState", IMAGES, SNAPSHOTS),
    ],
)
def test_an_unread_guard_is_unread(read: Read, faults: Faults, denied: str, lost: str, left: str) -> None:
    """The other one is still said."""
    faults.deny.add(denied)

    reading = read(COLLECTOR)
    found = reading.fact(SharingGuard, lost).blocked

    assert isinstance(found, Unread)
    assert (found.reason, found.permission) == (Reason.PERMISSION_DENIED, denied)
    assert reading.fact(SharingGuard, left).blocked is False


def test_an_answer_without_a_state_is_malformed() -> None:
    """It blocks nothing by silence, and nothing passes by it."""
    for body in ({}, {"State": "?"}, {"ImageBlockPublicAccessState": "block-all-sharing"}):
        with pytest.raises(KeyError):
            blocked(body)
