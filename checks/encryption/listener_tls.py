"""Front doors accept only modern versions of TLS."""

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
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
)
from collectors.facts.core import Unread
from collectors.facts.network import Listener

ENDS_TLS = frozenset({"HTTPS", "TLS"})


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per listener; only one that ends TLS itself has versions to choose."""
    minimum = str(params["minimum"])
    for listener in facts.of(Listener):
        place = f"{listener.protocol} on port {listener.port}"
        if isinstance(listener.protocol, Unread):
            yield unknown(listener, listener.protocol)
            continue
        if listener.protocol not in ENDS_TLS:
            yield not_applicable(listener, f"{place} does not end TLS")
            continue
        match listener.minimum_tls:
            case Unread() as gap:
                yield unknown(listener, gap)
            case None:
                yield fails(listener, f"{place} has no TLS policy")
            case version if _parts(version) < _parts(minimum):
                yield fails(listener, f"{place} accepts TLS {version}, older than {minimum}")
            case version:
                yield passes(listener, f"{place} accepts TLS {version} and newer, {minimum} being the minimum")


def _parts(version: str) -> tuple[int, ...]:
    """`1.2` as numbers that compare.  Raises ValueError for anything else than numbers and dots."""
    return tuple(int(part) for part in version.split("."))


CHECK = Check(
    id="encryption.listener_tls",
    title="Listeners accept only modern TLS",
    criteria=(
        Criterion("CC6.7", DIRECT, "old versions of TLS can be broken on the way"),
        Criterion("CC6.6", PARTIAL, "the front door is hardened where outsiders try first"),
    ),
    severity="high",
    needs=(Listener,),
    remediation="On AWS choose a security policy of the listener (SslPolicy) that starts at TLS 1.2, such as "
    "ELBSecurityPolicy-TLS13-1-2-2021-06; on Azure set minTlsVersion of the app, sslPolicy of the application gateway "
    "or minimumTlsVersion of the Front Door's domain to 1.2.",
    equivalents={
        "prowler": ("app_minimum_tls_version_12", "elbv2_insecure_ssl_ciphers"),
        "security_hub": ("ELB.17",),
    },
    judge=judge,
    params=(Param("minimum", "1.2", "TLS version", "no older version may be accepted"),),
)
