"""aws.kinesis_streams"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.kinesis_streams import COLLECTOR, NAME, encrypted
from collectors.facts.core import Reason, Unread
from collectors.facts.stores import Stream
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"


def test_streams_by_their_settings(read: Read, client: Client) -> None:
    """As one is made, and with everything turned on."""
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName="bare", ShardCount=1)
    kinesis.create_stream(StreamName="kept", ShardCount=1)
    kinesis.start_stream_encryption(StreamName="kept", EncryptionType="KMS", KeyId="alias/own")
    kinesis.increase_stream_retention_period(StreamName="kept", RetentionPeriodHours=200)

    reading = read(COLLECTOR)
    found = {fact.resource.name: (fact.encrypted_at_rest, fact.kept_hours) for fact in reading.facts(Stream)}

    assert found == {"bare": (False, 24), "kept": (True, 200)}
    assert reading.fact(Stream, "kept").resource.uid == "arn:aws:kinesis:us-east-1:123456789012:stream/kept"


@pytest.mark.parametrize(("fault", "reason"), [("deny", Reason.PERMISSION_DENIED), ("garble", Reason.PARTIAL_LISTING)])
def test_an_unread_stream_is_unread(read: Read, client: Client, faults: Faults, fault: str, reason: Reason) -> None:
    """Neither its encryption nor its retention is known."""
    client("kinesis").create_stream(StreamName="one", ShardCount=1)
    getattr(faults, fault).add("kinesis:DescribeStreamSummary")

    stream = read(COLLECTOR).fact(Stream, "one")

    assert isinstance(stream.encrypted_at_rest, Unread)
    assert isinstance(stream.kept_hours, Unread)
    assert (stream.kept_hours.reason, stream.kept_hours.permission) == (reason, "kinesis:DescribeStreamSummary")


def test_the_word_may_be_left_out() -> None:
    """That means none, and any other word is malformed."""
    assert encrypted({"StreamDescriptionSummary": {}}) is False
    with pytest.raises(KeyError):
        encrypted({"StreamDescriptionSummary": {"EncryptionType": "SOME"}})
    with pytest.raises(KeyError):
        encrypted({})


def test_streams_come_in_pages(read: Read, client: Client, faults: Faults) -> None:
    """A listing is read to its end; one that is cut off says so."""
    for number in range(12):
        client("kinesis").create_stream(StreamName=f"s{number}", ShardCount=1)

    assert len(read(COLLECTOR).facts(Stream)) == 12

    faults.calls.clear()
    faults.deny.add("kinesis:ListStreams")
    faults.after = 1
    reading = read(COLLECTOR)
    unlisted = reading.documents.complete(NAME, REGION)

    assert 0 < len(reading.facts(Stream)) < 12
    assert unlisted is not None
    assert unlisted.permission == "kinesis:ListStreams"


def test_none_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert list(COLLECTOR.shape(reading.documents)) == []
    assert reading.documents.complete(NAME, REGION) is None


@pytest.mark.parametrize(("fault", "reason"), [("deny", Reason.PERMISSION_DENIED), ("garble", Reason.PARTIAL_LISTING)])
def test_a_failed_listing_leaves_the_population_unknown(
    read: Read, client: Client, faults: Faults, fault: str, reason: Reason
) -> None:
    """Nothing is known to be there, and that is said."""
    client("kinesis").create_stream(StreamName="there", ShardCount=1)
    getattr(faults, fault).add("kinesis:ListStreams")

    reading = read(COLLECTOR)
    unlisted = reading.documents.complete(NAME, REGION)

    assert reading.facts(Stream) == []
    assert unlisted is not None
    assert (unlisted.reason, unlisted.operation, unlisted.permission) == (
        reason,
        "kinesis:ListStreams",
        "kinesis:ListStreams",
    )
