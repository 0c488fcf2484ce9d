"""Messages of queues and streams are encrypted where they wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.stores import Queue, Stream


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per queue and per stream."""
    each: list[Queue | Stream] = [*facts.of(Queue), *facts.of(Stream)]
    for queue in each:
        yield decide(
            queue,
            queue.encrypted_at_rest,
            yes="messages are encrypted at rest",
            no="messages are not encrypted at rest",
        )


CHECK = Check(
    id="encryption.queue_at_rest",
    title="Queues and streams are encrypted at rest",
    criteria=(
        Criterion("CC6.1", DIRECT, "messages that wait for a reader are unreadable without the key"),
        Criterion("C1.1", PARTIAL, "confidential messages stay protected on their way through the service"),
    ),
    severity="medium",
    needs=(Queue, Stream),
    remediation="Turn on SqsManagedSseEnabled of the SQS queue, or set its KmsMasterKeyId; start encryption of the "
    "Kinesis stream (StartStreamEncryption). On Azure and Google Cloud messages are always encrypted.",
    equivalents={
        "prowler": ("kinesis_stream_encrypted_at_rest", "sqs_queues_server_side_encryption_enabled"),
        "aws_config": ("kinesis-stream-encrypted",),
        "security_hub": ("Kinesis.1", "SQS.1"),
    },
    judge=judge,
    judges=(Queue, Stream),
)
