"""aws.sns_topics"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.sns_topics import COLLECTOR, TOPIC
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.stores import Topic
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"


def test_topics_with_and_without_a_key(read: Read, client: Client) -> None:
    """The key as the company named it, or none."""
    sns = client("sns")
    sns.create_topic(Name="alarms", Attributes={"KmsMasterKeyId": "alias/aws/sns"})
    sns.create_topic(Name="events")

    reading = read(COLLECTOR)

    assert reading.fact(Topic, "alarms").encryption_key == "alias/aws/sns"
    assert reading.fact(Topic, "alarms").resource.uid == "arn:aws:sns:us-east-1:123456789012:alarms"
    assert reading.fact(Topic, "events").encryption_key is None


def test_no_topics_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    documents = read(COLLECTOR).documents

    assert list(COLLECTOR.shape(documents)) == []
    assert documents.complete(TOPIC, REGION) is None


def test_every_page_is_read(read: Read, client: Client) -> None:
    """The 101st topic is on the second page."""
    sns = client("sns")
    for number in range(101):
        sns.create_topic(Name=f"t-{number:03}")

    reading = read(COLLECTOR)

    assert len(reading.facts(Topic)) == 101
    assert next(call.pages for call in reading.page.calls if call.operation == "ListTopics") == 2


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """No topic is known, and that is said."""
    client("sns").create_topic(Name="t")
    getattr(faults, fault).add("sns:ListTopics")

    unlisted = read(COLLECTOR).documents.complete(TOPIC, REGION)

    assert unlisted is not None
    assert unlisted.operation == "sns:ListTopics"


@pytest.mark.parametrize(("fault", "reason"), [("deny", Reason.PERMISSION_DENIED), ("garble", Reason.PARTIAL_LISTING)])
def test_unread_attributes_are_not_a_topic_without_a_key(
    read: Read, client: Client, faults: Faults, fault: str, reason: Reason
) -> None:
    """The key is unread, and the operation is named."""
    client("sns").create_topic(Name="t")
    getattr(faults, fault).add("sns:GetTopicAttributes")

    key = read(COLLECTOR).fact(Topic, "t").encryption_key

    assert isinstance(key, Unread)
    assert (key.reason, key.operation) == (reason, "sns:GetTopicAttributes")


def test_whom_topics_let_in(read: Read, client: Client, faults: Faults) -> None:
    """The policy that every topic gets names its owner; a statement for everybody opens it."""
    sns = client("sns")
    sns.create_topic(Name="kept")
    arn = sns.create_topic(Name="open")["TopicArn"]
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": arn}]}
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy))

    reading = read(COLLECTOR)

    assert reading.fact(Sharing, "kept").everybody is False
    assert reading.fact(Sharing, "open").everybody is True

    faults.deny.add("sns:GetTopicAttributes")

    assert isinstance(read(COLLECTOR).fact(Sharing, "open").everybody, Unread)
