"""Zones of Cloud DNS: whether their answers are signed, by which algorithms, and whether queries are logged."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.network import DnsZone
from collectors.facts.service_logs import UseLog
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name
from collectors.gcp.session import Reader

ZONE = rest(
    "gcp.dns.zone",
    "dns",
    "managedZones.list",
    "/dns/v1/projects/{project}/managedZones?maxResults=1000",
    permission="dns.managedZones.list",
    items="managedZones",
    omits_empty=True,
)
QUERIES = "queries"
SIGNS_KEYS, SIGNS_ZONE = "keySigning", "zoneSigning"
DEFAULT = "rsasha256"
"""The algorithm of keys where a zone names none: Cloud DNS, advanced DNSSEC."""


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every zone of the project."""
    for zone in gcp.listing(ZONE):
        yield gcp.document(ZONE, full_name("dns", f"projects/{gcp.known['project']}/managedZones/{zone['name']}"), zone)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per zone, and one about the log of each public one."""
    for zone in docs.of(ZONE):
        resource = docs.resource("dns_zone", zone.uid, str(zone.body["name"]), "global")
        public = docs.field(ZONE, zone, is_public)
        yield DnsZone(
            resource=resource,
            documents=docs.about(zone.uid),
            public=public,
            signed=docs.field(ZONE, zone, is_signed),
            key_signing=docs.field(ZONE, zone, partial(algorithms, type_=SIGNS_KEYS)),
            zone_signing=docs.field(ZONE, zone, partial(algorithms, type_=SIGNS_ZONE)),
        )
        if public is not False:
            yield UseLog(
                resource=resource,
                documents=docs.about(zone.uid),
                what="public zone",
                kinds=(QUERIES,),
                kept=docs.field(ZONE, zone, kept_logs),
            )


def is_public(zone: Body) -> bool:
    """The internet can ask it.  A zone is public unless it says otherwise: ManagedZone.visibility."""
    return bool(zone.get("visibility", "public") == "public")


def kept_logs(zone: Body) -> tuple[str, ...]:
    """Queries, where the zone logs them.  It does not unless it says so: ManagedZone.cloudLoggingConfig."""
    return (QUERIES,) if (zone.get("cloudLoggingConfig") or {}).get("enableLogging", False) else ()


def is_signed(zone: Body) -> bool:
    """DNSSEC is on, and not only left in place for the time of a move (`transfer`).  It is off unless set."""
    return bool(zone.get("dnssecConfig", {}).get("state", "off") == "on")


def algorithms(zone: Body, type_: str) -> tuple[str, ...]:
    """Algorithms of the keys of one type; none for a zone without DNSSEC."""
    config = zone.get("dnssecConfig", {})
    if config.get("state", "off") == "off":
        return ()
    specs = config.get("defaultKeySpecs", ())
    named = {str(each["algorithm"]).lower() for each in specs if each["keyType"] == type_}
    return tuple(sorted(named)) or (DEFAULT,)


COLLECTOR = Collector(
    id="gcp.dns_zones",
    title="Zones of Cloud DNS",
    scope="global",
    kinds=(ZONE,),
    emits={DnsZone: ZONE, UseLog: ZONE},
    source="Cloud DNS API v1",
    fetch=fetch,
    shape=shape,
)
