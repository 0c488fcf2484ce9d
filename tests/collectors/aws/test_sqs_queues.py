"""aws.sqs_queues"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.sqs_queues import COLLECTOR, QUEUE, customer_key, encrypted
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.processing import UnattendedWork
from collectors.facts.stores import Queue
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"
KEY = "arn:aws:kms:us-east-1:123456789012:key/k"


def test_queues_by_their_encryption(read: Read, client: Client) -> None:
    """With a key of the company's, with the service's own, and with none."""
    sqs = client("sqs")
    sqs.create_queue(QueueName="own", Attributes={"KmsMasterKeyId": KEY})
    sqs.create_queue(QueueName="service", Attributes={"SqsManagedSseEnabled": "true"})
    sqs.create_queue(QueueName="bare", Attributes={"SqsManagedSseEnabled": "false"})

    reading = read(COLLECTOR)
    found = {fact.resource.name: (fact.encrypted_at_rest, fact.customer_key) for fact in reading.facts(Queue)}

    assert found == {"own": (True, KEY), "service": (True, None), "bare": (False, None)}
    assert reading.fact(Queue, "own").resource.uid == "arn:aws:sqs:us-east-1:123456789012:own"


def test_no_queues_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    documents = read(COLLECTOR).documents

    assert list(COLLECTOR.shape(documents)) == []
    assert documents.complete(QUEUE, REGION) is None


def test_a_page_size_is_asked_for(read: Read) -> None:
    """Without one SQS stops at 1,000 queues and does not say that there are more."""
    assert [call.parameters for call in read(COLLECTOR).page.calls] == [{"MaxResults": 1000}]


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """No queue is known, and that is said."""
    client("sqs").create_queue(QueueName="q")
    getattr(faults, fault).add("sqs:ListQueues")

    unlisted = read(COLLECTOR).documents.complete(QUEUE, REGION)

    assert unlisted is not None
    assert unlisted.operation == "sqs:ListQueues"


@pytest.mark.parametrize(("fault", "reason"), [("deny", Reason.PERMISSION_DENIED), ("garble", Reason.PARTIAL_LISTING)])
def test_unread_attributes_are_not_a_bare_queue(
    read: Read, client: Client, faults: Faults, fault: str, reason: Reason
) -> None:
    """Encryption is unread, and the operation is named."""
    client("sqs").create_queue(QueueName="q")
    getattr(faults, fault).add("sqs:GetQueueAttributes")

    queue = read(COLLECTOR).fact(Queue, "q")

    assert isinstance(queue.encrypted_at_rest, Unread)
    assert (queue.encrypted_at_rest.reason, queue.encrypted_at_rest.operation) == (
        reason,
        "sqs:GetQueueAttributes",
    )
    assert queue.customer_key == queue.encrypted_at_rest


@pytest.mark.parametrize("key", ["alias/aws/sqs", "arn:aws:kms:us-east-1:123456789012:alias/aws/sqs"])
def test_the_managed_key_is_not_the_company_s(key: str) -> None:
    """It encrypts, and the company does not control it."""
    body = {"Attributes": {"KmsMasterKeyId": key, "SqsManagedSseEnabled": "false"}}

    assert encrypted(body) is True
    assert customer_key(body) is None


def test_an_answer_that_says_nothing_of_encryption_is_malformed() -> None:
    """AWS always tells whether its own encryption is on."""
    with pytest.raises(KeyError):
        encrypted({"Attributes": {}})


def test_whom_queues_let_in(read: Read, client: Client, faults: Faults) -> None:
    """Without a policy nobody but the account; with a statement for everybody, everybody."""
    sqs = client("sqs")
    sqs.create_queue(QueueName="kept")
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    sqs.create_queue(QueueName="open", Attributes={"Policy": policy})

    reading = read(COLLECTOR)

    assert reading.fact(Sharing, "kept").everybody is False
    assert reading.fact(Sharing, "open").everybody is True

    faults.deny.add("sqs:GetQueueAttributes")

    assert isinstance(read(COLLECTOR).fact(Sharing, "kept").everybody, Unread)


def test_where_failed_messages_end(read: Read, client: Client) -> None:
    """In the queue that takes them, whose measures count; without one, where they are."""
    sqs = client("sqs")
    sqs.create_queue(QueueName="failed")
    policy = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:failed", "maxReceiveCount": 5})
    sqs.create_queue(QueueName="orders", Attributes={"RedrivePolicy": policy})
    sqs.create_queue(QueueName="bare")

    found = {work.resource.name: work for work in read(COLLECTOR).facts(UnattendedWork)}

    assert {name: (work.failures_kept, work.takes_failures) for name, work in found.items()} == {
        "failed": (False, True),
        "orders": (True, False),
        "bare": (False, False),
    }
    assert found["orders"].measures == (
        "aws/sqs/approximatenumberofmessagesvisible QueueName=failed",
        "aws/sqs/approximateageofoldestmessage QueueName=failed",
    )
    assert found["failed"].measures == found["orders"].measures
    assert found["bare"].measures == (
        "aws/sqs/approximatenumberofmessagesvisible QueueName=bare",
        "aws/sqs/approximateageofoldestmessage QueueName=bare",
    )


def test_an_unread_queue_may_hand_its_failed_messages_to_any_other(read: Read, client: Client, faults: Faults) -> None:
    """So nobody knows of a queue whether it takes them."""
    client("sqs").create_queue(QueueName="q")
    faults.deny.add("sqs:GetQueueAttributes")

    work = read(COLLECTOR).fact(UnattendedWork, "q")

    for value in (work.failures_kept, work.takes_failures, work.measures):
        assert isinstance(value, Unread)
        assert value.operation == "sqs:GetQueueAttributes"


def test_a_policy_that_is_no_json_is_malformed(read: Read, client: Client, faults: Faults) -> None:
    """What cannot be understood proves nothing, about this queue and about those that it might name."""
    client("sqs").create_queue(QueueName="q")
    faults.answers["sqs:GetQueueAttributes"] = {"Attributes": {"RedrivePolicy": "no"}}

    work = read(COLLECTOR).fact(UnattendedWork, "q")

    assert isinstance(work.failures_kept, Unread)
    assert isinstance(work.takes_failures, Unread)
