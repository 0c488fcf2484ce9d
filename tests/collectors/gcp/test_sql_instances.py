"""gcp.sql_instances"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import DatabaseAudit, DatabaseSignIn, DataEndpoint, StatementLog
from collectors.facts.stores import Database, DatabaseSnapshot
from collectors.gcp.sql_instances import COLLECTOR
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LIST = f"sqladmin/v1/projects/{PROJECT}/instances"


def instance(
    estate: GcpEstate,
    name: str = "ledger",
    version: str = "POSTGRES_16",
    flags: Mapping[str, str] | None = None,
    network: Mapping[str, Any] | None = None,
    backup: Mapping[str, Any] | None = None,
    **changed: Any,
) -> dict[str, Any]:
    """An instance as it is made without further wishes, and a place for its backups."""
    body: dict[str, Any] = {
        "kind": "sql#instance",
        "name": name,
        "project": PROJECT,
        "region": "europe-west1",
        "databaseVersion": version,
        "settings": {
            "availabilityType": "ZONAL",
            "ipConfiguration": {"ipv4Enabled": True, "sslMode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED", **(network or {})},
            "backupConfiguration": {"enabled": False, **(backup or {})},
            "deletionProtectionEnabled": False,
        },
        **changed,
    }
    if flags:
        body["settings"]["databaseFlags"] = [{"name": key, "value": value} for key, value in flags.items()]
    estate.answers.setdefault(LIST, Listed("items", [])).items.append(body)
    estate.answers[f"{LIST}/{name}/backupRuns"] = Listed("items", [])
    return body


def test_a_project_without_instances_is_a_complete_listing(read: Read, estate: GcpEstate) -> None:
    """Empty is proven: the answer leaves the list out."""
    estate.answers[LIST] = Listed("items", [])

    reading = read(COLLECTOR)

    assert reading.facts(Database) == []
    assert reading.documents.complete(COLLECTOR.kinds[0], "global") is None


def test_a_bare_instance_shows_every_weakness(read: Read, estate: GcpEstate) -> None:
    """What somebody gets who asks for nothing."""
    instance(estate, network={"authorizedNetworks": [{"value": "0.0.0.0/0"}, {"value": "203.0.113.7"}]})

    reading = read(COLLECTOR)
    database, endpoint = reading.fact(Database, "ledger"), reading.fact(DataEndpoint, "ledger")

    assert database.resource.uid == f"//cloudsql.googleapis.com/projects/{PROJECT}/instances/ledger"
    assert (database.engine, database.public, database.backup_days, database.point_in_time) == (
        "postgres",
        True,
        0,
        False,
    )
    assert (database.deletion_protected, database.multi_zone, database.customer_key) == (False, False, None)
    assert (endpoint.requires_tls, endpoint.minimum_tls) == (False, "1.2")
    assert (endpoint.open_ranges, endpoint.private_endpoints) == (("0.0.0.0/0",), 0)
    audit = reading.fact(DatabaseAudit, "ledger")
    assert (audit.connections, audit.server_events) == (False, ("checkpoints",))
    assert reading.fact(DatabaseSignIn, "ledger").directory is False
    log = reading.fact(StatementLog, "ledger")
    assert (log.statements, log.messages_from, log.failed_from) == ("none", "warning", "error")
    assert (log.verbosity, log.slow_milliseconds) == ("default", -1)


def test_settings_become_facts(read: Read, estate: GcpEstate) -> None:
    """Each setting is read and shaped."""
    body = instance(
        estate,
        flags={
            "log_connections": "on",
            "log_disconnections": "on",
            "log_checkpoints": "off",
            "log_statement": "DDL",
            "log_min_duration_statement": "200",
            "cloudsql.iam_authentication": "on",
            "ssl_min_protocol_version": "TLSv1.3",
        },
        network={
            "ipv4Enabled": False,
            "sslMode": "ENCRYPTED_ONLY",
            "privateNetwork": "projects/p/global/networks/n",
            "authorizedNetworks": [{"value": "0.0.0.0/0"}],
        },
        backup={
            "enabled": True,
            "pointInTimeRecoveryEnabled": True,
            "backupRetentionSettings": {"retentionUnit": "COUNT", "retainedBackups": 30},
        },
        diskEncryptionConfiguration={"kmsKeyName": "projects/p/locations/l/keyRings/r/cryptoKeys/k"},
    )
    body["settings"] |= {"availabilityType": "REGIONAL", "deletionProtectionEnabled": True}
    estate.answers[f"{LIST}/ledger/backupRuns"].items.append(
        {"id": "17", "instance": "ledger", "endTime": "2026-03-26T15:41:28.868Z", "location": "eu"}
    )

    reading = read(COLLECTOR)
    database, endpoint = reading.fact(Database, "ledger"), reading.fact(DataEndpoint, "ledger")

    assert (database.public, database.backup_days, database.point_in_time) == (False, 30, True)
    assert (database.deletion_protected, database.multi_zone) == (True, True)
    assert database.customer_key == "projects/p/locations/l/keyRings/r/cryptoKeys/k"
    assert (endpoint.requires_tls, endpoint.minimum_tls) == (True, "1.3")
    assert (endpoint.open_ranges, endpoint.private_endpoints) == ((), 1)
    audit = reading.fact(DatabaseAudit, "ledger")
    assert (audit.connections, audit.server_events) == (True, ("disconnections",))
    assert reading.fact(DatabaseSignIn, "ledger").directory is True
    log = reading.fact(StatementLog, "ledger")
    assert (log.statements, log.slow_milliseconds) == ("ddl", 200)
    assert str(reading.fact(DatabaseSnapshot, "ledger/17").created) == "2026-03-26 15:41:28.868000+00:00"


@pytest.mark.parametrize(
    ("version", "installed", "flags", "oldest"),
    [
        ("POSTGRES_12", "POSTGRES_12_20", {}, "1.0"),
        ("POSTGRES_13", "POSTGRES_13_1", {}, "1.2"),
        ("POSTGRES_13", "", {"ssl_min_protocol_version": "TLSv1"}, "1.0"),
        ("MYSQL_8_0", "MYSQL_8_0_27", {}, "1.0"),
        ("MYSQL_8_0", "MYSQL_8_0_44", {}, "1.2"),
        ("MYSQL_8_4", "MYSQL_8_4_4", {}, "1.2"),
        ("MYSQL_8_0", "", {}, "1.0"),
        ("MYSQL_5_7", "MYSQL_5_7_44", {"tls_version": "TLSv1.2,TLSv1.1"}, "1.1"),
    ],
)
def test_the_oldest_tls_is_that_of_the_version_or_the_flag(
    read: Read, estate: GcpEstate, version: str, installed: str, flags: dict[str, str], oldest: str
) -> None:
    """A family alone is taken for its oldest version."""
    body = instance(estate, version=version, flags=flags)
    if installed:
        body["databaseInstalledVersion"] = installed

    assert read(COLLECTOR).fact(DataEndpoint, "ledger").minimum_tls == oldest


def test_what_google_does_not_tell_is_unread(read: Read, estate: GcpEstate) -> None:
    """No setting of SQL Server names versions of TLS, and audit rules lie in the server."""
    body = instance(estate, version="SQLSERVER_2022_STANDARD")
    body["settings"]["sqlServerAuditConfig"] = {"bucket": "gs://audit"}

    reading = read(COLLECTOR)
    oldest, connections = (
        reading.fact(DataEndpoint, "ledger").minimum_tls,
        reading.fact(DatabaseAudit, "ledger").connections,
    )

    for unread in (oldest, connections):
        assert isinstance(unread, Unread)
        assert (unread.reason, unread.operation) == (Reason.SERVICE_UNSUPPORTED, "sqladmin:instances.list")
    assert reading.facts(StatementLog) == []


@pytest.mark.parametrize(("flags", "known"), [({}, True), ({"cloudsql_mysql_audit": "on"}, False)])
def test_mysql_without_its_audit_plugin_records_nobody(
    read: Read, estate: GcpEstate, flags: dict[str, str], known: bool
) -> None:
    """With the plugin its rules decide, and these are in the server."""
    instance(estate, version="MYSQL_8_0", flags=flags, backup={"enabled": True, "binaryLogEnabled": True})

    reading = read(COLLECTOR)

    assert (reading.fact(DatabaseAudit, "ledger").connections is False) is known
    assert reading.fact(DatabaseAudit, "ledger").server_events is None
    assert (reading.fact(Database, "ledger").point_in_time, reading.fact(Database, "ledger").backup_days) == (True, 7)


def test_the_older_word_counts_where_the_newer_is_missing(read: Read, estate: GcpEstate) -> None:
    """An instance of old has no mode of TLS but a switch."""
    instance(estate, network={"sslMode": "SSL_MODE_UNSPECIFIED", "requireSsl": True})

    assert read(COLLECTOR).fact(DataEndpoint, "ledger").requires_tls is True


def test_a_replica_is_a_member_and_has_no_backups(read: Read, estate: GcpEstate) -> None:
    """Its primary is backed up in its stead, and nobody asks for backups of its own."""
    instance(estate, "replica", masterInstanceName=f"{PROJECT}:ledger")

    reading = read(COLLECTOR)

    assert reading.fact(Database, "replica").clustered is True
    assert reading.operations() == {"sqladmin:instances.list"}


def test_a_setting_that_is_missing_is_unread(read: Read, estate: GcpEstate) -> None:
    """An instance that does not say whether it has a public address is neither public nor private."""
    body = instance(estate)
    del body["settings"]["ipConfiguration"]["ipv4Enabled"]

    public = read(COLLECTOR).fact(Database, "ledger").public

    assert isinstance(public, Unread)
    assert public.permission == "cloudsql.instances.list"


def test_backups_that_cannot_be_listed_are_a_gap(read: Read, estate: GcpEstate) -> None:
    """Backups of one instance are refused: their population is not known, the instance is."""
    instance(estate)
    estate.faults.append(Fault(r"backupRuns"))

    reading = read(COLLECTOR)

    assert reading.fact(Database, "ledger").public is True
    unread = reading.documents.complete(COLLECTOR.kinds[1], "global")
    assert unread is not None
    assert (unread.operation, unread.permission) == ("sqladmin:backupRuns.list", "cloudsql.backupRuns.list")


def test_a_region_that_was_not_reached_leaves_a_gap(read: Read, estate: GcpEstate) -> None:
    """Cloud SQL answers OK and warns that a region is missing."""
    estate.answers[LIST] = {
        "kind": "sql#instancesList",
        "warnings": [{"code": "REGION_UNREACHABLE", "region": "us-east1"}],
    }

    (gap,) = read(COLLECTOR).page.gaps

    assert gap.reason is Reason.PARTIAL_LISTING
    assert gap.error.endswith("not reached: us-east1")


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: GcpEstate) -> None:
    """The second page is refused."""
    for name in ("a", "b", "c"):
        instance(estate, name)
    estate.faults.append(Fault(r"/instances\?.*pageToken"))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(Database)] == ["a", "b"]
    assert [gap.reason for gap in reading.page.gaps if gap.listing] == [Reason.PARTIAL_LISTING]
    assert estate.writes == []
