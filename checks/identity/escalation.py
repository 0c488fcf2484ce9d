"""No user or role can take further rights with all that its policies allow together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.grants import listed
from collectors.facts.core import Unread
from collectors.facts.rights import IdentityRights


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per user and role; an administrator has no further rights to take."""
    for identity in facts.of(IdentityRights):
        ways = identity.escalations
        if identity.provider_owned is True:
            yield not_applicable(identity, "a service of the provider acts by it within rights that the provider sets")
        elif identity.unlimited is True:
            yield not_applicable(identity, "may do everything already")
        elif ways == ():
            yield passes(identity, "its policies together open no known way to further rights")
        elif isinstance(ways, Unread) or unread_in(identity.provider_owned, identity.unlimited):
            yield unknown(identity, *unread_in(ways, identity.provider_owned, identity.unlimited))
        else:
            yield fails(identity, f"its policies together open {listed(ways)}")


CHECK = Check(
    id="identity.escalation",
    title="No user or role can give itself further rights",
    criteria=(
        Criterion("CC6.3", DIRECT, "rights stay those that were given"),
        Criterion("CC6.1", PARTIAL, "a small account that is taken over does not turn into a large one"),
    ),
    severity="high",
    needs=(IdentityRights,),
    remediation="Take the named actions away or limit them to single resources, or set a permissions boundary that "
    "leaves them out; actions that are harmless apart may come together from several policies and groups.",
    equivalents={},
    judge=judge,
)
