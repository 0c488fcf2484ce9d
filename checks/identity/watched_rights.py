"""Rights that cost or reveal much are given by no policy for the whole account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    NOT_APPLICABLE,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    passes,
)
from checks.grants import judge_grant
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.identity import AccessPolicy, PolicyOrigin


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per policy; one of the provider's that is on the company's list passes whatever it gives."""
    allowed = names(params, "allowed")
    for policy in facts.of(AccessPolicy):
        given = policy.watched
        what = " and ".join(given) if given and not isinstance(given, Unread) else "any watched right everywhere"
        finding = judge_grant(policy, given if isinstance(given, Unread) else bool(given), what)
        listed = policy.origin is PolicyOrigin.PROVIDER and policy.resource.name in allowed
        if finding.outcome is not NOT_APPLICABLE and listed:
            yield passes(policy, f"{policy.resource.name} is on the list of allowed policies")
        else:
            yield finding


CHECK = Check(
    id="identity.watched_rights",
    title="No policy gives away purchases or AI models as a whole",
    criteria=(
        Criterion("CC6.3", DIRECT, "rights that few need are not given along with others"),
        Criterion("CC6.1", SUPPORTING, "an account that is taken over cannot order or use models without limit"),
    ),
    severity="medium",
    needs=(AccessPolicy,),
    remediation="Detach the policy or name single actions and resources in it: on AWS aws-marketplace:Subscribe and "
    "bedrock:* (AmazonBedrockFullAccess), on Azure Microsoft.MarketplaceOrdering and Microsoft.CognitiveServices, on "
    "Google Cloud consumerprocurement.orders.place and the aiplatform permissions.",
    equivalents={
        "prowler": (
            "bedrock_full_access_policy_attached",
            "iam_inline_policy_no_wildcard_marketplace_subscribe",
            "iam_policy_no_wildcard_marketplace_subscribe",
        ),
    },
    judge=judge,
    params=(
        Param(
            "allowed",
            ("AdministratorAccess", "Contributor", "Owner", "PowerUserAccess", "roles/editor", "roles/owner"),
            "policy names",
            "broad policies of the provider that hold these rights by nature, and that other checks limit",
        ),
    ),
)
