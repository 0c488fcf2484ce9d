"""Logs are encrypted with a key that the company controls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.monitoring import LogStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per log store."""
    for store in facts.of(LogStore):
        match store.customer_key:
            case Unread() as gap:
                yield unknown(store, gap)
            case None:
                yield fails(store, "logs are not encrypted with a key of the customer")
            case key:
                yield passes(store, f"logs are encrypted with the customer's key {key}")


CHECK = Check(
    id="encryption.log_store_customer_key",
    title="Log stores use a customer-managed key",
    criteria=(
        Criterion("CC6.1", PARTIAL, "the company decides who may read logs, and can withdraw it"),
        Criterion("C1.1", SUPPORTING, "logs often hold what users typed"),
    ),
    severity="medium",
    needs=(LogStore,),
    remediation="On AWS, associate a customer-managed KMS key with the CloudWatch log group (AssociateKmsKey).  On "
    "Azure, link the workspace to a dedicated cluster with a key of your vault.",
    equivalents={
        "prowler": ("cloudwatch_log_group_kms_encryption_enabled",),
        "aws_config": ("cloudwatch-log-group-encrypted",),
    },
    judge=judge,
)
