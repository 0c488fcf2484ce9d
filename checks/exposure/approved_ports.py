"""Nothing but approved ports is open to everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Param, Params
from checks.doors import Spans, judge_doors
from checks.networks import Door
from collectors.facts.network import NetworkGuard


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per set of rules; one that stands before nothing opens nothing."""
    right, but = "lets wide networks reach approved ports only", ", which is not on the list"
    yield from judge_doors(facts, params, _beyond, right=right, but=but)


def _beyond(found: Door, spans: Spans) -> Iterator[Door]:
    """The parts of a door that lie in none of the approved ports."""
    at = found.first
    for first, last in sorted(spans):
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
