"""Kinesis data streams: how their records are encrypted, and how long they stay."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.stores import Stream

NAME = Kind("aws.kinesis.stream_name", "kinesis", "ListStreams", items="StreamNames")
STREAM = Kind(
    "aws.kinesis.stream",
    "kinesis",
    "DescribeStreamSummary",
    volatile=("StreamDescriptionSummary.OpenShardCount", "StreamDescriptionSummary.ConsumerCount"),
)


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every stream of the region, and its settings."""
    start: dict[str, str] = {}
    more = True
    while more:
        # The SDK ends where an answer has no token, even when it says that there are more streams after it.
        more = False
        for page in aws.pages(NAME, **start):
            more = bool(page["HasMoreStreams"])
            for name in map(str, page["StreamNames"]):
                start["ExclusiveStartStreamName"] = name
                uid = aws.arn("kinesis", f"stream/{name}")
                yield aws.document(NAME, uid, {"StreamName": name})
                yield Then(stream, (uid, name), f"{uid}/{STREAM.operation}")


def stream(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """The settings of one stream."""
    yield from aws.read(STREAM, uid, StreamName=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per stream."""
    for name in docs.of(NAME):
        yield Stream(
            resource=docs.resource("stream", name.uid, name.uid.rpartition("/")[2], name.region),
            documents=docs.about(name.uid),
            encrypted_at_rest=docs.value(STREAM, name.uid, encrypted),
            kept_hours=docs.value(STREAM, name.uid, lambda body: int(body[SUMMARY]["RetentionPeriodHours"])),
        )


SUMMARY = "StreamDescriptionSummary"


def encrypted(body: Body) -> bool:
    """With a key of KMS.  AWS may leave the word out, and means by it that there is none: Kinesis API."""
    return {"KMS": True, "NONE": False}[body[SUMMARY].get("EncryptionType", "NONE")]


COLLECTOR = Collector(
    id="aws.kinesis_streams",
    title="Kinesis data streams",
    scope="region",
    kinds=(NAME, STREAM),
    emits={Stream: NAME},
    source="Amazon Kinesis API 2013-12-02",
    fetch=fetch,
    shape=shape,
)
