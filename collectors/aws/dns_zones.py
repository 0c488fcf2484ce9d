"""Hosted zones of Route 53: whether their answers are signed, by which algorithms, and whether queries are logged."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import DnsZone
from collectors.facts.service_logs import UseLog

ZONE = Kind(
    "aws.route53.hosted_zone",
    "route53",
    "ListHostedZones",
    items="HostedZones",
    volatile=("ResourceRecordSetCount",),
)
DNSSEC = Kind("aws.route53.dnssec", "route53", "GetDNSSEC")
LOGGING = Kind("aws.route53.query_logging", "route53", "ListQueryLoggingConfigs", items="QueryLoggingConfigs")

SIGNS = "SIGNING"
SIGNS_NOT = frozenset({"NOT_SIGNING", "DELETING"})
ACTIVE = "ACTIVE"
QUERIES = "queries"
ZONE_KEYS = ("ecdsap256sha256",)
"""Route 53 makes the keys that sign answers itself, always of this kind: Developer Guide, DNSSEC signing."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every zone, and for the public ones signatures and query logs; AWS offers neither for private zones."""
    logs_asked = False
    for zone in aws.listing(ZONE):
        id_ = str(zone["Id"]).rpartition("/")[2]
        uid = f"arn:{aws.partition}:route53:::hostedzone/{id_}"
        yield aws.document(ZONE, uid, zone)
        if not is_private(zone):
            yield Then(signatures, (uid, id_), f"{uid}/{DNSSEC.operation}")
            if not logs_asked:
                yield Then(query_logging, (), LOGGING.operation)
                logs_asked = True


def signatures(aws: Reader, uid: str, id_: str) -> Iterator[Document]:
    """Whether one zone is signed, and its keys."""
    yield from aws.read(DNSSEC, uid, HostedZoneId=id_)


def query_logging(aws: Reader) -> Iterator[Document]:
    """Every zone whose queries are logged."""
    yield from aws.gather(LOGGING, logging_uid(aws.partition))


def logging_uid(partition: str) -> str:
    """Stands for the query logs of all zones."""
    return f"arn:{partition}:route53:::queryloggingconfig"


def is_private(zone: Body) -> bool:
    """Only the company's own networks can ask it."""
    return bool(zone["Config"]["PrivateZone"])


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per zone, and one about the log of each public one."""
    for zone in docs.of(ZONE):
        private = docs.field(ZONE, zone, is_private)
        resource = docs.resource("dns_zone", zone.uid, str(zone.body["Name"]).rstrip("."), "global")
        yield DnsZone(
            resource=resource,
            documents=docs.about(zone.uid),
            public=private if isinstance(private, Unread) else not private,
            signed=False if private is True else docs.value(DNSSEC, zone.uid, is_signed),
            key_signing=() if private is True else docs.value(DNSSEC, zone.uid, key_algorithms),
            zone_signing=() if private is True else docs.value(DNSSEC, zone.uid, zone_algorithms),
        )
        if private is not True:
            yield UseLog(
                resource=resource,
                documents=docs.about(zone.uid, *docs.of(LOGGING)),
                what="public zone",
                kinds=private if isinstance(private, Unread) else (QUERIES,),
                kept=docs.value(LOGGING, logging_uid(docs.partition), partial(kept_logs, zone=zone.uid)),
            )


def is_signed(body: Body) -> bool:
    """Answers carry signatures.

    Raises ValueError for a state that does not tell, such as `ACTION_NEEDED`, when a key cannot be used any more, and
    `INTERNAL_FAILURE`: whether answers still carry signatures is not said.
    """
    state = str(body["Status"]["ServeSignature"])
    if state not in {SIGNS, *SIGNS_NOT}:
        raise ValueError(f"{state!r} does not tell whether the zone is signed")
    return state == SIGNS


def key_algorithms(body: Body) -> tuple[str, ...]:
    """Algorithms of the keys in use that sign keys; none for a zone that is not signed."""
    if not is_signed(body):
        return ()
    keys = [each for each in body["KeySigningKeys"] if each["Status"] == ACTIVE]
    return tuple(sorted({str(each["SigningAlgorithmMnemonic"]).lower() for each in keys}))


def zone_algorithms(body: Body) -> tuple[str, ...]:
    """The same of the keys that sign answers."""
    return ZONE_KEYS if is_signed(body) else ()


def kept_logs(body: Body, zone: str) -> tuple[str, ...]:
    """Queries, where some configuration names the zone."""
    logged = {str(each["HostedZoneId"]).rpartition("/")[2] for each in body["QueryLoggingConfigs"]}
    return (QUERIES,) if zone.rpartition("/")[2] in logged else ()


COLLECTOR = Collector(
    id="aws.dns_zones",
    title="Hosted zones of Route 53",
    scope="global",
    kinds=(ZONE, DNSSEC, LOGGING),
    emits={DnsZone: ZONE, UseLog: ZONE},
    source="Amazon Route 53 API 2013-04-01",
    fetch=fetch,
    shape=shape,
)
