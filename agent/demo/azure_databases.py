"""The demo's databases in Azure: SQL, PostgreSQL, MySQL, Cosmos DB and Redis, one well kept and one not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.demo.azure_company import VAULT, Company

KEY = f"{VAULT}/keys/data/0123456789abcdef"
OFFICE = {"startIpAddress": "203.0.113.16", "endIpAddress": "203.0.113.31"}
AZURE = {"startIpAddress": "0.0.0.0", "endIpAddress": "0.0.0.0"}  # noqa: S104  # Azure's word for all that runs there
ANYBODY = {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}  # noqa: S104  # a rule, nothing to bind to
SIGN_INS = ("SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP", "FAILED_DATABASE_AUTHENTICATION_GROUP")
MASTER_KEYS = ("primaryMasterKey", "secondaryMasterKey", "primaryReadonlyMasterKey", "secondaryReadonlyMasterKey")


def build(company: Company) -> None:
    """Make every database."""
    _sql(company)
    _postgresql(company)
    _mysql(company)
    _cosmos(company)
    _redis(company)


def _sql(company: Company) -> None:
    audit = {
        "state": "Enabled",
        "storageEndpoint": "https://acmelogs.blob.core.windows.net/",
        "retentionDays": 400,
        "auditActionsAndGroups": ["BATCH_COMPLETED_GROUP", *SIGN_INS],
        "isAzureMonitorTargetEnabled": True,
    }
    silent = {"state": "Disabled", "storageEndpoint": "", "retentionDays": 0, "auditActionsAndGroups": []}
    admin = {"administratorType": "ActiveDirectory", "azureADOnlyAuthentication": True}
    own = {"serverKeyType": "AzureKeyVault", "uri": KEY}
    orders = _sql_server(company, "acme-orders", audit, own, watched=True, administrators=admin)
    _sql_database(company, orders, "orders", encrypted=True, days=35)
    company.put(f"{orders}/firewallRules/office", OFFICE)
    reports = _sql_server(
        company, "acme-reports", silent, {"serverKeyType": "ServiceManaged"}, watched=False, minimalTlsVersion="1.0"
    )
    _sql_database(company, reports, "reports", encrypted=False, days=1)
    company.put(f"{reports}/firewallRules/all", ANYBODY)
    company.put(f"{reports}/firewallRules/azure", AZURE)
    six = {"startIPv6Address": "2001:db8::", "endIPv6Address": "2001:db8::ff"}
    company.put(f"{reports}/ipv6FirewallRules/office", six)


def _sql_server(
    company: Company, name: str, audit: Mapping[str, Any], key: Mapping[str, Any], *, watched: bool, **changed: Any
) -> str:
    said = {"publicNetworkAccess": "Enabled", "minimalTlsVersion": "1.2", "privateEndpointConnections": [], **changed}
    id_ = company.put(f"data/Microsoft.Sql/servers/{name}", said)
    company.put(f"{id_}/encryptionProtector/current", key)
    company.put(f"{id_}/auditingSettings/default", audit)
    company.put(f"{id_}/securityAlertPolicies/Default", {"state": "Enabled" if watched else "Disabled"})
    company.put(f"{id_}/databases/master", {"zoneRedundant": False}, location="westeurope")
    return id_


def _sql_database(company: Company, server: str, name: str, *, encrypted: bool, days: int) -> None:
    id_ = company.put(f"{server}/databases/{name}", {"zoneRedundant": encrypted}, location="westeurope")
    company.put(f"{id_}/transparentDataEncryption/current", {"state": "Enabled" if encrypted else "Disabled"})
    company.put(f"{id_}/backupShortTermRetentionPolicies/default", {"retentionDays": days})
    long = {"weeklyRetention": "P4W", "monthlyRetention": "P12M", "yearlyRetention": "P7Y"}
    company.put(f"{id_}/backupLongTermRetentionPolicies/default", long if encrypted else dict.fromkeys(long, "PT0S"))


def _flexible(company: Company, type_: str, name: str, parameters: Mapping[str, str], **changed: Any) -> str:
    """A server of either family with its parameters."""
    said = {
        "network": {"publicNetworkAccess": "Enabled"},
        "backup": {"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"},
        "highAvailability": {"mode": "Disabled"},
        **changed,
    }
    id_ = company.put(f"data/{type_}/flexibleServers/{name}", said)
    for parameter, value in parameters.items():
        company.put(f"{id_}/configurations/{parameter}", {"value": value})
    return id_


def _postgresql(company: Company) -> None:
    made = {
        "require_secure_transport": "on",
        "ssl_min_protocol_version": "TLSv1.2",
        "log_connections": "on",
        "log_disconnections": "on",
        "log_checkpoints": "on",
        "logfiles.download_enable": "on",
        "logfiles.retention_days": "7",
        "log_statement": "ddl",
        "log_min_messages": "warning",
        "log_min_error_statement": "error",
        "log_error_verbosity": "default",
        "log_min_duration_statement": "-1",
    }
    kept = _flexible(
        company,
        "Microsoft.DBforPostgreSQL",
        "acme-shop",
        made,
        network={"publicNetworkAccess": "Disabled"},
        backup={"backupRetentionDays": 35, "geoRedundantBackup": "Enabled"},
        highAvailability={"mode": "ZoneRedundant"},
        authConfig={"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"},
        dataEncryption={"type": "AzureKeyVault", "primaryKeyURI": KEY},
    )
    company.logs(kept, "PostgreSQLLogs")
    bare = {**made, "require_secure_transport": "off", "log_connections": "off", "logfiles.download_enable": "off"}
    bare |= {"log_statement": "none", "log_min_duration_statement": "1000"}
    test = _flexible(
        company,
        "Microsoft.DBforPostgreSQL",
        "acme-test",
        bare,
        authConfig={"activeDirectoryAuth": "Disabled", "passwordAuth": "Enabled"},
    )
    company.put(f"{test}/firewallRules/azure", AZURE)


def _mysql(company: Company) -> None:
    made = {
        "require_secure_transport": "ON",
        "tls_version": "TLSv1.2,TLSv1.3",
        "audit_log_enabled": "ON",
        "audit_log_events": "CONNECTION,DDL",
        "aad_auth_only": "ON",
    }
    id_ = _flexible(company, "Microsoft.DBforMySQL", "acme-blog", made)
    company.put(f"{id_}/administrators/ActiveDirectory", {"login": "dba@acme.example"})
    company.put(f"{id_}/firewallRules/office", OFFICE)
    company.logs(id_, "MySqlAuditLogs", "MySqlSlowLogs")


def _cosmos(company: Company) -> None:
    said = {
        "publicNetworkAccess": "Enabled",
        "minimalTlsVersion": "Tls12",
        "ipRules": [{"ipAddressOrRange": "203.0.113.16/28"}],
        "isVirtualNetworkFilterEnabled": False,
        "locations": [{"locationName": "West Europe"}, {"locationName": "North Europe"}],
        "backupPolicy": {"type": "Continuous", "continuousModeProperties": {"tier": "Continuous30Days"}},
        "keysMetadata": {each: {"generationTime": company.day(-200)} for each in MASTER_KEYS},
    }
    company.logs(company.put("data/Microsoft.DocumentDB/databaseAccounts/acme-carts", said), "DataPlaneRequests")


def _redis(company: Company) -> None:
    safe = {"enableNonSslPort": False, "minimumTlsVersion": "1.2", "publicNetworkAccess": "Enabled"}
    id_ = company.put("data/Microsoft.Cache/redis/acme-sessions", safe)
    company.put(f"{id_}/firewallRules/office", {"startIP": "203.0.113.16", "endIP": "203.0.113.31"})
    company.put("data/Microsoft.Cache/redis/acme-old", {"enableNonSslPort": True, "publicNetworkAccess": "Enabled"})
