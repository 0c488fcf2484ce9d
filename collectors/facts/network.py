"""Networks and the front doors of services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Network(Fact):
    """A virtual network."""

    flow_logged: bool | Unread
    """Some active flow log records this network's traffic and its delivery works."""
    flow_log_traffic: str | None | Unread
    """`ALL`, `ACCEPT` or `REJECT`; None without a flow log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRecord(Fact):
    """What becomes of the flow logs of one network, where these keep records of their own, as Azure's do.

    Elsewhere the log store or object store that they write to decides.  Its uid is that of the network.
    """

    clouds: ClassVar[tuple[str, ...]] = ("azure",)

    recorded: bool | Unread
    """Some active flow log records the network's traffic."""
    retention_days: int | None | Unread
    """The shortest time for which one of its logs keeps a record; None when records are never deleted."""
    searchable_in: str | None | Unread
    """Log store that its traffic is analyzed in; None when some of it is only archived."""


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
