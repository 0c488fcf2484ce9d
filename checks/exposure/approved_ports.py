"""Nothing but approved ports is open to everywhere."""

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
    unread_in,
)
from checks.networks import Door, span_of, told, wide_doors
from checks.thresholds import names, number
from collectors.facts.core import Unread
from collectors.facts.network import NetworkGuard


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per set of rules; one that stands before nothing opens nothing."""
    open_ = {protocol: sorted(map(span_of, names(params, protocol))) for protocol in ("tcp", "udp")}
    most, approved = number(params, "max_addresses"), names(params, "networks")
    for guard in facts.of(NetworkGuard):
        if guard.attached is False:
            yield not_applicable(guard, "stands before nothing")
            continue
        found = [] if isinstance(guard.doors, Unread) else wide_doors(guard.doors, most, approved)
        doors = [part for each in found for part in _beyond(each, open_[each.protocol])]
        if doors and guard.attached is True:
            yield fails(guard, f"lets in {told(doors)}, which is not on the list")
        elif gaps := unread_in(guard.doors, *((guard.attached,) if doors else ())):
            yield unknown(guard, *gaps)
        else:
            yield passes(guard, "lets wide networks reach approved ports only")


def _beyond(found: Door, spans: list[tuple[int, int]]) -> Iterator[Door]:
    """The parts of a door that lie in none of the approved ports, which are in order."""
    at = found.first
    for first, last in spans:
        if at <= found.last and at < first:
            yield Door(found.protocol, at, min(first - 1, found.last), found.source)
        at = max(at, last + 1)
    if at <= found.last:
        yield Door(found.protocol, at, found.last, found.source)


CHECK = Check(
    id="exposure.approved_ports",
    title="Only approved ports are open to everywhere",
    criteria=(
        Criterion("CC6.6", DIRECT, "the edge lets in what the company meant to offer and nothing else"),
        Criterion("CC6.1", PARTIAL, "the network keeps systems apart from the internet"),
    ),
    severity="high",
    needs=(NetworkGuard,),
    remediation="Close the port in the rules (on Azure the inbound rules of the network security group, on AWS "
    "those of the security group), or approve it in the parameters of this check.",
    equivalents={
        "prowler": (
            "ec2_confidential_workload_host_unrestricted_ingress",
            "ec2_confidential_workload_host_vsock_proxy_exposed",
            "ec2_securitygroup_allow_ingress_from_internet_to_all_ports",
            "ec2_securitygroup_allow_ingress_from_internet_to_any_port",
            "ec2_securitygroup_allow_ingress_from_internet_to_high_risk_tcp_ports",
            "ec2_securitygroup_allow_wide_open_public_ipv4",
            "network_http_internet_access_restricted",
            "network_udp_internet_access_restricted",
        ),
    },
    judge=judge,
    params=(
        Param("tcp", ("443",), "ports", "TCP ports that may be open to everywhere"),
        Param("udp", (), "ports", "the same of UDP"),
        Param("max_addresses", 256, "addresses", "widest network that may reach other ports"),
        Param("networks", (), "networks in CIDR form", "wider networks that the company approved"),
    ),
)
