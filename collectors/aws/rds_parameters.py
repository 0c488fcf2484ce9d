"""What the parameters of an RDS server mean, with the defaults of each engine.

A parameter that AWS lists without a value, or that the family of the group does not have, is at the engine's default.
"""

from __future__ import annotations

import re

from collectors.api import Body, Kind

NAMES = (
    "log_checkpoints",
    "log_connections",
    "log_disconnections",
    "log_error_verbosity",
    "log_min_duration_statement",
    "log_min_error_statement",
    "log_min_messages",
    "log_statement",
    "rds.force_ssl",
    "rds.log_retention_period",
    "rds.tls10",
    "rds.tls11",
    "require_secure_transport",
    "server_audit_events",
    "server_audit_logging",
    "ssl_min_protocol_version",
    "tls",
    "tls_version",
)
"""Those that are asked for, of all engines together: a group has hundreds."""
FILTER = [{"Name": "parameter-name", "Values": list(NAMES)}]
PARAMETERS = Kind("aws.rds.parameters", "rds", "DescribeDBParameters", items="Parameters")
CLUSTER_PARAMETERS = Kind("aws.rds.cluster_parameters", "rds", "DescribeDBClusterParameters", items="Parameters")

POSTGRES, MYSQL, MARIADB, SQLSERVER, ORACLE, DB2, DOCDB, NEPTUNE = (
    "postgres", "mysql", "mariadb", "sqlserver", "oracle", "db2", "docdb", "neptune",
)  # fmt: skip
SERVICES = {
    POSTGRES: "PostgreSQL server",
    MYSQL: "MySQL server",
    MARIADB: "MariaDB server",
    SQLSERVER: "SQL server",
    ORACLE: "Oracle server",
    DB2: "Db2 server",
    DOCDB: "DocumentDB cluster",
    NEPTUNE: "Neptune cluster",
}
POSTGRES_DEFAULTS = {
    "log_connections": "off",
    "log_disconnections": "off",
    "log_statement": "none",
    "log_min_messages": "warning",
    "log_min_error_statement": "error",
    "log_error_verbosity": "default",
    "log_min_duration_statement": "-1",
}
"""What PostgreSQL does when nothing is set: its manual, Error Reporting and Logging."""
CHECKPOINTS_SINCE = (15,)
"""First version of PostgreSQL that writes checkpoints down unless told otherwise: its release notes."""
FORCED_SINCE = {False: (15,), True: (17,)}
"""First version of PostgreSQL that refuses plain connections unless told otherwise, by whether it is Aurora's: RDS and
Aurora User Guides, requiring an SSL connection."""
TLS_12_SINCE = {POSTGRES: (13,), MYSQL: (8, 0, 28)}
"""First version of an engine that takes no TLS older than 1.2 unless told otherwise: release notes of PostgreSQL 13 and
of MySQL 8.0.28."""
SECURE_BY_DEFAULT_SINCE = {MYSQL: (8, 4), MARIADB: (11, 8)}
"""From here on the default of `require_secure_transport` is not the engine's old one."""
AURORA_TLS_12_SINCE = (3, 4)
"""First version of Aurora MySQL that is made of MySQL 8.0.28: its release notes."""
MINUTES_A_DAY = 1440
LOG_DAYS = 3
"""Days for which a PostgreSQL server keeps its log when nothing is set: RDS User Guide, `rds.log_retention_period`."""
MOST_LOG_DAYS = 7
_TLS = re.compile(r"TLSv1(?:\.([0-3]))?", re.IGNORECASE)
_NUMBERS = re.compile(r"\d+")


class Unsaid:
    """Stands for what the API does not tell about an engine."""


UNSAID = Unsaid()
Parameters = dict[str, str]


def engine(body: Body) -> str:
    """The family of an engine: `aurora-postgresql` is `postgres`, `sqlserver-se` is `sqlserver`.

    Raises ValueError for any other.
    """
    name = str(body["Engine"])
    plain = name.removeprefix("aurora-").removeprefix("custom-").partition("-")[0]
    found = POSTGRES if plain.startswith("postgres") else plain
    if found not in SERVICES:
        raise ValueError(f"{name} is no engine")
    return found


def is_aurora(body: Body) -> bool:
    """Amazon's own make of PostgreSQL or MySQL."""
    return str(body["Engine"]).startswith("aurora-")


def values(body: Body) -> Parameters:
    """The parameters of a group that have a value."""
    return {
        str(each["ParameterName"]): str(each["ParameterValue"]).strip()
        for each in body["Parameters"]
        if "ParameterValue" in each
    }


def version(body: Body) -> tuple[int, ...]:
    """The numbers of the engine's version, `(15, 4)`; those of Aurora MySQL are its own, `(3, 4, 1)`."""
    text = str(body["EngineVersion"])
    return tuple(map(int, _NUMBERS.findall(text.rpartition("mysql_aurora.")[2])))


def is_on(text: str) -> bool:
    """A switch is on.  Raises ValueError for a word that is neither."""
    said = text.lower()
    if said not in {"on", "off", "true", "false", "1", "0"}:
        raise ValueError(f"{said!r} is neither on nor off")
    return said in {"on", "true", "1"}


def requires_tls(body: Body, said: Parameters) -> bool | Unsaid:
    """Connections without TLS are refused."""
    which = engine(body)
    if which == POSTGRES:
        default = version(body) >= FORCED_SINCE[is_aurora(body)]
        return is_on(said["rds.force_ssl"]) if "rds.force_ssl" in said else default
    if which in {MYSQL, MARIADB}:
        if "require_secure_transport" in said:
            return is_on(said["require_secure_transport"])
        old = is_aurora(body) or version(body) < SECURE_BY_DEFAULT_SINCE[which]
        return False if old else UNSAID
    if which == SQLSERVER:
        return is_on(said.get("rds.force_ssl", "0"))
    if which == DOCDB:
        return said.get("tls", "enabled") != "disabled"
    # Neptune takes nothing else since engine 1.0.4.0; Oracle and Db2 say it in option groups and in the server.
    return True if which == NEPTUNE else UNSAID


def oldest_tls(body: Body, said: Parameters) -> str | Unsaid:
    """The oldest version of TLS that it takes, by its parameters or by the default of its version."""
    which = engine(body)
    if which in {POSTGRES, MYSQL, MARIADB}:
        named = _TLS.findall(said.get("ssl_min_protocol_version" if which == POSTGRES else "tls_version", ""))
        if named:
            return min(f"1.{found or 0}" for found in named)
        if which == MARIADB:
            return UNSAID
        since = AURORA_TLS_12_SINCE if which == MYSQL and is_aurora(body) else TLS_12_SINCE[which]
        return "1.2" if version(body) >= since else "1.0"
    if which == SQLSERVER:
        if said.get("rds.tls10") == "enabled":
            return "1.0"
        if said.get("rds.tls11") == "enabled" and said.get("rds.tls10") == "disabled":
            return "1.1"
        return "1.2" if said.get("rds.tls10") == said.get("rds.tls11") == "disabled" else UNSAID
    if which == DOCDB:
        # `enabled` takes whatever the service supports, 1.0 included; `fips-140-3` is at least 1.2.
        by_word = {"tls1.2+": "1.2", "tls1.3+": "1.3", "fips-140-3": "1.2"}
        return by_word.get(said.get("tls", "enabled"), "1.0")
    return UNSAID


def word(said: Parameters, name: str) -> str:
    """A parameter of PostgreSQL in lower case, or its default."""
    return said.get(name, POSTGRES_DEFAULTS[name]).lower()


def logs_connections(body: Body, said: Parameters) -> bool | Unsaid:
    """Who signs in is written down.  Other engines than these say it in option groups or in the server."""
    which = engine(body)
    if which == POSTGRES:
        found = {each.strip() for each in word(said, "log_connections").split(",")}
        stages = {"receipt", "authentication", "authorization", "setup_durations", "all"}  # since version 18
        return bool(found & {"authentication", "all"}) if found <= stages else is_on(*found)
    if which == MYSQL and is_aurora(body):
        events = {each.strip().upper() for each in said.get("server_audit_events", "").split(",")}
        return is_on(said.get("server_audit_logging", "0")) and "CONNECT" in events
    return UNSAID


def events(body: Body, said: Parameters) -> tuple[str, ...] | None:
    """What else is written down; None for engines that have no such parameters."""
    if engine(body) != POSTGRES:
        return None
    checkpoints = "on" if version(body) >= CHECKPOINTS_SINCE else "off"
    found = {
        "disconnections": word(said, "log_disconnections"),
        "checkpoints": said.get("log_checkpoints", checkpoints),
    }
    return tuple(name for name, switch in found.items() if is_on(switch))


def log_days(said: Parameters) -> int:
    """Whole days for which a PostgreSQL server keeps its log."""
    minutes = said.get("rds.log_retention_period")
    return LOG_DAYS if minutes is None else int(minutes) // MINUTES_A_DAY
