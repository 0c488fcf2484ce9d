"""Nobody enters an image registry without a name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    passes,
    unknown,
    unread_in,
)
from collectors.facts.apps import Registry


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per registry; one shortcoming that is known decides."""
    for registry in facts.of(Registry):
        if registry.shared_account is True:
            yield fails(registry, "one account that everybody shares can push and pull images")
        elif registry.anonymous_pull is True:
            yield fails(registry, "anybody can pull images without signing in")
        elif gaps := unread_in(registry.shared_account, registry.anonymous_pull):
            yield unknown(registry, *gaps)
        else:
            yield passes(registry, "only named identities push and pull images")


CHECK = Check(
    id="identity.registry_accounts",
    title="Image registries know everyone by name",
    criteria=(
        Criterion("CC6.1", PARTIAL, "no password is shared, and none stays valid for ever"),
        Criterion("CC6.8", PARTIAL, "whoever puts an image there can be named"),
    ),
    severity="medium",
    needs=(Registry,),
    remediation="Switch off adminUserEnabled and anonymousPullEnabled of the Azure registry, and give identities the "
    "roles AcrPull and AcrPush; on AWS take the principal * out of the policy of the ECR repository.",
    equivalents={},
    judge=judge,
)
