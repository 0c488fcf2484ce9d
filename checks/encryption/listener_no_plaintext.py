"""Front doors answer plain HTTP with nothing but a redirect to HTTPS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    decide,
    not_applicable,
    passes,
    unknown,
)
from collectors.facts.core import Unread
from collectors.facts.network import Listener


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per listener; one that passes bytes through neither adds encryption nor takes it away."""
    for listener in facts.of(Listener):
        place = f"{listener.protocol} on port {listener.port}"
        match listener.protocol:
            case Unread() as gap:
                yield unknown(listener, gap)
            case "HTTP":
                yield decide(
                    listener,
                    listener.only_redirects_to_tls,
                    yes=f"{place} only redirects to HTTPS",
                    no=f"{place} serves requests without TLS",
                )
            case "HTTPS" | "TLS":
                yield passes(listener, f"{place} is encrypted")
            case _:
                yield not_applicable(listener, f"{place} passes bytes through")


CHECK = Check(
    id="encryption.listener_no_plaintext",
    title="Listeners serve nothing without TLS",
    criteria=(
        Criterion("CC6.7", DIRECT, "data is encrypted whenever it crosses the internet"),
        Criterion("CC6.6", PARTIAL, "the front door has no unprotected way in"),
        Criterion("CC6.1", SUPPORTING, "passwords and session cookies cannot be overheard"),
    ),
    severity="high",
    needs=(Listener,),
    remediation="On AWS replace the default action and every rule of the HTTP listener by a redirect to HTTPS, or "
    "delete it; on Azure switch on httpsOnly of the app or httpsRedirect of the route, and let every rule of an "
    "application gateway's HTTP listener redirect.",
    equivalents={
        "prowler": ("elbv2_ssl_listeners",),
        "aws_config": ("alb-http-to-https-redirection-check",),
        "security_hub": ("ELB.1",),
    },
    judge=judge,
)
