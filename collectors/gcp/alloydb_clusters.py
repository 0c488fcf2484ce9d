"""AlloyDB clusters and instances: key, backups, network, TLS."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import DataEndpoint
from collectors.facts.stores import Database
from collectors.gcp.kinds import rest
from collectors.gcp.names import days, full_name, last, place_of
from collectors.gcp.session import Reader
from collectors.gcp.sql_flags import is_on, networks

CLUSTER = rest(
    "gcp.alloydb.cluster",
    "alloydb",
    "projects.locations.clusters.list",
    # Passwords of first users are no part of an answer; the mask keeps that so.
    "/v1/projects/{project}/locations/-/clusters?pageSize=1000"
    "&fields=nextPageToken,unreachable,clusters(name,clusterType,databaseVersion,state,network,networkConfig,pscConfig,"
    "encryptionConfig,automatedBackupPolicy,continuousBackupConfig,secondaryConfig)",
    permission="alloydb.clusters.list",
    items="clusters",
    omits_empty=True,
)
INSTANCE = rest(
    "gcp.alloydb.instance",
    "alloydb",
    "projects.locations.clusters.instances.list",
    "/v1/projects/{project}/locations/-/clusters/-/instances?pageSize=1000",
    permission="alloydb.instances.list",
    items="instances",
    omits_empty=True,
    volatile=("etag", "updateTime", "nodes", "writableNode"),
)
ENCRYPTED = frozenset({"", "SSL_MODE_UNSPECIFIED", "ENCRYPTED_ONLY", "SSL_MODE_REQUIRE", "SSL_MODE_VERIFY_CA"})
"""Modes that refuse connections without TLS.  Nothing said stands for ENCRYPTED_ONLY: REST resource instances."""
OLDEST_TLS = "1.2"
"""Every version of AlloyDB comes from PostgreSQL 14 or newer, whose default this is."""
BACKUP_DAYS = 14
"""What a cluster keeps when nothing is said: REST resource clusters, automatedBackupPolicy."""


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every cluster and every instance of the project."""
    for kind in (CLUSTER, INSTANCE):
        for item in gcp.listing(kind):
            yield gcp.document(kind, full_name("alloydb", item["name"]), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """Each cluster as a database, each instance as an address."""
    for cluster in docs.of(CLUSTER):
        uid, name = cluster.uid, str(cluster.body["name"])
        field = partial(docs.field, CLUSTER, cluster)
        primary = next((each for each in docs.of(INSTANCE) if _leads(each, name)), None)
        yield Database(
            resource=docs.resource("database", uid, last(name), place_of(name)),
            documents=docs.about(uid, *([primary] if primary else ())),
            engine="alloydb",
            clustered="secondaryConfig" in cluster.body,  # a copy in another region is backed up with its primary
            encrypted_at_rest=True,  # Google encrypts whatever it stores
            customer_key=field(lambda body: (body.get("encryptionConfig") or {}).get("kmsKeyName")),
            public=docs.field(INSTANCE, primary, is_public) if primary else docs.complete(INSTANCE, "global") or False,
            backup_days=field(backup_days),
            point_in_time=field(point_in_time),
            deletion_protected=None,  # a cluster has no such setting
            multi_zone=docs.field(INSTANCE, primary, lambda body: body["availabilityType"] == "REGIONAL")
            if primary
            else docs.complete(INSTANCE, "global") or False,
            exported_logs=("postgres.log",),  # every instance sends it to Cloud Logging
            copies_tags_to_snapshots=None,
        )
    for instance in docs.of(INSTANCE):
        name = str(instance.body["name"])
        yield DataEndpoint(
            resource=docs.resource("database_instance", instance.uid, last(name), place_of(name)),
            documents=docs.about(instance.uid),
            service="PostgreSQL server",
            requires_tls=docs.field(INSTANCE, instance, requires_tls),
            minimum_tls=OLDEST_TLS,
            open_ranges=docs.field(INSTANCE, instance, open_ranges),
            admits_provider=False,  # Google has no such rule
            private_endpoints=1,  # every instance has an address in a network of the company, or a service attachment
        )


def _leads(instance: Document, cluster: str) -> bool:
    """The instance is the one of its cluster that takes writes."""
    leading = instance.body.get("instanceType") in {"PRIMARY", "SECONDARY"}
    return leading and str(instance.body["name"]).startswith(f"{cluster}/")


def is_public(body: Body) -> bool:
    """It has an address on the internet; left out means no: REST resource instances, `enablePublicIp`."""
    return bool((body.get("networkConfig") or {}).get("enablePublicIp", False))


def open_ranges(body: Body) -> tuple[str, ...]:
    """Networks that are let in from the internet."""
    if not is_public(body):
        return ()
    return networks(each["cidrRange"] for each in body["networkConfig"].get("authorizedExternalNetworks") or ())


def requires_tls(body: Body) -> bool:
    """Connections without TLS are refused."""
    said = (body.get("clientConnectionConfig") or {}).get("sslConfig") or {}
    return str(said.get("sslMode") or "") in ENCRYPTED and is_on(
        str((body.get("databaseFlags") or {}).get("ssl", "on"))
    )


def backup_days(body: Body) -> int:
    """Days for which automatic backups are kept; 0 when they are off.  A number of backups counts as days, one each.

    Raises KeyError where a cluster does not say whether they are on.
    """
    said = body["automatedBackupPolicy"]
    if not said.get("enabled", False):
        return 0
    if said.get("quantityBasedRetention"):
        return int(said["quantityBasedRetention"]["count"])
    kept = (said.get("timeBasedRetention") or {}).get("retentionPeriod")
    return days(kept) if kept else BACKUP_DAYS


def point_in_time(body: Body) -> bool:
    """The log of changes is kept.  Raises KeyError where a cluster does not say."""
    return bool(body["continuousBackupConfig"].get("enabled", False))


COLLECTOR = Collector(
    id="gcp.alloydb_clusters",
    title="AlloyDB clusters",
    scope="global",
    kinds=(CLUSTER, INSTANCE),
    emits={Database: CLUSTER, DataEndpoint: INSTANCE},
    source="AlloyDB API v1",
    fetch=fetch,
    shape=shape,
)
