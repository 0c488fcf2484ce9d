"""The demo's databases at Google: SQL, AlloyDB, Spanner, Bigtable, Firestore, BigQuery, Redis; well kept and not."""

from __future__ import annotations

from typing import Any

from agent.demo.gcp_company import FAR, KEY, LINKS, REGION, ZONE, Company

WEEK = "604800s"


def build(company: Company) -> None:
    """Make every database."""
    _sql(company)
    _alloydb(company)
    _spanner(company)
    _bigtable(company)
    _firestore(company)
    _bigquery(company)
    _redis(company)


def _sql(company: Company) -> None:
    network = f"{LINKS}/{company.p}/global/networks/main"
    flags = {
        "log_connections": "on",
        "log_disconnections": "on",
        "log_statement": "ddl",
        "cloudsql.iam_authentication": "on",
    }
    _instance(
        company,
        "orders",
        "POSTGRES_16",
        {
            "availabilityType": "REGIONAL",
            "deletionProtectionEnabled": True,
            "backupConfiguration": {
                "enabled": True,
                "pointInTimeRecoveryEnabled": True,
                "backupRetentionSettings": {"retainedBackups": 14},
            },
            "ipConfiguration": {"ipv4Enabled": False, "privateNetwork": network, "sslMode": "ENCRYPTED_ONLY"},
            "databaseFlags": [{"name": name, "value": value} for name, value in flags.items()],
        },
        diskEncryptionConfiguration={"kmsKeyName": KEY},
        databaseInstalledVersion="POSTGRES_16_4",
    )
    anybody = {"ipv4Enabled": True, "authorizedNetworks": [{"value": "0.0.0.0/0"}]}
    bare: dict[str, Any] = {"availabilityType": "ZONAL", "ipConfiguration": anybody}
    _instance(company, "reports", "MYSQL_5_7", bare, databaseInstalledVersion="MYSQL_5_7_44")
    slow = [{"name": "log_min_duration_statement", "value": "200"}, {"name": "log_min_messages", "value": "panic"}]
    _instance(
        company, "test", "POSTGRES_12", {**bare, "databaseFlags": slow}, databaseInstalledVersion="POSTGRES_12_20"
    )
    for id_, age in (("1", 1), ("2", 2)):
        run = {"id": id_, "instance": "orders", "location": "eu", "status": "SUCCESSFUL", "endTime": company.day(-age)}
        company.put("sqladmin/v1/~/instances/orders/backupRuns", run)
    error = {"errors": [{"kind": "sql#operationError", "code": "INTERNAL_ERROR"}]}
    for name, target, said in (("drill", "orders", {}), ("broken", "reports", {"error": error})):
        done = {"name": name, "targetId": target, "operationType": "RESTORE_VOLUME", "status": "DONE", **said}
        company.put("sqladmin/v1/~/operations", {**done, "endTime": company.day(-20)})


def _instance(company: Company, name: str, version: str, settings: dict[str, Any], **said: Any) -> None:
    body = {
        "project": company.project,
        "name": name,
        "region": REGION,
        "databaseVersion": version,
        "state": "RUNNABLE",
        "settings": settings,
        **said,
    }
    company.put("sqladmin/v1/~/instances", body)
    company.below(f"sqladmin/v1/~/instances/{name}/backupRuns", "items")


def _alloydb(company: Company) -> None:
    clusters = "alloydb/v1/~/locations/-/clusters"
    kept = {
        "encryptionConfig": {"kmsKeyName": KEY},
        "automatedBackupPolicy": {"enabled": True, "timeBasedRetention": {"retentionPeriod": "1209600s"}},
        "continuousBackupConfig": {"enabled": True},
    }
    bare = {"automatedBackupPolicy": {"enabled": False}, "continuousBackupConfig": {"enabled": False}}
    anybody = {"enablePublicIp": True, "authorizedExternalNetworks": [{"cidrRange": "0.0.0.0/0"}]}
    for name, said, type_, network, mode in (
        ("carts", kept, "REGIONAL", {}, "ENCRYPTED_ONLY"),
        ("trial", bare, "ZONAL", anybody, "ALLOW_UNENCRYPTED_AND_ENCRYPTED"),
    ):
        cluster = company.at(REGION, f"clusters/{name}")
        company.put(clusters, {"name": cluster, "clusterType": "PRIMARY", "databaseVersion": "POSTGRES_15", **said})
        instance = {
            "name": f"{cluster}/instances/primary",
            "instanceType": "PRIMARY",
            "availabilityType": type_,
            "networkConfig": network,
            "clientConnectionConfig": {"sslConfig": {"sslMode": mode}},
        }
        company.put(f"{clusters}/-/instances", instance)


def _spanner(company: Company) -> None:
    instance = f"{company.p}/instances/ledger"
    company.put(
        "spanner/v1/~/instances",
        {"name": instance, "config": f"{company.p}/instanceConfigs/regional-{REGION}", "state": "READY"},
    )
    kept = {
        "encryptionConfig": {"kmsKeyName": KEY},
        "enableDropProtection": True,
        "versionRetentionPeriod": "7d",
    }
    databases = [{"name": f"{instance}/databases/{name}", **said} for name, said in (("books", kept), ("draft", {}))]
    company.below(f"spanner/v1/{instance}/databases", "databases", *databases)
    for database, schedules in ((databases[0], [{"name": "daily", "retentionDuration": WEEK}]), (databases[1], [])):
        company.below(f"spanner/v1/{database['name']}/backupSchedules", "backupSchedules", *schedules)


def _bigtable(company: Company) -> None:
    instance = f"{company.p}/instances/events"
    company.put("bigtableadmin/v2/~/instances", {"name": instance, "state": "READY", "type": "PRODUCTION"})
    clusters = [
        {
            "name": f"{instance}/clusters/{place}",
            "location": f"{company.p}/locations/{place}",
            "encryptionConfig": {"kmsKeyName": KEY},
        }
        for place in (ZONE, f"{FAR}-a")
    ]
    company.below(f"bigtableadmin/v2/{instance}/clusters", "clusters", *clusters)
    tables = {
        "clicks": {"deletionProtection": True, "automatedBackupPolicy": {"retentionPeriod": WEEK}},
        "trial": {},
    }
    names = {name: f"{instance}/tables/{name}" for name in tables}
    company.below(f"bigtableadmin/v2/{instance}/tables", "tables", *({"name": full} for full in names.values()))
    for name, said in tables.items():
        company.say(f"bigtableadmin/v2/{names[name]}", {"name": names[name], **said})


def _firestore(company: Company) -> None:
    for name, key, recovery, protection, schedules in (
        ("(default)", {"cmekConfig": {"kmsKeyName": KEY}}, "ENABLED", "ENABLED", [{"retention": WEEK}]),
        ("trial", {}, "DISABLED", "DISABLED", []),
    ):
        full = f"{company.p}/databases/{name}"
        database = {
            "name": full,
            "locationId": REGION,
            "pointInTimeRecoveryEnablement": f"POINT_IN_TIME_RECOVERY_{recovery}",
            "deleteProtectionState": f"DELETE_PROTECTION_{protection}",
            **key,
        }
        company.put("firestore/v1/~/databases", database)
        company.below(f"firestore/v1/{full}/backupSchedules", "backupSchedules", *schedules)


def _bigquery(company: Company) -> None:
    own = {"defaultEncryptionConfiguration": {"kmsKeyName": KEY}}
    closed = [{"role": "OWNER", "userByEmail": "carol@acme.example"}]
    for name, said, access in (
        ("sales", own, closed),
        ("open_data", {"maxTimeTravelHours": "48"}, [*closed, {"role": "READER", "specialGroup": "allUsers"}]),
    ):
        dataset = {"datasetReference": {"projectId": company.project, "datasetId": name}, "location": REGION}
        where = f"bigquery/bigquery/v2/~/datasets/{name}"
        company.put("bigquery/bigquery/v2/~/datasets", dataset)
        company.say(where, {**dataset, **said, "access": access})
        reference = {"projectId": company.project, "datasetId": name, "tableId": "orders"}
        table = {"tableReference": reference, "type": "TABLE"}
        key = {"encryptionConfiguration": {"kmsKeyName": KEY}} if name == "sales" else {}
        company.below(f"{where}/tables", "tables", table)
        company.say(f"{where}/tables/orders", {**table, "location": REGION, **key})


def _redis(company: Company) -> None:
    for name, mode in (("sessions", "SERVER_AUTHENTICATION"), ("old", "DISABLED")):
        body = {"name": company.at(REGION, f"instances/{name}"), "transitEncryptionMode": mode, "tier": "STANDARD_HA"}
        company.put("redis/v1/~/locations/-/instances", body)
    cluster = {
        "name": company.at(REGION, "clusters/cache"),
        "transitEncryptionMode": "TRANSIT_ENCRYPTION_MODE_SERVER_AUTHENTICATION",
    }
    company.put("redis/v1/~/locations/-/clusters", cluster)
