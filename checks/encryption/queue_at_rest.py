"""Messages of queues are encrypted where they wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.stores import Queue


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per queue."""
    for queue in facts.of(Queue):
        yield decide(
            queue,
            queue.encrypted_at_rest,
            yes="messages are encrypted at rest",
            no="messages are not encrypted at rest",
        )


CHECK = Check(
    id="encryption.queue_at_rest",
    title="Queues are encrypted at rest",
    criteria=(
        Criterion("CC6.1", DIRECT, "messages that wait for a reader are unreadable without the key"),
        Criterion("C1.1", PARTIAL, "confidential messages stay protected on their way through the service"),
    ),
    severity="medium",
    needs=(Queue,),
    remediation="Turn on SqsManagedSseEnabled of the SQS queue, or set its KmsMasterKeyId. On Azure messages of "
    "Service Bus are always encrypted.",
    equivalents={"prowler": ("sqs_queues_server_side_encryption_enabled",), "security_hub": ("SQS.1",)},
    judge=judge,
)
