"""SQS queues: how their messages are encrypted, and whom they let in."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.resource_policies import attribute_policy
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.stores import Queue

QUEUE = Kind("aws.sqs.queue", "sqs", "ListQueues", items="QueueUrls", omits_empty=True)
ATTRIBUTES = Kind(
    "aws.sqs.queue_attributes",
    "sqs",
    "GetQueueAttributes",
    volatile=(
        "Attributes.ApproximateNumberOfMessages",
        "Attributes.ApproximateNumberOfMessagesDelayed",
        "Attributes.ApproximateNumberOfMessagesNotVisible",
        "Attributes.LastModifiedTimestamp",
    ),
)
PAGE = 1000
"""Largest page.  Without a page size SQS cuts off after 1,000 queues and does not say that there are more."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every queue of the region, and its attributes."""
    for item in aws.listing(QUEUE, MaxResults=PAGE):
        url = str(item)  # this listing's items are bare strings
        uid = aws.arn("sqs", url.rpartition("/")[2])
        yield aws.document(QUEUE, uid, {"QueueUrl": url})
        yield Then(attributes, (uid, url), f"{uid}/{ATTRIBUTES.operation}")


def attributes(aws: Reader, uid: str, url: str) -> Iterator[Document]:
    """The attributes of one queue."""
    yield from aws.read(ATTRIBUTES, uid, QueueUrl=url, AttributeNames=["All"])


def shape(docs: Documents) -> Iterator[Fact]:
    """One queue each, and whom it is shared with."""
    for queue in docs.of(QUEUE):
        yield Queue(
            resource=docs.resource("queue", queue.uid, queue.uid.rpartition(":")[2], queue.region),
            documents=docs.about(queue.uid),
            encrypted_at_rest=docs.value(ATTRIBUTES, queue.uid, encrypted),
            customer_key=docs.value(ATTRIBUTES, queue.uid, customer_key),
        )
        yield Sharing(
            resource=docs.resource("queue", queue.uid, queue.uid.rpartition(":")[2], queue.region),
            documents=docs.about(queue.uid),
            what="queue",
            everybody=docs.value(ATTRIBUTES, queue.uid, shared),
        )


def encrypted(body: Body) -> bool:
    """With a KMS key, which AWS leaves out when there is none, or with a key of the service's own."""
    found = body["Attributes"]
    return bool(found.get("KmsMasterKeyId")) or found["SqsManagedSseEnabled"] == "true"


def customer_key(body: Body) -> str | None:
    """The key that the company named; None for the provider's own keys and for none."""
    key = body["Attributes"].get("KmsMasterKeyId") or None
    return None if key is None or key.endswith("alias/aws/sqs") else str(key)


def shared(body: Body) -> bool | Unread:
    """Anybody may send to it, read it or change it."""
    return attribute_policy(body, ATTRIBUTES)


COLLECTOR = Collector(
    id="aws.sqs_queues",
    title="SQS queues",
    scope="region",
    kinds=(QUEUE, ATTRIBUTES),
    emits={Queue: QUEUE, Sharing: QUEUE},
    source="Amazon SQS API 2012-11-05",
    fetch=fetch,
    shape=shape,
)
