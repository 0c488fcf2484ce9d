"""Networks and the front doors of services."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Network(Fact):
    """A virtual network."""

    flow_logged: bool | Unread
    """Some active flow log records this network's traffic and its delivery works."""
    flow_log_traffic: str | None | Unread
    """`ALL`, `ACCEPT` or `REJECT`; None without a flow log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer(Fact):
    """A front door that spreads requests."""

    internet_facing: bool | Unread
    zones: int | Unread
    access_logged: bool | None | Unread
    """None where the kind of balancer has no access log."""
    deletion_protected: bool | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener(Fact):
    """A port on which a front door accepts connections."""

    protocol: str
    """`HTTP`, `HTTPS`, `TLS`, `TCP`, `UDP`, `TCP_UDP`, `QUIC`, `GENEVE`."""
    port: int
    tls_policy: str | None | Unread
    """The provider's name of the set of TLS versions and ciphers; None without TLS."""
    minimum_tls: str | None | Unread
    """Lowest TLS version accepted, `1.0` to `1.3`; None without TLS."""
    only_redirects_to_tls: bool | Unread
    """Every default action and rule answers with a redirect to HTTPS."""
