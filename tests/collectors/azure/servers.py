"""MySQL and PostgreSQL flexible servers as the portal makes them, for the tests of their collectors."""

from __future__ import annotations

from typing import Any

from agent.demo.azure_loopback import AzureEstate

MYSQL = {
    "require_secure_transport": "ON",
    "tls_version": "TLSv1.2,TLSv1.3",
    "audit_log_enabled": "OFF",
    "audit_log_events": "CONNECTION",
    "aad_auth_only": "OFF",
    "archive": "OFF",
}
POSTGRESQL = {
    "require_secure_transport": "on",
    "ssl_min_protocol_version": "TLSv1.2",
    "log_connections": "on",
    "log_disconnections": "off",
    "log_checkpoints": "on",
    "logfiles.download_enable": "off",
    "logfiles.retention_days": "3",
    "log_statement": "none",
    "log_min_messages": "warning",
    "log_min_error_statement": "ERROR",
    "log_error_verbosity": "default",
    "log_min_duration_statement": "-1",
    "array_nulls": "on",
}


def mysql(estate: AzureEstate, name: str, parameters: dict[str, str] | None = None, **changed: Any) -> str:
    """A MySQL server with its parameters."""
    said = {
        "network": {"publicNetworkAccess": "Enabled"},
        "backup": {"backupRetentionDays": 7},
        "highAvailability": {"mode": "SameZone"},
        **changed,
    }
    return _put(estate, f"data/Microsoft.DBforMySQL/flexibleServers/{name}", said, {**MYSQL, **(parameters or {})})


def postgresql(estate: AzureEstate, name: str, parameters: dict[str, str] | None = None, **changed: Any) -> str:
    """A PostgreSQL server with its parameters."""
    said = {
        "network": {"publicNetworkAccess": "Enabled"},
        "backup": {"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"},
        "highAvailability": {"mode": "Disabled"},
        "authConfig": {"activeDirectoryAuth": "Disabled", "passwordAuth": "Enabled"},
        **changed,
    }
    given = {**POSTGRESQL, **(parameters or {})}
    return _put(estate, f"data/Microsoft.DBforPostgreSQL/flexibleServers/{name}", said, given)


def _put(estate: AzureEstate, path: str, properties: dict[str, Any], parameters: dict[str, str]) -> str:
    id_ = estate.put(path, properties=properties)
    for setting, value in parameters.items():
        estate.put(f"{id_}/configurations/{setting}", properties={"value": value})
    return id_
