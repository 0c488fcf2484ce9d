"""Zones of Azure DNS: whether their answers are signed, and by which algorithms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from collectors.api import Body, Collector, Document, Then
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.resources import name_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.network import DnsZone

TYPE = "Microsoft.Network/dnsZones"
VERSION = "2023-07-01-preview"
"""The only version so far that knows of signatures."""

# Zones for private networks are things of another type, which cannot be signed and nobody outside can ask.
ZONE = of_subscription("azure.dns.zone", TYPE, VERSION, volatile=("etag", "properties.numberOfRecordSets"))
SIGNING = of_resource(
    "azure.dns.signing",
    f"{TYPE}/dnssecConfigs",
    VERSION,
    below="dnssecConfigs/default",
    # The answer about a zone that nobody ever let be signed, or not any more.
    absent=("NotFound", "ResourceNotFound"),
    volatile=("etag",),
)
SIGNS_KEYS, SIGNS_ZONE = 257, 256
"""Flags of a key that signs keys, and of one that signs answers: RFC 4034, section 2.1.1, and RFC 3757."""
ALGORITHMS = {
    5: "rsasha1",
    7: "rsasha1",  # the same, with another way to deny names
    8: "rsasha256",
    10: "rsasha512",
    13: "ecdsap256sha256",
    14: "ecdsap384sha384",
    15: "ed25519",
    16: "ed448",
}
"""Numbers of algorithms: IANA, DNS Security Algorithm Numbers."""


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every zone, and how it is signed."""
    for zone in azure.listing(ZONE):
        uid = uid_of(zone)
        yield azure.document(ZONE, uid, zone)
        yield Then(signing, (uid,), f"{uid}/{SIGNING.operation}")


def signing(azure: Reader, uid: str) -> Iterator[Document]:
    """How one zone is signed."""
    yield from azure.read(SIGNING, uid, id=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per zone."""
    for zone in docs.of(ZONE):
        said = partial(docs.value, SIGNING, zone.uid)
        yield DnsZone(
            resource=docs.resource("dns_zone", zone.uid, name_of(zone.body), "global"),
            documents=docs.about(zone.uid),
            public=docs.field(ZONE, zone, is_public),
            signed=said(lambda body: bool(keys(body))),
            key_signing=said(lambda body: algorithms(body, SIGNS_KEYS)),
            zone_signing=said(lambda body: algorithms(body, SIGNS_ZONE)),
        )


def is_public(zone: Body) -> bool:
    """The internet can ask it.  A zone is public unless it says otherwise: Zone.zoneType."""
    return str(properties(zone).get("zoneType") or "Public").lower() == "public"


def keys(body: Body) -> tuple[Body, ...]:
    """The keys of a zone; none where it is not signed."""
    return () if "absent" in body else tuple(properties(body)["signingKeys"])


def algorithms(body: Body, flags: int) -> tuple[str, ...]:
    """Algorithms of the keys with these flags.  Raises KeyError for a number that nobody assigned."""
    found = {ALGORITHMS[int(each["securityAlgorithmType"])] for each in keys(body) if int(each["flags"]) == flags}
    return tuple(sorted(found))


COLLECTOR = Collector(
    id="azure.dns_zones",
    title="Zones of Azure DNS",
    scope="global",
    kinds=(ZONE, SIGNING),
    emits={DnsZone: ZONE},
    source=f"Azure DNS resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
