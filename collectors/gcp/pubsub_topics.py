"""Pub/Sub topics: how messages are encrypted where they wait, and how long a topic keeps them."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.stores import Stream, Topic
from collectors.gcp.kinds import rest
from collectors.gcp.names import GOOGLES_KEY, full_name, last, seconds
from collectors.gcp.session import Reader

TOPIC = rest(
    "gcp.pubsub.topic",
    "pubsub",
    "projects.topics.list",
    "/v1/projects/{project}/topics?pageSize=1000",
    permission="pubsub.topics.list",
    items="topics",
    omits_empty=True,
)


SECONDS_OF_AN_HOUR = 3600


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every topic of the project."""
    for topic in gcp.listing(TOPIC):
        yield gcp.document(TOPIC, full_name("pubsub", topic["name"]), topic)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per topic, and one more for each that keeps its messages, read or not.

    One that keeps none leaves them to its subscriptions, each of which lets go of what was read.
    """
    for topic in docs.of(TOPIC):
        yield Topic(
            resource=docs.resource("topic", topic.uid, last(topic.body["name"]), "global"),
            documents=docs.about(topic.uid),
            encryption_key=docs.field(TOPIC, topic, key_of),
        )
        if topic.body.get("messageRetentionDuration"):
            yield Stream(
                resource=docs.resource("stream", topic.uid, last(topic.body["name"]), "global"),
                documents=docs.about(topic.uid),
                encrypted_at_rest=True,  # Google encrypts whatever it stores
                kept_hours=docs.field(TOPIC, topic, kept_hours),
            )


def kept_hours(body: Body) -> int:
    """Whole hours for which the topic keeps a message."""
    return int(seconds(body["messageRetentionDuration"])) // SECONDS_OF_AN_HOUR


def key_of(body: Body) -> str:
    """The customer's key; left out, Google encrypts with a key of its own: Pub/Sub, message encryption."""
    return str(body.get("kmsKeyName") or GOOGLES_KEY)


COLLECTOR = Collector(
    id="gcp.pubsub_topics",
    title="Pub/Sub topics",
    scope="global",
    kinds=(TOPIC,),
    emits={Topic: TOPIC, Stream: TOPIC},
    source="Cloud Pub/Sub API v1",
    fetch=fetch,
    shape=shape,
)
