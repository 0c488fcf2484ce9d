"""Messages of topics are encrypted with a key that the company controls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params
from checks.customer_keys import judge_customer_key
from collectors.facts.stores import EncryptionKey, Topic


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per topic."""
    for topic in facts.of(Topic):
        yield judge_customer_key(topic, topic.encryption_key, facts, "messages are")


CHECK = Check(
    id="encryption.topic_customer_key",
    title="Topics use a customer-managed key",
    criteria=(
        Criterion("CC6.1", PARTIAL, "the company decides who may decrypt, and can withdraw it"),
        Criterion("C1.1", SUPPORTING, "reading confidential messages takes a right to the key as well"),
    ),
    severity="low",
    needs=(Topic, EncryptionKey),
    remediation="Choose a key of your own: kmsKeyName of the Pub/Sub topic, KmsMasterKeyId of the SNS topic, a key of "
    "your vault for the Service Bus namespace.",
    equivalents={"prowler": ("pubsub_topic_encryption_with_cmk",)},
    judge=judge,
)
