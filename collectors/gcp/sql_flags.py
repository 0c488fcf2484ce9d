"""What the flags of a Cloud SQL instance mean, with the defaults of each engine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import collapse_addresses, ip_network

from collectors.api import Body

POSTGRES, MYSQL, SQLSERVER = "postgres", "mysql", "sqlserver"
DEFAULTS = {
    "log_connections": "off",
    "log_disconnections": "off",
    "log_statement": "none",
    "log_min_messages": "warning",
    "log_min_error_statement": "error",
    "log_error_verbosity": "default",
    "log_min_duration_statement": "-1",
}
"""What PostgreSQL does when nothing is set: its manual, Error Reporting and Logging."""
CHECKPOINTS_SINCE = 15
"""First version of PostgreSQL that writes checkpoints down unless told otherwise: its release notes."""
TLS_12_SINCE = {POSTGRES: (13,), MYSQL: (8, 0, 28)}
"""First version of an engine that takes no TLS older than 1.2 unless told otherwise: release notes of PostgreSQL 13 and
of MySQL 8.0.28."""
_TLS = re.compile(r"TLSv1(?:\.([0-3]))?")
_NUMBERS = re.compile(r"\d+")


class Unsaid:
    """Stands for what the API does not tell about an engine."""


UNSAID = Unsaid()


def engine(body: Body) -> str:
    """`postgres`, `mysql` or `sqlserver`.  Raises ValueError for any other."""
    name = str(body["databaseVersion"]).partition("_")[0].lower()
    if name not in {POSTGRES, MYSQL, SQLSERVER}:
        raise ValueError(f"{name} is no engine")
    return name


def version(body: Body) -> tuple[int, ...]:
    """The numbers of the version that is installed, `(8, 0, 44)`; those of its family where only that is told."""
    return tuple(map(int, _NUMBERS.findall(str(body.get("databaseInstalledVersion") or body["databaseVersion"]))))


def flags(body: Body) -> dict[str, str]:
    """The flags that somebody set.  The list is left out when there are none."""
    return {str(each["name"]): str(each.get("value", "")) for each in body["settings"].get("databaseFlags") or ()}


def word(body: Body, name: str) -> str:
    """A flag of PostgreSQL in lower case, or its default."""
    return flags(body).get(name, DEFAULTS[name]).strip().lower()


def is_on(text: str) -> bool:
    """A flag is switched on.  Raises ValueError for a word that is neither."""
    said = text.strip().lower()
    if said not in {"on", "off", "true", "false", "1", "0"}:
        raise ValueError(f"{said!r} is neither on nor off")
    return said in {"on", "true", "1"}


def logs_connections(body: Body) -> bool | Unsaid:
    """Who signs in is written down.  Of the other engines only the lack of an audit log can be told for sure."""
    which = engine(body)
    if which == POSTGRES:
        said = {each.strip() for each in word(body, "log_connections").split(",")}
        stages = {"receipt", "authentication", "authorization", "setup_durations", "all"}  # since version 18
        return bool(said & {"authentication", "all"}) if said <= stages else is_on(*said)
    if which == MYSQL:
        return UNSAID if is_on(flags(body).get("cloudsql_mysql_audit", "off")) else False
    return UNSAID if (body["settings"].get("sqlServerAuditConfig") or {}).get("bucket") else False


def events(body: Body) -> tuple[str, ...] | None:
    """What else is written down; None for engines that have no such flags."""
    if engine(body) != POSTGRES:
        return None
    checkpoints = "on" if version(body)[0] >= CHECKPOINTS_SINCE else "off"
    found = {
        "disconnections": word(body, "log_disconnections"),
        "checkpoints": flags(body).get("log_checkpoints", checkpoints),
    }
    return tuple(name for name, said in found.items() if is_on(said))


def takes_identities(body: Body) -> bool:
    """People and service accounts of the directory can sign in; to SQL Server, those of an Active Directory."""
    if engine(body) == SQLSERVER:
        return bool((body["settings"].get("activeDirectoryConfig") or {}).get("domain"))
    said = flags(body)
    return is_on(said.get("cloudsql.iam_authentication", said.get("cloudsql_iam_authentication", "off")))


def oldest_tls(body: Body) -> str | Unsaid:
    """The oldest version of TLS that it takes, by its flags or by the default of its version."""
    which, said = engine(body), flags(body)
    if which == SQLSERVER:
        return UNSAID
    named = [
        f"1.{found or 0}" for found in _TLS.findall(said.get("ssl_min_protocol_version", said.get("tls_version", "")))
    ]
    if named:
        return min(named)
    # A family alone, as MYSQL_8_0, is taken for its oldest version.
    return "1.2" if version(body) >= TLS_12_SINCE[which] else "1.0"


def networks(texts: Iterable[str]) -> tuple[str, ...]:
    """Addresses and networks as networks, joined where they can be, in order."""
    found = [ip_network(text, strict=False) for text in texts]
    four = collapse_addresses(each for each in found if each.version == 4)  # noqa: PLR2004  # IPv4
    six = collapse_addresses(each for each in found if each.version == 6)  # noqa: PLR2004  # IPv6
    return tuple(map(str, [*four, *six]))
