"""SQS queues: how their messages are encrypted, whom they let in, and where those end that nobody can process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.resource_policies import attribute_policy
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.processing import UnattendedWork
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
WAITING = ("aws/sqs/approximatenumberofmessagesvisible", "aws/sqs/approximateageofoldestmessage")
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
    """One queue each, whom it is shared with, and what becomes of its messages."""
    ends = {queue.uid: docs.value(ATTRIBUTES, queue.uid, dead_letters) for queue in docs.of(QUEUE)}
    taking = _taking(docs, ends)
    for queue in docs.of(QUEUE):
        end = ends[queue.uid]
        yield UnattendedWork(
            resource=docs.resource("queue", queue.uid, queue.uid.rpartition(":")[2], queue.region),
            documents=docs.about(queue.uid),
            what="queue",
            failures_kept=end if isinstance(end, Unread) else end is not None,
            takes_failures=taking[queue.uid],
            measures=end if isinstance(end, Unread) else left_lying(end or queue.uid),
            events=(),
        )
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


def dead_letters(body: Body) -> str | None:
    """The queue that takes a message which failed too often; None when there is none."""
    policy = body["Attributes"].get("RedrivePolicy")
    return str(json.loads(policy)["deadLetterTargetArn"]) if policy else None


def _taking(docs: Documents, ends: Mapping[str, str | None | Unread]) -> dict[str, bool | Unread]:
    """By queue: some queue names it as the end of failed messages; one of another region cannot."""
    regions = {queue.uid: queue.region for queue in docs.of(QUEUE)}
    unread: dict[str, Unread | None] = {region: docs.complete(QUEUE, region) for region in set(regions.values())}
    for uid, end in ends.items():
        if isinstance(end, Unread):
            unread[regions[uid]] = unread[regions[uid]] or end
    named = set(ends.values())
    return {uid: uid in named or unread[region] or False for uid, region in regions.items()}


def left_lying(uid: str) -> tuple[str, ...]:
    """Measures that show messages in a queue.  What SQS moves into one is not counted as sent to it."""
    return tuple(f"{measure} QueueName={uid.rpartition(':')[2]}" for measure in WAITING)


def shared(body: Body) -> bool | Unread:
    """Anybody may send to it, read it or change it."""
    return attribute_policy(body, ATTRIBUTES)


COLLECTOR = Collector(
    id="aws.sqs_queues",
    title="SQS queues",
    scope="region",
    kinds=(QUEUE, ATTRIBUTES),
    emits={Queue: QUEUE, Sharing: QUEUE, UnattendedWork: QUEUE},
    source="Amazon SQS API 2012-11-05",
    fetch=fetch,
    shape=shape,
)
