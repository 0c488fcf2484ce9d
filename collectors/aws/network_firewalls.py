"""Firewalls of AWS Network Firewall, and whether they log the traffic that they look at."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.service_logs import UseLog

FIREWALL = Kind("aws.networkfirewall.firewall", "network-firewall", "ListFirewalls", items="Firewalls")
LOGGING = Kind("aws.networkfirewall.logging", "network-firewall", "DescribeLoggingConfiguration")
TRAFFIC = "traffic"
OF_TRAFFIC = frozenset({"ALERT", "FLOW"})
"""Kinds of logs about traffic; the third tells only how TLS was inspected."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every firewall, and how it logs."""
    for firewall in aws.listing(FIREWALL):
        uid = firewall["FirewallArn"]
        yield aws.document(FIREWALL, uid, firewall)
        yield Then(logging, (uid,), f"{uid}/{LOGGING.operation}")


def logging(aws: Reader, uid: str) -> Iterator[Document]:
    """How one firewall logs."""
    yield from aws.read(LOGGING, uid, FirewallArn=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per firewall."""
    for firewall in docs.of(FIREWALL):
        yield UseLog(
            resource=docs.resource("network_firewall", firewall.uid, firewall.uid.rpartition("/")[2], firewall.region),
            documents=docs.about(firewall.uid),
            what="network firewall",
            kinds=(TRAFFIC,),
            kept=docs.value(LOGGING, firewall.uid, kept_logs),
        )


def kept_logs(body: Body) -> tuple[str, ...]:
    """Traffic, where a log of flows or of alerts goes somewhere.

    AWS leaves the configuration out where none was ever set; an answer about no firewall is malformed.
    """
    if "FirewallArn" not in body:
        raise KeyError("FirewallArn")
    found = (body.get("LoggingConfiguration") or {}).get("LogDestinationConfigs") or ()
    return (TRAFFIC,) if any(each["LogType"] in OF_TRAFFIC for each in found) else ()


COLLECTOR = Collector(
    id="aws.network_firewalls",
    title="Network firewalls and their logs",
    scope="region",
    kinds=(FIREWALL, LOGGING),
    emits={UseLog: FIREWALL},
    source="AWS Network Firewall API 2020-11-12",
    fetch=fetch,
    shape=shape,
)
