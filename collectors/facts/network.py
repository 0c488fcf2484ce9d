"""Networks, what guards them, and the front doors of services."""

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
    deletion_protected: bool | None | Unread
    """None where it has no such setting, and only a lock keeps it from being deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener(Fact):
    """A port on which a front door accepts connections."""

    protocol: str | Unread
    """`HTTP`, `HTTPS`, `TLS`, `TCP`, `UDP`, `TCP_UDP`, `QUIC`, `GENEVE`.  Unread, with all the rest, for one fact that
    stands for all listeners of a front door whose answer does not tell them."""
    port: int | Unread
    tls_policy: str | None | Unread
    """The provider's name of the set of TLS versions and ciphers; None without TLS."""
    minimum_tls: str | None | Unread
    """Lowest TLS version accepted, `1.0` to `1.3`; None without TLS."""
    only_redirects_to_tls: bool | Unread
    """Every default action and rule answers with a redirect to HTTPS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkGuard(Fact):
    """A set of firewall rules that is put before machines: a security group, or all rules of a network."""

    attached: bool | Unread
    """It stands before something: a subnet, a network interface, a machine."""
    doors: tuple[str, ...] | Unread
    """What it lets in from outside, once all of its rules are weighed against each other: `tcp/22 203.0.113.0/24` is a
    protocol (`tcp` or `udp`), a port or a range of ports (`8000-8080`) and a public network, v4 or v6.  `0.0.0.0/0`
    and `::/0` stand for all public addresses.  In place of a network, `provider` stands for everything that runs at
    the provider, other customers' machines too.  Whatever only private networks can use is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet(Fact):
    """A part of a network that machines are put into, where nothing guards it unless somebody says so."""

    clouds: ClassVar[tuple[str, ...]] = ("azure",)
    """On AWS every interface has a security group, and on Google Cloud a network lets nothing in by itself."""

    guarded: bool | None | Unread
    """A set of firewall rules is put before it; None where it holds a service that the provider guards by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetAddresses(Fact):
    """Whether a part of a network gives each machine in it an address on the internet."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """Elsewhere no subnet gives public addresses by itself: each machine asks for its own."""

    in_use: bool | Unread
    """Something stands in it."""
    given: bool | Unread
    """A machine that says nothing about it gets a public address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSubnets(Fact):
    """The parts of a network that the internet has no way into.  Its uid is that of the network."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """Elsewhere no subnet is public or private by its routes: the addresses and rules of each machine decide."""

    in_use: bool | Unread
    """Something stands in one of its parts."""
    private: tuple[str, ...] | Unread
    """Names of the parts without a route by which the internet comes in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkHub(Fact):
    """A router of the company's own that joins networks, those of other accounts too."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """Elsewhere only networks join that the hub's owner has named: Azure's owner connects each one, and Google's hub
    takes by itself those of listed projects alone."""

    joins_unasked: bool | Unread
    """A network of an account that may ask becomes a part of it before anybody has looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAddress(Fact):
    """An address on the internet that the company holds."""

    address: str | None | Unread
    """The address, v4 or v6, or a network of them in CIDR form; None while there is none."""
    in_use: bool | Unread
    """Something answers to it, or may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsZone(Fact):
    """A zone of the domain name system that the company publishes or keeps for its own networks."""

    public: bool | Unread
    """The internet can ask it."""
    signed: bool | Unread
    """Answers are signed, so that a forged one is noticed."""
    key_signing: tuple[str, ...] | Unread
    """Algorithms of the keys that sign keys, in lower case; empty when the zone is not signed."""
    zone_signing: tuple[str, ...] | Unread
    """Algorithms of the keys that sign answers, likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebFront(Fact):
    """A place where requests of the web come in, before which an application firewall can be put."""

    what: str
    """In words: `application gateway`, `Front Door endpoint`."""
    internet_facing: bool | Unread
    firewalls: tuple[str, ...] | Unread
    """Names of the application firewalls that look at requests; empty without any."""
    covered: bool | Unread
    """No request passes by all of them."""
    blocking: bool | Unread
    """Each of them is on, and stops what its rules match instead of only noting it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsQueries(Fact):
    """What becomes of the names that machines in one network look up.  Its uid is that of the network."""

    logged: bool | Unread
    """Each question and its answer are written down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFirewall(Fact):
    """A firewall of the company's own that networks send their traffic through."""

    clouds: ClassVar[tuple[str, ...]] = ("azure",)
    """Elsewhere what a firewall knows of attackers is a rule among its others, and no switch of its own."""

    stops_known_attackers: bool | Unread
    """Traffic with addresses and names that the provider knows to be hostile is refused, and not only noted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineGateway(Fact):
    """A service of the provider's by which administrators reach machines that have no address on the internet."""

    clouds: ClassVar[tuple[str, ...]] = ("azure",)
    """Elsewhere such a way is a right of an identity, and no resource with settings."""

    links: bool | Unread
    """Links can be made that lead to the sign-in of a machine without a sign-in at the provider."""
