"""SNS topics: the key that their messages are encrypted with, and whom they let in."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.resource_policies import attribute_policy
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.stores import Topic

TOPIC = Kind("aws.sns.topic", "sns", "ListTopics", items="Topics")
ATTRIBUTES = Kind(
    "aws.sns.topic_attributes",
    "sns",
    "GetTopicAttributes",
    volatile=(
        "Attributes.SubscriptionsConfirmed",
        "Attributes.SubscriptionsDeleted",
        "Attributes.SubscriptionsPending",
    ),
)


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every topic of the region, and its attributes."""
    for topic in aws.listing(TOPIC):
        uid = topic["TopicArn"]
        yield aws.document(TOPIC, uid, topic)
        yield Then(attributes, (uid,), f"{uid}/{ATTRIBUTES.operation}")


def attributes(aws: Reader, topic: str) -> Iterator[Document]:
    """The attributes of one topic."""
    yield from aws.read(ATTRIBUTES, topic, TopicArn=topic)


def shape(docs: Documents) -> Iterator[Fact]:
    """One topic each, and whom it is shared with."""
    for topic in docs.of(TOPIC):
        yield Topic(
            resource=docs.resource("topic", topic.uid, topic.uid.rpartition(":")[2], topic.region),
            documents=docs.about(topic.uid),
            encryption_key=docs.value(ATTRIBUTES, topic.uid, key),
        )
        yield Sharing(
            resource=docs.resource("topic", topic.uid, topic.uid.rpartition(":")[2], topic.region),
            documents=docs.about(topic.uid),
            what="topic",
            everybody=docs.value(ATTRIBUTES, topic.uid, shared),
        )


def key(body: Body) -> str | None:
    """The key of server-side encryption, by ARN, id or alias; AWS leaves it out when that is off."""
    return body["Attributes"].get("KmsMasterKeyId") or None


def shared(body: Body) -> bool | Unread:
    """Anybody may publish to it, read it or change it; every topic has a policy."""
    return attribute_policy(body, ATTRIBUTES)


COLLECTOR = Collector(
    id="aws.sns_topics",
    title="SNS topics",
    scope="region",
    kinds=(TOPIC, ATTRIBUTES),
    emits={Topic: TOPIC, Sharing: TOPIC},
    source="Amazon SNS API 2010-03-31",
    fetch=fetch,
    shape=shape,
)
