"""Messages of topics are encrypted where they wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.stores import Topic


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per topic."""
    for topic in facts.of(Topic):
        match topic.encryption_key:
            case Unread() as gap:
                yield unknown(topic, gap)
            case None:
                yield fails(topic, "messages are not encrypted at rest")
            case key:
                yield passes(topic, f"messages are encrypted at rest with key {key}")


CHECK = Check(
    id="encryption.topic_at_rest",
    title="Topics are encrypted at rest",
    criteria=(
        Criterion("CC6.1", DIRECT, "messages that wait for delivery are unreadable without the key"),
        Criterion("C1.1", PARTIAL, "confidential messages stay protected on their way through the service"),
    ),
    severity="medium",
    needs=(Topic,),
    remediation="Set KmsMasterKeyId of the SNS topic. On Azure messages of Service Bus are always encrypted.",
    equivalents={
        "prowler": ("sns_topics_kms_encryption_at_rest_enabled",),
        "aws_config": ("sns-encrypted-kms",),
        "security_hub": ("SNS.1",),
    },
    judge=judge,
)
