"""Collectors of small data services: topics, databases behind Google's API, caches, file shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import DataEndpoint
from collectors.facts.stores import Database, FileSystem, Stream, Topic
from collectors.gcp import (
    alloydb_clusters,
    bigtable_tables,
    file_shares,
    firestore_databases,
    pubsub_topics,
    redis_clusters,
    redis_instances,
    spanner_databases,
)
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
P = f"projects/{PROJECT}"
KEY = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
LISTINGS = {
    pubsub_topics: (f"pubsub/v1/{P}/topics", "topics"),
    spanner_databases: (f"spanner/v1/{P}/instances", "instances"),
    firestore_databases: (f"firestore/v1/{P}/databases", "databases"),
    bigtable_tables: (f"bigtableadmin/v2/{P}/instances", "instances"),
    alloydb_clusters: (f"alloydb/v1/{P}/locations/-/clusters", "clusters"),
    redis_instances: (f"redis/v1/{P}/locations/-/instances", "instances"),
    redis_clusters: (f"redis/v1/{P}/locations/-/clusters", "clusters"),
    file_shares: (f"file/v1/{P}/locations/-/instances", "instances"),
}
ALLOY_INSTANCES = f"alloydb/v1/{P}/locations/-/clusters/-/instances"
every_module = pytest.mark.parametrize("module", LISTINGS, ids=lambda each: each.COLLECTOR.id)


def put(estate: GcpEstate, module: Any, *items: dict[str, Any]) -> None:
    """What the first listing of a collector answers."""
    path, key = LISTINGS[module]
    estate.answers[path] = Listed(key, list(items))
    estate.answers.setdefault(ALLOY_INSTANCES, Listed("instances", []))


@every_module
def test_nothing_there_is_a_complete_listing(read: Read, estate: GcpEstate, module: Any) -> None:
    """Empty is proven: the answer leaves the list out."""
    put(estate, module)

    reading = read(module.COLLECTOR)

    assert reading.page.gaps == []
    for type_, kind in module.COLLECTOR.emits.items():
        assert reading.facts(type_) == []
        assert reading.documents.complete(kind, "global") is None


@every_module
def test_a_refused_listing_leaves_its_population_unknown(read: Read, estate: GcpEstate, module: Any) -> None:
    """The gap names the operation and the permission."""
    put(estate, module)
    kind = module.COLLECTOR.kinds[0]
    estate.faults.append(Fault(LISTINGS[module][0].partition("/")[2] + r"\b"))

    unread = read(module.COLLECTOR).documents.complete(kind, "global")

    assert unread is not None
    assert (unread.operation, unread.permission) == (kind.call, kind.needs)


@every_module
def test_a_service_that_is_not_enabled_is_not_empty(read: Read, estate: GcpEstate, module: Any) -> None:
    """Google promises nowhere that what is there goes away with the API."""
    estate.disabled.add(module.COLLECTOR.kinds[0].service)

    gaps = read(module.COLLECTOR).page.gaps

    assert {(gap.reason, gap.error) for gap in gaps} == {(Reason.SERVICE_UNSUPPORTED, "SERVICE_DISABLED")}


@pytest.mark.parametrize("word", ["unreachable", "failedLocations"])
def test_a_place_that_was_not_reached_leaves_a_gap(read: Read, estate: GcpEstate, word: str) -> None:
    """An answer that says OK, and that a place is missing."""
    estate.answers[LISTINGS[bigtable_tables][0]] = {"instances": [], word: ["projects/p/locations/europe-west1"]}

    (gap,) = read(bigtable_tables.COLLECTOR).page.gaps

    assert gap.reason is Reason.PARTIAL_LISTING
    assert "europe-west1" in gap.error


@pytest.mark.parametrize(("said", "key"), [({"kmsKeyName": KEY}, KEY), ({}, "Google-managed key")])
def test_a_topic_is_encrypted_with_some_key(read: Read, estate: GcpEstate, said: dict[str, str], key: str) -> None:
    """Without one of the customer's it is Google's."""
    put(estate, pubsub_topics, {"name": f"{P}/topics/orders", **said})

    topic = read(pubsub_topics.COLLECTOR).fact(Topic, "orders")

    assert (topic.resource.uid, topic.encryption_key) == (f"//pubsub.googleapis.com/{P}/topics/orders", key)


def test_a_topic_that_keeps_messages_is_a_stream_too(read: Read, estate: GcpEstate) -> None:
    """Whole hours; one that keeps none is no stream, and a time that is none is unread."""
    for_a_day = {"name": f"{P}/topics/clicks", "messageRetentionDuration": "86400.5s"}
    odd = {"name": f"{P}/topics/odd", "messageRetentionDuration": "a day"}
    put(estate, pubsub_topics, for_a_day, odd, {"name": f"{P}/topics/jobs"})

    reading = read(pubsub_topics.COLLECTOR)

    clicks, strange = reading.facts(Stream)
    assert (clicks.resource.name, clicks.kept_hours, clicks.encrypted_at_rest) == ("clicks", 24, True)
    assert isinstance(strange.kept_hours, Unread)
    assert len(reading.facts(Topic)) == 3


def spanner(estate: GcpEstate, *schedules: str, **said: Any) -> None:
    """One database with schedules that keep backups for so long."""
    put(estate, spanner_databases, {"name": f"{P}/instances/i", "config": f"{P}/instanceConfigs/regional-us-east1"})
    path = f"spanner/v1/{P}/instances/i/databases"
    database = {
        "name": f"{P}/instances/i/databases/orders",
        "state": "READY",
        "versionRetentionPeriod": "1h",
        **said,
    }
    estate.answers[path] = Listed("databases", [database])
    found = [{"name": f"s{number}", "retentionDuration": kept} for number, kept in enumerate(schedules)]
    estate.answers[f"{path}/orders/backupSchedules"] = Listed("backupSchedules", found)


def test_a_bare_spanner_database_has_no_backups(read: Read, estate: GcpEstate) -> None:
    """An hour of earlier states is no point in time to go back to."""
    spanner(estate)

    database = read(spanner_databases.COLLECTOR).fact(Database, "orders")

    assert database.resource.region == "us-east1"
    assert (database.backup_days, database.point_in_time) == (0, False)
    assert (database.deletion_protected, database.customer_key) == (False, None)


def test_spanner_settings_become_facts(read: Read, estate: GcpEstate) -> None:
    """The schedule that keeps longest counts."""
    spanner(
        estate,
        "604800s",
        "1209600s",
        versionRetentionPeriod="7d",
        enableDropProtection=True,
        encryptionConfig={"kmsKeyNames": [KEY]},
    )

    database = read(spanner_databases.COLLECTOR).fact(Database, "orders")

    assert (database.backup_days, database.point_in_time) == (14, True)
    assert (database.deletion_protected, database.customer_key) == (True, KEY)


@pytest.mark.parametrize(
    ("period", "expected"), [("23h", False), ("24h", True), ("1440m", True), ("86400s", True), ("1d", True)]
)
def test_a_day_of_versions_is_a_point_in_time(read: Read, estate: GcpEstate, period: str, expected: bool) -> None:
    """In whatever words the period was set."""
    spanner(estate, versionRetentionPeriod=period)

    assert read(spanner_databases.COLLECTOR).fact(Database, "orders").point_in_time is expected


def test_a_period_that_is_not_understood_is_unread(read: Read, estate: GcpEstate) -> None:
    """Better unread than wrong."""
    spanner(estate, versionRetentionPeriod="long")

    assert isinstance(read(spanner_databases.COLLECTOR).fact(Database, "orders").point_in_time, Unread)


def test_schedules_that_cannot_be_read_leave_only_them_unread(read: Read, estate: GcpEstate) -> None:
    """Backups are unknown, the key is not."""
    spanner(estate)
    estate.faults.append(Fault(r"backupSchedules"))

    database = read(spanner_databases.COLLECTOR).fact(Database, "orders")

    assert isinstance(database.backup_days, Unread)
    assert database.backup_days.permission == "spanner.backupSchedules.list"
    assert database.customer_key is None


@pytest.mark.parametrize("on", [True, False])
def test_firestore_settings_become_facts(read: Read, estate: GcpEstate, on: bool) -> None:
    """Each setting both ways, of the database without a name."""
    body = {
        "name": f"{P}/databases/(default)",
        "locationId": "eur3",
        "pointInTimeRecoveryEnablement": f"POINT_IN_TIME_RECOVERY_{'ENABLED' if on else 'DISABLED'}",
        "deleteProtectionState": f"DELETE_PROTECTION_{'ENABLED' if on else 'DISABLED'}",
        **({"cmekConfig": {"kmsKeyName": KEY}} if on else {}),
    }
    put(estate, firestore_databases, body)
    schedules = Listed("backupSchedules", [{"name": "s", "retention": "604800s"}] if on else [])
    estate.answers[f"firestore/v1/{P}/databases/(default)/backupSchedules"] = schedules

    database = read(firestore_databases.COLLECTOR).fact(Database, "(default)")

    assert (database.backup_days, database.point_in_time) == (7 if on else 0, on)
    assert (database.deletion_protected, database.customer_key) == (on, KEY if on else None)


def bigtable(estate: GcpEstate, *clusters: tuple[str, str | None], **said: Any) -> None:
    """One table on clusters in these zones with these keys."""
    put(estate, bigtable_tables, {"name": f"{P}/instances/i"})
    base = f"bigtableadmin/v2/{P}/instances/i"
    found = [
        {"name": zone, "location": zone} | ({"encryptionConfig": {"kmsKeyName": key}} if key else {})
        for zone, key in clusters
    ]
    estate.answers[f"{base}/clusters"] = {"clusters": found}
    name = f"{P}/instances/i/tables/events"
    estate.answers[f"{base}/tables"] = Listed("tables", [{"name": name}])
    estate.answers[f"{base}/tables/events"] = {"name": name, **said}


def test_bigtable_settings_become_facts(read: Read, estate: GcpEstate) -> None:
    """The key counts when every cluster has one."""
    bigtable(
        estate,
        ("a", KEY),
        ("b", KEY),
        deletionProtection=True,
        automatedBackupPolicy={"retentionPeriod": "259200s", "frequency": "86400s"},
    )

    database = read(bigtable_tables.COLLECTOR).fact(Database, "i/events")

    assert (database.backup_days, database.deletion_protected, database.multi_zone) == (3, True, True)
    assert database.customer_key == KEY


def test_one_cluster_with_googles_key_is_enough(read: Read, estate: GcpEstate) -> None:
    """A copy that the company cannot lock is a copy all the same."""
    bigtable(estate, ("a", KEY), ("b", None))

    database = read(bigtable_tables.COLLECTOR).fact(Database, "i/events")

    assert (database.customer_key, database.backup_days, database.deletion_protected) == (None, 0, False)


def test_a_refused_table_is_unread(read: Read, estate: GcpEstate) -> None:
    """Its clusters are known."""
    bigtable(estate, ("a", None))
    estate.faults.append(Fault(r"/tables/events"))

    database = read(bigtable_tables.COLLECTOR).fact(Database, "i/events")

    assert isinstance(database.backup_days, Unread)
    assert database.backup_days.permission == "bigtable.tables.get"
    assert database.multi_zone is False


def alloy(estate: GcpEstate, instance: dict[str, Any], **said: Any) -> Reading | None:
    """One cluster with its leading instance."""
    name = f"{P}/locations/us-east1/clusters/c"
    cluster = {"name": name, "automatedBackupPolicy": {}, "continuousBackupConfig": {}, **said}
    put(estate, alloydb_clusters, cluster)
    lead = {"name": f"{name}/instances/lead", "instanceType": "PRIMARY", "availabilityType": "ZONAL", **instance}
    estate.answers[ALLOY_INSTANCES] = Listed("instances", [lead])
    return None


def test_alloydb_settings_become_facts(read: Read, estate: GcpEstate) -> None:
    """The leading instance says where the cluster is reached."""
    alloy(
        estate,
        {
            "availabilityType": "REGIONAL",
            "networkConfig": {"enablePublicIp": True, "authorizedExternalNetworks": [{"cidrRange": "203.0.113.0/24"}]},
            "clientConnectionConfig": {"sslConfig": {"sslMode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED"}},
        },
        encryptionConfig={"kmsKeyName": KEY},
        automatedBackupPolicy={"enabled": True, "timeBasedRetention": {"retentionPeriod": "2592000s"}},
        continuousBackupConfig={"enabled": True, "recoveryWindowDays": 14},
    )

    reading = read(alloydb_clusters.COLLECTOR)
    database, endpoint = reading.fact(Database, "c"), reading.fact(DataEndpoint, "lead")

    assert (database.public, database.multi_zone, database.customer_key) == (True, True, KEY)
    assert (database.backup_days, database.point_in_time) == (30, True)
    assert (endpoint.requires_tls, endpoint.open_ranges) == (False, ("203.0.113.0/24",))


def test_alloydb_demands_tls_when_nothing_is_said(read: Read, estate: GcpEstate) -> None:
    """That is the default that Google documents; backups and log that are off are off."""
    alloy(estate, {})

    reading = read(alloydb_clusters.COLLECTOR)
    database, endpoint = reading.fact(Database, "c"), reading.fact(DataEndpoint, "lead")

    assert (endpoint.requires_tls, endpoint.open_ranges) == (True, ())
    assert (database.public, database.backup_days, database.point_in_time) == (False, 0, False)


def test_a_cluster_whose_instances_are_refused_is_unread_where_they_decide(read: Read, estate: GcpEstate) -> None:
    """Nobody can tell whether it is public."""
    alloy(estate, {})
    estate.faults.append(Fault(r"clusters/-/instances"))

    database = read(alloydb_clusters.COLLECTOR).fact(Database, "c")

    assert isinstance(database.public, Unread)
    assert isinstance(database.multi_zone, Unread)
    assert database.public.permission == "alloydb.instances.list"


@pytest.mark.parametrize(
    ("module", "mode", "expected"),
    [
        (redis_instances, "SERVER_AUTHENTICATION", True),
        (redis_instances, "DISABLED", False),
        (redis_clusters, "TRANSIT_ENCRYPTION_MODE_SERVER_AUTHENTICATION", True),
        (redis_clusters, "TRANSIT_ENCRYPTION_MODE_DISABLED", False),
    ],
)
def test_a_cache_says_whether_it_demands_tls(
    read: Read, estate: GcpEstate, module: Any, mode: str, expected: bool
) -> None:
    """It is never open to public addresses."""
    put(estate, module, {"name": f"{P}/locations/us-east1/things/cache", "transitEncryptionMode": mode})

    endpoint = read(module.COLLECTOR).fact(DataEndpoint, "cache")

    assert (endpoint.requires_tls, endpoint.minimum_tls, endpoint.open_ranges) == (expected, "1.2", ())


@pytest.mark.parametrize("module", [redis_instances, redis_clusters])
def test_an_unknown_word_is_unread(read: Read, estate: GcpEstate, module: Any) -> None:
    """A mode that is not known is neither."""
    put(estate, module, {"name": f"{P}/locations/us-east1/things/cache", "transitEncryptionMode": "NEW"})

    assert isinstance(read(module.COLLECTOR).fact(DataEndpoint, "cache").requires_tls, Unread)


@pytest.mark.parametrize(("said", "key"), [({"kmsKeyName": KEY}, KEY), ({}, None)])
def test_a_file_share_is_encrypted_and_has_no_backups_of_its_own(
    read: Read, estate: GcpEstate, said: dict[str, str], key: str | None
) -> None:
    """Only the key is a setting."""
    put(estate, file_shares, {"name": f"{P}/locations/us-east1-b/instances/home", **said})

    share = read(file_shares.COLLECTOR).fact(FileSystem, "home")

    assert (share.encrypted_at_rest, share.customer_key, share.backed_up) == (True, key, None)
    assert share.resource.region == "us-east1-b"
