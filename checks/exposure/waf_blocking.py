"""An application firewall that blocks stands before every web endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    SUPPORTING,
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
from collectors.facts.core import Unread
from collectors.facts.network import WebFront


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per place where requests come in; one shortcoming that is known decides."""
    for front in facts.of(WebFront):
        wrong = _wrong(front)
        if front.internet_facing is False:
            yield not_applicable(front, f"{front.what} does not face the internet")
        elif wrong and front.internet_facing is True:
            yield fails(front, f"{front.what} {wrong}")
        elif gaps := unread_in(front.internet_facing, front.firewalls, front.covered, front.blocking):
            yield unknown(front, *gaps)
        else:
            yield passes(front, f"{front.what} stands behind {_named(front)}, which blocks")


def _wrong(front: WebFront) -> str:
    if front.firewalls == ():
        return "has no application firewall before it"
    if front.blocking is False:
        return f"stands behind {_named(front)}, of which not all is on and blocking"
    if front.covered is False:
        return f"takes some requests past {_named(front)}"
    return ""


def _named(front: WebFront) -> str:
    return "a firewall" if isinstance(front.firewalls, Unread) else ", ".join(front.firewalls)


CHECK = Check(
    id="exposure.waf_blocking",
    title="Web endpoints stand behind a firewall that blocks",
    criteria=(
        Criterion("CC6.6", DIRECT, "attacks in requests are stopped at the edge"),
        Criterion("CC7.2", SUPPORTING, "what the firewall matches shows who tries"),
    ),
    severity="high",
    needs=(WebFront,),
    remediation="Put a WAF policy before the application gateway or every domain of the Front Door, for the path /*, "
    "with its state on and its mode Prevention.  On AWS associate a WAFv2 web ACL with the balancer, the stage or the "
    "CloudFront distribution, and let its rules block instead of count.",
    equivalents={},
    judge=judge,
)
